import fc from "fast-check";
import { getEventListeners, once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import {
  type AttachOptions,
  InvalidArgument,
  InvalidState,
  NotSupported,
  Runtime,
  RuntimeStopped,
  type Session,
} from "portolan/libpod";
import { Fake, fakeProcess, rejection } from "./support.ts";

type Process = ReturnType<typeof fakeProcess>;

async function attached(
  options: AttachOptions = {},
  made: Parameters<typeof fakeProcess>[0] = {},
): Promise<{
  readonly runtime: Runtime;
  readonly session: Session;
  readonly process: Process;
}> {
  const fake = new Fake();
  const process = fakeProcess(made);
  fake.process = process.streams;
  const runtime = await Runtime.open(fake.engine());
  const container = await runtime.newContainer({});
  const session = await container.attach(options);
  return { runtime, session, process };
}

describe("a session", () => {
  test("reads output, writes input, tells the exit code, and closes itself at the end", async () => {
    const { session, process } = await attached();
    session.end("in");
    expect(await text(process.stdin)).toBe("in");
    process.stdout.end("out");
    process.stderr.end("err");
    process.exit(3);
    expect(await text(session)).toBe("out");
    expect(session.destroyed).toBe(false);
    expect(await text(session.stderr as Readable)).toBe("err");
    if (!session.closed) await once(session, "close");
    expect(await session.exitCode).toBe(3);
    expect(process.closed()).toBe(1);
  });

  test("loses no byte, whatever the pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40_000 }), {
          maxLength: 12,
        }),
        async (pieces) => {
          const { session, process } = await attached({}, { stderr: false });
          const reading = session.toArray();
          for (const piece of pieces) process.stdout.write(piece);
          process.stdout.end();
          process.exit(0);
          const read = Buffer.concat((await reading) as Buffer[]);
          expect(read.equals(Buffer.concat(pieces))).toBe(true);
          expect(await session.exitCode).toBe(0);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("a slow reader slows the process down", async () => {
    const { session, process } = await attached();
    const piece = Buffer.alloc(16_384);
    for (let pieces = 0; pieces < 100; pieces++) process.stdout.write(piece);
    process.stdout.end();
    process.exit(0);
    session.read(0);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(session.readableLength).toBeGreaterThan(0);
    expect(session.readableLength).toBeLessThan(10 * piece.length);
    const read = await session.toArray();
    expect(Buffer.concat(read as Buffer[])).toHaveLength(100 * piece.length);
  });

  test("what is closed is forgotten", async () => {
    const { runtime, session } = await attached();
    await session[Symbol.asyncDispose]();
    let destroyed = 0;
    session.destroy = () => {
      destroyed += 1;
      return session;
    };
    await runtime.close();
    expect(destroyed).toBe(0);
  });

  test("what is written after the process ended goes nowhere", async () => {
    const { session, process } = await attached();
    process.exit(0);
    await session.exitCode;
    process.stdin.destroy(new Error("EPIPE"));
    session.write("late");
    process.stdout.end("all of it");
    expect(await text(session)).toBe("all of it");
    session.end();
    await finished(session, { readable: false });
  });

  test("what cannot be written while it runs is an error", async () => {
    const { session, process } = await attached();
    const failure = new Error("EPIPE");
    process.stdin.destroy(failure);
    expect(await rejection(text(session))).toBe(failure);
    expect(await rejection(session.exitCode)).toBe(failure);
    expect(process.closed()).toBe(1);
  });

  test("without an input it takes none", async () => {
    const { session, process } = await attached({}, { stdin: false });
    expect(session.writableEnded).toBe(true);
    const written = await new Promise((resolve) => {
      session.write("x", resolve);
    });
    expect(written).toBeInstanceOf(Error);
    session.destroy();
    expect(process.closed()).toBe(1);
  });

  test("output that is cut is no end", async () => {
    const { session, process } = await attached();
    const reading = rejection(text(session));
    process.stdout.write("begun");
    process.stdout.destroy();
    expect(await reading).toMatchObject({ code: "CONNECTION_LOST" });
    expect(await rejection(session.exitCode)).toMatchObject({
      code: "CONNECTION_LOST",
    });
  });

  test("an exit code that cannot be known rejects, and is handled", async () => {
    const { session, process } = await attached();
    const failure = new Error("unknown");
    process.fail(failure);
    process.stdout.end();
    process.stderr.resume().end();
    session.resume();
    await once(session, "close");
    expect(await rejection(session.exitCode)).toBe(failure);
  });

  test("disposing lets go of the process", async () => {
    const { session, process } = await attached();
    {
      await using used = session;
      expect(used.destroyed).toBe(false);
    }
    expect(session.closed).toBe(true);
    expect(process.closed()).toBe(1);
    expect(await rejection(session.exitCode)).toMatchObject({ code: "CLOSED" });
    await session[Symbol.asyncDispose]();
  });

  test("leaving its loop lets go of the process", async () => {
    const { session, process } = await attached();
    process.stdout.write("one");
    for await (const chunk of session) {
      expect(String(chunk)).toBe("one");
      break;
    }
    expect(session.destroyed).toBe(true);
    expect(process.closed()).toBe(1);
  });

  test("a signal ends it also later, and no listener is needed", async () => {
    const leave = new AbortController();
    const { session, process } = await attached({ signal: leave.signal });
    const reason = new Error("enough");
    leave.abort(reason);
    expect(await rejection(session.exitCode)).toMatchObject({
      code: "ABORTED",
      cause: reason,
    });
    expect(process.closed()).toBe(1);
  });

  test("a hundred share a signal, which nobody warns of, and forget it", async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    globalThis.process.on("warning", warned);
    const leave = new AbortController();
    const { signal } = leave;
    const made = await Promise.all(
      Array.from({ length: 100 }, () => attached({ signal })),
    );
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    for (const { session } of made.slice(50)) session.destroy();
    leave.abort();
    for (const { session } of made)
      expect(await rejection(session.exitCode)).toMatchObject({
        code: expect.stringMatching(/^(CLOSED|ABORTED)$/) as string,
      });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    // Warnings come a turn later.
    await new Promise(setImmediate);
    globalThis.process.off("warning", warned);
    expect(warnings).toEqual([]);
  });

  test("a signal that is aborted while it begins ends it, too", async () => {
    const fake = new Fake();
    fake.process = fakeProcess().streams;
    const engine = fake.engine();
    const leave = new AbortController();
    const attach = engine.attachContainer?.bind(engine);
    engine.attachContainer = async (id, options) => {
      const streams = await (attach as NonNullable<typeof attach>)(id, options);
      leave.abort();
      return streams;
    };
    await using runtime = await Runtime.open(engine);
    const container = await runtime.newContainer({});
    const session = await container.attach({ signal: leave.signal });
    expect(await rejection(session.exitCode)).toMatchObject({
      code: "ABORTED",
    });
  });

  test("closing the runtime closes it", async () => {
    const { runtime, session, process } = await attached();
    const reading = rejection(text(session));
    await runtime.close();
    expect(await reading).toBeInstanceOf(RuntimeStopped);
    expect(await rejection(session.exitCode)).toBeInstanceOf(RuntimeStopped);
    expect(process.closed()).toBe(1);
  });

  test("a terminal is resized where engines can", async () => {
    const { session, process } = await attached({ tty: true });
    session.resize(80, 25);
    expect(process.sizes).toEqual([[80, 25]]);
    for (const [columns, rows] of [
      [0, 25],
      [80, Number.NaN],
      [80, 2.5],
    ] as const)
      expect(() => session.resize(columns, rows)).toThrow(InvalidArgument);
    session.destroy();

    const fake = new Fake();
    const { streams } = fakeProcess();
    fake.process = { ...streams, resize: undefined };
    await using runtime = await Runtime.open(fake.engine());
    const container = await runtime.newContainer({});
    await using fixed = await container.attach({ tty: true });
    expect(() => fixed.resize(80, 25)).toThrow(NotSupported);
    // The engine is not to blame where there is nothing to resize.
    await using bare = await container.attach();
    expect(() => bare.resize(80, 25)).toThrow(InvalidState);
  });
});

