import { afterEach, describe, expect, it } from "vitest";
import {
  VarlinkClient,
  VarlinkError,
  VarlinkServer,
} from "../../../src/runtime/index.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { Client } from "../../../src/runtime/varlink/client.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import {
  compileInterface,
  MAX_DEPTH,
} from "../../../src/runtime/varlink/schema.ts";
import { service } from "../../../src/runtime/varlink/service.ts";
import type {
  Dict,
  ExactAny,
  ExactJson,
  ExactObject,
  Handler,
  Method,
} from "../../../src/runtime/varlink/types.ts";
import { compileExactly, exactly, readCall, readReply } from "./support.ts";

/** Integers where no type says that they are some: inside of `object` and `any`. */

const MAX = 2n ** 64n - 1n;
const MIN = -(2n ** 63n);
/** What JSON.parse makes of 9007199254740993.5. */
const LOST = 2 ** 53 + 2;

const method = compileExactly({ v: "any" });

/** All three ways to read parameters. */
function everyWay(one: typeof method, text: string): unknown[] {
  return [
    readCall(one, text),
    readReply(one, text, "strict"),
    readReply(one, text, "lenient"),
  ];
}

describe("a number inside of a free value", () => {
  it.each<[string, unknown]>([
    ["0", 0],
    ["-0", -0],
    ["1e3", 1000],
    ["1.5", 1.5],
    ["9007199254740991", 2 ** 53 - 1],
    ["-9007199254740991", -(2 ** 53 - 1)],
    ["9007199254740992", 2n ** 53n],
    ["9007199254740993", 2n ** 53n + 1n],
    ["-9007199254740993", -(2n ** 53n) - 1n],
    ["9007199254740993.0", 2n ** 53n + 1n],
    ["9.007199254740993e15", 2n ** 53n + 1n],
    ["9007199254740993.5", LOST],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["-9223372036854775808", MIN],
    ["18446744073709551615", MAX],
    ["1e19", 10n ** 19n],
    // Beyond 64 bits, which may be written as bigints by nobody.
    ["18446744073709551616", 2 ** 64],
    ["-9223372036854775809", -(2 ** 63)],
    ["1e30", 1e30],
    ["1e308", 1e308],
    // Nothing says that text is a number.
    ['"18446744073709551615"', "18446744073709551615"],
    ['"5"', "5"],
  ])("%s", (token, value) => {
    const types = { S: { v: "any" } };
    for (const [type, text, expected] of [
      ["any", token, value],
      ["any", `[ ${token} ,{"a":${token}}]`, [value, { a: value }]],
      ["object", `{"a":[${token}],"__proto__":${token}}`, undefined],
      ["[]?any", `[${token},null]`, [value, null]],
      ["?[string]any", `{"constructor":${token}}`, { constructor: value }],
      ["S", `{"v":${token}}`, { v: value }],
    ] as const) {
      const one = compileExactly({ v: type, int: "int" }, types);
      const free =
        expected ??
        Object.fromEntries([
          ["a", [value]],
          ["__proto__", value],
        ]);
      for (const int of [7n, MAX]) {
        const read = { v: free, int };
        const json = `{"v":${text},"int":${int}}`;
        for (const outcome of everyWay(one, json))
          expect(outcome).toEqual({ value: read });
        // What was read may be sent, and is the same again.
        expect(one.checkInput(read)).toBeUndefined();
        expect(one.checkReply(read)).toBeUndefined();
        for (const written of [one.writeInput(read), one.writeReply(read)]) {
          const back = { ...read, v: asRead(read.v) };
          expect(readReply(one, written ?? "")).toEqual({ value: back });
        }
      }
    }
  });

  it.each([
    ["9007199254740993,9007199254740992", 2n ** 53n],
    ["9007199254740992,9007199254740993", 2n ** 53n + 1n],
    ["9007199254740993,9007199254740992.5", 2 ** 53],
    ["9007199254740992.5,9007199254740993", 2n ** 53n + 1n],
    [`18446744073709551615,18446744073709551616`, 2 ** 64],
    [`18446744073709551616,18446744073709551615`, MAX],
    [`"9007199254740993",9007199254740992`, 2n ** 53n],
    [`9007199254740993,"9007199254740992"`, "9007199254740992"],
    ["9007199254740993,5", 5],
    ["[9007199254740993],9007199254740993", 2n ** 53n + 1n],
    ["[9007199254740993],[9007199254740992]", [2n ** 53n]],
  ])("that comes twice, %s: the last one counts", (tokens, value) => {
    const members = tokens
      .split(",")
      .map((token) => `"v":${token}`)
      .join();
    for (const text of [`{${members},"w":${MAX}}`, `{"w":${MAX},${members}}`])
      for (const outcome of everyWay(
        compileExactly({ o: "object" }),
        `{"o":${text}}`,
      ))
        expect(outcome).toEqual({ value: { o: { v: value, w: MAX } } });
    const text = `{${members}}`;
    for (const outcome of everyWay(method, text))
      expect(outcome).toEqual({ value: { v: value } });
  });

  it("is no reason to refuse an int beside it, nor to let one pass", () => {
    const one = compileExactly({ v: "any", list: "[]int" });
    for (const read of [readCall, readReply]) {
      const text = `{"v":[18446744073709551616],"list":[1,9007199254740993.5]}`;
      expect(read(one, text, "strict")).toEqual({
        problem: "list[1]: expected an int, got a number with a fraction",
      });
    }
  });

  it("is what JSON.parse says where ints are numbers", () => {
    const { int: _, ...numbers } = exactly({ v: "any", o: "object" });
    const one = compileInterface(numbers).methods.get("Test");
    if (one === undefined) throw new Error("the method is missing");
    const text = `{"v":18446744073709551615,"o":{"a":9007199254740993}}`;
    for (const outcome of everyWay(one, text))
      expect(outcome).toEqual({ value: { v: 2 ** 64, o: { a: 2 ** 53 } } });
    expect(one.checkInput({ v: 1n, o: {} })?.message).toBe(
      "JSON cannot carry a bigint",
    );
    expect(one.checkReply({ v: 1, o: { a: 1n } })?.path).toBe("o.a");
  });
});

