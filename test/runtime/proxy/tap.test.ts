import { afterAll, describe, expect, test } from "vitest";
import fc from "fast-check";
import type { TapEvent } from "../../../src/runtime/proxy/events.ts";
import { Relay, relayStreams } from "../../../src/runtime/proxy/relay.ts";
import { VarlinkTap } from "../../../src/runtime/proxy/tap.ts";
import { memoryPair } from "../../../src/runtime/transport/memory.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { serve } from "../server/support.ts";
import {
  eventually,
  places,
  removeFolders,
  startRelay,
  Wire,
} from "./support.ts";
import { finish, frame, pass, talk, told } from "./talk.ts";

afterAll(removeFolders);

test("tells calls and replies of a client and a server of ours", async () => {
  await using served = await serve(
    {
      echo: ({ text }: { text: string }) => ({ text }),
      nothing: () => {},
      async *count({ to }: { to: number }) {
        for (let number = 1; number <= to; number++) yield { number };
      },
    },
    await places.unix(),
  );
  const events: TapEvent[] = [];
  const tap = new VarlinkTap({ onEvent: (event) => events.push(event) });
  await using relayed = await startRelay(await places.tcp(), {
    connect: served.endpoint,
    tap,
  });
  const client = await VarlinkClient.connect(relayed.endpoint, {
    maxConnections: 1,
  });
  await client.call("org.example.test.Echo", { text: "hi" });
  await client.oneway("org.example.test.Nothing");
  const numbers = client.more("org.example.test.Count", { to: 2 });
  for await (const _ of numbers);
  await client.call("org.example.Nope").catch(() => {});
  await client.close();
  await eventually(() => events.at(-1)?.type === "close");
  expect(told(events)).toEqual([
    "open",
    {
      call: 1,
      method: "org.example.test.Echo",
      mode: "call",
      parameters: { text: "hi" },
    },
    { to: 1, parameters: { text: "hi" } },
    {
      call: 2,
      method: "org.example.test.Nothing",
      mode: "oneway",
      parameters: {},
    },
    {
      call: 3,
      method: "org.example.test.Count",
      mode: "more",
      parameters: { to: 2 },
    },
    { to: 3, parameters: { number: 1 }, continues: true },
    { to: 3, parameters: { number: 2 }, continues: true },
    { to: 3, parameters: {} },
    { call: 4, method: "org.example.Nope", mode: "call", parameters: {} },
    {
      to: 4,
      error: "org.varlink.service.InterfaceNotFound",
      parameters: { interface: "org.example" },
    },
    { closed: undefined, raw: { sent: 0, received: 0 }, unanswered: [] },
  ]);
  const reply = events.find((event) => event.type === "reply");
  expect(reply?.duration).toBeGreaterThanOrEqual(0);
  expect(reply?.size).toBe(reply?.text.length);
  expect(events[0]).toMatchObject({
    type: "open",
    connection: 1,
    client: relayed.endpoint.address,
    service: served.endpoint.address,
  });
});

