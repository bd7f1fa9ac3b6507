import fc from "fast-check";
import { expect, test } from "vitest";
import type { EmbeddedEngine } from "../../../../src/libpod/engines/embedded/index.ts";
import {
  Model,
  Refused,
  SHORT,
  type Kind,
  type ModelContainer,
  type ModelPod,
} from "./model.ts";
import { bench, collecting, type Bench } from "./support.ts";

const programs = {
  deaf: { runsFor: "forever", ignores: [15] },
  short: SHORT,
} as const;

/** What an operation may need to know; indexes are of what there is at that time. */
interface Details {
  readonly at: number;
  readonly name: string;
  readonly kind: Kind;
  readonly pod: number | undefined;
  readonly from: number | undefined;
  readonly signal: number;
  readonly grace: number;
  readonly force: boolean;
  readonly milliseconds: number;
}

interface Deed<T> {
  readonly engine: (
    engine: EmbeddedEngine,
    id: string,
    details: Details,
  ) => Promise<unknown>;
  readonly model: (model: Model, thing: T, details: Details) => void;
  /** Milliseconds that pass with it. */
  readonly passes?: (details: Details) => number;
}

const onContainers: Readonly<Record<string, Deed<ModelContainer>>> = {
  init: {
    engine: (engine, id) => engine.initContainer(id),
    model: (model, container) => model.init(container),
  },
  start: {
    engine: (engine, id) => engine.startContainer(id),
    model: (model, container) => model.start(container),
  },
  stop: {
    engine: (engine, id, { grace }) => engine.stopContainer(id, { grace }),
    model: (model, container, { grace }) => model.stop(container, grace),
    passes: ({ grace }) => grace,
  },
  kill: {
    engine: (engine, id, { signal }) => engine.killContainer(id, signal),
    model: (model, container, { signal }) => model.kill(container, signal),
  },
  pause: {
    engine: (engine, id) => engine.pauseContainer(id),
    model: (model, container) => model.pause(container),
  },
  unpause: {
    engine: (engine, id) => engine.unpauseContainer(id),
    model: (model, container) => model.unpause(container),
  },
  remove: {
    engine: (engine, id, { force }) => engine.removeContainer(id, { force }),
    model: (model, container, { force }) => model.remove(container, force),
  },
};

const onPods: Readonly<Record<string, Deed<ModelPod>>> = {
  startPod: {
    engine: (engine, id) => engine.startPod(id),
    model: (model, pod) => model.startPod(pod),
  },
  stopPod: {
    engine: (engine, id, { grace }) => engine.stopPod(id, { grace }),
    model: (model, pod, { grace }) => model.stopPod(pod, grace),
    passes: ({ grace }) => grace,
  },
  killPod: {
    engine: (engine, id, { signal }) => engine.killPod(id, signal),
    model: (model, pod, { signal }) => model.killPod(pod, signal),
  },
  pausePod: {
    engine: (engine, id) => engine.pausePod(id),
    model: (model, pod) => model.pausePod(pod),
  },
  removePod: {
    engine: (engine, id, { force }) => engine.removePod(id, { force }),
    model: (model, pod, { force }) => model.removePod(pod, force),
  },
};

const maybe = fc.option(fc.nat(5), { nil: undefined, freq: 1 });
const sequences = fc.array(
  fc.record({
    what: fc.constantFrom(
      // What makes more of the rest possible, more often.
      "create",
      "create",
      "create",
      "createPod",
      "start",
      "start",
      "advance",
      ...Object.keys(onContainers),
      ...Object.keys(onPods),
    ),
    at: fc.nat(5),
    name: fc.constantFrom("a", "b", "c", "d", "e", "f", "g"),
    kind: fc.constantFrom<Kind>("patient", "deaf", "short"),
    pod: maybe,
    from: maybe,
    signal: fc.constantFrom(15, 9),
    grace: fc.constantFrom(0, 10, 40),
    force: fc.boolean(),
    milliseconds: fc.constantFrom(5, 29, 30, 31),
  }),
  // Long ones: what goes wrong does so after a while.
  { minLength: 25, maxLength: 60, size: "max" },
);
type Operation = (typeof sequences extends fc.Arbitrary<infer T>
  ? T
  : never)[number];

/** Where in a list an index points; nothing of an empty one. */
const pick = <T>(list: readonly T[], at: number | undefined): T | undefined =>
  at === undefined ? undefined : list[at % Math.max(list.length, 1)];

