import { describe, expect, test } from "vitest";
import {
  AmbiguousId,
  ContainerFinalized,
  embedded,
  type EmbeddedEngine,
  InvalidState,
  manualClock,
  PodFinalized,
  Runtime,
} from "portolan/libpod";
import { rejection } from "./support.ts";

/** The objects over an engine with rules of its own: what neither shows alone. */
async function opened(): Promise<{
  readonly engine: EmbeddedEngine;
  readonly runtime: Runtime;
}> {
  let made = 0;
  const engine = await embedded({
    clock: manualClock(),
    ids: () => `ab${(made++).toString(16).padStart(62, "0")}`,
    programs: {
      echo: async function* echo({ stdin }) {
        for await (const data of stdin) yield { stdout: data };
        return 5;
      },
    },
  });
  return { engine, runtime: await Runtime.open(engine) };
}

describe("what makes sense only before", () => {
  test("a container is configured until it is created", async () => {
    const { engine, runtime } = await opened();
    const container = await runtime.newContainer({}, { name: "one" });
    await container.configure({ name: "two", labels: { a: "b" } });
    expect(container.summary).toMatchObject({
      name: "two",
      labels: { a: "b" },
    });
    expect((await runtime.lookupContainer("two")).id).toBe(container.id);
    await container.create();
    expect(
      await rejection(container.configure({ name: "three" })),
    ).toBeInstanceOf(ContainerFinalized);
    await engine.close();
  });

  test("a pod is configured until it has containers", async () => {
    const { engine, runtime } = await opened();
    const pod = await runtime.newPod({ name: "one" });
    await pod.configure({ labels: { a: "b" } });
    expect(pod.summary.labels).toEqual({ a: "b" });
    expect(pod.name).toBe("one");
    await runtime.newContainer({}, { pod });
    expect(await rejection(pod.configure({ name: "two" }))).toBeInstanceOf(
      PodFinalized,
    );
    await engine.close();
  });
});

test("a session runs both ways and ends with its program", async () => {
  const { engine, runtime } = await opened();
  const container = await runtime.newContainer({});
  await container.start();
  const session = await container.exec(["echo"], { stdin: true });
  session.write("one ");
  session.end("two");
  const read = await session.setEncoding("utf8").toArray();
  expect(read.join("")).toBe("one two");
  expect(await session.exitCode).toBe(5);
  await engine.close();
});

test("the beginning of several ids is refused", async () => {
  const { engine, runtime } = await opened();
  const one = await runtime.newContainer({});
  expect((await runtime.lookupContainer("ab")).id).toBe(one.id);
  await runtime.newContainer({});
  expect(await rejection(runtime.lookupContainer("ab"))).toBeInstanceOf(
    AmbiguousId,
  );
  await engine.close();
});

test("a shutdown refuses what runs, is paused or is mounted, and ends all by force", async () => {
  const { engine, runtime } = await opened();
  const second = await Runtime.open(engine);
  const containers = [];
  for (const name of ["running", "paused", "mounted"])
    containers.push(await runtime.newContainer({}, { name }));
  const [running, paused, mounted] = containers;
  await running?.start();
  await paused?.start();
  await paused?.pause();
  await mounted?.mount();
  await mounted?.mount();
  expect(await rejection(second.shutdown())).toBeInstanceOf(InvalidState);
  await second.shutdown({ force: true });
  const states = await Promise.all(containers.map((one) => one.inspect()));
  expect(states.map(({ state }) => state)).toEqual([
    "exited",
    "exited",
    expect.not.stringMatching("running"),
  ]);
  expect(states.map(({ mountPoint }) => mountPoint)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  await runtime.shutdown();
  await engine.close();
});

test("an image's life, from the pretended registry", async () => {
  const { engine, runtime } = await opened();
  const lines: string[] = [];
  const pull = runtime.pullImage("alpine");
  for await (const { text } of pull) lines.push(text);
  const image = await pull;
  expect(lines.length).toBeGreaterThan(0);
  await runtime.tagImage(image, "mine:1");
  expect((await image.refresh()).names.join(" ")).toContain("mine:1");
  await runtime.untagImage(image, "mine:1");
  expect((await runtime.getImageRef(image.id)).id).toBe(image.id);
  await runtime.removeImage(image);
  expect(await runtime.getImages()).toEqual([]);
  await engine.close();
});
