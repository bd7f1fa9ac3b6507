import type { ContainerConfig, ImageDetails } from "../../engine.ts";
import { InvalidArgument, NoSuchImage } from "../../errors.ts";
import type { Namespace } from "../../constants.ts";
import type {
  Spec,
  SpecIdMapping,
  SpecNamespace,
  SpecProcess,
  SpecResources,
} from "../../spec.ts";
import { capabilities } from "./capabilities.ts";
import { extraOf, type KeptOptions } from "./kept.ts";
import {
  formatEnv,
  parseName,
  parseTmpfs,
  parseUlimit,
  parseUser,
  parseVolume,
} from "./parse.ts";
import type { Served } from "./served.ts";

/**
 * A container as Podman's interfaces describe one, whichever form they give it:
 * their own structs are read into this. Texts that are empty are left out.
 */
export interface CreateRequest {
  /** Name or id; pulled if it is not there. Empty with {@link CreateRequest.rootfs}. */
  readonly image: string;
  /** A directory on this machine, instead of an image. */
  readonly rootfs?: string | undefined;
  /** When the image is pulled. Default: `missing`. */
  readonly pull?: "missing" | "always" | "never" | undefined;
  readonly name: string;
  /** Follows the entry point. Empty: the image's, if its entry point stays too. */
  readonly command: readonly string[];
  /** `undefined`: the image's. Empty: none. */
  readonly entrypoint: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly hostname: string;
  readonly user: string;
  /** Further groups, by name or number. */
  readonly groups: readonly string[];
  readonly workDir: string;
  readonly tty: boolean;
  readonly readOnly: boolean;
  readonly noNewPrivileges: boolean;
  readonly apparmorProfile: string;
  readonly processLabel: string;
  readonly mountLabel: string;
  /** 0: the default. */
  readonly oomScoreAdj: number;
  readonly sysctl: Readonly<Record<string, string>>;
  readonly resources: SpecResources;
  readonly uidMappings: readonly SpecIdMapping[];
  readonly gidMappings: readonly SpecIdMapping[];
  /** `[SOURCE:]DESTINATION[:OPTIONS]` each. */
  readonly volumes: readonly string[];
  /** `bridge`, `none`, `host`, `container:NAME` or `ns:PATH`. */
  readonly network: string;
  /** Name or id of the pod to join. */
  readonly pod: string;
  /** A number; 0: the default. */
  readonly stopSignal: number;
  /** What else was asked for: see {@link KeptOptions}, which has more that is read here. */
  readonly kept: KeptOptions;
}

/**
 * Creates a container, after pulling its image if it is not there.
 *
 * @returns Its id.
 * @throws What the interface has for errors of the engine.
 */
export async function createContainer(
  served: Served,
  request: CreateRequest,
): Promise<string> {
  return served.attempt(create(served, request));
}

async function create(
  { engine }: Served,
  request: CreateRequest,
): Promise<string> {
  const { image, rootfs } = request;
  if (image === "" && rootfs === undefined)
    throw new InvalidArgument("a container needs an image");
  const name = parseName(request.name);
  const lookupId = async (idOrName: string): Promise<string> =>
    (await engine.lookupContainer(idOrName)).id;
  const shared = await sharedNamespaces(request, lookupId);
  const pod =
    request.pod === "" ? undefined : await engine.lookupPod(request.pod);
  // Everything that can be wrong is looked at before anything is pulled.
  makeSpec(request, []);
  const entrypoint =
    rootfs === undefined ? (await findOrPull(request, engine)).entrypoint : [];
  const config: ContainerConfig = {
    spec: makeSpec(request, entrypoint),
    name,
    labels: request.labels,
    annotations: request.annotations,
    rootfs: rootfs === undefined ? { image } : { path: rootfs },
    stopSignal: request.stopSignal === 0 ? undefined : request.stopSignal,
    podId: pod?.id,
    sharedNamespaces: shared,
    network: networkName(request.network),
  };
  // In one step: half a container is none.
  return engine.inside.create(
    config,
    extraOf({
      ...request.kept,
      groupAdd: request.groups,
      entrypoint: request.entrypoint,
    }),
  );
}

/** Which image a container gets: the one that is there, or a fresh one. */
async function findOrPull(
  { image, pull }: CreateRequest,
  engine: Served["engine"],
): Promise<ImageDetails> {
  if (pull !== "always") {
    try {
      return await engine.inspectImage(image);
    } catch (error) {
      if (!NoSuchImage.is(error) || pull === "never") throw error;
    }
  }
  return engine.inspectImage(await finish(engine.pullImage(image)));
}

