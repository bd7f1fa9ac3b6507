import { podmanDescriptor as podman10 } from "portolan/podman";
import { podmanDescriptor as podman19 } from "portolan/podman/1.9";
import { podmanDescriptor as projectatomic } from "portolan/podman/projectatomic";
import type { Engine, OptionalCall } from "../../engine.ts";
import type { Dialect } from "./daemon.ts";
import { type Description, describe } from "./description.ts";

/**
 * The methods of which one is enough for a call that engines may lack. None: no daemon
 * of Podman can.
 */
const methods: Readonly<Record<OptionalCall, readonly string[]>> = {
  info: ["GetInfo"],
  containerSpec: ["Spec"],
  createContainer: ["CreateContainer"],
  configureContainer: [],
  initContainer: ["InitContainer"],
  startContainer: ["StartContainer"],
  restartContainer: ["RestartContainer"],
  pauseContainer: ["PauseContainer"],
  unpauseContainer: ["UnpauseContainer"],
  containerStats: ["GetContainerStats"],
  containerProcesses: ["ListContainerProcesses"],
  containerDiff: ["ListContainerChanges"],
  execContainer: ["ExecContainer"],
  attachContainer: ["Attach"],
  commitContainer: ["Commit"],
  exportContainer: ["ExportContainer"],
  mountContainer: ["MountContainer"],
  unmountContainer: ["UnmountContainer"],
  listPods: ["ListPods"],
  getPod: ["GetPod"],
  lookupPod: ["GetPod"],
  createPod: ["CreatePod"],
  configurePod: [],
  startPod: ["StartPod"],
  stopPod: ["StopPod"],
  killPod: ["KillPod"],
  pausePod: ["PausePod"],
  unpausePod: ["UnpausePod"],
  restartPod: ["RestartPod"],
  removePod: ["RemovePod"],
  podStats: ["GetPodStats"],
  listImages: ["ListImages"],
  getImage: ["GetImage", "InspectImage"],
  inspectImage: ["InspectImage"],
  imageHistory: ["HistoryImage"],
  pullImage: ["PullImage"],
  pushImage: ["PushImage"],
  importImage: ["LoadImage", "ImportImage"],
  tagImage: ["TagImage"],
  untagImage: ["UntagImage"],
  removeImage: ["RemoveImage"],
  events: ["GetEvents"],
};

const optionalCalls = Object.keys(methods) as OptionalCall[];

function has(description: Description, call: OptionalCall): boolean {
  return methods[call].some((method) => description.has(method));
}

/** An engine without the calls that a daemon has no method for. */
export function withoutLacking(
  description: Description,
  engine: Engine,
): Engine {
  const lacking = new Set<string>(
    optionalCalls.filter((call) => !has(description, call)),
  );
  return Object.fromEntries(
    Object.entries(engine).filter(([call]) => !lacking.has(call)),
  ) as unknown as Engine;
}

/** The calls of {@link Engine}, without what it is and `close`. */
export type EngineCall = Exclude<
  keyof Engine,
  "name" | "address" | "api" | "close"
>;

/**
 * What an engine can do: `true`, or with a note on what it cannot. A call that is not
 * there it lacks.
 */
export type Supports = Readonly<Partial<Record<EngineCall, true | string>>>;

const required: readonly EngineCall[] = [
  "version",
  "listContainers",
  "getContainer",
  "lookupContainer",
  "inspectContainer",
  "stopContainer",
  "killContainer",
  "waitContainer",
  "removeContainer",
  "containerLogs",
];

const polled =
  "following asks for the whole log every half second; `tail` and `since` are applied here";
const noImageOptions = "no `compression`, `signing` or `signaturePolicyPath`";

const notes: Readonly<Record<Dialect, Supports>> = {
  "io.podman (1.9)": {
    createContainer:
      "no layers, no `useImageConfig: false`; of `spec`: no ambient or unlike capability sets, additional groups, `selinuxLabel`, `cgroupsPath`, devices that are not the host's own, namespaces with a path but the network's, mounts but bind mounts and tmpfs",
    execContainer:
      "`stderr` comes with `stdout`; without `stdin` the command reads nothing; without a terminal it does not see the end of its input: the daemon hangs up a second after that, and the exit code is known only if the command ended before",
    attachContainer:
      "`stderr` comes with `stdout`; `stdin` needs a container with a terminal; what is written after the end of `stdin` (without a terminal) is not seen",
    createPod: "shares `ipc`, `net`, `pid` and `uts`",
    startPod: "a pod without containers is an InvalidState",
    pullImage: `no \`allTags\`, \`tlsVerify: false\`; ${noImageOptions}`,
    pushImage: "no credentials, `tlsVerify: false` or `signaturePolicyPath`",
    importImage:
      "with `message` or `changes` from the archive of a root filesystem, else of an image",
  },
  "io.podman (1.0)": {
    createContainer:
      "as 1.9, and no root filesystem by path, no annotations; limits of memory are refused where the daemon forgets them",
    removeContainer: "no `volumes`",
    containerLogs: polled,
    stopPod: "before 1.0.1, with `grace` the containers are stopped one by one",
    createPod: "shares `ipc`, `net`, `pid` and `uts`",
    startPod: "a pod without containers is an InvalidState",
    removePod:
      "without `force` what is in it is looked at, and then removed by force: what starts in between is stopped",
    pullImage:
      "no progress, no `allTags`; of the other options `tlsVerify`, credentials and `signaturePolicyPath`, from 1.0.1 on",
    pushImage: "no progress; options but `tlsVerify` from 1.0.1 on",
    importImage:
      "no progress; with `message` or `changes` from the archive of a root filesystem, else of an image",
  },
  "io.projectatomic.podman": {
    removeContainer: "no `volumes`",
    containerLogs: polled,
    containerStats: "`cpuPercent` is 0",
    pullImage: "no progress and no options",
    pushImage: "no progress; of the options `tlsVerify`",
    importImage:
      "no progress; with `message` or `changes` from the archive of a root filesystem, else of an image",
  },
};

function supportsOf(
  dialect: Dialect,
  { description }: { readonly description: readonly string[] },
): Supports {
  const described = describe(description.join("\n"));
  const calls = [
    ...required,
    ...optionalCalls.filter((call) => has(described, call)),
  ];
  return Object.fromEntries(
    calls.map((call) => [call, notes[dialect][call] ?? true]),
  );
}

/** What the engine can do with each of the interfaces that this package has clients for. */
export const supports: Readonly<Record<Dialect, Supports>> = {
  "io.podman (1.9)": supportsOf("io.podman (1.9)", podman19),
  "io.podman (1.0)": supportsOf("io.podman (1.0)", podman10),
  "io.projectatomic.podman": supportsOf(
    "io.projectatomic.podman",
    projectatomic,
  ),
};
