import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AmbiguousId,
  type Container,
  ContainerFinalized,
  ContainerRemoved,
  EngineError,
  InvalidArgument,
  InvalidState,
  NoSuchContainer,
  NotSupported,
  Runtime,
} from "portolan/libpod";
import { Fake, rejection } from "./support.ts";

async function open(fake = new Fake()): Promise<Runtime> {
  return Runtime.open(fake.engine());
}

describe("listing", () => {
  test("filters are ANDed, in the order of the list, none asked in vain", async () => {
    await using runtime = await open();
    for (let made = 0; made < 5; made++) await runtime.newContainer({});
    const all = await runtime.containers();
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
            fc.boolean(),
          ),
        ),
        async (verdicts) => {
          const asked: number[] = [];
          const indexOf = ({ id }: Container): number =>
            all.findIndex((one) => one.id === id);
          const filters = verdicts.map(
            ([passes, isSlow], number) =>
              (container: Container) => {
                const verdict = passes[indexOf(container)] === true;
                asked.push(number);
                return isSlow ? Promise.resolve(verdict) : verdict;
              },
          );
          const found = await runtime.containers(...filters);
          const expected = all.filter((_, index) =>
            verdicts.every(([passes]) => passes[index]),
          );
          expect(found.map(({ id }) => id)).toEqual(
            expected.map(({ id }) => id),
          );
          const needed = all.reduce((sum, _, index) => {
            const refusing = verdicts.findIndex(([passes]) => !passes[index]);
            return sum + (refusing === -1 ? verdicts.length : refusing + 1);
          }, 0);
          expect(asked.length).toBe(needed);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("options may come before filters; what is neither is refused", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    await runtime.newContainer({});
    const { signal } = new AbortController();
    expect(await runtime.containers({ signal }, () => true)).toHaveLength(1);
    expect(await runtime.containers({ signal }, () => false)).toEqual([]);
    fake.names();
    for (const filters of [["x"], [null], [() => true, {}]] as never[][]) {
      expect(await rejection(runtime.containers(...filters))).toBeInstanceOf(
        InvalidArgument,
      );
    }
    expect(fake.asked).toEqual([]);
  });

  test("a filter's own failure comes through", async () => {
    await using runtime = await open();
    await runtime.newContainer({});
    const failure = new Error("mine");
    const filter = (): never => {
      throw failure;
    };
    expect(await rejection(runtime.containers(filter))).toBe(failure);
  });
});

describe("finding", () => {
  test("by full id, name and unique beginning", async () => {
    await using runtime = await open();
    const one = await runtime.newContainer({}, { name: "one" });
    const two = await runtime.newContainer({}, { name: "two" });
    expect((await runtime.getContainer(one.id)).name).toBe("one");
    expect((await runtime.lookupContainer("two")).id).toBe(two.id);
    expect(await rejection(runtime.lookupContainer("c0f"))).toBeInstanceOf(
      AmbiguousId,
    );
    expect(await rejection(runtime.getContainer("c0f"))).toBeInstanceOf(
      NoSuchContainer,
    );
    expect(await runtime.hasContainer(one.id)).toBe(true);
    expect(await runtime.hasContainer("one")).toBe(false);
  });

  test("only what is not there is not there", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const failure = new EngineError("broken");
    fake.failures.set("getContainer", failure);
    expect(await rejection(runtime.hasContainer("x"))).toBe(failure);
  });

  test("nothing is nobody's id", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    for (const id of ["", "a\0b", 5, null, undefined]) {
      for (const call of [
        runtime.getContainer(id as never),
        runtime.lookupContainer(id as never),
        runtime.hasContainer(id as never),
      ])
        expect(await rejection(call)).toBeInstanceOf(InvalidArgument);
    }
    expect(fake.asked).toEqual([]);
  });
});

describe("removed", () => {
  test("every object of it refuses everything, and nothing is sent", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const container = await runtime.newContainer({});
    const same = await runtime.getContainer(container.id);
    await runtime.removeContainer(same);
    fake.names();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => container.create(),
      () => container.start(),
      () => container.stop(),
      () => container.kill(),
      () => container.pause(),
      () => container.unpause(),
      () => container.restart(),
      () => container.exec(["sh"]),
      () => container.attach(),
      () => container.commit(),
      () => container.export("/x"),
      () => container.mount(),
      () => container.unmount(),
      () => container.spec(),
      () => container.status(),
      () => container.inspect(),
      () => container.wait(),
      () => container.logs().next(),
      () => container.stats(),
      () => container.processes(),
      () => container.diff(),
      () => container.configure({}),
      () => container.refresh(),
      () => container.pod(),
      () => container.podId(),
      () => runtime.removeContainer(container),
    ];
    for (const call of calls)
      expect(await rejection(call()), String(call)).toBeInstanceOf(
        ContainerRemoved,
      );
    expect(fake.asked).toEqual([]);
    expect(container.id).toBe(same.id);
  });

  test("what went elsewhere is noticed, with the engine's answer as cause", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const container = await runtime.newContainer({});
    const logs = container.logs();
    await logs.next();
    fake.containers.delete(container.id);
    const error = await rejection(container.start());
    expect(error).toBeInstanceOf(ContainerRemoved);
    expect((error as Error).cause).toBeInstanceOf(NoSuchContainer);
    expect(await rejection(logs.next())).toBeInstanceOf(ContainerRemoved);
    fake.names();
    expect(await rejection(container.start())).toBeInstanceOf(ContainerRemoved);
    expect(fake.asked).toEqual([]);
  });

  test("a removal that fails removes nothing", async () => {
    await using runtime = await open();
    const container = await runtime.newContainer({});
    await container.start();
    expect(await rejection(runtime.removeContainer(container))).toBeInstanceOf(
      InvalidState,
    );
    expect((await container.status()).state).toBe("running");
    await runtime.removeContainer(container, { force: true, volumes: true });
  });

  test("an id that is given again is another container's", async () => {
    const fake = new Fake();
    const engine = fake.engine();
    engine.createContainer = async (config) => {
      fake.containers.set("name", {
        id: "name",
        name: "name",
        config,
        state: "configured",
        mounts: 0,
      });
      return "name";
    };
    await using runtime = await Runtime.open(engine);
    const first = await runtime.newContainer({});
    await runtime.removeContainer(first);
    const second = await runtime.newContainer({});
    expect(await rejection(first.start())).toBeInstanceOf(ContainerRemoved);
    await second.start();
    // Also if it was found to be gone, and another program made it anew.
    const kept = fake.containers.get("name");
    fake.containers.delete("name");
    await rejection(second.status());
    if (kept !== undefined) fake.containers.set("name", kept);
    const theirs = await runtime.getContainer("name");
    expect((await theirs.status()).state).toBe("running");
    expect(await rejection(second.status())).toBeInstanceOf(ContainerRemoved);
    // Or if another program removed it, and it was made here.
    fake.containers.delete("name");
    const third = await runtime.newContainer({});
    expect(await rejection(theirs.start())).toBeInstanceOf(ContainerRemoved);
    await third.start();
  });
});

