import { describe, expect, test } from "vitest";
import {
  ContainerRemoved,
  InvalidArgument,
  NoSuchPod,
  NotSupported,
  PodFinalized,
  PodRemoved,
  Runtime,
} from "portolan/libpod";
import { Fake, rejection } from "./support.ts";

async function open(fake = new Fake()): Promise<Runtime> {
  return Runtime.open(fake.engine());
}

test("pods are made, listed by filters and found", async () => {
  await using runtime = await open();
  const one = await runtime.newPod({ name: "one" });
  const two = await runtime.newPod({ name: "two", share: ["net"] });
  const { signal } = new AbortController();
  expect((await runtime.pods()).map(({ name }) => name)).toEqual([
    "one",
    "two",
  ]);
  const found = await runtime.pods(
    { signal },
    ({ name }) => name.includes("o"),
    async ({ id }) => id === two.id,
  );
  expect(found.map(({ id }) => id)).toEqual([two.id]);
  expect((await runtime.getPod(one.id)).name).toBe("one");
  expect((await runtime.lookupPod("two")).id).toBe(two.id);
  expect(await runtime.hasPod(one.id)).toBe(true);
  expect(await runtime.hasPod("one")).toBe(false);
  expect(await rejection(runtime.getPod("x"))).toBeInstanceOf(NoSuchPod);
});

test.each([
  ["options.name", { name: "" }],
  ["options.labels", { labels: "a" }],
  ["options.cgroupParent", { cgroupParent: 5 }],
  ["options.share[0]", { share: ["network"] }],
  ["options.share", { share: ["net", "net"] }],
  ["options.shares", { shares: [] }],
])("%s is refused and named", async (name, options) => {
  const fake = new Fake();
  await using runtime = await open(fake);
  const error = await rejection(runtime.newPod(options as never));
  expect(error).toBeInstanceOf(InvalidArgument);
  expect((error as Error).message).toContain(`${name}: `);
  expect(fake.asked).toEqual([]);
});

test("status counts by state, and has the members", async () => {
  await using runtime = await open();
  const pod = await runtime.newPod();
  expect(await pod.status()).toMatchObject({ counts: {}, members: [] });
  const one = await runtime.newContainer({}, { pod });
  const two = await runtime.newContainer({}, { pod });
  const three = await runtime.newContainer({}, { pod });
  await runtime.newContainer({});
  await one.start();
  await two.start();
  const { counts, members } = await pod.status();
  expect(counts).toEqual({ running: 2, configured: 1 });
  expect(members.map(({ id }) => id)).toEqual([one.id, two.id, three.id]);
  const containers = await pod.containers();
  expect(containers.map(({ id }) => id)).toEqual([one.id, two.id, three.id]);
  // Who was found in a pod knows it.
  expect(containers[0]?.summary.podId).toBe(pod.id);
});

describe("removed", () => {
  test("the pod and all its containers are", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const pod = await runtime.newPod();
    const same = await runtime.getPod(pod.id);
    const inside = await runtime.newContainer({}, { pod });
    const outside = await runtime.newContainer({});
    await runtime.removePod(pod, { force: true });
    fake.names();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => same.start(),
      () => same.stop({ grace: 1 }),
      () => same.kill("SIGTERM"),
      () => same.pause(),
      () => same.unpause(),
      () => same.restart(),
      () => same.status(),
      () => same.stats(),
      () => same.containers(),
      () => same.configure({}),
      () => same.refresh(),
      () => runtime.removePod(same),
      () => runtime.newContainer({}, { pod: same }),
    ];
    for (const call of calls)
      expect(await rejection(call()), String(call)).toBeInstanceOf(PodRemoved);
    expect(await rejection(inside.start())).toBeInstanceOf(ContainerRemoved);
    expect(fake.asked).toEqual([]);
    await outside.start();
  });

  test("what went elsewhere is noticed", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const pod = await runtime.newPod();
    fake.pods.delete(pod.id);
    const error = await rejection(pod.start());
    expect(error).toBeInstanceOf(PodRemoved);
    expect((error as Error).cause).toBeInstanceOf(NoSuchPod);
  });

  test("a removal that fails leaves everything usable", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const pod = await runtime.newPod();
    const inside = await runtime.newContainer({}, { pod });
    fake.failures.set("removePod", new Error("no"));
    await rejection(runtime.removePod(pod));
    await inside.start();
    expect((await pod.status()).counts).toEqual({ running: 1 });
  });
});

test("pods are configured while they are empty, where engines can", async () => {
  const fake = new Fake();
  await using runtime = await open(fake);
  const pod = await runtime.newPod();
  await pod.configure({ name: "new" });
  expect(pod.name).toBe("new");

  const engine = fake.engine({ lacks: ["configurePod"] });
  await using fixed = await Runtime.open(engine);
  const same = await fixed.getPod(pod.id);
  expect(await rejection(same.configure({}))).toBeInstanceOf(NotSupported);
  await fixed.newContainer({}, { pod: same });
  await same.refresh();
  expect(await rejection(same.configure({}))).toBeInstanceOf(PodFinalized);
});
