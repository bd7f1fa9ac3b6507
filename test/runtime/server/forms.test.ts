import { setImmediate as turn } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { MethodDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import { gate, removeFolders, serve, transports, until } from "./support.ts";

const test = "org.example.test";
const standard = "org.varlink.service";
const forms = [
  {},
  { more: true },
  { upgrade: true },
  { oneway: true },
] as const;

afterAll(removeFolders);

describe("a method whose form is described", () => {
  const described: readonly [
    what: string,
    method: Pick<MethodDescriptor, "more" | "upgrade">,
    /** What a call, one with `more`, with `upgrade` and with `oneway` come to. */
    answers: readonly string[],
  ][] = [
    [
      "requires `more`",
      { more: "required" },
      ["ExpectedMore", "runs", "ExpectedMore", "silence"],
    ],
    [
      "requires `upgrade`",
      { upgrade: "required" },
      ["ExpectedUpgrade", "ExpectedUpgrade", "runs", "silence"],
    ],
    [
      "requires either",
      { more: "required", upgrade: "required" },
      ["ExpectedMore", "runs", "runs", "silence"],
    ],
    [
      "supports both",
      { more: "supported", upgrade: "supported" },
      ["runs", "runs", "runs", "runs"],
    ],
    [
      "supports `more`",
      { more: "supported" },
      ["runs", "runs", "runs", "runs"],
    ],
    ["says nothing", {}, ["runs", "runs", "runs", "runs"]],
  ];
  it.each(described)(
    "and %s never runs in another",
    async (_, method, answers) => {
      const ran: string[] = [];
      const handler = (_input: never, call: Call): object => {
        ran.push("runs");
        return call.upgrade
          ? call.upgraded({}, () => {})
          : call.more
            ? [{}]
            : {};
      };
      await using served = await serve(
        { nothing: handler, echo: () => ({}) },
        undefined,
        {},
        {
          methods: {
            Nothing: { input: {}, output: {}, ...method },
            Echo: { input: {}, output: {} },
          },
        },
      );
      const peer = await served.connect();
      const seen: string[] = [];
      for (const form of forms) {
        ran.length = 0;
        peer.call("Nothing", {}, form).call("Echo");
        const first = await peer.next();
        const silent = "oneway" in form;
        if (!silent) expect(await peer.next()).toEqual({});
        seen.push(
          first?.error?.replace(`${standard}.`, "") ?? ran[0] ?? "silence",
        );
        // An error comes instead of the handler, not behind it.
        if (first?.error !== undefined) expect(ran).toEqual([]);
      }
      expect(seen).toEqual(answers);
      expect(served.errors).toEqual([]);
    },
  );

  it("makes methods beside one that upgrades known not to", async () => {
    let ran = 0;
    const handler = (): object => {
      ran += 1;
      return {};
    };
    await using served = await serve(
      {
        nothing: handler,
        call: (_input: never, call: Call) => call.upgraded({}, () => {}),
      },
      undefined,
      {},
      {
        methods: {
          Nothing: { input: {}, output: {} },
          Call: { input: {}, output: {}, upgrade: "supported" },
        },
      },
    );
    const peer = await served.connect();
    peer.call("Nothing", {}, { upgrade: true });
    expect(await peer.next()).toEqual({
      error: `${standard}.MethodNotImplemented`,
      parameters: { method: `${test}.Nothing` },
    });
    expect(ran).toBe(0);
    expect(await peer.call("Call", {}, { upgrade: true }).next()).toEqual({});
    expect(await peer.call("Nothing").next()).toEqual({});
    expect(ran).toBe(1);
    expect(served.errors).toEqual([]);
  });
});

describe.each(transports)("a stream over $name", ({ open: place }) => {
  it("is ended before any call behind it is run, whatever its form", async () => {
    const { opened, open } = gate();
    const order: string[] = [];
    await using served = await serve(
      {
        async *count() {
          yield { number: 1 };
          await opened;
          order.push("stream");
          return { number: 2 };
        },
        nothing: (_input: never, { oneway, more }: Call) => {
          order.push(oneway ? "oneway" : more ? "more" : "call");
        },
      },
      await place(),
    );
    const peer = await served.connect();
    peer
      .call("Count", {}, { more: true })
      .call("Nothing", {}, { oneway: true })
      .call("Nothing", {}, { more: true })
      .call("Nothing");
    expect(await peer.next()).toEqual({
      parameters: { number: 1 },
      continues: true,
    });
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(order).toEqual([]);
    open();
    expect(await peer.take(3)).toEqual([{ parameters: { number: 2 } }, {}, {}]);
    expect(order).toEqual(["stream", "oneway", "more", "call"]);
  });

  it("that fails behind `continues` ends with the error, and the connection goes on", async () => {
    await using served = await serve(
      {
        async *count() {
          yield { number: 1 };
          await turn();
          throw new Error("secret");
        },
        echo: ({ text }: { readonly text: string }) => ({ text }),
      },
      await place(),
    );
    await using client = await VarlinkClient.connect(served.endpoint, {
      maxConnections: 1,
    });
    const stream = client.more(`${test}.Count`);
    expect((await stream.next()).value).toEqual({ number: 1 });
    await expect(stream.next()).rejects.toMatchObject({
      error: "invalid.portolan.InternalError",
    });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    const echo = client.call(`${test}.Echo`, { text: "on" });
    expect(await echo).toEqual({ text: "on" });
    expect(served.server.connections).toBe(1);
  });
});

describe.each(transports)("a client over $name", ({ open: place }) => {
  it("that ends its side has all that it has queued answered, then the end", async () => {
    const { opened, open } = gate();
    const ran: string[] = [];
    await using served = await serve(
      {
        echo: async ({ text }: { readonly text: string }) => {
          await opened;
          ran.push(text);
          return { text };
        },
        async *count() {
          yield { number: 1 };
          await turn();
          return { number: 2 };
        },
      },
      await place(),
    );
    const peer = await served.connect();
    peer
      .call("Echo", { text: "a" })
      .call("Count", {}, { more: true })
      .call("Echo", { text: "b" }, { oneway: true })
      .call("Missing")
      .call("Echo", { text: "c" })
      .end();
    for (let turns = 0; turns < 20; turns += 1) await turn();
    open();
    expect(await peer.rest()).toEqual([
      { parameters: { text: "a" } },
      { parameters: { number: 1 }, continues: true },
      { parameters: { number: 2 } },
      {
        error: `${standard}.MethodNotImplemented`,
        parameters: { method: `${test}.Missing` },
      },
      { parameters: { text: "c" } },
    ]);
    expect(ran).toEqual(["a", "b", "c"]);
    await until(() => served.server.connections === 0);
  });

  it("that closes settles every call, each with why", async () => {
    await using served = await serve(
      {
        echo: () => new Promise(() => {}),
        async *count() {
          yield { number: 1 };
          await new Promise(() => {});
        },
      },
      await place(),
    );
    const client = await VarlinkClient.connect(served.endpoint, {
      maxConnections: 2,
    });
    const stream = client.more(`${test}.Count`);
    await stream.next();
    const text = { text: "" };
    const echo = (): Promise<object> => client.call(`${test}.Echo`, text);
    // Under way, waiting for a connection, behind another one in a pipeline.
    const calls: Promise<unknown>[] = [echo(), echo(), stream.next()];
    calls.push(
      client.pipeline((line) =>
        Promise.all([
          line.call(`${test}.Echo`, text),
          line.call(`${test}.Echo`, text),
        ]),
      ),
      client.more(`${test}.Count`).next(),
      client.upgrade(`${test}.Echo`, text),
    );
    const settled = Promise.allSettled(calls);
    await turn();
    await client.close();
    for (const outcome of await settled)
      expect(outcome).toMatchObject({ reason: { code: "CLOSED" } });
    await expect(echo()).rejects.toMatchObject({ code: "CLOSED" });
    await served.server.close({ timeout: 0 });
  });
});
