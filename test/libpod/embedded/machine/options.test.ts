import { expect, test } from "vitest";
import {
  embedded,
  type EmbeddedOptions,
  type Program,
  type ProgramFunction,
} from "../../../../src/libpod/engines/embedded/index.ts";
import { bench, linesOf, rejection, stateOf } from "./support.ts";

const script = (web: object): object => ({ programs: { web } });

test.each<[string, unknown]>([
  ["options", null],
  ["progams", { progams: {} }],
  ["programs", { programs: [] }],
  ["programs.web", { programs: { web: [] } }],
  ['programs["/bin/sh"].outptu', { programs: { "/bin/sh": { outptu: [] } } }],
  ["programs.web.outptu", script({ outptu: ["a"] })],
  ["programs.web.output[1]", script({ output: ["a", 5] })],
  ["programs.web.output[0].afetr", script({ output: [{ afetr: 1 }] })],
  ["programs.web.output[0].after", script({ output: [{ after: -1 }] })],
  ["programs.web.output[0].stdout", script({ output: [{ stdout: 1 }] })],
  ["programs.web.runsFor", script({ runsFor: "long" })],
  ["programs.web.runsFor", script({ runsFor: Number.NaN })],
  ["programs.web.exitCode", script({ exitCode: -1 })],
  ["programs.web.exitCode", script({ exitCode: 256 })],
  ["programs.web.exitCode", script({ exitCode: 1.5 })],
  ["programs.web.ignores", script({ ignores: "SIGTERM" })],
  ["programs.web.ignores[1]", script({ ignores: [15, "SIGTREM"] })],
  ["programs.web.ignores[0]", script({ ignores: [65] })],
  ["clock", { clock: 5 }],
  ["clock.sleep", { clock: { now: () => 0 } }],
  ["clock.now", { clock: { now: 0, sleep: () => Promise.resolve() } }],
  ["ids", { ids: "random" }],
  ["directory", { directory: "" }],
  ["state", { state: "memory" }],
  ["registry", { registry: "none" }],
  ["registry.web.cmd", { registry: { web: { cmd: [] } } }],
  ["registry.web.size", { registry: { web: { size: 1.5 } } }],
  ["registry.web.size", { registry: { web: { size: -1 } } }],
  ["registry.web.size", { registry: { web: { size: 2 ** 60 } } }],
])("%s is refused: %j", async (path, options) => {
  const error = await rejection(embedded(options as EmbeddedOptions));
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
  expect((error as Error).message.slice(0, path.length + 2)).toBe(`${path}: `);
});

test("what there is instead of a misspelt member is told", async () => {
  expect(
    await rejection(embedded(script({ outptu: [] }) as EmbeddedOptions)),
  ).toMatchObject({
    message:
      "programs.web.outptu: there is no such member; there are output, runsFor, exitCode, ignores",
  });
});

test("signals that are taken no notice of have names or numbers", async () => {
  const { engine, started } = await bench({
    programs: { stays: { runsFor: "forever", ignores: ["SIGTERM", 1] } },
  });
  const id = await started("stays");
  await engine.killContainer(id, 15);
  await engine.killContainer(id, 1);
  expect(await stateOf(engine, id)).toBe("running");
  await engine.killContainer(id, 2);
  expect(await engine.waitContainer(id)).toBe(130);
});

test.each<[string, () => unknown]>([
  [
    'the program "web" yielded 42: text, { stdout } or { stderr } is needed',
    async function* yields() {
      yield 42;
    },
  ],
  [
    'the program "web" yielded { stdout: 1 }: text, { stdout } or { stderr } is needed',
    async function* yields() {
      yield { stdout: 1 };
    },
  ],
  [
    'the program "web" yielded null: text, { stdout } or { stderr } is needed',
    async function* yields() {
      yield null;
    },
  ],
  [
    "the program \"web\" returned 'x': a whole number is needed",
    async function* returns() {
      yield "";
      return "x";
    },
  ],
  [
    'the program "web" is no generator (async function*): it returned undefined',
    () => undefined,
  ],
])("%s", async (message, program) => {
  const { engine, clock, started } = await bench({
    programs: { web: program as ProgramFunction as Program },
  });
  const id = await started("web");
  await clock.advance(0);
  expect(await engine.inspectContainer(id)).toMatchObject({
    exitCode: 1,
    error: message,
  });
  expect(await linesOf(engine, id)).toEqual([]);
});