describe("what is pipelined", () => {
  test("is told in order, however it is cut", async () => {
    const calls = [
      frame({ method: "a.b.One", parameters: { x: "ä" } }),
      frame({ method: "a.b.Two", oneway: true }),
      frame({ method: "a.b.Three", more: true }),
      frame({ method: "a.b.Four" }),
    ].join("");
    const replies = [
      frame({}),
      frame({ parameters: { n: 1 }, continues: true }),
      frame({ error: "a.b.Broken" }),
      frame({ parameters: {} }),
    ].join("");
    let expected: unknown[] | undefined;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (cut) => {
        const between = talk({}, cut);
        const { client, service, events } = between;
        await pass(client, service, Buffer.from(calls).toString("latin1"));
        await pass(service, client, Buffer.from(replies).toString("latin1"));
        await finish(between);
        expected ??= told(events);
        expect(told(events)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
    expect(expected).toMatchObject([
      "open",
      { call: 1, parameters: { x: "ä" } },
      { call: 2, mode: "oneway" },
      { call: 3, mode: "more" },
      { call: 4 },
      { to: 1 },
      { to: 3, continues: true },
      { to: 3, error: "a.b.Broken" },
      { to: 4 },
      { unanswered: [] },
    ]);
  });

  test("and not answered is told at the end", async () => {
    const between = talk();
    await pass(
      between.client,
      between.service,
      frame({ method: "a.b.C" }) + frame({ method: "a.b.D" }),
    );
    await pass(between.service, between.client, `${frame({})}{"half`);
    await finish(between);
    expect(told(between.events).at(-1)).toEqual({
      closed: undefined,
      raw: { sent: 0, received: 6 },
      unanswered: [2],
    });
  });
});

describe("an upgrade", () => {
  const upgrade = frame({ method: "a.b.Up", upgrade: true });

  test("ends decoding to the byte, and passes, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 80 }),
        fc.boolean(),
        async (ours, theirs, cut, early) => {
          const between = talk({}, cut);
          const { client, service, events } = between;
          const sent = Buffer.from(ours).toString("latin1");
          const received = Buffer.from(theirs).toString("latin1");
          // Some do not wait for the confirmation.
          await pass(client, service, early ? upgrade + sent : upgrade);
          await pass(service, client, frame({}) + received);
          if (!early && sent !== "") await pass(client, service, sent);
          await finish(between);
          expect(told(events).slice(1)).toEqual([
            { call: 1, method: "a.b.Up", mode: "upgrade", parameters: {} },
            { to: 1, parameters: {}, upgraded: true },
            {
              closed: undefined,
              raw: { sent: ours.length, received: theirs.length },
              unanswered: [],
            },
          ]);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("that is refused leaves a Varlink conversation", async () => {
    const between = talk();
    const { client, service, events } = between;
    const next = frame({ method: "a.b.C" });
    await pass(client, service, upgrade + next + next);
    await pass(service, client, frame({ error: "a.b.No" }) + frame({}));
    await pass(service, client, frame({}));
    await finish(between);
    expect(told(events)).toMatchObject([
      "open",
      { call: 1 },
      { to: 1, error: "a.b.No" },
      { call: 2 },
      { call: 3 },
      { to: 2 },
      { to: 3 },
      { raw: { sent: 0, received: 0 } },
    ]);
  });

  test("through a relay between our client and our server", async () => {
    await using served = await serve(
      {
        call: (_: object, call) =>
          call.upgraded({}, async (stream) => {
            for await (const chunk of stream) stream.write(chunk as Buffer);
            stream.end();
          }),
      },
      await places.unix(),
    );
    const events: TapEvent[] = [];
    const tap = new VarlinkTap({ onEvent: (event) => events.push(event) });
    await using relayed = await startRelay(await places.unix(), {
      connect: served.endpoint,
      tap,
    });
    await using client = await VarlinkClient.connect(relayed.endpoint);
    const { stream } = await client.upgrade("org.example.test.Call");
    const echo = new Wire(stream);
    const bytes = Buffer.alloc(200_000, "\0binary\xff", "latin1");
    stream.end(bytes);
    await echo.until(({ ended }) => ended);
    expect(echo.bytes.equals(bytes)).toBe(true);
    await eventually(() => events.at(-1)?.type === "close");
    expect(told(events).at(-1)).toEqual({
      closed: undefined,
      raw: { sent: bytes.length, received: bytes.length },
      unanswered: [],
    });
  });
});

describe("what breaks the protocol goes through, and is told:", () => {
  test.each([
    { what: "no JSON", by: "client", text: "GET / HTTP/1.1\r\n\0" },
    { what: "no object", by: "client", text: "[]\0" },
    { what: "no UTF-8", by: "client", text: '{"method":"\xff"}\0' },
    { what: "no JSON in a reply", by: "service", text: "{]\0" },
    {
      what: "replies that go on unasked",
      by: "service",
      text: frame({ continues: true }),
    },
  ] as const)("$what", async ({ by, text }) => {
    const between = talk();
    const { client, service, events } = between;
    await pass(client, service, frame({ method: "a.b.C" }));
    const [from, to] = by === "client" ? [client, service] : [service, client];
    await pass(from, to, text);
    await pass(from, to, frame({ method: "a.b.After" }));
    await pass(to, from, "what is no message either");
    await finish(between);
    const last = told(events).slice(2);
    expect(last).toMatchObject([
      { by, code: "PROTOCOL", stopped: true },
      { unanswered: [1] },
    ]);
  });

  test.each([
    { flags: { more: true, oneway: true }, mode: "oneway" },
    { flags: { unknown: 1 }, mode: "call" },
    { flags: { more: "yes" }, mode: "more" },
  ])(
    "what only old servers take, $flags, is taken as they do",
    async ({ flags, mode }) => {
      const between = talk();
      const { client, service, events } = between;
      const call = { method: "a.b.C", ...flags };
      await pass(client, service, frame(call) + frame({ method: "a.b.D" }));
      await finish(between);
      expect(told(events).slice(1, 4)).toMatchObject([
        { by: "client", code: "PROTOCOL", stopped: false },
        { call: 1, mode },
        { call: 2, mode: "call" },
      ]);
    },
  );

  test("a reply that no call asked for; the next ones are matched", async () => {
    const between = talk();
    const { client, service, events } = between;
    await pass(service, client, frame({}));
    await pass(service, client, frame({ continues: true }));
    await pass(client, service, frame({ method: "a.b.C" }));
    await pass(service, client, frame({ parameters: { n: 1 } }));
    await finish(between);
    expect(told(events).slice(1, 5)).toMatchObject([
      { by: "service", code: "PROTOCOL", stopped: false },
      { by: "service", code: "PROTOCOL", stopped: false },
      { call: 1 },
      { to: 1, parameters: { n: 1 } },
    ]);
  });

  test("an answer to a oneway call is not the next call's", async () => {
    const between = talk();
    const { client, service, events } = between;
    await pass(
      client,
      service,
      frame({ method: "a.b.Nope", oneway: true }) + frame({ method: "a.b.C" }),
    );
    await pass(
      service,
      client,
      frame({
        error: "org.varlink.service.MethodNotFound",
        parameters: { method: "a.b.Nope" },
      }) + frame({ parameters: { n: 1 } }),
    );
    await finish(between);
    expect(told(events).slice(3, 5)).toMatchObject([
      { by: "service", stopped: false },
      { to: 2, parameters: { n: 1 } },
    ]);
  });
});

describe("what is too much", () => {
  test("a message over maxMessageSize goes through, and is not held", async () => {
    const between = talk({ maxMessageSize: 1000 }, 64);
    const { client, service, events } = between;
    await pass(client, service, `{"x":"${"y".repeat(5000)}"}\0`);
    await pass(client, service, frame({ method: "a.b.C" }));
    await finish(between);
    expect(told(events)).toMatchObject([
      "open",
      { by: "client", code: "LIMIT_EXCEEDED", stopped: true },
      { unanswered: [] },
    ]);
    expect(events.filter(({ type }) => type === "violation")).toHaveLength(1);
  });

  test("calls that nobody answers, and bytes behind an upgrade", async () => {
    const call = frame({ method: "a.b.C", parameters: { x: "y".repeat(300) } });
    const many = talk({ maxMessageSize: 1000 });
    await pass(many.client, many.service, call.repeat(5));
    await finish(many);
    expect(told(many.events)).toMatchObject([
      "open",
      { call: 1 },
      { call: 2 },
      { call: 3 },
      { by: "client", code: "LIMIT_EXCEEDED", stopped: true },
      { unanswered: [1, 2, 3] },
    ]);
    const early = talk({ maxMessageSize: 1000 }, 100);
    const text = frame({ method: "a.b.Up", upgrade: true }) + "r".repeat(2000);
    await pass(early.client, early.service, text);
    await finish(early);
    expect(told(early.events)).toMatchObject([
      "open",
      { call: 1 },
      { by: "client", code: "LIMIT_EXCEEDED", stopped: true },
      { unanswered: [1] },
    ]);
  });
});

test("what a tap throws is reported, and breaks nothing", async () => {
  await using served = await serve({
    echo: ({ text }: { text: string }) => ({ text }),
  });
  const closed: unknown[] = [];
  await using relayed = await startRelay(await places.unix(), {
    connect: served.endpoint,
    tap: {
      open: () => ({
        fromClient: () => {
          throw new Error("a tap that leaks");
        },
        fromService: (chunk) => closed.push(chunk),
        closed: (error) => closed.push(error),
      }),
    },
  });
  await using client = await VarlinkClient.connect(relayed.endpoint);
  const answer = await client.call("org.example.test.Echo", { text: "x" });
  expect(answer).toEqual({ text: "x" });
  expect(relayed.errors).toMatchObject([{ message: "a tap that leaks" }]);
  expect(closed).toEqual([]);
});

test("what a tap rejects with is reported as well", async () => {
  const late = (): unknown => Promise.reject(new Error("a tap that is late"));
  await using served = await serve({
    echo: ({ text }: { text: string }) => ({ text }),
  });
  await using relayed = await startRelay(await places.unix(), {
    connect: served.endpoint,
    tap: {
      open: () => ({
        fromClient: late,
        fromService: () => {},
        closed: () => {},
      }),
    },
  });
  await using client = await VarlinkClient.connect(relayed.endpoint);
  const answer = await client.call("org.example.test.Echo", { text: "x" });
  expect(answer).toEqual({ text: "x" });
  expect(relayed.errors).toMatchObject([{ message: "a tap that is late" }]);
});

test("who is told of a call may close the relay, and the rest is told in order", async () => {
  await using served = await serve({
    echo: ({ text }: { text: string }) => ({ text }),
  });
  const events: TapEvent[] = [];
  const tap = new VarlinkTap({
    onEvent: (event) => {
      events.push(event);
      if (event.type === "call") void relay.close();
    },
  });
  const relay = new Relay({ connect: served.endpoint, tap });
  const [clientEnd, client] = memoryPair();
  const calls = ["one", "two", "three"].map((text) =>
    frame({ method: "org.example.test.Echo", parameters: { text } }),
  );
  for (const call of calls) clientEnd.write(call);
  // All are there when the first one is told, in a chunk each.
  await eventually(() => client.readableLength === calls.join("").length);
  relay.accept(client);
  clientEnd.resume();
  await eventually(() => events.at(-1)?.type === "close");
  const replies = events.filter((event) => event.type === "reply");
  expect(replies).toHaveLength(3);
  for (const { to, parameters } of replies)
    expect(parameters).toEqual(to.parameters);
});

test("who is told of a reply may cut the connection off: it was answered", async () => {
  const control = new AbortController();
  const events: TapEvent[] = [];
  const [clientEnd, client] = memoryPair();
  const [service, serviceEnd] = memoryPair();
  const tap = new VarlinkTap({
    onEvent: (event) => {
      events.push(event);
      if (event.type === "reply") control.abort();
    },
  });
  const over = relayStreams(client, service, { tap, signal: control.signal });
  clientEnd.write(frame({ method: "a.b.C", upgrade: true }));
  serviceEnd.resume();
  await eventually(() => events.at(-1)?.type === "call");
  serviceEnd.write(frame({ error: "a.b.No" }));
  await expect(over).rejects.toMatchObject({ code: "ABORTED" });
  expect(events.map(({ type }) => type)).toEqual([
    "open",
    "call",
    "reply",
    "close",
  ]);
  expect(events.at(-1)).toMatchObject({ unanswered: [] });
});

test("what onEvent throws becomes a warning, and the next event is told", async () => {
  const seen: string[] = [];
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const between = talk({
    onEvent: (event) => {
      seen.push(event.type);
      if (event.type === "open") throw new Error("not open");
    },
  });
  expect(await warned).toMatchObject({ name: "PortolanWarning" });
  await finish(between);
  expect(seen).toEqual(["open", "close"]);
});
