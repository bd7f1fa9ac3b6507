// Random sequences of operations against a model of Porto's states.
import fc from "fast-check";
import { expect, it } from "vitest";
import { PortoError } from "portolan/porto";
import { type Bench, openBench } from "./support.ts";

const NAMES = ["a", "a/b", "a/b/c", "a/d", "e"] as const;

const OPERATIONS = [
  "create",
  "start",
  "stop",
  "pause",
  "resume",
  "kill",
  "respawn",
  "destroy",
] as const;

type Operation = (typeof OPERATIONS)[number];

/** Weighed so that sequences reach the states in which rules differ. */
const anyOperation = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Operation>("start") },
  {
    weight: 6,
    arbitrary: fc.constantFrom<Operation>("pause", "resume", "stop"),
  },
  { weight: 4, arbitrary: fc.constantFrom(...OPERATIONS) },
);
const anyName = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("a", "a/b", "a/b/c") },
  { weight: 1, arbitrary: fc.constantFrom(...NAMES) },
);

interface Modelled {
  state: "stopped" | "running" | "meta" | "paused" | "dead";
  /** It has a command of its own. */
  readonly busy: boolean;
}

/** What Porto's rules make of containers, as a table of their states. */
class Model {
  readonly containers = new Map<string, Modelled>();

  /** Does it, and says how it is answered. */
  apply(operation: Operation, name: string, busy: boolean): string {
    if (operation === "create") return this.#create(name, busy);
    const container = this.containers.get(name);
    if (container === undefined) return "ContainerDoesNotExist";
    switch (operation) {
      case "start":
        return this.#start(name, container);
      case "stop":
        if (container.state === "stopped") return "Success";
        if (this.#parent(name)?.state === "paused") return "InvalidState";
        for (const each of this.#subtree(name)) each.state = "stopped";
        return "Success";
      case "pause":
        if (!isUp(container)) return "InvalidState";
        for (const each of this.#subtree(name))
          if (isUp(each)) each.state = "paused";
        return "Success";
      case "resume":
        if (this.#parent(name)?.state === "paused") return "InvalidState";
        if (container.state !== "paused") return "InvalidState";
        for (const each of this.#subtree(name))
          if (each.state === "paused") run(each);
        return "Success";
      case "kill":
        if (container.state !== "running") return "InvalidState";
        for (const each of this.#subtree(name))
          if (each.state !== "stopped") each.state = "dead";
        return "Success";
      case "respawn": {
        const parent = this.#parent(name);
        if (container.state !== "dead") return "InvalidState";
        if (parent !== undefined && !isUp(parent)) return "InvalidState";
        run(container);
        return "Success";
      }
      default:
        for (const each of this.containers.keys())
          if (each === name || each.startsWith(`${name}/`))
            this.containers.delete(each);
        return "Success";
    }
  }

  #create(name: string, busy: boolean): string {
    if (name.includes("/") && this.#parent(name) === undefined)
      return "ContainerDoesNotExist";
    if (this.containers.has(name)) return "ContainerAlreadyExists";
    this.containers.set(name, { state: "stopped", busy });
    return "Success";
  }

  #start(name: string, container: Modelled): string {
    if (container.state !== "stopped") return "InvalidState";
    const outer = name
      .split("/")
      .slice(0, -1)
      .map((_, index, parts) => parts.slice(0, index + 1).join("/"))
      .flatMap((each) => this.containers.get(each) ?? []);
    for (const each of outer) {
      if (isUp(each)) continue;
      if (each.state !== "stopped") return "InvalidState";
      run(each);
    }
    run(container);
    return "Success";
  }

  #parent(name: string): Modelled | undefined {
    return this.containers.get(
      name.slice(0, Math.max(name.lastIndexOf("/"), 0)),
    );
  }

  #subtree(name: string): Modelled[] {
    return [...this.containers]
      .filter(([each]) => each === name || each.startsWith(`${name}/`))
      .map(([, container]) => container);
  }
}

function isUp({ state }: Modelled): boolean {
  return state === "running" || state === "meta";
}

function run(container: Modelled): void {
  container.state = container.busy ? "running" : "meta";
}

async function perform(
  { porto, set }: Bench,
  operation: Operation,
  name: string,
  busy: boolean,
): Promise<string> {
  try {
    if (operation === "create") {
      await porto.create({ name });
      if (busy) await set(name, { command: "sleep 1000" });
    } else if (operation === "kill") await porto.kill({ name, sig: 9 });
    else await porto[operation]({ name });
    return "Success";
  } catch (error) {
    if (PortoError.is(error)) return error.errorName;
    throw error;
  }
}

it("random operations lead where Porto's rules lead", async () => {
  const step = fc.record({
    operation: anyOperation,
    name: anyName,
    busy: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 60 }),
      async (steps) => {
        await using bench = await openBench();
        const model = new Model();
        // Without these most sequences would find nothing to work on.
        for (const name of NAMES.slice(0, 4)) {
          model.apply("create", name, name !== "a");
          await perform(bench, "create", name, name !== "a");
        }
        for (const { operation, name, busy } of steps) {
          const expected = model.apply(operation, name, busy);
          const answer = await perform(bench, operation, name, busy);
          expect([operation, name, answer]).toEqual([
            operation,
            name,
            expected,
          ]);
          // What dies takes along what is in it, in the background.
          await bench.clock.advance(0);
          const { list } = await bench.porto.get({
            name: ["***"],
            variable: ["state"],
          });
          const states = list.map((each) => [each.name, each.keyval[0]?.value]);
          expect(Object.fromEntries(states)).toEqual(
            Object.fromEntries(
              [...model.containers].map(([each, { state }]) => [each, state]),
            ),
          );
        }
        expect(bench.mistakes).toEqual([]);
      },
    ),
    { numRuns: 30 },
  );
});

it("subscribers are told every state in turn, the last one being the present", async () => {
  const step = fc.record({ operation: anyOperation, name: anyName });
  const after: Readonly<Record<string, readonly string[]>> = {
    none: ["stopped"],
    stopped: ["starting", "destroyed"],
    starting: ["running", "meta"],
    running: ["paused", "dead", "stopping"],
    meta: ["meta", "paused", "dead", "stopping"],
    paused: ["running", "meta", "stopping"],
    dead: ["stopping", "running", "meta"],
    stopping: ["stopped"],
    destroyed: ["stopped"],
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 30 }),
      async (steps) => {
        await using bench = await openBench();
        const watch = await bench.watch({ name: ["***"] });
        for (const name of NAMES) await perform(bench, "create", name, true);
        for (const { operation, name } of steps)
          await perform(bench, operation, name, true);
        await bench.porto.create({ name: "end" });
        const states = new Map<string, string>();
        for (;;) {
          const [report = ""] = await watch.take(1);
          const [name = "", state = ""] = report.split(":");
          if (name === "end") break;
          const before = states.get(name) ?? "none";
          const allowed = after[before] ?? [];
          // One that was thawed may be killed with what it is in.
          if (
            !allowed.includes(state) &&
            !(before === "paused" && state === "dead")
          )
            expect([name, before, state]).toEqual([name, before, allowed]);
          states.set(name, state);
        }
        for (const name of (await bench.porto.list()).name)
          if (name !== "end")
            expect([name, states.get(name)]).toEqual([
              name,
              await bench.get(name, "state"),
            ]);
      },
    ),
    { numRuns: 20 },
  );
});
