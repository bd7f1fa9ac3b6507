import { expect, test } from "vitest";
import type { Program } from "../../../../src/libpod/engines/embedded/index.ts";
import type { ProcessStreams } from "../../../../src/libpod/engine.ts";
import { OUTPUT_LIMIT } from "../../../../src/libpod/engines/embedded/output.ts";
import { bench, linesOf, rejection, stateOf } from "./support.ts";

const programs: Readonly<Record<string, Program>> = {
  async *cat({ stdin }) {
    for await (const data of stdin) yield { stdout: data };
    return 6;
  },
  async *both() {
    yield "out\n";
    yield { stderr: "err\n" };
  },
  async *env({ env }) {
    yield JSON.stringify(env);
  },
  async *fails() {
    yield "";
    throw new Error("out of luck");
  },
  async *floods() {
    for (let n = 0; n < 64; n += 1) yield "x".repeat(65_536);
  },
  main: {
    output: ["first", { after: 100, stdout: "second" }],
    runsFor: 50,
    exitCode: 9,
  },
};

const text = async (stream: ProcessStreams["stderr"]): Promise<string> =>
  (await (stream as NonNullable<typeof stream>).toArray())
    .map((data) => String(data))
    .join("");

test("exec gives what it reads, and its exit code", async () => {
  const { engine, started } = await bench({ programs });
  const id = await started("any");
  const session = await engine.execContainer(id, {
    command: ["cat"],
    stdin: true,
  });
  session.stdin?.write("over ");
  session.stdin?.end("there");
  expect(await text(session.stdout)).toBe("over there");
  expect(await text(session.stderr)).toBe("");
  expect(await session.exitCode).toBe(6);
  // Of none of it the container's log knows.
  expect(await linesOf(engine, id)).toEqual([]);
});

test("without stdin a program reads the end of the file at once", async () => {
  const { engine, started } = await bench({ programs });
  const id = await started("any");
  const session = await engine.execContainer(id, { command: ["cat"] });
  expect(session.stdin).toBeUndefined();
  expect(await text(session.stdout)).toBe("");
  expect(await session.exitCode).toBe(6);
});

test("streams are two, and one on a terminal", async () => {
  const { engine, started } = await bench({ programs });
  const id = await started("any");
  const plain = await engine.execContainer(id, { command: ["both"] });
  expect(await text(plain.stdout)).toBe("out\n");
  expect(await text(plain.stderr)).toBe("err\n");
  const tty = await engine.execContainer(id, { command: ["both"], tty: true });
  tty.resize?.(80, 24);
  expect(tty.stderr).toBeUndefined();
  expect(await text(tty.stdout)).toBe("out\nerr\n");
});

test("the environment is the container's, and what is given besides", async () => {
  const { engine, started } = await bench({ programs });
  const id = await started("any", {
    spec: { process: { args: ["any"], env: ["A=1", "B=2"] } },
  });
  const session = await engine.execContainer(id, {
    command: ["env"],
    env: ["B=3", "C=4"],
  });
  expect(JSON.parse(await text(session.stdout))).toEqual({
    A: "1",
    B: "3",
    C: "4",
  });
});

