import { writeFileSync } from "node:fs";
import path from "node:path";
import { podmanDescriptor } from "portolan/podman/1.9";
import { afterAll, beforeAll, expect, it } from "vitest";
import { methodName } from "../../../../src/runtime/varlink/names.ts";
import {
  ExpectedUpgrade,
  MethodNotImplemented,
} from "../../../../src/runtime/varlink/standard.ts";
import type {
  Method,
  MethodTypes,
} from "../../../../src/runtime/varlink/types.ts";
import { failure } from "../../../support/peer.ts";
import { documented } from "../documented.ts";
import { type Bench, create, openBench, run } from "./support.ts";

/** Every method of the interface is called, and answers as `docs/serve.md` says. */
const answers = documented("io.podman 1.9");

let bench: Bench;
let sample: object;
let sent: string;

beforeAll(async () => {
  bench = await openBench({
    programs: { quick: { output: ["one"], exitCode: 3 } },
  });
  const { podman, folder } = bench;
  for (const name of ["idle", "old", "spare", "evicted"])
    await create(bench, name);
  await run(bench, "web", undefined, {
    volume: ["data:/data"],
    healthcheckCommand: "check",
  });
  await run(bench, "quick", ["quick"]);
  await podman.createPod({ create: { name: "shop" } });
  await run(bench, "till", undefined, { pod: "shop" });
  await podman.pullImage({ name: "busybox" });
  writeFileSync(path.join(folder, "some.env"), "A=b\n");
  ({ container: sample } = await podman.getContainerStats({ name: "web" }));
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

it("is listed whole", () => {
  expect([...answers.keys()]).toEqual(Object.keys(podmanDescriptor.methods));
});

const file = (base: string): string => path.join(bench.folder, base);

/** Calls in an order in which each has what it needs. Input is worked out when its turn comes. */
const done: readonly (readonly [method: string, input?: () => object])[] = [
  ["GetVersion"],
  ["GetInfo"],
  ["ListContainers"],
  ["Ps", () => ({ opts: { all: true, pod: true, size: true } })],
  ["GetContainersByStatus", () => ({ status: ["running"] })],
  ["Top", () => ({ nameOrID: "web", descriptors: ["pid", "args"] })],
  ["HealthCheckRun", () => ({ nameOrID: "web" })],
  ["GetContainer", () => ({ id: "web" })],
  ["GetContainersByContext", () => ({ args: ["web", "quick"] })],
  [
    "CreateContainer",
    () => ({ create: { args: ["alpine"], envFile: [file("some.env")] } }),
  ],
  ["InspectContainer", () => ({ name: "web" })],
  ["ListContainerProcesses", () => ({ name: "web", opts: ["pid", "comm"] })],
  ["WaitContainer", () => ({ name: "quick", interval: 1 })],
  ["GetContainerLogs", () => ({ name: "quick" })],
  [
    "GetContainersLogs",
    () => ({ names: ["quick"], since: "2020-01-01T00:00:00Z", tail: -1 }),
  ],
  ["ListContainerChanges", () => ({ name: "web" })],
  ["Diff", () => ({ name: "web" })],
  ["ExportContainer", () => ({ name: "web", path: file("web.tar") })],
  ["GetContainerStats", () => ({ name: "web" })],
  ["GetContainerStatsWithHistory", () => ({ previousStats: sample })],
  ["InitContainer", () => ({ name: "idle" })],
  ["StartContainer", () => ({ name: "idle" })],
  ["PauseContainer", () => ({ name: "web" })],
  ["UnpauseContainer", () => ({ name: "web" })],
  ["KillContainer", () => ({ name: "web", signal: 9 })],
  ["RestartContainer", () => ({ name: "web" })],
  ["StopContainer", () => ({ name: "web" })],
  ["ListImages"],
  ["ListImagesWithFilters", () => ({ filters: ["reference=alpine"] })],
  ["GetImage", () => ({ id: "alpine" })],
  ["InspectImage", () => ({ name: "alpine" })],
  ["HistoryImage", () => ({ name: "alpine" })],
  ["TagImage", () => ({ name: "alpine", tagged: "localhost/base:2" })],
  ["UntagImage", () => ({ name: "alpine", tag: "localhost/base:2" })],
  ["PushImage", () => ({ name: "alpine", tag: "registry.example/alpine:1" })],
  ["SearchImages", () => ({ query: "alpine" })],
  ["Commit", () => ({ name: "web", image_name: "localhost/web:1" })],
  [
    "ExportImage",
    () => ({
      name: "alpine",
      destination: `docker-archive:${file("alpine.tar")}`,
    }),
  ],
  ["ImageSave", () => ({ options: { name: "alpine" } })],
  ["LoadImage", () => ({ inputFile: file("alpine.tar") })],
  [
    "ImportImage",
    () => ({ source: file("web.tar"), reference: "localhost/again:1" }),
  ],
  ["PullImage", () => ({ name: "registry.example/alpine:1" })],
  ["ImageExists", () => ({ name: "alpine" })],
  ["ImageTree", () => ({ name: "alpine" })],
  ["GetLayersMapWithImageInfo"],
  ["BuildImageHierarchyMap", () => ({ name: "alpine" })],
  ["ContainerExists", () => ({ name: "web" })],
  ["RemoveImage", () => ({ name: "busybox" })],
  ["RemoveImageWithResponse", () => ({ name: "localhost/again:1" })],
  ["CreatePod", () => ({ create: { name: "new" } })],
  ["ListPods"],
  ["GetPod", () => ({ name: "shop" })],
  ["InspectPod", () => ({ name: "shop" })],
  ["PodStateData", () => ({ name: "shop" })],
  ["GetPodStats", () => ({ name: "shop" })],
  ["TopPod", () => ({ pod: "shop" })],
  ["GetPodsByContext", () => ({ latest: true })],
  ["GetPodsByStatus", () => ({ statuses: ["Running"] })],
  ["PausePod", () => ({ name: "shop" })],
  ["UnpausePod", () => ({ name: "shop" })],
  ["StopPod", () => ({ name: "shop" })],
  ["StartPod", () => ({ name: "shop" })],
  ["RestartPod", () => ({ name: "shop" })],
  ["KillPod", () => ({ name: "shop", signal: -1 })],
  ["GenerateKube", () => ({ name: "shop", service: true })],
  ["RemovePod", () => ({ name: "shop", force: true })],
  ["MountContainer", () => ({ name: "old" })],
  ["ListContainerMounts"],
  ["UnmountContainer", () => ({ name: "old" })],
  ["ContainerConfig", () => ({ name: "old" })],
  ["ContainerInspectData", () => ({ name: "old" })],
  ["ContainerStateData", () => ({ name: "old" })],
  ["Spec", () => ({ name: "old" })],
  ["VolumeCreate", () => ({ options: { volumeName: "more" } })],
  ["GetVolumes", () => ({ args: ["more"] })],
  ["InspectVolume", () => ({ name: "data" })],
  ["VolumeRemove", () => ({ options: { volumes: ["more"] } })],
  ["VolumesPrune"],
  ["GetEvents", () => ({ since: "0" })],
  ["EvictContainer", () => ({ name: "evicted" })],
  ["RemoveContainer", () => ({ name: "spare" })],
  ["DeleteStoppedContainers"],
  ["ImagesPrune"],
  ["DeleteUnusedImages"],
  ["Reset"],
];

/** Those that are called with `upgrade`; what comes after the reply has tests of its own. */
const upgrades: readonly (readonly [method: string, input: () => object])[] = [
  ["Attach", () => ({ name: "web" })],
  ["ExecContainer", () => ({ opts: { name: "web", cmd: ["quick"] } })],
  ["SendFile", () => ({ length: 0 })],
  ["ReceiveFile", () => ({ path: sent })],
];

/** What fails for everybody, and with what. */
const failing: readonly string[] = ["ContainerArtifacts"];

const isDone = (method: string): boolean =>
  answers.get(method)?.startsWith("not implemented") === false;
const methodOf = (method: string): Method<MethodTypes> =>
  (
    bench.podman as unknown as {
      readonly [name: string]: Method<MethodTypes>;
    }
  )[methodName(method)] as Method<MethodTypes>;

it("is called whole", () => {
  const called = [...done, ...upgrades].map(([method]) => method);
  expect([...called, ...failing].toSorted()).toEqual(
    [...answers.keys()].filter(isDone).toSorted(),
  );
});

it.each(upgrades)("%s needs the upgrade flag, and replies", async (method) => {
  if (method === "ReceiveFile") {
    const { output, stream } = await bench.podman.sendFile.upgrade({
      type: "",
      length: 0,
    });
    for await (const _ of stream) break;
    sent = output.file_handle;
  }
  const [, input] = upgrades.find(([name]) => name === method) ?? [];
  const upgraded = await methodOf(method).upgrade(input?.());
  expect(Object.keys(upgraded.output)).toEqual(
    Object.keys(podmanDescriptor.methods[method]?.output ?? {}),
  );
  await upgraded[Symbol.asyncDispose]();
  const plain = bench.podman.$connection.call(`io.podman.${method}`, {});
  expect(await failure(plain)).toBeInstanceOf(ExpectedUpgrade);
});

it("has results where it says so, every one as the interface has it", async () => {
  for (const [method, input = () => ({})] of done) {
    const reply = await methodOf(method)(input());
    expect(Object.keys(reply), method).toEqual(
      Object.keys(podmanDescriptor.methods[method]?.output ?? {}),
    );
  }
  expect((await bench.podman.listContainers()).containers).toEqual([]);
  expect((await bench.podman.listImages()).images).toEqual([]);
});

it.each([...answers.keys()].filter((method) => !isDone(method)))(
  "%s is not implemented, and says so",
  async (method) => {
    const error = await failure(methodOf(method)());
    expect(error).toBeInstanceOf(MethodNotImplemented);
    expect(error).toMatchObject({ parameters: { method } });
  },
);
