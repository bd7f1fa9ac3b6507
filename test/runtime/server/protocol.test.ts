import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  memoryEndpoint,
  memoryPair,
} from "../../../src/runtime/transport/memory.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { service } from "../../../src/runtime/varlink/service.ts";
import {
  descriptor,
  gate,
  info,
  RawPeer,
  removeFolders,
  serve,
  spyOnWarnings,
  transports,
  until,
} from "./support.ts";

afterAll(removeFolders);

const echo = ({ text }: { readonly text: string }): object => ({ text });
const nothing = (): void => {};
const Nothing = "org.example.test.Nothing";

describe("a well-formed call", () => {
  it.each([
    ["with white space", ` {\n"method" : "${Nothing}" }\t`],
    [
      "with null for everything",
      `{"method":"${Nothing}","parameters":null,"more":null,"oneway":null,"upgrade":null}`,
    ],
    [
      "with flags that say no",
      `{"method":"${Nothing}","parameters":{},"more":false,"oneway":false,"upgrade":false}`,
    ],
    [
      "with members of vendors",
      `{"method":"${Nothing}","com.example.trace":{"id":1},"a.b":null}`,
    ],
    [
      "with its members in another order",
      `{"parameters":{},"method":"${Nothing}"}`,
    ],
  ])("%s is answered", async (_name, message) => {
    await using served = await serve({ nothing });
    const peer = await served.connect();
    expect(await peer.send(message).next()).toEqual({});
    expect(served.protocolErrors).toEqual([]);
  });
});

describe("a malformed message closes its connection, after the calls before it", () => {
  const malformed: readonly [string, string | Buffer, string][] = [
    ["not JSON", "{", "not JSON"],
    ["an empty message", "", "an empty message"],
    ["JSON with a comma too many", `{"method":"${Nothing}",}`, "not JSON"],
    ["an array", "[]", "not a JSON object"],
    ["a string", '"x"', "not a JSON object"],
    ["null", "null", "not a JSON object"],
    ["no method", "{}", 'no "method"'],
    [
      "a method that is a number",
      '{"method":1}',
      'no "method", or not a string',
    ],
    [
      "a method that is null",
      '{"method":null}',
      'no "method", or not a string',
    ],
    [
      "more as text",
      `{"method":"${Nothing}","more":"yes"}`,
      '"more" is not a boolean',
    ],
    [
      "oneway as a number",
      `{"method":"${Nothing}","oneway":1}`,
      '"oneway" is not a boolean',
    ],
    [
      "upgrade as an object",
      `{"method":"${Nothing}","upgrade":{}}`,
      '"upgrade" is not a boolean',
    ],
    [
      "more and oneway",
      `{"method":"${Nothing}","more":true,"oneway":true}`,
      "more than one of",
    ],
    [
      "more and upgrade",
      `{"method":"${Nothing}","more":true,"upgrade":true}`,
      "more than one of",
    ],
    [
      "an unknown member",
      `{"method":"${Nothing}","id":1}`,
      'unknown member "id"',
    ],
    [
      "a member called __proto__",
      `{"method":"${Nothing}","__proto__":{"more":true}}`,
      'unknown member "__proto__"',
    ],
    [
      "a member called constructor",
      `{"method":"${Nothing}","constructor":1}`,
      'unknown member "constructor"',
    ],
    [
      "parameters that are an array",
      `{"method":"${Nothing}","parameters":[]}`,
      '"parameters" is not an object',
    ],
    [
      "parameters that are text",
      `{"method":"${Nothing}","parameters":"x"}`,
      '"parameters" is not an object',
    ],
    [
      "invalid UTF-8",
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d, 0]),
      "not valid UTF-8",
    ],
    ["a byte order mark", "\u{feff}{}", "not JSON"],
    ["nothing but brackets", "[".repeat(100_000), "not JSON"],
  ];
  describe.each(transports)("over $name", ({ open }) => {
    it.each(malformed)("%s", async (_name, message, reason) => {
      await using served = await serve({ echo, nothing }, await open());
      const peer = await served.connect();
      peer.call("Echo", { text: "before" });
      if (typeof message === "string") peer.send(message);
      else peer.stream.write(message);
      peer.call("Echo", { text: "after" });
      expect(await peer.rest()).toEqual([{ parameters: { text: "before" } }]);
      expect(served.protocolErrors).toHaveLength(1);
      expect(served.protocolErrors[0]?.code).toBe("PROTOCOL");
      expect(served.protocolErrors[0]?.message).toContain(reason);
      expect(served.errors).toEqual([]);
      peer.stream.destroy();
      await until(() => served.server.connections === 0);
    });
  });
  it("also while one of those is still being answered", async () => {
    const held = gate();
    await using served = await serve({
      async echo(input: { readonly text: string }) {
        await held.opened;
        return echo(input);
      },
      nothing,
    });
    const peer = await served.connect();
    peer.call("Echo", { text: "slow" }).call("Nothing");
    // In one piece: what stands behind the bad message is there already.
    const after = {
      method: "org.example.test.Echo",
      parameters: { text: "after" },
    };
    peer.stream.write(
      Buffer.concat([
        Buffer.from([0xff, 0]),
        Buffer.from(`${JSON.stringify(after)}\0`),
      ]),
    );
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
    expect(peer.text).toBe("");
    held.open();
    expect(await peer.rest()).toEqual([{ parameters: { text: "slow" } }, {}]);
    expect(served.protocolErrors).toHaveLength(1);
  });
  it("a message that is cut off by the end", async () => {
    await using served = await serve({ nothing });
    const peer = await served.connect();
    peer.call("Nothing");
    peer.stream.write('{"method":');
    expect(await peer.end().rest()).toEqual([{}]);
    expect(served.protocolErrors[0]?.message).toContain(
      "in the middle of a message",
    );
  });
  it("a message that is too long, complete or not", async () => {
    for (const ending of ["\0", ""]) {
      await using served = await serve({ echo }, memoryEndpoint(), {
        maxMessageSize: 1000,
      });
      const peer = await served.connect();
      peer.call("Echo", { text: "short" });
      peer.stream.write(`{"method":"${"x".repeat(2000)}"}${ending}`);
      expect(await peer.rest()).toEqual([{ parameters: { text: "short" } }]);
      expect(served.protocolErrors[0]?.code).toBe("LIMIT_EXCEEDED");
    }
  });
  it("a message of just the size that is allowed is fine", async () => {
    const call = JSON.stringify({
      method: "org.example.test.Echo",
      parameters: { text: "" },
    });
    await using served = await serve({ echo }, memoryEndpoint(), {
      maxMessageSize: call.length + 10,
    });
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "x".repeat(10) }).next()).toEqual({
      parameters: { text: "x".repeat(10) },
    });
    peer.call("Echo", { text: "x".repeat(11) });
    expect(await peer.next()).toBeUndefined();
  });
  it("onProtocolError may be left out, and may fail", async () => {
    await using quiet = await serve({}, memoryEndpoint(), {
      onProtocolError: undefined,
    });
    expect(await (await quiet.connect()).send("x").rest()).toEqual([]);
    using warnings = spyOnWarnings();
    await using loud = await serve({}, memoryEndpoint(), {
      onProtocolError: () => {
        throw new Error("in the hook");
      },
    });
    expect(await (await loud.connect()).send("x").rest()).toEqual([]);
    expect(warnings.texts[0]).toContain("in the hook");
  });
});

