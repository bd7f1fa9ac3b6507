import { describe, expect, test } from "vitest";
import type { EmbeddedEngine } from "../../../../src/libpod/engines/embedded/index.ts";
import { LibpodError } from "../../../../src/libpod/errors.ts";
import { bench, rejection, START, stateOf } from "./support.ts";

const states = [
  "configured",
  "created",
  "running",
  "paused",
  "stopping",
  "exited",
] as const;
type StateName = (typeof states)[number];

const programs = {
  deaf: { runsFor: "forever", ignores: [15] },
  quick: { exitCode: 7 },
} as const;

/** An engine with a container in a state. */
async function inState(state: StateName) {
  const made = await bench({ programs });
  const { engine, clock, container, started } = made;
  if (state === "exited") {
    const id = await started("quick");
    await clock.advance(0);
    return { ...made, id };
  }
  const id = await container("deaf");
  if (state !== "configured") await engine.initContainer(id);
  if (!["configured", "created"].includes(state))
    await engine.startContainer(id);
  if (state === "paused") await engine.pauseContainer(id);
  if (state === "stopping") {
    engine.stopContainer(id, { grace: 100_000 }).catch(() => undefined);
    await clock.advance(0);
  }
  expect(await stateOf(engine, id)).toBe(state);
  return { ...made, id };
}

type Outcome = StateName | "gone" | LibpodError["code"];
type Call = (engine: EmbeddedEngine, id: string) => Promise<unknown>;

/** What comes of each call in each state: the state afterwards, or a code, and then the state stays. */
const table: readonly (readonly [
  name: string,
  call: Call,
  outcomes: readonly Outcome[],
])[] = [
  [
    "init",
    (engine, id) => engine.initContainer(id),
    [
      "created",
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
    ],
  ],
  [
    "start",
    (engine, id) => engine.startContainer(id),
    [
      "running",
      "running",
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
      "running",
    ],
  ],
  [
    "stop",
    (engine, id) => engine.stopContainer(id, { grace: 0 }),
    [
      "INVALID_STATE",
      "INVALID_STATE",
      "exited",
      "INVALID_STATE",
      "exited",
      "exited",
    ],
  ],
  [
    "SIGKILL",
    (engine, id) => engine.killContainer(id, 9),
    [
      "CONTAINER_STOPPED",
      "CONTAINER_STOPPED",
      "exited",
      "INVALID_STATE",
      "exited",
      "CONTAINER_STOPPED",
    ],
  ],
  [
    "a signal it ignores",
    (engine, id) => engine.killContainer(id, 15),
    [
      "CONTAINER_STOPPED",
      "CONTAINER_STOPPED",
      "running",
      "INVALID_STATE",
      "stopping",
      "CONTAINER_STOPPED",
    ],
  ],
  [
    "pause",
    (engine, id) => engine.pauseContainer(id),
    [
      "INVALID_STATE",
      "INVALID_STATE",
      "paused",
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
    ],
  ],
  [
    "unpause",
    (engine, id) => engine.unpauseContainer(id),
    [
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
      "running",
      "INVALID_STATE",
      "INVALID_STATE",
    ],
  ],
  [
    "restart",
    (engine, id) => engine.restartContainer(id, { grace: 0 }),
    ["running", "running", "running", "INVALID_STATE", "running", "running"],
  ],
  [
    "remove",
    (engine, id) => engine.removeContainer(id),
    ["gone", "gone", "INVALID_STATE", "INVALID_STATE", "INVALID_STATE", "gone"],
  ],
  [
    "remove by force",
    (engine, id) => engine.removeContainer(id, { force: true }),
    ["gone", "gone", "gone", "gone", "gone", "gone"],
  ],
  [
    "configure",
    (engine, id) => engine.configureContainer(id, { labels: { a: "b" } }),
    [
      "configured",
      "CONTAINER_FINALIZED",
      "CONTAINER_FINALIZED",
      "CONTAINER_FINALIZED",
      "CONTAINER_FINALIZED",
      "CONTAINER_FINALIZED",
    ],
  ],
  [
    "configure nothing",
    (engine, id) => engine.configureContainer(id, { labels: undefined }),
    states,
  ],
  [
    "reconfigure",
    (engine, id) => engine.inside.reconfigure(id, { spec: { hostname: "h" } }),
    [
      "configured",
      "created",
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
      "exited",
    ],
  ],
  [
    "reset",
    (engine, id) => engine.inside.reset(id),
    [
      "configured",
      "configured",
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
      "configured",
    ],
  ],
  [
    "exec",
    (engine, id) => engine.execContainer(id, { command: ["quick"] }),
    [
      "CONTAINER_STOPPED",
      "CONTAINER_STOPPED",
      "running",
      "INVALID_STATE",
      "stopping",
      "CONTAINER_STOPPED",
    ],
  ],
  [
    "attach",
    (engine, id) => engine.attachContainer(id, {}),
    [
      "CONTAINER_STOPPED",
      "CONTAINER_STOPPED",
      "running",
      "INVALID_STATE",
      "stopping",
      "CONTAINER_STOPPED",
    ],
  ],
  [
    "attach and start",
    (engine, id) => engine.attachContainer(id, { start: true }),
    [
      "running",
      "running",
      "INVALID_STATE",
      "INVALID_STATE",
      "INVALID_STATE",
      "running",
    ],
  ],
  [
    "stats",
    (engine, id) => engine.containerStats(id),
    [
      "CONTAINER_STOPPED",
      "CONTAINER_STOPPED",
      "running",
      "paused",
      "stopping",
      "CONTAINER_STOPPED",
    ],
  ],
  [
    "processes",
    (engine, id) => engine.containerProcesses(id),
    [
      "CONTAINER_STOPPED",
      "CONTAINER_STOPPED",
      "running",
      "paused",
      "stopping",
      "CONTAINER_STOPPED",
    ],
  ],
];