describe("configuring", () => {
  test("changes what is given, and knows the result", async () => {
    const fake = new Fake();
    await using runtime = await Runtime.open(fake.engine(), { pidsLimit: 5 });
    const container = await runtime.newContainer({});
    fake.asked.splice(0);
    await container.configure({ name: "new", spec: { hostname: "h" } });
    expect(fake.asked[0]).toEqual([
      "configureContainer",
      container.id,
      {
        name: "new",
        spec: { hostname: "h", linux: { resources: { pids: { limit: 5 } } } },
      },
      {},
    ]);
    expect(container.name).toBe("new");
  });

  test("its pod and its namespaces are settled when it is made", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const pod = await runtime.newPod();
    const from = await runtime.newContainer({});
    const container = await runtime.newContainer({});
    fake.names();
    for (const options of [
      { pod },
      { sharedNamespaces: { from, namespaces: ["net"] as const } },
    ])
      expect(await rejection(container.configure(options))).toBeInstanceOf(
        ContainerFinalized,
      );
    expect(fake.asked).toEqual([]);
  });

  test("an engine that fixes containers: NotSupported before, ContainerFinalized after", async () => {
    const fake = new Fake();
    const engine = fake.engine({ lacks: ["configureContainer"] });
    await using runtime = await Runtime.open(engine);
    const container = await runtime.newContainer({});
    const same = await runtime.getContainer(container.id);
    expect(await rejection(container.configure({}))).toBeInstanceOf(
      NotSupported,
    );
    await container.start();
    fake.names();
    for (const one of [container, same])
      expect(await rejection(one.configure({ name: "x" }))).toBeInstanceOf(
        ContainerFinalized,
      );
    expect(fake.asked).toEqual([]);
  });
});

describe("calls", () => {
  test("signals by name and number reach the engine as numbers", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const container = await runtime.newContainer({});
    const sent: unknown[] = [];
    for (const signal of [undefined, "SIGTERM", 10, 64] as const) {
      await container.start();
      fake.asked.splice(0);
      await container.kill(signal);
      sent.push(fake.asked[0]?.[2]);
    }
    expect(sent).toEqual([9, 15, 10, 64]);
    fake.names();
    for (const signal of [0, 65, 1.5, Number.NaN, "sigterm", "__proto__"])
      expect(await rejection(container.kill(signal as never))).toBeInstanceOf(
        InvalidArgument,
      );
    for (const grace of [-1, Number.NaN, Infinity, "1"] as never[])
      expect(await rejection(container.stop({ grace }))).toBeInstanceOf(
        InvalidArgument,
      );
    expect(fake.asked).toEqual([]);
  });

  test("what an engine lacks is refused before anything is sent", async () => {
    const fake = new Fake();
    const engine = fake.engine({ lacks: ["pauseContainer", "getImage"] });
    await using runtime = await Runtime.open(engine);
    const container = await runtime.newContainer({});
    fake.names();
    expect(runtime.supports("pauseContainer")).toBe(false);
    expect(runtime.supports("unpauseContainer")).toBe(true);
    expect(await rejection(container.pause())).toMatchObject({
      code: "NOT_SUPPORTED",
      engine: "fake",
      feature: "pauseContainer",
    });
    // Its result could not be told: it is not begun.
    expect(await rejection(container.commit())).toBeInstanceOf(NotSupported);
    expect(fake.asked).toEqual([]);
  });

  test("status, logs and summary are what the engine says", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const container = await runtime.newContainer({});
    await container.start();
    expect(container.summary.state).toBe("configured");
    expect((await container.refresh()).state).toBe("running");
    expect(container.summary.state).toBe("running");
    const waiting = container.wait();
    fake.exit(container.id, 7);
    expect(await waiting).toBe(7);
    expect(await container.status()).toMatchObject({
      state: "exited",
      exitCode: 7,
    });
    for await (const { text } of container.logs()) {
      expect(text).toBe("one");
      break;
    }
    expect((await container.commit({ image: "x" })).id).toBe("committed");
  });
});
