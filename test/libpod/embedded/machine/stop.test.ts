import { expect, test } from "vitest";
import type { Program } from "../../../../src/libpod/engines/embedded/index.ts";
import { bench, collecting, rejection, START, stateOf } from "./support.ts";

const programs: Readonly<Record<string, Program>> = {
  deaf: { runsFor: "forever", ignores: [15, 3] },
  async *tidy({ onSignal, sleep }) {
    const asked = new Promise<number>((resolve) => {
      onSignal(resolve);
    });
    const signal = await asked;
    yield `signal ${signal}\n`;
    await sleep(200);
    return 4;
  },
};

test("the stop signal ends what has no handler, with 128 and its number", async () => {
  const { engine, started } = await bench();
  const id = await started("any");
  await engine.stopContainer(id);
  expect(await engine.waitContainer(id)).toBe(128 + 15);
});

test("a container's own stop signal is sent instead of SIGTERM", async () => {
  const { engine, started } = await bench();
  const id = await started("any", { stopSignal: 2 });
  await engine.stopContainer(id);
  expect(await engine.waitContainer(id)).toBe(128 + 2);
  expect((await engine.inspectContainer(id)).stopSignal).toBe(2);
});

test("what handles the signal ends as it wants, within its grace", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("tidy");
  const stopping = engine.stopContainer(id);
  await clock.advance(199);
  expect(await stateOf(engine, id)).toBe("stopping");
  await clock.advance(1);
  await stopping;
  expect(await engine.inspectContainer(id)).toMatchObject({
    state: "exited",
    exitCode: 4,
    finishedAt: new Date(START + 200),
  });
});

test("what does not listen is killed when its grace is over: 10 s if nobody says another", async () => {
  const { engine, clock, started } = await bench({ programs });
  for (const [grace, time] of [
    [undefined, 10_000],
    [500, 500],
  ] as const) {
    const id = await started("deaf");
    const stopping = engine.stopContainer(id, { grace });
    await clock.advance(time - 1);
    expect(await stateOf(engine, id)).toBe("stopping");
    await clock.advance(1);
    await stopping;
    expect(await engine.waitContainer(id)).toBe(137);
  }
});

test("an endless grace never kills", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("deaf");
  const leave = new AbortController();
  const stopping = rejection(
    engine.stopContainer(id, { grace: Infinity, signal: leave.signal }),
  );
  await clock.advance(10_000_000);
  expect(await stateOf(engine, id)).toBe("stopping");
  leave.abort();
  expect(await stopping).toMatchObject({ code: "ABORTED" });
});

test.each([-1, Number.NaN])("a grace of %d is refused", async (grace) => {
  const { engine, started } = await bench();
  const id = await started("any");
  const pod = await engine.createPod({});
  expect(await rejection(engine.stopContainer(id, { grace }))).toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  expect(await rejection(engine.stopPod(pod, { grace }))).toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  expect(await stateOf(engine, id)).toBe("running");
});

test("who gives up leaves it running, unless another stops it too", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("deaf");
  const one = new AbortController();
  const first = rejection(
    engine.stopContainer(id, { grace: 60_000, signal: one.signal }),
  );
  const two = new AbortController();
  const second = rejection(
    engine.stopContainer(id, { grace: 60_000, signal: two.signal }),
  );
  await clock.advance(0);
  one.abort(new Error("enough"));
  expect(await first).toMatchObject({
    code: "ABORTED",
    cause: new Error("enough"),
  });
  expect(await stateOf(engine, id)).toBe("stopping");
  two.abort();
  await second;
  expect(await stateOf(engine, id)).toBe("running");
  // The grace of those who gave up is over without a kill.
  await clock.advance(100_000);
  expect(await stateOf(engine, id)).toBe("running");
});

test("several stop it together: one signal, one event, and the shortest grace counts", async () => {
  const signals: number[] = [];
  const { engine, clock, started } = await bench({
    programs: {
      async *notes({ onSignal }) {
        onSignal((signal) => signals.push(signal));
        await new Promise(() => undefined);
        yield "";
      },
    },
  });
  const { seen } = collecting(engine.events());
  const id = await started("notes");
  const stopping = [300, 100, 200].map((grace) =>
    engine.stopContainer(id, { grace }),
  );
  await clock.advance(100);
  await Promise.all(stopping);
  expect(signals).toEqual([15]);
  expect(await engine.waitContainer(id)).toBe(137);
  await clock.advance(0);
  expect(seen.map(({ status }) => status)).toEqual([
    "create",
    "init",
    "start",
    "died",
    "stop",
  ]);
});

test("a kill in the middle of a stop ends both", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("deaf");
  const stopping = engine.stopContainer(id, { grace: 60_000 });
  await clock.advance(10);
  await engine.killContainer(id, 9);
  await stopping;
  expect(await engine.waitContainer(id)).toBe(137);
});

test("a stop that is over kills no later run", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("deaf");
  const stopping = engine.stopContainer(id, { grace: 100 });
  await clock.advance(50);
  await engine.killContainer(id, 9);
  await stopping;
  await engine.startContainer(id);
  await clock.advance(1000);
  expect(await stateOf(engine, id)).toBe("running");
});

test("a restart is a stop and a start", async () => {
  const { engine, clock, started } = await bench({ programs });
  const id = await started("tidy");
  const restarting = engine.restartContainer(id);
  await clock.advance(200);
  await restarting;
  expect(await engine.inspectContainer(id)).toMatchObject({
    state: "running",
    startedAt: new Date(START + 200),
  });
});
