import { describe, expect, test } from "vitest";
import {
  type Container,
  type Engine,
  EngineError,
  type LogEntry,
  type ProgressStream,
  Runtime,
} from "portolan/libpod";
import { PortolanError } from "../../../src/runtime/errors.ts";
import { Fake, rejection } from "./support.ts";

/** An engine whose logs are one line and then nothing, and what became of them. */
function silent(failure?: Error): {
  readonly engine: Engine;
  readonly seen: { begun: number; ended: number; reason: unknown };
} {
  const seen = { begun: 0, ended: 0, reason: undefined as unknown };
  const engine = new Fake().engine();
  engine.containerLogs = async function* logs(containerId, options = {}) {
    seen.begun += 1;
    try {
      yield { containerId, stream: "stdout", text: "one" };
      const { signal } = options;
      await new Promise<void>((resolve) => {
        signal?.addEventListener("abort", () => resolve());
      });
      seen.reason = signal?.reason;
      throw failure ?? new PortolanError("ABORTED", "aborted");
    } finally {
      seen.ended += 1;
    }
  };
  return { engine, seen };
}

async function followed(engine: Engine): Promise<{
  readonly runtime: Runtime;
  readonly container: Container;
  readonly logs: AsyncGenerator<LogEntry, void, undefined>;
}> {
  const runtime = await Runtime.open(engine);
  const container = await runtime.newContainer({});
  return { runtime, container, logs: container.logs({ follow: true }) };
}

const DONE = { done: true, value: undefined };

test.each([
  ["options.tail", { tail: -1 }],
  ["options.tail", { tail: Number.NaN }],
  ["options.since", { since: new Date("never") }],
  ["options.since", { since: 0 }],
  ["options.follow", { follow: "yes" }],
])("logs name %s where it is wrong", async (name, options) => {
  const { engine, seen } = silent();
  const { container } = await followed(engine);
  const asked = container.logs(options as never).next();
  expect(await rejection(asked)).toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining(`${name}: `) as string,
  });
  expect(seen.begun).toBe(0);
});

describe("what goes on can be left at any time", () => {
  test("also while a line is being asked for, which is the end then", async () => {
    const { engine, seen } = silent();
    const { runtime, logs } = await followed(engine);
    expect(await logs.next()).toMatchObject({ value: { text: "one" } });
    const asked = logs.next();
    expect(await logs.return()).toEqual(DONE);
    expect(await asked).toEqual(DONE);
    expect(await logs.next()).toEqual(DONE);
    expect(seen).toMatchObject({ ended: 1, reason: { code: "ABORTED" } });
    await runtime.close();
  });

  test("with an error, which comes back", async () => {
    const { engine, seen } = silent();
    const { logs } = await followed(engine);
    await logs.next();
    const failure = new Error("mine");
    expect(await rejection(logs.throw(failure))).toBe(failure);
    expect(seen.ended).toBe(1);
  });

  test("what the engine then says is nobody's", async () => {
    const { engine, seen } = silent(new EngineError("cannot"));
    const { logs } = await followed(engine);
    await logs.next();
    const asked = logs.next();
    await logs.return();
    expect(await asked).toEqual(DONE);
    expect(seen.ended).toBe(1);
  });

  test("by its disposal, whatever the Node", async () => {
    const { engine, seen } = silent();
    const { logs } = await followed(engine);
    {
      await using used = logs;
      await used.next();
    }
    expect(seen.ended).toBe(1);
    {
      await using runtime = await Runtime.open(new Fake().engine());
      await using events = runtime.events();
      await events.next();
      await using progress = runtime.pullImage("a")[Symbol.asyncIterator]();
      await progress.next();
    }
  });

  test("before it began: the engine is not asked", async () => {
    const { engine, seen } = silent();
    const { logs } = await followed(engine);
    expect(await logs.return()).toEqual(DONE);
    expect(await logs.next()).toEqual(DONE);
    expect(seen.begun).toBe(0);
  });

  test("a transfer, too, whose result says so", async () => {
    const engine = new Fake().engine();
    let ended = 0;
    engine.pullImage = async function* pulling(_, options): ProgressStream {
      try {
        yield { text: "begun" };
        await new Promise<void>((resolve) => {
          options?.signal?.addEventListener("abort", () => resolve());
        });
        return "never";
      } finally {
        ended += 1;
      }
    };
    await using runtime = await Runtime.open(engine);
    const pull = runtime.pullImage("a");
    const lines = pull[Symbol.asyncIterator]();
    await lines.next();
    const asked = lines.next();
    expect(await lines.return()).toEqual(DONE);
    expect(ended).toBe(1);
    expect(await asked).toEqual(DONE);
    expect(await rejection(pull)).toMatchObject({ code: "ABORTED" });
  });
});

