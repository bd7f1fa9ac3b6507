import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { all, bench, linesOf, rejection, stateOf } from "./support.ts";

const folder = mkdtempSync(path.join(tmpdir(), "portolan-embedded-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("stats follow from the time that a container ran", async () => {
  const { engine, clock, started } = await bench({
    programs: {
      speaks: { output: [{ after: 500, stdout: "12345" }], runsFor: "forever" },
    },
  });
  const id = await started("speaks", { name: "one" });
  const first = await engine.containerStats(id);
  expect(first).toEqual({
    id,
    name: "one",
    cpuNanos: 0n,
    cpuPercent: 0,
    memoryUsage: 1_048_576n,
    memoryLimit: 4_294_967_296n,
    networkInput: 0n,
    networkOutput: 0n,
    blockInput: 0n,
    blockOutput: 0n,
    pids: 1,
  });
  await clock.advance(2000);
  expect(await engine.containerStats(id)).toMatchObject({
    // A hundredth of the time, on one of four CPUs.
    cpuNanos: 20_000_000n,
    cpuPercent: 0.25,
    memoryUsage: 1_048_576n + 2n * 4096n,
    blockOutput: 6n,
  });
  await engine.pauseContainer(id);
  await clock.advance(2000);
  expect(await engine.containerStats(id)).toMatchObject({
    cpuNanos: 20_000_000n,
    cpuPercent: 0,
  });
  await engine.unpauseContainer(id);
  await clock.advance(1_000_000_000);
  expect((await engine.containerStats(id)).memoryUsage).toBe(16_777_216n);
  // A run begins anew.
  await engine.restartContainer(id);
  expect(await engine.containerStats(id)).toEqual(first);
});

test("a limit of memory is kept", async () => {
  const { engine, started } = await bench();
  const limited = (limit: number) => ({
    spec: { linux: { resources: { memory: { limit } } } },
  });
  expect(
    await engine.containerStats(await started("any", limited(1000))),
  ).toMatchObject({ memoryUsage: 1000n, memoryLimit: 1000n });
  expect(
    (await engine.containerStats(await started("any", limited(-1))))
      .memoryLimit,
  ).toBe(4_294_967_296n);
});

test("processes are listed as ps does", async () => {
  const { engine, clock, started } = await bench();
  const id = await started("any", {
    spec: { process: { args: ["any", "-x"] } },
  });
  await clock.advance(1500);
  const rows = (await engine.containerProcesses(id)).map((line) =>
    line.split("\t"),
  );
  expect(rows.map((row) => row.length)).toEqual([8, 8]);
  expect(rows.map((row) => [row[1], row[4], row[7]])).toEqual([
    ["PID", "ELAPSED", "COMMAND"],
    ["1", "1.5s", "any -x"],
  ]);
});

test("version and info are the same wherever it runs", async () => {
  const { engine, container } = await bench();
  await container("any");
  expect(await engine.version()).toMatchObject({
    api: "embedded",
    osArch: "linux/amd64",
  });
  expect(await engine.info()).toMatchObject({
    hostname: "embedded",
    containers: 1,
    images: 0,
  });
});

test("mounting is counted", async () => {
  const { engine, container } = await bench();
  const id = await container("any");
  expect((await engine.inspectContainer(id)).mountPoint).toBeUndefined();
  const where = await engine.mountContainer(id);
  expect(where).toContain(id);
  expect(await engine.mountContainer(id)).toBe(where);
  await engine.unmountContainer(id);
  expect((await engine.inspectContainer(id)).mountPoint).toBe(where);
  await engine.unmountContainer(id);
  expect((await engine.inspectContainer(id)).mountPoint).toBeUndefined();
  expect(await rejection(engine.unmountContainer(id))).toMatchObject({
    code: "INVALID_STATE",
  });
  await engine.mountContainer(id);
  await engine.mountContainer(id);
  await engine.unmountContainer(id, { force: true });
  await engine.unmountContainer(id, { force: true });
  expect((await engine.inspectContainer(id)).mountPoint).toBeUndefined();
});