test("what is not known ends with 127; what fails, with 1 and its error", async () => {
  const { engine, started } = await bench({ programs });
  const id = await started("any");
  const unknown = await engine.execContainer(id, { command: ["nothing"] });
  expect(await unknown.exitCode).toBe(127);
  const failed = await engine.execContainer(id, { command: ["fails"] });
  expect(await text(failed.stderr)).toBe("out of luck\n");
  expect(await failed.exitCode).toBe(1);
  for (const command of [[], [""]])
    expect(
      await rejection(engine.execContainer(id, { command })),
    ).toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("sessions end with their container, and are paused with it", async () => {
  const { engine, clock, started } = await bench({
    programs: {
      ...programs,
      clock: { output: [{ after: 10, stdout: "a" }], runsFor: "forever" },
    },
  });
  const id = await started("any");
  const session = await engine.execContainer(id, { command: ["clock"] });
  expect((await engine.containerStats(id)).pids).toBe(2);
  expect(await engine.containerProcesses(id)).toHaveLength(3);
  await engine.pauseContainer(id);
  await clock.advance(1000);
  expect(session.stdout.read()).toBeNull();
  await engine.unpauseContainer(id);
  await clock.advance(10);
  expect(String(session.stdout.read())).toBe("a\n");
  await engine.killContainer(id, 9);
  expect(await session.exitCode).toBe(137);
  expect(await text(session.stdout)).toBe("");
});

test("a reader that waits holds up what is executed, not more", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("any");
  const session = await engine.execContainer(id, { command: ["floods"] });
  let ended = false;
  const watching = session.exitCode.then(() => (ended = true));
  await clock.advance(0);
  expect(ended).toBe(false);
  expect(session.stdout.readableLength).toBeLessThan(65_536 * 3);
  expect((await text(session.stdout)).length).toBe(64 * 65_536);
  expect(await session.exitCode).toBe(0);
  await watching;
});

test("letting go ends the streams and nothing else", async () => {
  const { engine, started } = await bench({ programs });
  const id = await started("any");
  const session = await engine.execContainer(id, {
    command: ["floods"],
    stdin: true,
  });
  session.close();
  session.close();
  expect(session.stdout.destroyed).toBe(true);
  expect(await session.exitCode).toBe(0);
  expect(await stateOf(engine, id)).toBe("running");
});

test("attach with start misses nothing; attach later has what comes", async () => {
  const { engine, clock, container } = await bench({ programs });
  const id = await container("main");
  const early = await engine.attachContainer(id, { start: true });
  await clock.advance(10);
  const late = await engine.attachContainer(id, {});
  await clock.advance(200);
  expect(await text(early.stdout)).toBe("first\nsecond\n");
  expect(await text(late.stdout)).toBe("second\n");
  expect(await text(late.stderr)).toBe("");
  expect([await early.exitCode, await late.exitCode]).toEqual([9, 9]);
});

test("what is attached writes to the program, several at once", async () => {
  const { engine, clock, container } = await bench({ programs });
  const id = await container("cat");
  const one = await engine.attachContainer(id, { start: true, stdin: true });
  const two = await engine.attachContainer(id, { stdin: true });
  one.stdin?.end("one ");
  await clock.advance(0);
  two.stdin?.end("two");
  expect(await text(one.stdout)).toBe("one two");
  expect(await two.exitCode).toBe(6);
});

test("what is written to a program that has ended is dropped", async () => {
  const { engine, container } = await bench({ programs });
  const id = await container("both");
  const session = await engine.attachContainer(id, {
    start: true,
    stdin: true,
  });
  expect(await session.exitCode).toBe(0);
  const { stdin } = session;
  await new Promise<void>((resolve) => {
    stdin?.end("x".repeat(1_000_000), resolve);
  });
});

test("detaching leaves the container alone", async () => {
  const { engine, clock, container } = await bench({ programs });
  const id = await container("main");
  const session = await engine.attachContainer(id, { start: true });
  await clock.advance(0);
  session.close();
  await clock.advance(99);
  expect(await stateOf(engine, id)).toBe("running");
  await clock.advance(100);
  expect(await session.exitCode).toBe(9);
});

test("who is attached and reads too slowly is told, and holds nobody up", async () => {
  const { engine, clock, container } = await bench({ programs });
  const id = await container("floods");
  const session = await engine.attachContainer(id, { start: true });
  await clock.advance(0);
  expect(await session.exitCode).toBe(0);
  expect(await rejection(session.stdout.toArray())).toMatchObject({
    code: "LIMIT_EXCEEDED",
  });
  expect((await engine.inside.output(id, "stdout")).length).toBe(OUTPUT_LIMIT);
});

test("when the engine is closed, streams end and no exit code is known", async () => {
  const { engine, started } = await bench({ programs });
  const id = await started("any");
  const run = await engine.execContainer(id, { command: ["cat"], stdin: true });
  const attached = await engine.attachContainer(id, {});
  await engine.close();
  for (const session of [run, attached]) {
    expect(await text(session.stdout)).toBe("");
    expect(await rejection(session.exitCode)).toMatchObject({ code: "CLOSED" });
  }
});
