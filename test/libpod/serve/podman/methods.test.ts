import { writeFileSync } from "node:fs";
import path from "node:path";
import { podmanDescriptor } from "portolan/podman";
import { podmanDescriptor as ancestorDescriptor } from "portolan/podman/projectatomic";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { methodName } from "../../../../src/runtime/varlink/names.ts";
import { MethodNotImplemented } from "../../../../src/runtime/varlink/standard.ts";
import type {
  Method,
  MethodTypes,
} from "../../../../src/runtime/varlink/types.ts";
import { failure } from "../../../support/peer.ts";
import { documented } from "../documented.ts";
import { type Bench, create, openBench } from "./support.ts";

/** Every method of both interfaces is called, and answers as `docs/serve.md` says. */
/** Calls in an order in which each has what it needs. Input is worked out when its turn comes. */
type Calls = readonly (readonly [method: string, input?: () => object])[];

const text = "a file";

describe.each([
  ["io.podman", podmanDescriptor, "podman"],
  ["io.projectatomic.podman", ancestorDescriptor, "ancestor"],
] as const)("%s", (name, descriptor, side) => {
  const answers = documented(name);
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench({
      programs: { quick: { output: ["one"], exitCode: 3 } },
    });
    for (const each of ["web", "idle", "old", "spare"])
      await create(bench, each);
    await create(bench, "quick", { command: ["quick"] });
    await bench.podman.startContainer({ name: "web" });
    await bench.podman.startContainer({ name: "quick" });
    await bench.podman.createPod({ create: { name: "shop" } });
    await create(bench, "till", { pod: "shop" });
    await bench.podman.startContainer({ name: "till" });
    await bench.podman.pullImage({ name: "busybox" });
    writeFileSync(path.join(bench.folder, "none.tar"), text);
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    expect(bench.mistakes).toEqual([]);
  });

  it("is listed whole", () => {
    expect([...answers.keys()]).toEqual(Object.keys(descriptor.methods));
  });

  const file = (base: string): string => path.join(bench.folder, base);
  const done: Calls = [
    ["Ping"],
    ["GetVersion"],
    ["GetInfo"],
    ["ListContainers"],
    ["GetContainer", () => ({ name: "web" })],
    ["CreateContainer", () => ({ create: { image: "alpine" } })],
    ["InspectContainer", () => ({ name: "web" })],
    ["ListContainerProcesses", () => ({ name: "web", opts: ["pid", "comm"] })],
    ["WaitContainer", () => ({ name: "quick" })],
    ["GetContainerLogs", () => ({ name: "quick" })],
    ["ListContainerChanges", () => ({ name: "web" })],
    ["ExportContainer", () => ({ name: "web", path: file("web.tar") })],
    ["GetContainerStats", () => ({ name: "web" })],
    ["StartContainer", () => ({ name: "idle" })],
    ["PauseContainer", () => ({ name: "web" })],
    ["UnpauseContainer", () => ({ name: "web" })],
    ["KillContainer", () => ({ name: "web", signal: 9 })],
    ["RestartContainer", () => ({ name: "web" })],
    ["StopContainer", () => ({ name: "web" })],
    ["ListImages"],
    ["GetImage", () => ({ name: "alpine" })],
    ["InspectImage", () => ({ name: "alpine" })],
    ["HistoryImage", () => ({ name: "alpine" })],
    ["TagImage", () => ({ name: "alpine", tagged: "localhost/base:2" })],
    ["PushImage", () => ({ name: "alpine", tag: "registry.example/alpine:1" })],
    ["SearchImage", () => ({ name: "alpine" })],
    ["Commit", () => ({ name: "web", image_name: "localhost/web:1" })],
    [
      "ExportImage",
      () => ({
        name: "alpine",
        destination: `docker-archive:${file("alpine.tar")}`,
      }),
    ],
    [
      "ImportImage",
      () => ({ source: file("alpine.tar"), reference: "localhost/again:1" }),
    ],
    ["PullImage", () => ({ name: "registry.example/alpine:1" })],
    ["ImageExists", () => ({ name: "alpine" })],
    ["ContainerExists", () => ({ name: "web" })],
    ["RemoveImage", () => ({ name: "busybox" })],
    ["CreatePod", () => ({ create: { name: "new" } })],
    ["ListPods"],
    ["GetPod", () => ({ name: "shop" })],
    ["InspectPod", () => ({ name: "shop" })],
    ["GetPodStats", () => ({ name: "shop" })],
    ["PausePod", () => ({ name: "shop" })],
    ["UnpausePod", () => ({ name: "shop" })],
    ["StopPod", () => ({ name: "shop" })],
    ["StartPod", () => ({ name: "shop" })],
    ["RestartPod", () => ({ name: "shop" })],
    ["KillPod", () => ({ name: "shop", signal: -1 })],
    ["RemovePod", () => ({ name: "shop", force: true })],
    ["MountContainer", () => ({ name: "old" })],
    ["ListContainerMounts"],
    ["UnmountContainer", () => ({ name: "old" })],
    ["RemoveContainer", () => ({ name: "spare" })],
    ["DeleteStoppedContainers"],
    ["DeleteUnusedImages"],
  ];

  const isDone = (method: string): boolean =>
    answers.get(method)?.startsWith("not implemented") === false;
  const methodOf = (method: string): Method<MethodTypes> =>
    (
      bench[side] as unknown as {
        readonly [name: string]: Method<MethodTypes>;
      }
    )[methodName(method)] as Method<MethodTypes>;

  it("has results where it says so, every one as the interface has it", async () => {
    const called = done.filter(([method]) => isDone(method));
    expect(called.map(([method]) => method).toSorted()).toEqual(
      [...answers.keys()].filter(isDone).toSorted(),
    );
    for (const [method, input = () => ({})] of called) {
      const reply = await methodOf(method)(input());
      expect(Object.keys(reply), method).toEqual(
        Object.keys(descriptor.methods[method]?.output ?? {}),
      );
    }
  });

  it.each([...answers.keys()].filter((method) => !isDone(method)))(
    "%s is not implemented, and says so",
    async (method) => {
      const error = await failure(methodOf(method)());
      expect(error).toBeInstanceOf(MethodNotImplemented);
      expect(error).toMatchObject({ parameters: { method } });
    },
  );
});