test("an export is an archive that tar reads", async () => {
  const { engine, container } = await bench();
  const file = path.join(folder, "root.tar");
  await engine.exportContainer(
    await container("any", { spec: { hostname: "box" } }),
    file,
  );
  expect(readFileSync(file).length % 512).toBe(0);
  const listed = execFileSync("tar", ["-xOf", file, "etc/hostname"]);
  expect(String(listed)).toBe("box\n");
  expect(
    await rejection(
      engine.exportContainer(
        await container("any"),
        path.join(folder, "no", "such.tar"),
      ),
    ),
  ).toMatchObject({ code: "ENGINE_ERROR" });
});

test("nothing differs from the image", async () => {
  const { engine, started } = await bench();
  expect(await engine.containerDiff(await started("any"))).toEqual({
    added: [],
    changed: [],
    deleted: [],
  });
});

test("a commit makes an image that runs what the container ran", async () => {
  const { engine, clock, container } = await bench({
    registry: { base: { entrypoint: ["/e"], command: ["c"], user: "u" } },
    programs: { hi: { output: ["hi"] } },
  });
  await all(engine.pullImage("base"));
  const plain = await container("", {
    spec: {},
    rootfs: { image: "base" },
  });
  const same = await engine.commitContainer(plain, { image: "same" });
  expect(await engine.inspectImage(same)).toMatchObject({
    entrypoint: ["/e"],
    command: ["c"],
    user: "u",
  });
  const own = await container("hi", {
    spec: {
      hostname: "h",
      process: {
        args: ["hi", "x"],
        env: ["A=1"],
        cwd: "/w",
        user: { uid: 5, gid: 6 },
      },
    },
    rootfs: { image: "base" },
    labels: { l: "1" },
  });
  const id = await engine.commitContainer(own, {
    image: "made:1",
    author: "me",
    changes: ["ENV=B=2"],
  });
  const image = await engine.inspectImage("made:1");
  expect(image).toMatchObject({
    id,
    entrypoint: [],
    command: ["hi", "x"],
    workDir: "/w",
    user: "5:6",
    author: "me",
    labels: { l: "1" },
  });
  expect(image.env).toEqual(expect.arrayContaining(["A=1", "B=2"]));
  const again = await container("", { spec: {}, rootfs: { image: "made:1" } });
  await engine.startContainer(again);
  await clock.advance(0);
  expect(await linesOf(engine, again)).toEqual(["hi"]);
});

test("an image goes only when no container uses it, or by force", async () => {
  const { engine, container } = await bench();
  await all(engine.pullImage("box"));
  const id = await container("any", { rootfs: { image: "box" } });
  expect(await rejection(engine.removeImage("box"))).toMatchObject({
    code: "INVALID_STATE",
  });
  expect(
    (await engine.listImages()).map(({ containers }) => containers),
  ).toEqual([1]);
  await engine.removeImage("box", { force: true });
  expect(await engine.listImages()).toEqual([]);
  await engine.startContainer(id);
  expect(await stateOf(engine, id)).toBe("running");
  expect(await rejection(engine.getImage("box"))).toMatchObject({
    code: "NO_SUCH_IMAGE",
  });
});

test("the first figures are since the start, and as ps has them", async () => {
  const { engine, clock, started } = await bench();
  const id = await started("any");
  await clock.advance(1000);
  await engine.pauseContainer(id);
  await clock.advance(3000);
  const [, row = ""] = await engine.containerProcesses(id);
  const { cpuPercent } = await engine.containerStats(id);
  // A hundredth of a quarter of the time, on one of four CPUs.
  expect(cpuPercent).toBeCloseTo(0.0625);
  expect(Number(row.split("\t")[3])).toBeCloseTo(cpuPercent, 2);
});