/** JSON.stringify writes -0 as 0, and where a double has lost the fraction, none. */
function asRead(value: unknown): unknown {
  if (typeof value !== "object" || value === null)
    return Object.is(value, -0) ? 0 : value === LOST ? BigInt(LOST) : value;
  if (Array.isArray(value)) return value.map(asRead);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, asRead(item)]),
  );
}

describe("a free value", () => {
  it("may not have what JSON has not, and a lenient client takes what comes", () => {
    const one = compileExactly({ v: "any", o: "?object" });
    for (const [text, problem] of [
      [
        '{"v":[1e999]}',
        "v[0]: expected a finite number, got an infinite number",
      ],
      ['{"v":1e999}', "v: expected a finite number, got an infinite number"],
      ['{"v":1,"o":[1]}', "o: expected an object, got an array"],
    ] as const) {
      expect(readCall(one, text)).toEqual({ problem });
      expect(readReply(one, text, "strict")).toEqual({ problem });
      expect(readReply(one, text)).toEqual({
        value: JSON.parse(text) as object,
      });
    }
    expect(readReply(one, `{"o":[${MAX},null]}`)).toEqual({
      value: { o: [MAX, null] },
    });
  });

  it("nests as deep as any value may, and is exact there", () => {
    // The parameters are one level, and the number is none.
    const levels = MAX_DEPTH - 1;
    const nested = (count: number): string =>
      `{"v":${"[".repeat(count)}${MAX}${"]".repeat(count)}}`;
    for (const outcome of everyWay(method, nested(levels))) {
      expect(outcome).toHaveProperty("value");
      let inside: unknown = (outcome as { value: { v: unknown } }).value.v;
      while (Array.isArray(inside)) inside = inside[0];
      expect(inside).toBe(MAX);
    }
    for (const count of [levels + 1, 100_000])
      for (const outcome of everyWay(method, nested(count)))
        expect(outcome).toHaveProperty(
          "problem",
          expect.stringContaining("levels deep"),
        );
  });

  it("is written as JSON.stringify does, but for bigints, and not changed", () => {
    class Point {
      readonly x = MAX;
      readonly y = 1n;
    }
    const v = Object.freeze({
      list: Object.freeze([1n, MAX, null, undefined, "1", [], {}, 1.5]),
      gone: undefined,
      nothing: null,
      point: new Point(),
      bare: Object.assign(Object.create(null) as object, { n: MIN }),
      plain: Object.freeze({ a: [true] }),
    });
    expect(method.checkInput({ v })).toBeDefined();
    const sent = {
      v: { ...v, list: v.list.filter((item) => item !== undefined) },
    };
    expect(method.checkInput(sent)).toBeUndefined();
    expect(method.writeInput(sent)).toBe(
      `{"v":{"list":[1,${MAX},null,"1",[],{},1.5],"nothing":null,"point":{"x":${MAX},"y":1},"bare":{"n":${MIN}},"plain":{"a":[true]}}}`,
    );
  });

  it("that has an integer beyond 64 bits is not sent", () => {
    for (const n of [MAX + 1n, MIN - 1n])
      expect(method.checkInput({ v: { list: [1n, n] } })).toEqual({
        path: "v.list[1]",
        message: "expected an int of 64 bits, got a bigint beyond that",
      });
  });

  it("is refused where the interface does not know it, for nobody would read it so", () => {
    expect(method.checkInput({ v: 1, other: 1n })?.path).toBe("other");
  });
});

