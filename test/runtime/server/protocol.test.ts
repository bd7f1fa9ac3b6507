import { afterAll, describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import {
  gate,
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