describe("limits", () => {
  it("frameTimeout: a message that was begun must be completed, an idle connection may stay", async () => {
    await using served = await serve({ nothing }, memoryEndpoint(), {
      frameTimeout: 20,
    });
    const [idle, slow] = [await served.connect(), await served.connect()];
    slow.call("Nothing");
    slow.stream.write('{"method":');
    expect(await slow.rest()).toEqual([{}]);
    expect(served.protocolErrors[0]?.code).toBe("TIMEOUT");
    expect(served.protocolErrors[0]?.message).toContain("frameTimeout");
    expect(await idle.call("Nothing").next()).toEqual({});
  });
  it("frameTimeout: a message in pieces is fine when it is in time", async () => {
    await using served = await serve({ nothing }, memoryEndpoint(), {
      frameTimeout: 2000,
    });
    const peer = await served.connect();
    for (const byte of Buffer.from(`{"method":"${Nothing}"}\0`)) {
      peer.stream.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    expect(await peer.next()).toEqual({});
    expect(served.protocolErrors).toEqual([]);
  });
  it("frameTimeout: the time of a message does not count against what follows", async () => {
    await using served = await serve({ nothing }, memoryEndpoint(), {
      frameTimeout: 500,
    });
    const peer = await served.connect();
    peer.stream.write('{"method":');
    for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
    peer.stream.write(`"${Nothing}"}\0`);
    expect(await peer.next()).toEqual({});
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(served.protocolErrors).toEqual([]);
    expect(await peer.call("Nothing").next()).toEqual({});
  });
  it("frameTimeout: a call being answered is answered before the connection ends", async () => {
    const held = gate();
    await using served = await serve(
      {
        nothing: async () => {
          await held.opened;
        },
      },
      memoryEndpoint(),
      { frameTimeout: 10 },
    );
    const peer = await served.connect();
    peer.call("Nothing");
    peer.stream.write("{");
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(served.protocolErrors).toEqual([]);
    held.open();
    expect(await peer.rest()).toEqual([{}]);
    expect(served.protocolErrors.map((error) => error.code)).toEqual([
      "TIMEOUT",
    ]);
  });
  it("idleTimeout: ends a connection without a call, and not one with a call", async () => {
    const held = gate();
    await using served = await serve(
      {
        nothing: async () => {
          await held.opened;
        },
      },
      memoryEndpoint(),
      { idleTimeout: 300 },
    );
    const [idle, busy] = [await served.connect(), await served.connect()];
    busy.call("Nothing");
    expect(await idle.rest()).toEqual([]);
    expect(served.protocolErrors).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    held.open();
    expect(await busy.rest()).toEqual([{}]);
  });
  it("maxConnections: one too many is closed, and reported", async () => {
    await using served = await serve({ nothing }, memoryEndpoint(), {
      maxConnections: 2,
    });
    const [one, two] = [await served.connect(), await served.connect()];
    await one.call("Nothing").next();
    await two.call("Nothing").next();
    for (let surplus = 0; surplus < 3; surplus += 1) {
      expect(await (await served.connect()).rest()).toEqual([]);
    }
    // Said once, for it may be a flood.
    expect(served.errors.map(({ error }) => error)).toMatchObject([
      { code: "LIMIT_EXCEEDED" },
    ]);
    one.stream.destroy();
    await until(() => served.server.connections === 1);
    const again = await served.connect();
    await again.call("Nothing").next();
    expect(await (await served.connect()).rest()).toEqual([]);
    expect(served.errors).toHaveLength(2);
    again.stream.destroy();
    await until(() => served.server.connections === 1);
    expect(await (await served.connect()).call("Nothing").next()).toEqual({});
  });
  it.each([
    ["by number", 3, 20_000],
    ["by size", undefined, 300_000],
  ])(
    "maxPipelinedCalls: reading pauses, %s, and nothing is lost",
    async (_name, maxPipelinedCalls, size) => {
      const held = gate();
      await using served = await serve(
        {
          async echo(input: { readonly text: string }) {
            await held.opened;
            return echo(input);
          },
        },
        memoryEndpoint(),
        { maxPipelinedCalls },
      );
      const peer = await served.connect();
      const texts = Array.from({ length: 20 }, (_, index) =>
        String(index).padEnd(size),
      );
      for (const text of texts) peer.call("Echo", { text });
      // The server has stopped to read, so the transport is full, and stays so.
      let before = -1;
      for (let calm = 0; calm < 100;) {
        await new Promise(setImmediate);
        calm = peer.stream.writableLength === before ? calm + 1 : 0;
        before = peer.stream.writableLength;
      }
      expect(before).toBeGreaterThan(0);
      held.open();
      const replies = await peer.take(20);
      expect(replies.map((reply) => reply?.parameters?.["text"])).toEqual(
        texts,
      );
    },
  );
  it("maxPipelinedCalls: reading goes on when half of them are answered, not only when all are", async () => {
    const held = Array.from({ length: 30 }, gate);
    await using served = await serve(
      {
        async echo(input: { readonly text: string }) {
          await held[Number(input.text)]?.opened;
          return echo(input);
        },
      },
      memoryEndpoint(),
      { maxPipelinedCalls: 20 },
    );
    const peer = await served.connect();
    for (let index = 0; index < 30; index += 1)
      peer.call("Echo", { text: String(index).padEnd(5000) });
    for (let turns = 0; turns < 100; turns += 1)
      await new Promise(setImmediate);
    expect(peer.stream.writableLength).toBeGreaterThan(0);
    for (const { open } of held.slice(0, 15)) open();
    await until(() => peer.stream.writableLength === 0);
    for (const { open } of held) open();
    expect(await peer.take(30)).toHaveLength(30);
  });
  it.each([
    { maxMessageSize: 0 },
    { maxMessageSize: 1.5 },
    { maxConnections: -1 },
    { maxPipelinedCalls: Number.NaN },
    { frameTimeout: -1 },
    { idleTimeout: 2 ** 31 },
    { frameTimeout: Number.NaN },
  ])("%j is refused", (options) => {
    expect(() => new VarlinkServer({ ...info, ...options })).toThrow(
      Object.keys(options)[0],
    );
  });
});

describe("split points", () => {
  it("make no difference", async () => {
    const texts = [
      "",
      "a",
      "grüße 🎉",
      "\u{0}",
      '"',
      "\u{2028}",
      "x".repeat(300),
    ];
    const bytes = Buffer.from(
      texts
        .map(
          (text) =>
            `${JSON.stringify({ method: "org.example.test.Echo", parameters: { text } })}\0`,
        )
        .join(""),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(bytes.length), { maxLength: 60 }),
        async (cuts) => {
          await using served = await serve({ echo });
          const peer = await served.connect();
          const points = [0, ...cuts.sort((a, b) => a - b), bytes.length];
          for (let index = 1; index < points.length; index += 1) {
            peer.stream.write(bytes.subarray(points[index - 1], points[index]));
          }
          const replies = await peer.end().rest();
          expect(replies.map((reply) => reply.parameters?.["text"])).toEqual(
            texts,
          );
          expect(served.protocolErrors).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("fuzzed frames", () => {
  /** A small generator of our own, so that a failure can be run again by its seed. */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }
  const seeds = [
    `{"method":"${Nothing}"}`,
    '{"method":"org.example.test.Echo","parameters":{"text":"hello"}}',
    '{"method":"org.example.test.Paint","parameters":{"colours":["red","green"]},"oneway":true}',
    '{"method":"org.example.test.Count","parameters":{"to":3},"more":true}',
    '{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"org.example.test"}}',
  ].map((text) => Buffer.from(`${text}\0`));
  const tokens = [
    "\0",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "null",
    "true",
    "1e999",
    "-",
    "\\u0000",
    "\\",
    "é",
    '"__proto__"',
    '"more":true,',
    "\u{1f389}",
  ].map((token) => Buffer.from(token));

  function mutate(next: () => number): Buffer {
    const pick = <T>(list: readonly T[]): T =>
      list[Math.floor(next() * list.length)] as T;
    let bytes = Buffer.from(pick(seeds));
    for (let edits = 1 + Math.floor(next() * 3); edits > 0; edits -= 1) {
      const at = Math.floor(next() * (bytes.length + 1));
      const kind = Math.floor(next() * 5);
      const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
      if (kind === 0)
        bytes = Buffer.concat([
          head,
          Buffer.of(Math.floor(next() * 256)),
          tail,
        ]);
      else if (kind === 1)
        bytes = Buffer.concat([
          head,
          tail.subarray(1 + Math.floor(next() * 4)),
        ]);
      else if (kind === 2) bytes = Buffer.concat([head, pick(tokens), tail]);
      else if (kind === 3)
        bytes = Buffer.concat([
          head,
          pick(seeds).subarray(0, Math.floor(next() * 40)),
          tail,
        ]);
      else
        bytes = Buffer.concat([
          head,
          Buffer.of(Math.floor(next() * 256)),
          tail.subarray(1),
        ]);
    }
    return bytes;
  }

  it(
    "20 000 of them: every connection is answered or closed, and the server lives",
    { timeout: 60_000 },
    async () => {
      const errors: unknown[] = [];
      const server = new VarlinkServer({
        ...info,
        onError: (error) => errors.push(error),
      });
      server.add(
        service(descriptor, {
          echo,
          nothing,
          paint: () => ({ colour: "red" }),
          *count({ to = 0 }: { to?: number | null }) {
            for (let number = 0; number < Math.min(to ?? 0, 100); number += 1)
              yield { number };
          },
        }),
      );
      const next = random(20);
      let closedEarly = 0;
      let replied = 0;
      for (let round = 0; round < 200; round += 1) {
        await Promise.all(
          Array.from({ length: 100 }, async () => {
            const [client, accepted] = memoryPair();
            server.accept(accepted);
            const peer = new RawPeer(client);
            peer.stream.write(mutate(next));
            peer.call("Echo", { text: "probe" });
            const replies = await peer.end().rest();
            // Every reply is a message of its own; a closed connection has no probe's.
            const answered = replies.at(-1)?.parameters?.["text"] === "probe";
            if (answered) replied += 1;
            else closedEarly += 1;
          }),
        );
      }
      expect(replied + closedEarly).toBe(20_000);
      // Both kinds are there, or the mutations would prove nothing.
      expect(replied).toBeGreaterThan(1000);
      expect(closedEarly).toBeGreaterThan(1000);
      expect(errors).toEqual([]);
      await until(() => server.connections === 0);
      await server.close();
    },
  );
});