/** Takes a stream of progress to its end, for interfaces that tell only that. */
export async function finish<T>(
  progress: AsyncGenerator<unknown, T, undefined>,
): Promise<T> {
  for (;;) {
    const step = await progress.next();
    if (step.done === true) return step.value;
  }
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

/** @param imageEntrypoint What a command follows where no entry point was asked for. */
function makeSpec(
  request: CreateRequest,
  imageEntrypoint: readonly string[],
): Spec {
  const { kept } = request;
  return {
    hostname: request.hostname === "" ? undefined : request.hostname,
    root: request.readOnly ? { readonly: true } : undefined,
    mounts: [
      ...request.volumes.map(parseVolume),
      ...(kept.tmpfs ?? []).map(parseTmpfs),
    ],
    process: makeProcess(request, imageEntrypoint),
    linux: {
      resources: request.resources,
      namespaces: namespaces(request.network),
      sysctl: isEmpty(request.sysctl) ? undefined : request.sysctl,
      uidMappings: orNothing(request.uidMappings),
      gidMappings: orNothing(request.gidMappings),
      devices: orNothing(
        (kept.devices ?? []).map((device) => ({ path: devicePath(device) })),
      ),
      mountLabel: request.mountLabel === "" ? undefined : request.mountLabel,
    },
  };
}

function orNothing<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

function makeProcess(
  request: CreateRequest,
  imageEntrypoint: readonly string[],
): SpecProcess {
  const { kept } = request;
  const privileged = kept.privileged === true;
  const add = kept.capAdd ?? [];
  const drop = kept.capDrop ?? [];
  const changed = privileged || add.length > 0 || drop.length > 0;
  const groups = request.groups
    .filter((group) => /^\d{1,10}$/.test(group))
    .map(Number);
  const user = parseUser(request.user);
  return {
    terminal: request.tty,
    args: makeArgs(request, imageEntrypoint),
    env: formatEnv(request.env),
    cwd: request.workDir === "" ? undefined : request.workDir,
    user: groups.length === 0 ? user : { ...user, additionalGids: groups },
    capabilities: changed ? capabilities({ add, drop, privileged }) : undefined,
    rlimits: orNothing((kept.ulimits ?? []).map(parseUlimit)),
    noNewPrivileges: request.noNewPrivileges ? true : undefined,
    apparmorProfile:
      request.apparmorProfile === "" ? undefined : request.apparmorProfile,
    selinuxLabel:
      request.processLabel === "" ? undefined : request.processLabel,
    oomScoreAdj: request.oomScoreAdj === 0 ? undefined : request.oomScoreAdj,
  };
}

/**
 * The command line: the entry point and what follows it. One that is given takes the
 * image's command away too; absent, the engine takes both from the image.
 */
function makeArgs(
  { entrypoint, command }: CreateRequest,
  imageEntrypoint: readonly string[],
): readonly string[] | undefined {
  if (entrypoint === undefined) {
    return command.length === 0 ? undefined : [...imageEntrypoint, ...command];
  }
  const args = [...entrypoint, ...command];
  if (args.length > 0) return args;
  throw new InvalidArgument(
    "no command: without the image's entry point one has to be given",
  );
}

/** `HOST[:CONTAINER][:PERMISSIONS]`, of which the container's path counts inside. */
function devicePath(device: string): string {
  const [host = "", inside] = device.split(":");
  const path = inside?.startsWith("/") === true ? inside : host;
  if (path.startsWith("/")) return path;
  throw new InvalidArgument(
    `${JSON.stringify(device)} is no device: expected HOST[:CONTAINER][:PERMISSIONS]`,
  );
}

const OTHER = "container:";
const PATH = "ns:";

/** What the engine calls it; another container's network is shared instead. */
function networkName(network: string): string | undefined {
  return network === "" || network.startsWith(OTHER) || network.startsWith(PATH)
    ? undefined
    : network;
}

function namespaces(network: string): readonly SpecNamespace[] | undefined {
  return network.startsWith(PATH)
    ? [{ type: "network", path: network.slice(PATH.length) }]
    : undefined;
}

/** The namespaces that are another container's, which can be but one. */
async function sharedNamespaces(
  { network, kept }: CreateRequest,
  lookupId: (idOrName: string) => Promise<string>,
): Promise<ContainerConfig["sharedNamespaces"]> {
  const modes: readonly (readonly [Namespace, string | undefined])[] = [
    ["net", network],
    ["ipc", kept.ipcMode],
    ["pid", kept.pidMode],
    ["uts", kept.utsMode],
    ["user", kept.usernsMode],
  ];
  const names: Namespace[] = [];
  let containerId: string | undefined;
  for (const [namespace, mode] of modes) {
    if (mode?.startsWith(OTHER) !== true) continue;
    const id = await lookupId(mode.slice(OTHER.length));
    if (containerId !== undefined && containerId !== id) {
      throw new InvalidArgument(
        "namespaces of two containers cannot be shared at once",
      );
    }
    containerId = id;
    names.push(namespace);
  }
  return containerId === undefined
    ? undefined
    : { containerId, namespaces: names };
}
