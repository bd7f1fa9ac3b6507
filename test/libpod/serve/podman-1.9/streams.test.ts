import { ErrorOccurred, ImageNotFound } from "portolan/podman/1.9";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProgramFunction } from "../../../../src/libpod/engines/embedded/index.ts";
import { failure, turns } from "../../../support/peer.ts";
import {
  all,
  type Bench,
  create,
  moveUntil,
  openBench,
  run,
  START,
} from "./support.ts";

const talker: ProgramFunction = async function* ({ sleep, command }) {
  for (const number of [1, 2, 3]) {
    yield `${command[1]} ${number}\n`;
    await sleep(1000);
  }
  yield "unfinished";
};

let bench: Bench;

beforeEach(async () => {
  bench = await openBench({ programs: { talker } });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

const at = (milliseconds: number): string =>
  new Date(START + milliseconds).toISOString();

describe("logs", () => {
  const ask = (names: readonly string[], more: object = {}) => ({
    names,
    follow: false,
    latest: false,
    since: "0001-01-01T00:00:00Z",
    tail: -1,
    timestamps: false,
    ...more,
  });
  const texts = async (
    input: ReturnType<typeof ask>,
  ): Promise<readonly string[]> =>
    (await all(bench.podman.getContainersLogs.more(input))).map(
      ({ log }) => log.msg,
    );

  it("have a line a reply, and one that is empty as the last", async () => {
    const cid = await run(bench, "a", ["talker", "a"]);
    await bench.clock.advance(5000);
    const replies = await all(bench.podman.getContainersLogs.more(ask(["a"])));
    const [first] = replies;
    expect(first?.log).toMatchObject({
      device: "stdout",
      parseLogType: "F",
      msg: "a 1",
      cid,
    });
    expect(replies.at(-2)?.log).toMatchObject({
      parseLogType: "P",
      msg: "unfinished",
    });
    expect(Object.values(replies.at(-1)?.log ?? {}).join("")).toBe("");
    expect(replies).toHaveLength(5);
  });

  it("of several are one, in the order of time", async () => {
    await run(bench, "a", ["talker", "a"]);
    await bench.clock.advance(500);
    await run(bench, "b", ["talker", "b"]);
    await bench.clock.advance(1000);
    expect(await texts(ask(["b", "a"]))).toEqual([
      "a 1",
      "b 1",
      "a 2",
      "b 2",
      "",
    ]);
    expect(await texts(ask(["b", "a"], { tail: 1 }))).toEqual([
      "a 2",
      "b 2",
      "",
    ]);
    expect(await texts(ask(["a"], { tail: 0 }))).toEqual([""]);
    expect(await texts(ask(["nope"], { latest: true }))).toEqual([
      "b 1",
      "b 2",
      "",
    ]);
    const since = at(1000);
    expect(await texts(ask(["a"], { since }))).toEqual(["a 2", ""]);
  });

  it("that are followed end with the containers", async () => {
    await run(bench, "a", ["talker", "a"]);
    await run(bench, "b", ["talker", "b"]);
    const followed = texts(ask(["a", "b"], { follow: true }));
    await moveUntil(bench, followed, 1000);
    const lines = await followed;
    expect(lines.toSorted()).toEqual([
      "",
      "a 1",
      "a 2",
      "a 3",
      "b 1",
      "b 2",
      "b 3",
      "unfinished",
      "unfinished",
    ]);
    expect(lines.at(-1)).toBe("");
  });

  it("without more are one reply, and the connection is well", async () => {
    await run(bench, "a", ["talker", "a"]);
    const { podman } = bench;
    expect((await podman.getContainersLogs(ask(["a"]))).log.msg).toBe("a 1");
    expect((await podman.getContainersLogs(ask([]))).log.msg).toBe("");
    expect((await podman.getVersion()).remote_api_version).toBe(1);
  });

  it.each([
    ["a time that is none", { since: "" }],
    ["a container that is none", { names: ["nope"] }],
  ])("are refused for %s", async (_what, more) => {
    expect(await failure(texts(ask([], more)))).toBeInstanceOf(ErrorOccurred);
    const once = bench.podman.getContainersLogs(ask([], more));
    expect(await failure(once)).toBeInstanceOf(ErrorOccurred);
  });

  it("of no container at all are refused where the newest is meant", async () => {
    expect(await failure(texts(ask([], { latest: true })))).toBeInstanceOf(
      ErrorOccurred,
    );
  });
});

describe("events", () => {
  const told = async (input: object): Promise<readonly string[]> => {
    const whole = { filter: [], since: "", until: "", ...input };
    const events = await all(bench.podman.getEvents.more(whole));
    return events.map(
      ({ events: { type, name, status } }) => `${type} ${name} ${status}`,
    );
  };

  it("of a span that is over are told, and the stream ends", async () => {
    await create(bench, "early");
    await bench.clock.advance(1000);
    await run(bench, "web");
    await bench.clock.advance(1000);
    await bench.podman.createPod({ create: { name: "late" } });
    await bench.clock.advance(1000);
    const span = { since: at(500), until: at(1500) };
    expect(await told(span)).toEqual([
      "container web create",
      "container web init",
      "container web start",
    ]);
    expect(
      await told({
        ...span,
        filter: ["event=start", "event=init", "type=container"],
      }),
    ).toHaveLength(2);
    expect(await told({ ...span, filter: ["container=early"] })).toEqual([]);
    expect(await told({ until: at(500), filter: ["type=container"] })).toEqual([
      "container early create",
    ]);
    const seconds = { since: String((START + 2000) / 1000), until: at(2500) };
    expect(await told(seconds)).toEqual(["pod late create"]);
  });

  it("go on as they happen, to the end of the span", async () => {
    const coming = told({ until: at(2000), filter: ["type=container"] });
    // Told once it is known that somebody listens.
    const first = bench.podman.getEvents({
      filter: ["event=start"],
      since: "",
      until: "",
    });
    await turns(10);
    await run(bench, "web");
    expect((await first).events).toMatchObject({
      name: "web",
      image: "alpine",
    });
    await moveUntil(bench, coming, 500);
    expect(await coming).toEqual([
      "container web create",
      "container web init",
      "container web start",
    ]);
  });

  it.each([
    { filter: ["bogus"] },
    { filter: ["bogus=1"] },
    { since: "yesterday" },
    { until: "2026-13-41T00:00:00Z" },
  ])("that are asked for as %j are refused", async (input) => {
    expect(await failure(told(input))).toBeInstanceOf(ErrorOccurred);
    const once = bench.podman.getEvents({
      filter: [],
      since: "",
      until: "",
      ...input,
    });
    expect(await failure(once)).toBeInstanceOf(ErrorOccurred);
  });
});

describe("progress", () => {
  const creds = { username: "", password: "" };

  it("comes line by line with more, and at once without", async () => {
    const { podman } = bench;
    const steps = await all(podman.pullImage.more({ name: "alpine", creds }));
    const { id } = (await podman.getImage({ id: "alpine" })).image;
    const last = steps.pop();
    expect(last?.reply).toEqual({ logs: [], id });
    expect(steps.length).toBeGreaterThan(2);
    for (const { reply } of steps)
      expect(reply).toEqual({ logs: [expect.stringMatching(/\n$/)], id: "" });
    const { reply } = await podman.pullImage({ name: "alpine", creds });
    expect(reply).toEqual({
      logs: steps.flatMap((step) => step.reply.logs),
      id,
    });
  });

  it("ends in an error, also after good replies", async () => {
    await bench[Symbol.asyncDispose]();
    bench = await openBench({ registry: { alpine: {} } });
    const { podman } = bench;
    const pulled = all(podman.pullImage.more({ name: "nothing", creds }));
    expect(await failure(pulled)).toBeInstanceOf(ErrorOccurred);
    const pushed = podman.pushImage.more({
      name: "nothing",
      tag: "",
      compress: false,
      format: "",
      removeSignatures: false,
      signBy: "",
    });
    expect(await failure(all(pushed))).toBeInstanceOf(ImageNotFound);
  });
});
