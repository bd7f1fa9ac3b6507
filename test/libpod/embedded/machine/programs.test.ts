import { expect, test } from "vitest";
import type {
  Program,
  ProgramContext,
  ProgramOutput,
} from "../../../../src/libpod/engines/embedded/index.ts";
import { all, bench, linesOf, rejection, START, stateOf } from "./support.ts";

const says = (text: string): Program => ({ output: [text] });

test.each([null, "sleep 5", 5, { output: "text" }, { runsFor: "long" }])(
  "%j is no program, which is told when the engine is opened",
  async (program) => {
    const programs = { web: program as unknown as Program };
    expect(await rejection(bench({ programs }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^programs\.web\b/) as string,
    });
  },
);

test("a program is found by name, then image, then first word", async () => {
  const { engine, clock } = await bench({
    programs: {
      named: says("name"),
      "docker.io/library/exact:1": says("exact image"),
      "tools/box": says("path"),
      short: says("short"),
      word: says("word"),
      // Not to be found by what every object has.
    },
  });
  for (const image of [
    "docker.io/library/exact:1",
    "quay.io/tools/box:2",
    "short:3",
    "docker.io/library/short",
  ])
    await all(engine.pullImage(image));
  const cases = [
    ["named", "short:3", "word", "name"],
    [undefined, "docker.io/library/exact:1", "word", "exact image"],
    [undefined, "quay.io/tools/box:2", "word", "path"],
    [undefined, "short:3", "word", "short"],
    [undefined, "docker.io/library/short", "word", "short"],
    [undefined, undefined, "word", "word"],
  ] as const;
  for (const [name, image, word, expected] of cases) {
    const id = await engine.createContainer({
      name,
      spec: { process: { args: [word] } },
      rootfs: image === undefined ? undefined : { image },
    });
    await engine.startContainer(id);
    await clock.advance(0);
    expect(await linesOf(engine, id)).toEqual([expected]);
    await engine.removeContainer(id);
  }
});

test.each(["constructor", "__proto__", "toString", "nothing"])(
  'without a program "%s" runs until it is stopped, silently',
  async (word) => {
    const { engine, clock, started } = await bench();
    const id = await started(word, { name: word });
    await clock.advance(1e9);
    expect(await stateOf(engine, id)).toBe("running");
    await engine.stopContainer(id);
    expect(await linesOf(engine, id)).toEqual([]);
  },
);

test("a script prints its lines in their time, then runs, then exits", async () => {
  const { engine, clock, started } = await bench({
    programs: {
      web: {
        output: [
          "up",
          { after: 100, stdout: "one", stderr: "two" },
          { after: 50 },
          { after: 0, stderr: "three" },
        ],
        runsFor: 25,
        exitCode: 5,
      },
    },
  });
  const id = await started("web");
  await clock.advance(1000);
  const entries = await all(engine.containerLogs(id));
  expect(
    entries.map(({ stream, text, time }) => [
      stream,
      text,
      Number(time) - START,
    ]),
  ).toEqual([
    ["stdout", "up", 0],
    ["stdout", "one", 100],
    ["stderr", "two", 100],
    ["stderr", "three", 150],
  ]);
  expect(await engine.inspectContainer(id)).toMatchObject({
    exitCode: 5,
    finishedAt: new Date(START + 175),
  });
});

test("a program sees what it runs as", async () => {
  let seen: ProgramContext | undefined;
  const { engine, clock } = await bench({
    programs: {
      async *env(context) {
        seen = context;
        yield "";
      },
    },
  });
  const id = await engine.createContainer({
    name: "me",
    spec: {
      process: {
        args: ["env", "-0"],
        env: ["A=1", "B=x=y", "C", "A=2", "__proto__=p"],
        terminal: true,
      },
    },
  });
  await engine.startContainer(id);
  await clock.advance(0);
  expect(seen).toMatchObject({
    containerId: id,
    name: "me",
    command: ["env", "-0"],
    tty: true,
  });
  expect(Object.entries(seen?.env ?? {})).toEqual([
    ["A", "2"],
    ["B", "x=y"],
    ["C", ""],
    ["__proto__", "p"],
  ]);
  // Nothing is connected: the end of the file.
  expect(await all(seen?.stdin ?? ([].values() as never))).toEqual([]);
});

test("paused, no time passes for a program and nothing of it is seen", async () => {
  let tick = 0;
  const { engine, clock, started } = await bench({
    programs: {
      async *ticks({ sleep }) {
        for (;;) {
          await sleep(100);
          tick += 1;
          yield `${tick}\n`;
        }
      },
    },
  });
  const id = await started("ticks");
  await clock.advance(250);
  await engine.pauseContainer(id);
  await clock.advance(10_000);
  expect(await linesOf(engine, id)).toEqual(["1", "2"]);
  await engine.unpauseContainer(id);
  await clock.advance(49);
  expect(await linesOf(engine, id)).toEqual(["1", "2"]);
  await clock.advance(1);
  expect(await linesOf(engine, id)).toEqual(["1", "2", "3"]);
});

test("paused, what does not sleep by the engine's clock is held at its next step", async () => {
  let release: (() => void) | undefined;
  const { engine, clock, started } = await bench({
    programs: {
      async *waits() {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield "late\n";
        return 2;
      },
    },
  });
  const id = await started("waits");
  await engine.pauseContainer(id);
  release?.();
  await clock.advance(1000);
  expect(await linesOf(engine, id)).toEqual([]);
  await engine.unpauseContainer(id);
  expect(await engine.waitContainer(id)).toBe(2);
  expect(await linesOf(engine, id)).toEqual(["late"]);
});

