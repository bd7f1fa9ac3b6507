import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Engine,
  InvalidArgument,
  Runtime,
  RuntimeStopped,
} from "portolan/libpod";
import { Fake, rejection } from "./support.ts";

describe("a daemon that accepts and says nothing", () => {
  let folder: string;
  let daemon: Server;
  let accepted: number;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "portolan-core-"));
    accepted = 0;
    daemon = createServer((socket) => {
      accepted += 1;
      socket.on("error", () => undefined).resume();
    });
    daemon.listen(path.join(folder, "socket"));
    await once(daemon, "listening");
  });

  afterEach(async () => {
    daemon.close();
    await once(daemon, "close");
    rmSync(folder, { recursive: true });
  });

  test.each(["podman", "porto"])(
    "%s: closing the runtime ends the opening, and waits for its end",
    async (scheme) => {
      const runtime = new Runtime(`${scheme}:${path.join(folder, "socket")}`);
      const opening = rejection(runtime.open());
      const order: string[] = [];
      const opened = opening.then(() => order.push("opened"));
      if (accepted === 0) await once(daemon, "connection");
      await runtime.close();
      order.push("closed");
      await opened;
      expect(order).toEqual(["opened", "closed"]);
      expect(await opening).toBeInstanceOf(RuntimeStopped);
    },
  );

  test.each(["podman", "porto"])(
    "%s: a signal and a time limit end the opening, which can be done again",
    async (scheme) => {
      const runtime = new Runtime(`${scheme}:${path.join(folder, "socket")}`);
      expect(await rejection(runtime.open({ timeout: 20 }))).toMatchObject({
        code: "TIMEOUT",
      });
      const enough = new AbortController();
      const opening = rejection(runtime.open({ signal: enough.signal }));
      enough.abort();
      expect(await opening).toMatchObject({ code: "ABORTED" });
      runtime.configure({ pidsLimit: 1 });
      await runtime.close();
    },
  );
});

test("nothing is opened with a signal that is aborted", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  for (const target of ["embedded:", new Fake().engine(), "podman:/none"]) {
    expect(await rejection(Runtime.open(target, { signal }))).toMatchObject({
      code: "ABORTED",
      cause: signal.reason as unknown,
    });
  }
});

test("signals and time limits are that", async () => {
  await using runtime = await Runtime.open(new Fake().engine());
  const wrong = [
    { signal: new AbortController() },
    { signal: null },
    { signal: "now" },
    { timeout: "5" },
    { timeout: null },
  ];
  for (const options of wrong) {
    const given = options as never;
    for (const call of [
      Runtime.open("embedded:", given),
      runtime.version(given),
      runtime.events(given).next(),
      runtime.pullImage("a", given),
    ])
      expect(await rejection(call)).toBeInstanceOf(InvalidArgument);
  }
});

/** An engine that is not done closing before it is told. */
function slow(): { readonly engine: Engine; done: () => void; closed: number } {
  const engine = new Fake().engine();
  const made = { engine, done: (): void => undefined, closed: 0 };
  engine.close = async () => {
    made.closed += 1;
    await new Promise<void>((resolve) => {
      made.done = resolve;
    });
  };
  return made;
}

/** A runtime that has opened an engine by itself, as it does with an address. */
async function owner(engine: Engine): Promise<Runtime> {
  const runtime = new Runtime("embedded:");
  await runtime.open();
  // What is behind the address is of no interest here, but that it is closed.
  const inner = runtime as unknown as { core: { engine: Engine } };
  inner.core.engine.close = engine.close.bind(engine);
  return runtime;
}

describe("closing", () => {
  test("again waits for the first one, and the engine is closed once", async () => {
    const held = slow();
    const runtime = await owner(held.engine);
    let closed = 0;
    const first = runtime.close().then(() => (closed += 1));
    const second = runtime.close().then(() => (closed += 1));
    await new Promise(setImmediate);
    expect([closed, held.closed]).toEqual([0, 1]);
    held.done();
    await Promise.all([first, second, runtime[Symbol.asyncDispose]()]);
    expect([closed, held.closed]).toEqual([2, 1]);
  });

  test("while it is shut down ends the shutdown", async () => {
    const engine = new Fake().engine();
    engine.listContainers = (options) =>
      new Promise((_, reject) => {
        options?.signal?.addEventListener("abort", () =>
          reject(new Error("aborted")),
        );
      });
    const runtime = await Runtime.open(engine);
    const ending = rejection(runtime.shutdown());
    await runtime.close();
    expect(await ending).toBeInstanceOf(RuntimeStopped);
  });

  test("a runtime that is shut down takes nothing up in between", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine());
    const ending = runtime.shutdown();
    // At every turn of the shutdown somebody comes.
    const refusals: unknown[] = [];
    const state = { over: false };
    const ended = ending.then(() => (state.over = true));
    while (!state.over)
      refusals.push(await rejection(runtime.newContainer({})));
    await ended;
    expect(refusals.length).toBeGreaterThan(0);
    for (const refusal of refusals)
      expect(refusal).toBeInstanceOf(RuntimeStopped);
    expect(fake.containers.size).toBe(0);
  });
});
