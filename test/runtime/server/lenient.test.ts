import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { info, serve, type Served } from "./support.ts";

const interfaceName = "org.example.test";

const handlers = {
  echo: ({ text }: { readonly text: string }) => ({ text }),
  count: (_input: never, { more, oneway, upgrade }: Call) => {
    seen.push({ more, oneway, upgrade });
    return more ? [{ number: 1 }, { number: 2 }] : { number: 0 };
  },
  paint: ({ colours }: { readonly colours: readonly string[] }) => ({
    colour: colours[0],
  }),
  nothing: (_input: never, call: Call) =>
    call.upgrade ? call.upgraded({}, (stream) => void stream.end("raw")) : {},
};

let seen: Pick<Call, "more" | "oneway" | "upgrade">[] = [];

function lenient(): Promise<Served> {
  seen = [];
  return serve(handlers, undefined, { calls: "lenient" });
}

/** Says something and then calls Echo; what comes until that is answered. */
async function say(served: Served, message: object): Promise<object[]> {
  const peer = await served.connect();
  peer.send(message).call("Echo", { text: "after" }).end();
  const replies = await peer.rest();
  expect(replies.pop()).toEqual({ parameters: { text: "after" } });
  return replies;
}

const yes = { more: true, oneway: false, upgrade: false };
const no = { more: false, oneway: false, upgrade: false };

describe("a lenient server", () => {
  it("ignores members that nobody knows", async () => {
    await using served = await lenient();
    const message = {
      method: `${interfaceName}.Echo`,
      parameters: { text: "x" },
      id: 1,
      ["constructor"]: null,
    };
    expect(await say(served, message)).toEqual([{ parameters: { text: "x" } }]);
    expect(served.protocolErrors).toEqual([]);
  });

  it.each([
    ["yes", yes],
    [1, yes],
    [{}, yes],
    [true, yes],
    ["", no],
    [0, no],
    [null, no],
    [false, no],
  ])("takes %j for a flag", async (more, flags) => {
    await using served = await lenient();
    await say(served, { method: `${interfaceName}.Count`, more });
    expect(seen).toEqual([flags]);
  });

  it.each([
    [
      { more: true, oneway: true },
      { ...no, oneway: true },
    ],
    [
      { upgrade: 1, oneway: "y", more: true },
      { ...no, oneway: true },
    ],
    [{ oneway: false, more: true }, yes],
  ])("knows which of the flags %j counts", async (flags, taken) => {
    await using served = await lenient();
    const replies = await say(served, {
      method: `${interfaceName}.Count`,
      ...flags,
    });
    expect(seen).toEqual([taken]);
    expect(replies.length).toBe(taken.oneway ? 0 : 2);
  });

  it("lets an upgrade count before `more`, and leaves the bytes behind it alone", async () => {
    await using served = await lenient();
    const peer = await served.connect();
    const flags = { more: true, upgrade: 1 };
    peer.call("Nothing", {}, flags).call("Echo", { text: "no call" }).end();
    await peer.ended;
    expect(peer.text).toBe("{}\0raw");
  });

  it.each([[[]], [null]])("takes %j for no parameters", async (parameters) => {
    await using served = await lenient();
    const message = { method: `${interfaceName}.Nothing`, parameters };
    expect(await say(served, message)).toEqual([{}]);
  });

  it.each(["exact", "partial"] as const)(
    "keeps parameters that the interface does not know from handlers with %s inputs",
    async (inputs) => {
      const got: unknown[] = [];
      const boxed = (input: object): object => {
        got.push(structuredClone(input));
        return input;
      };
      const fields = { box: "Box", list: "[]Box", map: "[string]Box" };
      await using served = await serve(
        { echo: handlers.echo, boxed },
        undefined,
        // Where inputs are partial the server need not be lenient.
        inputs === "exact" ? { calls: "lenient" } : {},
        {
          inputs,
          types: { Box: { text: "string", free: "object" } },
          methods: {
            Echo: { input: { text: "string" }, output: { text: "string" } },
            Boxed: { input: fields, output: fields },
          },
        },
      );
      const box = { text: "x", free: { more: { than: "known" } } };
      const parameters = { box, list: [box], map: { other: box } };
      const other = { ...box, other: box };
      const message = {
        method: `${interfaceName}.Boxed`,
        parameters: {
          extra: box,
          box: other,
          list: [other],
          map: { other },
        },
      };
      // What was passed through fits the interface.
      expect(await say(served, message)).toEqual([{ parameters }]);
      expect(got).toEqual([parameters]);
      expect(served.errors).toEqual([]);
    },
  );

  it("checks the parameters that it knows all the same", async () => {
    await using served = await lenient();
    const error = "org.varlink.service.InvalidParameter";
    const message = {
      method: `${interfaceName}.Paint`,
      parameters: { colours: ["blue"], extra: 1 },
    };
    expect(await say(served, message)).toEqual([
      { error, parameters: { parameter: "colours[0]" } },
    ]);
  });

  it.each([
    ["{", "not JSON"],
    ["", "an empty message"],
    ["[]", "not a JSON object"],
    ["{}", 'no "method"'],
    ['{"method":["a.b.C"]}', 'no "method"'],
    [`{"method":"${interfaceName}.Nothing","parameters":[1]}`, "not an object"],
    [
      `{"method":"${interfaceName}.Nothing","parameters":"{}"}`,
      "not an object",
    ],
  ])("closes at %j", async (message, reason) => {
    await using served = await lenient();
    const peer = await served.connect();
    peer.send(message).call("Echo", { text: "after" });
    expect(await peer.rest()).toEqual([]);
    expect(served.protocolErrors.map(({ message: text }) => text)).toEqual([
      expect.stringContaining(reason),
    ]);
  });
});

describe("the option `calls`", () => {
  it("is strict where nothing is said", async () => {
    await using served = await serve(handlers);
    const peer = await served.connect();
    peer.call("Echo", { text: "x", extra: 1 }).call("Nothing", {}, { id: 1 });
    expect(await peer.rest()).toEqual([
      {
        error: "org.varlink.service.InvalidParameter",
        parameters: { parameter: "extra" },
      },
    ]);
    expect(served.protocolErrors).toHaveLength(1);
  });

  it("is refused where it says neither", () => {
    const calls = "loose" as "lenient";
    expect(() => new VarlinkServer({ ...info, calls })).toThrow(
      'calls must be "lenient" or "strict", not "loose"',
    );
  });
});