test("a signal goes to its handler; without one it ends the program, harmless ones excepted", async () => {
  const signals: number[] = [];
  const aborts: unknown[] = [];
  const { engine, clock, started } = await bench({
    programs: {
      async *handles({ onSignal, signal }) {
        signal.addEventListener("abort", () => aborts.push(signal.reason));
        onSignal((number) => signals.push(number));
        await new Promise(() => undefined);
        yield "";
      },
      async *bare({ signal }) {
        signal.addEventListener("abort", () => aborts.push(signal.reason));
        await new Promise(() => undefined);
        yield "";
      },
    },
  });
  const handling = await started("handles");
  for (const number of [15, 1, 64, 17, 19])
    await engine.killContainer(handling, number);
  await clock.advance(0);
  expect(signals).toEqual([15, 1, 64, 17, 19]);
  expect(aborts).toEqual([]);
  await engine.killContainer(handling, 9);
  expect(await engine.waitContainer(handling)).toBe(137);

  const bare = await started("bare");
  for (const number of [17, 18, 19, 23, 28])
    await engine.killContainer(bare, number);
  expect(await stateOf(engine, bare)).toBe("running");
  await engine.killContainer(bare, 10);
  expect(await engine.waitContainer(bare)).toBe(138);
  expect(aborts).toEqual([9, 10]);
});

test.each([0, 65, -1, 1.5, Number.NaN])(
  "there is no signal %d",
  async (number) => {
    const { engine, started } = await bench();
    const id = await started("any");
    await expect(engine.killContainer(id, number)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  },
);

const failing: Readonly<Record<string, Program>> = {
  async *throws() {
    yield "before\n";
    throw new Error("out of luck");
  },
  refuses() {
    throw new Error("out of luck");
  },
  async *sleepless({ sleep }) {
    await sleep(10);
    yield await Promise.reject(new Error("out of luck"));
  },
  async *handler({ onSignal, sleep }) {
    onSignal(() => {
      throw new Error("out of luck");
    });
    await sleep(1e6);
    yield "";
  },
  async *laterHandler({ onSignal, sleep }) {
    onSignal(() => Promise.reject(new Error("out of luck")) as unknown as void);
    await sleep(1e6);
    yield "";
  },
};

test.each(Object.keys(failing))(
  "a program that fails (%s) exits with 1 and its error",
  async (name) => {
    const { engine, clock, started } = await bench({ programs: failing });
    const id = await started(name);
    await clock.advance(10);
    if (name.endsWith("andler")) await engine.killContainer(id, 15);
    await clock.advance(0);
    expect(await engine.inspectContainer(id)).toMatchObject({
      state: "exited",
      exitCode: 1,
      error: "out of luck",
    });
  },
);

test("the next run forgets why the one before failed", async () => {
  let runs = 0;
  const { engine, clock, started } = await bench({
    programs: {
      async *second({ sleep }) {
        runs += 1;
        if (runs === 1) throw new Error("out of luck");
        yield "";
        await sleep(1000);
      },
    },
  });
  const id = await started("second");
  await clock.advance(0);
  expect((await engine.inspectContainer(id)).error).toBe("out of luck");
  await engine.startContainer(id);
  expect((await engine.inspectContainer(id)).error).toBeUndefined();
});

test.each([
  ["no generator", () => 5],
  ["nothing", () => undefined],
  ["a promise", () => Promise.resolve()],
  [
    "an exit code that is none",
    async function* () {
      yield "";
      return 1.5;
    },
  ],
  [
    "another exit code that is none",
    async function* () {
      yield "";
      return "0";
    },
  ],
  [
    "output that is none",
    async function* () {
      yield 5;
    },
  ],
])(
  "a program that gives %s exits with 1 and says why",
  async (_what, program) => {
    const { engine, clock, started } = await bench({
      programs: { odd: program as unknown as Program },
    });
    const id = await started("odd");
    await clock.advance(0);
    const { exitCode, error } = await engine.inspectContainer(id);
    expect(exitCode).toBe(1);
    expect(error).not.toBe("");
  },
);

test("SIGKILL ends a program whatever it does, and lets it clean up", async () => {
  const cleaned: string[] = [];
  const { engine, clock, started } = await bench({
    programs: {
      async *sleeps({ sleep, onSignal }) {
        onSignal(() => undefined);
        try {
          yield "";
          await sleep(1e9);
        } finally {
          cleaned.push("sleeps");
        }
      },
      async *stubborn({ sleep }) {
        for (;;) {
          try {
            await sleep(1e9);
          } catch {
            cleaned.push("stubborn");
          }
          yield "not seen\n";
        }
      },
      async *floods() {
        for (;;) yield "x";
      },
    },
  });
  for (const name of ["sleeps", "stubborn", "floods"]) {
    const id = await started(name);
    if (name === "stubborn") await engine.pauseContainer(id);
    if (name === "stubborn") await engine.unpauseContainer(id);
    await engine.killContainer(id, 9);
    expect(await engine.waitContainer(id)).toBe(137);
    expect(await linesOf(engine, id)).not.toContain("not seen");
  }
  await clock.advance(0);
  expect(cleaned).toEqual(["sleeps", "stubborn"]);
});

test("a removed container's program ends", async () => {
  let ended = false;
  const { engine, clock, started } = await bench({
    programs: {
      async *sleeps({ sleep }): AsyncGenerator<ProgramOutput, void, undefined> {
        try {
          yield "";
          await sleep(1e9);
        } finally {
          ended = true;
        }
      },
    },
  });
  const id = await started("sleeps");
  await clock.advance(1);
  await engine.removeContainer(id, { force: true });
  await clock.advance(0);
  expect(ended).toBe(true);
});
