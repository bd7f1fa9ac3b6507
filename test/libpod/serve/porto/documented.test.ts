import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { portoDescriptor } from "../../../../generated/porto/descriptor.ts";
import { methodName } from "../../../../src/runtime/varlink/names.ts";
import { documented } from "../documented.ts";
import { type Bench, openBench, refusal } from "./support.ts";

/** Every command is called once, and answers as the page on serving says. */

/** Calls in an order in which each has what it needs. Input is worked out when its turn comes. */
type Calls = readonly (readonly [
  command: string,
  input?: () => object | Promise<object>,
])[];

describe("Porto's commands", () => {
  const answers = documented("Porto's commands");
  let bench: Bench;
  let pid = 0;

  const file = (base: string): string =>
    path.join(realpathSync(bench.folder), base);
  const place = (): string => file("place");
  const volume = (): string => file("volume");

  beforeAll(async () => {
    bench = await openBench({ programs: { quick: { exitCode: 3 } } });
    mkdirSync(volume());
    mkdirSync(file("other"));
    writeFileSync(file("layer.tgz"), gzipSync(Buffer.alloc(1024)));
    await bench.run("up");
    pid = Number(await bench.get("up", "root_pid"));
  });
  afterAll(async () => {
    await bench[Symbol.asyncDispose]();
    expect(bench.mistakes).toEqual([]);
  });

  it("are listed whole", () => {
    expect([...answers.keys()]).toEqual(Object.keys(portoDescriptor.methods));
  });

  const done: Calls = [
    ["Version"],
    ["GetSystem"],
    ["SetSystem", () => ({ verbose: true })],
    ["Create", () => ({ name: "a" })],
    ["CreateWeak", () => ({ name: "weak" })],
    ["List"],
    [
      "SetProperty",
      () => ({ name: "a", property: "command", value: "sleep 9" }),
    ],
    ["SetSymlink", () => ({ container: "a", symlink: "/x", target: "/y" })],
    ["Start", () => ({ name: "a" })],
    ["Pause", () => ({ name: "a" })],
    ["Resume", () => ({ name: "a" })],
    ["Kill", () => ({ name: "a", sig: 9 })],
    ["Wait", () => ({ name: ["a"] })],
    ["Respawn", () => ({ name: "a" })],
    ["Stop", () => ({ name: "a", timeout_ms: 0 })],
    ["ListProperties"],
    ["GetProperty", () => ({ name: "a", property: "state" })],
    ["ListDataProperties"],
    ["GetDataProperty", () => ({ name: "a", data: "state" })],
    ["Get", () => ({ name: ["a"], variable: ["state"] })],
    [
      "CreateFromSpec",
      () => ({ container: { name: "b", command: "sleep 9" }, start: true }),
    ],
    [
      "UpdateFromSpec",
      () => ({ container: { name: "b", private_value: "x" } }),
    ],
    ["ListContainersBy"],
    ["SetLabel", () => ({ name: "b", label: "TEST.a", value: "1" })],
    ["IncLabel", () => ({ name: "b", label: "TEST.a" })],
    ["FindLabel", () => ({ label: "TEST.a" })],
    ["ListVolumeProperties"],
    ["ImportLayer", () => ({ layer: "base", tarball: file("layer.tgz") })],
    ["ListLayers"],
    ["SetLayerPrivate", () => ({ layer: "base", private_value: "x" })],
    ["GetLayerPrivate", () => ({ layer: "base" })],
    [
      "CreateVolume",
      () => ({
        path: volume(),
        properties: { private: "x", backend: "plain" },
      }),
    ],
    ["NewVolume", () => ({ volume: { path: file("other") } })],
    ["GetVolume", () => ({ path: [volume()] })],
    ["ListVolumes"],
    [
      "TuneVolume",
      () => ({ path: volume(), properties: { space_limit: "1G" } }),
    ],
    ["LinkVolume", () => ({ path: volume(), container: "b" })],
    [
      "LinkVolumeTarget",
      () => ({ path: volume(), container: "b", target: file("target") }),
    ],
    [
      "UnlinkVolumeTarget",
      () => ({ path: volume(), container: "b", target: file("target") }),
    ],
    ["UnlinkVolume", () => ({ path: volume(), container: "b" })],
    ["ExportLayer", () => ({ volume: volume(), tarball: file("volume.tar") })],
    ["RemoveLayer", () => ({ layer: "base" })],
    ["ImportStorage", () => ({ name: "full", tarball: file("layer.tgz") })],
    ["NewVolume", () => ({ volume: { place: place(), storage: "empty" } })],
    [
      "ExportStorage",
      () => ({ name: "empty", place: place(), tarball: file("storage.tgz") }),
    ],
    ["ListStorages"],
    ["RemoveStorage", () => ({ name: "full" })],
    ["CreateMetaStorage", () => ({ name: "meta", space_limit: 1024n })],
    ["ResizeMetaStorage", () => ({ name: "meta", space_limit: 2048n })],
    ["RemoveMetaStorage", () => ({ name: "meta" })],
    ["ConvertPath", () => ({ path: "/x", source: "b", destination: "/" })],
    ["LocateProcess", () => ({ pid })],
    ["pullDockerImage", () => ({ name: "alpine" })],
    ["dockerImageStatus", () => ({ name: "alpine" })],
    ["listDockerImages"],
    ["removeDockerImage", () => ({ name: "alpine" })],
    ["Destroy", () => ({ name: "b" })],
  ];
  const isDone = (command: string): boolean =>
    answers.get(command)?.startsWith("`NotSupported`") === false;
  const call = (command: string, input: object): Promise<unknown> =>
    (
      bench.porto as unknown as Record<
        string,
        (input: object) => Promise<unknown>
      >
    )[methodName(command)]?.(input) ?? Promise.reject(new Error(command));

  it("have results where it says so", async () => {
    // Subscriptions have a name each in the client, and tests of their own.
    const subscribed = new Set(["AsyncWait", "StopAsyncWait"]);
    const called = new Set([
      ...done.map(([command]) => command),
      ...subscribed,
    ]);
    expect([...called].toSorted()).toEqual(
      [...answers.keys()].filter(isDone).toSorted(),
    );
    for (const [command, input = () => ({})] of done) {
      const result: unknown = await call(command, input()).catch(
        (error: unknown) => error,
      );
      expect(result, command).not.toBeInstanceOf(Error);
    }
  });

  it.each([...answers.keys()].filter((command) => !isDone(command)))(
    "%s is answered, with why it cannot be",
    async (command) => {
      const error = await refusal(call(command, { name: "up", pid: 1 }));
      expect(error.errorName).toBe("NotSupported");
      expect(error.text).toMatch(/process/);
    },
  );
});