describe("exec", () => {
  test.each([
    ["options.env[1]", { env: ["A=b", "C"] }],
    ["options.user", { user: "" }],
    ["options.workDir", { workDir: "here" }],
    ["options.privileged", { privileged: 1 }],
    ["options.tty", { tty: "yes" }],
    ["options.stdin", { stdin: null }],
  ])("names %s where it is wrong, and attach does", async (name, options) => {
    const fake = new Fake();
    await using runtime = await Runtime.open(fake.engine());
    const container = await runtime.newContainer({});
    fake.names();
    const given = options as never;
    const calls = [container.exec(["sh"], given)];
    if ("tty" in options || "stdin" in options)
      calls.push(container.attach(given));
    for (const call of calls)
      expect(await rejection(call)).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(`${name}: `) as string,
      });
    expect(fake.asked).toEqual([]);
  });

  test("takes the command first, and the rest by name", async () => {
    const fake = new Fake();
    fake.process = fakeProcess().streams;
    await using runtime = await Runtime.open(fake.engine());
    const container = await runtime.newContainer({});
    fake.asked.splice(0);
    await container.exec(["sh", "-c", ""], { stdin: true, user: "me" });
    expect(fake.asked).toEqual([
      [
        "execContainer",
        container.id,
        { command: ["sh", "-c", ""], stdin: true, user: "me" },
      ],
    ]);
  });

  test.each([[[]], [[""]], ["sh"], [["a", 1]], [["a\0b"]], [undefined]])(
    "%j is no command",
    async (command) => {
      const fake = new Fake();
      await using runtime = await Runtime.open(fake.engine());
      const container = await runtime.newContainer({});
      fake.names();
      expect(await rejection(container.exec(command as never))).toBeInstanceOf(
        InvalidArgument,
      );
      expect(fake.asked).toEqual([]);
    },
  );
});