const description: InterfaceDescriptor = {
  interface: "org.example.free",
  int: "bigint",
  types: {},
  methods: {
    Echo: {
      input: { record: "object", extra: "?any" },
      output: { record: "object", extra: "?any" },
    },
    Watch: { input: {}, output: { change: "any" }, more: "supported" },
    Fail: { input: {}, output: {} },
  },
  errors: { Broken: { why: "object", all: "[string]any" } },
  description: ["interface org.example.free", ""],
};

interface Echo {
  readonly input: { readonly record: ExactObject; readonly extra?: ExactAny };
  readonly output: { readonly record: ExactObject; readonly extra?: ExactAny };
}
interface Watch {
  readonly input: Dict<never>;
  readonly output: { readonly change: ExactAny };
}
interface Fail {
  readonly input: Dict<never>;
  readonly output: Dict<never>;
}

// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as generated code does it: the base class makes the methods
interface FreeClient {
  readonly echo: Method<Echo>;
  readonly watch: Method<Watch>;
  readonly fail: Method<Fail>;
}
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
class FreeClient extends Client {
  static override readonly descriptor: InterfaceDescriptor = description;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

describe.each(["lenient", "strict"] as const)(
  "between a client and a server, replies %s",
  (replies) => {
    const changes: readonly ExactJson[] = [
      MAX,
      [MIN, { a: 2n ** 53n }],
      1,
      "1",
    ];
    const parameters = { why: { id: MAX }, all: { a: MIN, b: [1, MAX] } };

    async function connect(): Promise<{
      readonly client: FreeClient;
      readonly seen: unknown[];
      readonly untyped: VarlinkClient;
    }> {
      const seen: unknown[] = [];
      const server = new VarlinkServer({
        vendor: "Portolan",
        product: "Test",
        version: "1",
        url: "https://example.org",
      });
      const echo: Handler<Echo> = (input) => {
        seen.push(input);
        return input;
      };
      const watch: Handler<Watch> = function* () {
        for (const change of changes) yield { change: change ?? "" };
      };
      const fail: Handler<Fail> = () => {
        throw new VarlinkError("org.example.free.Broken", parameters);
      };
      server.add(service(description, { echo, watch, fail }));
      const at = memoryEndpoint();
      await server.listen(at);
      closing.push(() => server.close());
      const client = await FreeClient.connect(at, { replies });
      closing.push(() => client.$close());
      const untyped = await VarlinkClient.connect(at);
      closing.push(() => untyped.close());
      return { client, seen, untyped };
    }

    it("calls carry every integer, there and back", async () => {
      const { client, seen } = await connect();
      const values = [
        { record: { uid: 1000, all: [MAX, { least: MIN }] }, extra: MAX },
        { record: {}, extra: [2n ** 53n + 1n, 0.5, "9007199254740993"] },
        { record: { a: 1 } },
      ];
      for (const value of values)
        expect(await client.echo(value)).toEqual(value);
      expect(seen).toEqual(values);
      // What a number holds comes as one.
      expect(await client.echo({ record: { n: 5n } })).toEqual({
        record: { n: 5 },
      });
    });

    it("streams do, and so do errors", async () => {
      const { client } = await connect();
      const seen: ExactJson[] = [];
      for await (const { change } of client.watch.more({})) seen.push(change);
      expect(seen).toEqual(changes);
      const error: unknown = await client
        .fail({})
        .catch((reason: unknown) => reason);
      expect(VarlinkError.is(error) && error.parameters).toEqual(parameters);
    });

    it("a call by name is JSON.parse's", async () => {
      const { untyped, seen } = await connect();
      const reply = await untyped.call("org.example.free.Echo", {
        record: { n: MAX },
      });
      expect(seen).toEqual([{ record: { n: MAX } }]);
      expect(reply).toEqual({ record: { n: 2 ** 64 } });
    });
  },
);