describe.each(table)("%s", (_name, call, outcomes) => {
  test.each(states.map((state, index) => [state, outcomes[index]] as const))(
    "of a %s one: %s",
    async (state, outcome) => {
      const { engine, clock, id } = await inState(state);
      const error = await call(engine, id).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      const isCode = outcome !== undefined && outcome === outcome.toUpperCase();
      expect((error as LibpodError | undefined)?.code).toBe(
        isCode ? outcome : undefined,
      );
      if (isCode) expect(error).toBeInstanceOf(LibpodError);
      if (outcome === "gone") {
        expect(await rejection(stateOf(engine, id))).toMatchObject({
          code: "NO_SUCH_CONTAINER",
        });
      } else {
        // What ended at once, as `quick` does, ran for no time.
        const now = await stateOf(engine, id);
        const expected = isCode ? state : outcome;
        if (state === "exited" && expected === "running")
          expect(["running", "exited"]).toContain(now);
        else expect(now).toBe(expected);
      }
      await clock.advance(0);
      await engine.close();
    },
  );
});

test.each(table.map(([name, call]) => [name, call] as const))(
  "%s of what is not there: NoSuchContainer",
  async (_name, call) => {
    const { engine } = await bench();
    expect(await rejection(call(engine, "nothing"))).toMatchObject({
      code: "NO_SUCH_CONTAINER",
    });
  },
);

test("times, codes and process ids follow the runs", async () => {
  const { engine, clock, container } = await bench({
    programs: {
      async *one({ sleep }) {
        await sleep(100);
        yield "";
        return 258;
      },
    },
  });
  const id = await container("one");
  const before = await engine.inspectContainer(id);
  expect(before).toMatchObject({ createdAt: new Date(START) });
  expect(before.startedAt).toBeUndefined();
  expect(before.exitCode).toBeUndefined();

  await clock.advance(1000);
  await engine.startContainer(id);
  const running = await engine.inspectContainer(id);
  expect(running).toMatchObject({ startedAt: new Date(START + 1000) });
  expect(running.pid).toBeGreaterThan(1);
  expect(running.exitCode).toBeUndefined();
  expect(running.finishedAt).toBeUndefined();

  await clock.advance(100);
  const ended = await engine.inspectContainer(id);
  // As of every process, the lowest eight bits.
  expect(ended).toMatchObject({
    state: "exited",
    exitCode: 2,
    oomKilled: false,
    startedAt: new Date(START + 1000),
    finishedAt: new Date(START + 1100),
  });
  expect(ended.pid).toBeUndefined();

  await engine.startContainer(id);
  const again = await engine.inspectContainer(id);
  expect(again.finishedAt).toBeUndefined();
  expect(again.exitCode).toBeUndefined();
  expect(again.pid).not.toBe(running.pid);
});

test("many wait for one end, and for the first one of a container that is yet to start", async () => {
  const { engine, clock, container } = await bench({
    programs: { one: { runsFor: 50, exitCode: 3 } },
  });
  const id = await container("one");
  const waiting = Array.from({ length: 20 }, () => engine.waitContainer(id));
  await clock.advance(1000);
  await engine.startContainer(id);
  await clock.advance(50);
  expect(await Promise.all(waiting)).toEqual(Array<number>(20).fill(3));
  expect(await engine.waitContainer(id)).toBe(3);
});

test("who waits for a container that is removed is told its exit code, or that it is gone", async () => {
  const { engine, container, started } = await bench();
  const running = await started("any");
  const code = engine.waitContainer(running);
  const idle = await container("any");
  const never = rejection(engine.waitContainer(idle));
  await engine.removeContainer(running, { force: true });
  await engine.removeContainer(idle);
  expect(await code).toBe(137);
  expect(await never).toMatchObject({ code: "NO_SUCH_CONTAINER" });
});