describe("a transfer is one operation", () => {
  /** An engine in which two registries lack what is asked for; each waits to be told to say so. */
  function lacking(): {
    readonly engine: Engine;
    readonly asked: string[];
    readonly limits: (number | undefined)[];
    answer: () => void;
  } {
    const engine = new Fake().engine();
    const made = {
      engine,
      asked: [] as string[],
      limits: [] as (number | undefined)[],
      answer: (): void => undefined,
    };
    engine.pullImage = async function* pulling(name, options): ProgressStream {
      made.asked.push(name);
      made.limits.push(options?.timeout);
      yield { text: name };
      await new Promise<void>((resolve) => {
        made.answer = resolve;
      });
      throw new EngineError(`no ${name}`);
    };
    return made;
  }
  const imageConfig = { registries: ["one.example", "two.example"] };

  test("left between two registries it asks no further one", async () => {
    const lack = lacking();
    await using runtime = await Runtime.open(lack.engine, { imageConfig });
    const lines = runtime.pullImage("a")[Symbol.asyncIterator]();
    await lines.next();
    const asked = lines.next();
    // The engine does not listen to the signal, and fails for a reason of its own.
    const left = lines.return();
    lack.answer();
    await left;
    expect(await asked).toEqual(DONE);
    expect(lack.asked).toEqual(["one.example/a"]);
  });

  test("aborted between two registries it asks no further one", async () => {
    const lack = lacking();
    await using runtime = await Runtime.open(lack.engine, { imageConfig });
    const enough = new AbortController();
    const pull = runtime.pullImage("a", { signal: enough.signal });
    const lines = pull[Symbol.asyncIterator]();
    await lines.next();
    const asked = rejection(lines.next());
    enough.abort();
    lack.answer();
    expect(await asked).toMatchObject({ code: "ABORTED" });
    expect(lack.asked).toEqual(["one.example/a"]);
  });

  test("its time limit is that of all registries, and of the image's look-up", async () => {
    const lack = lacking();
    await using runtime = await Runtime.open(lack.engine, { imageConfig });
    const pull = runtime.pullImage("a", { timeout: 600_000 });
    const lines = pull[Symbol.asyncIterator]();
    await lines.next();
    const second = lines.next();
    await new Promise((resolve) => setTimeout(resolve, 30));
    lack.answer();
    expect(await second).toMatchObject({ value: { text: "two.example/a" } });
    const [first = 0, then = 0] = lack.limits;
    expect(first).toBe(600_000);
    expect(then).toBeLessThan(600_000 - 20);
  });

  test("it is a promise in every respect", async () => {
    const fake = new Fake();
    await using runtime = await Runtime.open(fake.engine());
    let settled = 0;
    const count = (): void => void (settled += 1);
    expect((await runtime.pullImage("a").finally(count)).id).toBe("a");
    const failure = new EngineError("cannot");
    fake.failures.set("getImage", failure);
    expect(await runtime.pullImage("a").catch((error: unknown) => error)).toBe(
      failure,
    );
    expect(await rejection(runtime.pullImage("a").finally(count))).toBe(
      failure,
    );
    expect(settled).toBe(2);
    const pull: Promise<unknown> = runtime.pullImage("a");
    expect(pull[Symbol.toStringTag]).toBe("Transfer");
    expect(await Promise.allSettled([pull])).toMatchObject([
      { status: "rejected", reason: failure },
    ]);
  });
});
