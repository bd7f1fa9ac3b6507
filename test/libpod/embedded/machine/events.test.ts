import { expect, test } from "vitest";
import { Journal } from "../../../../src/libpod/engines/embedded/journal.ts";
import { all, bench, collecting, rejection, START } from "./support.ts";

test("every step of a container is told, in order, with its time", async () => {
  const { engine, clock } = await bench();
  await all(engine.pullImage("box"));
  const { seen } = collecting(engine.events());
  const id = await engine.createContainer({
    spec: {},
    name: "one",
    rootfs: { image: "box" },
  });
  await clock.advance(10);
  await engine.startContainer(id);
  await engine.pauseContainer(id);
  await engine.unpauseContainer(id);
  await engine.killContainer(id, 17);
  await clock.advance(10);
  await engine.stopContainer(id);
  await engine.startContainer(id);
  await engine.killContainer(id, 9);
  await engine.removeContainer(id);
  await clock.advance(0);
  expect(
    seen.map(({ status, time }) => [status, Number(time) - START]),
  ).toEqual([
    ["create", 0],
    ["init", 10],
    ["start", 10],
    ["pause", 10],
    ["unpause", 10],
    ["kill", 10],
    ["died", 20],
    ["stop", 20],
    ["start", 20],
    ["kill", 20],
    ["died", 20],
    ["remove", 20],
  ]);
  for (const event of seen)
    expect(event).toMatchObject({
      type: "container",
      id,
      name: "one",
      image: "box",
    });
});

test("pods and images are told of as well", async () => {
  const { engine, clock, container } = await bench();
  const { seen } = collecting(engine.events());
  const pod = await engine.createPod({ name: "pod" });
  await container("any", { podId: pod, name: "one" });
  await engine.startPod(pod);
  await engine.pausePod(pod);
  await engine.unpausePod(pod);
  await engine.killPod(pod, 17);
  await engine.stopPod(pod);
  await engine.removePod(pod);
  await all(engine.pullImage("box"));
  await engine.tagImage("box", "other");
  await engine.untagImage("box", "other");
  await engine.removeImage("box");
  await clock.advance(0);
  expect(
    seen
      .filter(({ type }) => type === "pod")
      .map(({ status, name }) => `${status} ${name}`),
  ).toEqual([
    "create pod",
    "start pod",
    "pause pod",
    "unpause pod",
    "kill pod",
    "stop pod",
    "remove pod",
  ]);
  expect(
    seen.filter(({ type }) => type === "image").map(({ status }) => status),
  ).toEqual(["pull", "tag", "untag", "remove"]);
});

test("listening begins with the call, and each listener hears all", async () => {
  const { engine, clock, container } = await bench();
  const [one, two] = [engine.events(), engine.events()];
  await container("any", { name: "first" });
  const late = collecting(engine.events());
  await container("any", { name: "second" });
  const names = [collecting(one), collecting(two), late].map(
    ({ seen }) => seen,
  );
  await clock.advance(0);
  expect(names.map((seen) => seen.map(({ name }) => name))).toEqual([
    ["first", "second"],
    ["first", "second"],
    ["second"],
  ]);
});

test("who leaves hears no more: by an abort, by breaking off, and when the engine is closed", async () => {
  const { engine, clock, container } = await bench();
  const leave = new AbortController();
  const aborted = collecting(engine.events({ signal: leave.signal }));
  const closed = collecting(engine.events());
  await clock.advance(0);
  leave.abort(new Error("enough"));
  expect(await rejection(aborted.done)).toMatchObject({
    code: "ABORTED",
    cause: new Error("enough"),
  });
  const broken = engine.events();
  await container("any");
  for await (const { status } of broken) {
    expect(status).toBe("create");
    break;
  }
  await engine.close();
  await closed.done;
  expect(closed.seen).toHaveLength(1);
});

test("states on the way are watched too", async () => {
  const { engine, clock, container } = await bench({
    programs: { deaf: { runsFor: "forever", ignores: [15] } },
  });
  const leave = new AbortController();
  const { seen, done } = collecting(engine.inside.watch(leave.signal));
  const id = await container("deaf", { name: "one" });
  await engine.startContainer(id);
  const stopping = engine.stopContainer(id, { grace: 10 });
  await clock.advance(10);
  await stopping;
  await engine.inside.reset(id);
  await engine.removeContainer(id);
  await clock.advance(0);
  expect(seen.map(({ state }) => state)).toEqual([
    "configured",
    "created",
    "running",
    "stopping",
    "exited",
    "configured",
    "removed",
  ]);
  expect(
    seen.every((change) => change.id === id && change.name === "one"),
  ).toBe(true);
  leave.abort();
  // Its end, not a failure: there is no other way to end it.
  await done;
});

test("a listener that falls too far behind is told", async () => {
  const journal = new Journal<number>(3);
  const never = new AbortController();
  const reader = journal.read(0, () => undefined, never.signal);
  for (const item of [0, 1, 2]) journal.push(item);
  expect((await reader.next()).value).toBe(0);
  journal.push(3);
  expect((await reader.next()).value).toBe(1);
  journal.push(4);
  journal.push(5);
  expect(await rejection(reader.next())).toMatchObject({
    code: "LIMIT_EXCEEDED",
  });
  expect(journal.all()).toEqual([3, 4, 5]);
});

test("a journal keeps its newest item, however much it weighs, and positions go on over clearing", async () => {
  const journal = new Journal<string>(10, (item) => item.length);
  for (const item of ["aaa", "bbbb", "ccc"]) journal.push(item);
  expect(journal.all()).toEqual(["aaa", "bbbb", "ccc"]);
  journal.push("d");
  expect(journal.all()).toEqual(["bbbb", "ccc", "d"]);
  journal.push("e".repeat(100));
  expect(journal.all()).toEqual(["e".repeat(100)]);
  expect([journal.first, journal.next]).toEqual([4, 5]);
  journal.clear();
  expect([journal.first, journal.next]).toEqual([5, 5]);
  for (let count = 0; count < 1000; count += 1) journal.push("12345");
  expect([journal.first, journal.next]).toEqual([1003, 1005]);
});