/** The id of what the model calls so: no two have one name. */
async function idOf(
  engine: EmbeddedEngine,
  thing: { readonly name: string } | undefined,
): Promise<string | undefined> {
  const all = [
    ...(await engine.listContainers()),
    ...(await engine.listPods()),
  ];
  return all.find(({ name }) => name === thing?.name)?.id;
}

/** What the engine is to do, and the model, for an operation; nothing where it points at nothing. */
async function planned(
  engine: EmbeddedEngine,
  model: Model,
  operation: Operation,
): Promise<
  | {
      readonly engine: () => Promise<unknown>;
      readonly model: () => void;
      readonly passes: number;
    }
  | undefined
> {
  const { what, at, name, kind } = operation;
  if (what === "advance") {
    const passes = operation.milliseconds;
    return {
      engine: () => Promise.resolve(),
      model: () => model.advance(passes),
      passes,
    };
  }
  if (what === "createPod")
    return {
      engine: () => engine.createPod({ name }),
      model: () => model.createPod(name),
      passes: 0,
    };
  if (what === "create") {
    const pod = pick(model.pods, operation.pod);
    const from = pick(model.containers, operation.from);
    const podId = await idOf(engine, pod);
    const containerId = await idOf(engine, from);
    return {
      engine: () =>
        engine.createContainer({
          name,
          spec: { process: { args: [kind] } },
          podId,
          sharedNamespaces:
            containerId === undefined
              ? undefined
              : { containerId, namespaces: ["net"] },
        }),
      model: () => model.create(name, kind, pod, from),
      passes: 0,
    };
  }
  const plan = async <T extends { readonly name: string }>(
    deed: Deed<T>,
    thing: T | undefined,
  ) => {
    const id = await idOf(engine, thing);
    if (thing === undefined || id === undefined) return undefined;
    return {
      engine: () => deed.engine(engine, id, operation),
      model: () => deed.model(model, thing, operation),
      passes: deed.passes?.(operation) ?? 0,
    };
  };
  const deed = onContainers[what];
  if (deed !== undefined) return plan(deed, pick(model.containers, at));
  const podDeed = onPods[what];
  return podDeed && plan(podDeed, pick(model.pods, at));
}

/** The code with which something is refused. */
function refusal(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

/** Does operations on both, comparing after each; returns all that was seen of the engine. */
async function run(operations: readonly Operation[]): Promise<unknown> {
  const made = await bench({ programs });
  const { engine, clock } = made;
  const model = new Model();
  const { seen } = collecting(engine.events());
  for (const operation of operations) {
    const plan = await planned(engine, model, operation);
    if (plan === undefined) continue;
    const outcome = plan.engine().then(
      () => undefined,
      ({ code }: { readonly code: string }) => code,
    );
    await clock.advance(plan.passes);
    expect(await outcome, JSON.stringify(operation)).toBe(refusal(plan.model));
    await compare(made, model);
  }
  const details = await Promise.all(
    (await engine.listContainers()).map(({ id }) =>
      engine.inspectContainer(id),
    ),
  );
  await engine.close();
  return { seen, details };
}

async function compare({ engine }: Bench, model: Model): Promise<void> {
  const pods = await engine.listPods();
  const podName = (id: string | undefined): string | undefined =>
    pods.find((pod) => pod.id === id)?.name;
  const found = await Promise.all(
    (await engine.listContainers()).map(({ id }) =>
      engine.inspectContainer(id),
    ),
  );
  expect(
    found.map(({ name, state, exitCode, podId }) => ({
      name,
      state,
      exitCode,
      pod: podName(podId),
      // A pod that is not there is as bad as none.
      inPod: podId !== undefined,
    })),
  ).toEqual(
    model.containers.map(({ name, state, exitCode, pod }) => ({
      name,
      state,
      exitCode,
      pod: pod?.name,
      inPod: pod !== undefined,
    })),
  );
  expect(
    pods.map(({ name, containers }) => [
      name,
      containers.map((one) => one.name),
    ]),
  ).toEqual(
    model.pods.map((pod) => [
      pod.name,
      model.members(pod).map((one) => one.name),
    ]),
  );
}

test("whatever is done, the engine does what the model does, and twice the same", async () => {
  await fc.assert(
    fc.asyncProperty(sequences, async (list) => {
      expect(await run(list)).toEqual(await run(list));
    }),
    { numRuns: 40 },
  );
}, 60_000);
