import { describe, expect, it } from "vitest";
import {
  readDecimal,
  readInteger,
} from "../../../src/runtime/varlink/exact/integer.ts";
import { MAX_DEPTH } from "../../../src/runtime/varlink/schema.ts";
import { compileExactly, readCall, readReply } from "./support.ts";

const MAX = "18446744073709551615";
const MIN = "-9223372036854775808";

describe("the text of a number", () => {
  it.each<[string, bigint | undefined]>([
    ["0", 0n],
    ["-0", 0n],
    ["-0.0e5", 0n],
    [MAX, 2n ** 64n - 1n],
    [MIN, -(2n ** 63n)],
    ["9007199254740993", 9007199254740993n],
    ["9007199254740993.000", 9007199254740993n],
    ["9007199254740993.5", undefined],
    ["9007199254740993.05", undefined],
    ["9.007199254740993e15", 9007199254740993n],
    ["90071992547409930e-1", 9007199254740993n],
    ["90071992547409931e-1", undefined],
    ["1E+3", 1000n],
    ["0.00001e5", 1n],
    ["0.00001e4", undefined],
    ["0e999999999999999999", 0n],
    ["1e999999999999999999", undefined],
    ["1e-999999999999999999", undefined],
    ["18446744073709553664", 18446744073709553664n],
    ["1e19", 10n ** 19n],
    ["1e308", undefined],
    ["9".repeat(1_000_000), undefined],
    [`${"9".repeat(1_000_000)}e-999990`, undefined],
    [`1${"0".repeat(1_000_000)}e-999985`, 10n ** 15n],
    [`0.${"0".repeat(100_000)}12e100002`, 12n],
    [`12.${"0".repeat(100_000)}`, 12n],
    [`12.${"0".repeat(100_000)}1`, undefined],
  ])("%.30s is %s", (token, value) => {
    expect(readInteger(token)).toBe(value);
  });
});

describe("decimal text", () => {
  it.each([
    ["0", 0n],
    ["-0", 0n],
    ["-1", -1n],
    [MAX, 2n ** 64n - 1n],
    [MIN, -(2n ** 63n)],
  ])("%s is an integer", (text, value) => {
    expect(readDecimal(text)).toBe(value);
  });
  it.each([
    "",
    "-",
    " 1",
    "1 ",
    "1\n",
    "+1",
    "01",
    "-01",
    "1.0",
    "1e3",
    "0x10",
    "1_000",
    "1n",
    "NaN",
    "Infinity",
    "١",
    "18446744073709551616",
    "-9223372036854775809",
    "9".repeat(100_000),
  ])("%.30j is none", (text) => {
    expect(readDecimal(text)).toBeUndefined();
  });
});

describe("ints of a message", () => {
  const types = {
    Node: { id: "int", name: "string", next: "?Node", children: "[]Node" },
  };
  const fields = {
    value: "int",
    maybe: "?int",
    list: "[]int",
    map: "[string]?int",
    lists: "[string][]?int",
    node: "?Node",
    float: "float",
    free: "object",
  };
  const method = compileExactly(fields, types);

  it("are bigints, exact, wherever the interface has them", () => {
    const text = `{
      "value": ${MAX}, "maybe": ${MIN},
      "list": [1, ${MAX} , -9007199254740993,0],
      "map": {"a": ${MAX}, "b": null, "": 9007199254740993},
      "lists": {"x": [ ], "y": [null, ${MAX}]},
      "node": {"id": 9007199254740993, "name": "9007199254740993", "next": null,
        "children": [{"id": ${MAX}, "name": "\\"]}", "children": []}]},
      "float": 9007199254740993, "free": {"value": ${MAX}}
    }`;
    const expected = {
      value: 2n ** 64n - 1n,
      maybe: -(2n ** 63n),
      list: [1n, 2n ** 64n - 1n, -9007199254740993n, 0n],
      map: { a: 2n ** 64n - 1n, b: null, "": 9007199254740993n },
      lists: { x: [], y: [null, 2n ** 64n - 1n] },
      node: {
        id: 9007199254740993n,
        name: "9007199254740993",
        next: null,
        children: [{ id: 2n ** 64n - 1n, name: '"]}', children: [] }],
      },
      float: 2 ** 53,
      free: { value: 2n ** 64n - 1n },
    };
    expect(readCall(method, text)).toEqual({ value: expected });
    expect(readReply(method, text, "strict")).toEqual({ value: expected });
    expect(readReply(method, text)).toEqual({ value: expected });
  });

  it("are bigints where all are small, without another look at the text", () => {
    const small = compileExactly({ value: "int", list: "[]?int" });
    for (const mode of ["lenient", "strict"] as const) {
      const parameters = { value: 2 ** 53 - 1, list: [null, -1] };
      expect(small.normaliseOutput(parameters, mode)).toBeUndefined();
      expect(parameters).toEqual({ value: 2n ** 53n - 1n, list: [null, -1n] });
    }
  });

  it("are never rounded for want of the text", () => {
    const big = compileExactly({ value: "int" });
    expect(() => big.normaliseOutput({ value: 2 ** 53 }, "lenient")).toThrow(
      "exact integers are read from the text",
    );
    // And a reading that went wrong leaves nothing behind.
    expect(big.normaliseOutput({ value: 1 }, "lenient")).toBeUndefined();
  });

  it("may be written as JSON writes no integers, if they are some", () => {
    const one = compileExactly({ value: "int" });
    for (const [token, value] of [
      ["1.0", 1n],
      ["1e3", 1000n],
      ["-0", 0n],
      ["9007199254740993.0", 9007199254740993n],
      ["1.8446744073709551615e19", 2n ** 64n - 1n],
    ] as const) {
      const text = `{"value":${token}}`;
      expect(readCall(one, text)).toEqual({ value: { value } });
      expect(readReply(one, text)).toEqual({ value: { value } });
    }
  });

  it("may be decimal strings", () => {
    const one = compileExactly({ list: "[]int" });
    const text = `{"list":["${MAX}","-5","\\u0030",${MAX}]}`;
    const value = { list: [2n ** 64n - 1n, -5n, 0n, 2n ** 64n - 1n] };
    expect(readCall(one, text)).toEqual({ value });
    expect(readReply(one, text)).toEqual({ value });
    expect(readReply(one, text, "strict")).toEqual({ value });
  });

  it.each(["1.00000000000000000001", "1e-400", "9007199254740990.0001"])(
    "are what a double is where a fraction as in %s is beyond it, whatever stands beside",
    (token) => {
      const one = compileExactly({ list: "[]int" });
      for (const beside of ["1", "18446744073709551615"]) {
        const text = `{"list":[${token},${beside}]}`;
        const value = { list: [BigInt(Number(token)), BigInt(beside)] };
        expect(readCall(one, text)).toEqual({ value });
        expect(readReply(one, text)).toEqual({ value });
        expect(readReply(one, text, "strict")).toEqual({ value });
      }
    },
  );

  it.each([
    ["18446744073709551616", "of 64 bits, got a number beyond that"],
    ["-9223372036854775809", "of 64 bits, got a number beyond that"],
    ["-9223372036854777000", "of 64 bits, got a number beyond that"],
    ["1e20", "of 64 bits, got a number beyond that"],
    ["9007199254740993.5", "got a number with a fraction"],
    ["1.5", "got a number with a fraction"],
    ["1e999", "got an infinite number"],
    [`"18446744073709551616"`, "got a string"],
    [`"1.0"`, "got a string"],
    [`"NaN"`, "got a string"],
    ["true", "got a boolean"],
    ["[]", "got an array"],
  ])("cannot be %s", (token, message) => {
    const one = compileExactly({ node: "[]Deep" }, { Deep: { id: "int" } });
    const text = `{"node":[{"id":${MAX}},{"id":${token}}]}`;
    for (const outcome of [
      readCall(one, text),
      readReply(one, text, "strict"),
    ]) {
      expect(outcome).toHaveProperty(
        "problem",
        expect.stringMatching(/^node\[1\]\.id: expected an int/),
      );
      expect(outcome).toHaveProperty(
        "problem",
        expect.stringContaining(message),
      );
    }
  });

  it("that do not fit stay what they are in lenient replies", () => {
    const one = compileExactly({ list: "[]int" });
    const text = `{"list":[1.5,9007199254740993.5,"x","1.0",1e999,true,18446744073709551617,-1e30,1e308,null]}`;
    expect(readReply(one, text)).toEqual({
      value: {
        list: [
          1.5,
          9007199254740994,
          "x",
          "1.0",
          Infinity,
          true,
          2n ** 64n + 1n,
          -1e30,
          1e308,
          null,
        ],
      },
    });
  });

  it("are zero where a partial input has none", () => {
    const partial = compileExactly(
      { value: "int", list: "[]int", inner: "Inner" },
      { Inner: { id: "int", maybe: "?int" } },
      "partial",
    );
    expect(readCall(partial, `{"list":[null,${MAX}]}`)).toEqual({
      value: { value: 0n, list: [0n, 2n ** 64n - 1n], inner: { id: 0n } },
    });
    expect(partial.checkInput({})).toBeUndefined();
    expect(partial.writeInput({})).toBe("{}");
  });

  it("have null arrays and maps filled beside them", () => {
    const text = `{"value":${MAX},"list":null,"node":{"id":1}}`;
    expect(readReply(method, text)).toEqual({
      value: {
        value: 2n ** 64n - 1n,
        list: [],
        map: {},
        lists: {},
        node: { id: 1n, children: [] },
      },
    });
  });

  describe("that come twice", () => {
    const one = compileExactly(
      { a: "?int", b: "?Inner", c: "?[]int" },
      { Inner: { x: "?int" } },
      "partial",
    );
    it.each([
      [`"a":9007199254740993,"a":9007199254740992`, { a: 2n ** 53n }],
      [`"a":9007199254740992,"a":9007199254740993`, { a: 2n ** 53n + 1n }],
      [`"a":9007199254740993,"a":"9007199254740992"`, { a: 2n ** 53n }],
      [`"a":9007199254740992.5,"a":9007199254740992`, { a: 2n ** 53n }],
      [`"a":18446744073709551616,"a":${MAX}`, { a: 2n ** 64n - 1n }],
      [`"a":${MAX},"a":5`, { a: 5n }],
      [`"a":${MAX},"a":null`, { a: null }],
      [`"a":{"x":${MAX}},"a":1`, { a: 1n }],
      [`"\\u0061":${MAX},"a":9007199254740993`, { a: 2n ** 53n + 1n }],
      [`"a":${MAX},"\\u0061":9007199254740993`, { a: 2n ** 53n + 1n }],
      [
        `"b":{"x":${MAX}},"b":{"x":18446744073709551614}`,
        { b: { x: 2n ** 64n - 2n } },
      ],
      [`"b":{"x":${MAX}},"b":{}`, { b: {} }],
      [`"b":[${MAX}],"b":{"x":1}`, { b: { x: 1n } }],
      [`"c":[1,${MAX},${MAX}],"c":[${MAX}]`, { c: [2n ** 64n - 1n] }],
      [`"c":{"0":1},"c":[9007199254740993]`, { c: [2n ** 53n + 1n] }],
    ])("count as the last one: %s", (members, value) => {
      // A big one besides, so that the text is read in each case.
      const list = compileExactly(
        { a: "?int", b: "?Inner", c: "?[]int", big: "int" },
        { Inner: { x: "?int" } },
      );
      expect(readCall(one, `{${members}}`)).toEqual({ value });
      const text = `{${members},"big":${MAX}}`;
      expect(readReply(list, text)).toEqual({
        value: { ...value, big: 2n ** 64n - 1n },
      });
    });
    it("even where the parameters come twice", () => {
      const text = `{"parameters":{"a":${MAX}},"method":"x","parameters":{"a":18446744073709551614}}`;
      const { parameters } = JSON.parse(text) as { parameters: object };
      expect(one.checkParameters(parameters, text)).toBeUndefined();
      expect(parameters).toEqual({ a: 2n ** 64n - 2n });
    });
  });

  it.each(["constructor", "__proto__", "toString", "parameters", "then"])(
    "may be called %s",
    (name) => {
      const map = compileExactly(
        Object.fromEntries([
          [name, "int"],
          ["map", "[string]int"],
        ]),
      );
      const text = `{"${name}":${MAX},"map":{"${name}":9007199254740993}}`;
      for (const outcome of [readCall(map, text), readReply(map, text)]) {
        const { value } = outcome as { value: { map: object } };
        expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
        expect(Object.entries(value)[0]).toEqual([name, 2n ** 64n - 1n]);
        expect(Object.entries(value.map)).toEqual([[name, 2n ** 53n + 1n]]);
      }
      expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
    },
  );

  it("are read past whatever nests deeper than they can", () => {
    const deep = `${'{"x":['.repeat(60_000)}${"]}".repeat(60_000)}`;
    const one = compileExactly(
      { a: "int", list: "Loop" },
      {
        Loop: { next: "?Loop", id: "int" },
      },
    );
    const text = `{"unknown":${deep},"a":${MAX},"list":{"id":1}}`;
    expect(readReply(one, text)).toMatchObject({
      value: { a: 2n ** 64n - 1n, list: { id: 1n } },
    });
    const levels = MAX_DEPTH - 2;
    const chain = `${'{"id":1,"next":'.repeat(levels)}{"id":${MAX}}${"}".repeat(levels)}`;
    const { value } = readReply(one, `{"a":1,"list":${chain}}`) as {
      value: { list: { id: bigint; next?: object } };
    };
    let last: { id: bigint; next?: object } = value.list;
    while (last.next !== undefined) last = last.next as typeof last;
    expect(last.id).toBe(2n ** 64n - 1n);
    expect(
      readReply(one, `{"a":1,"list":{"id":1,"next":${chain}}}`),
    ).toHaveProperty("problem", expect.stringContaining("levels deep"));
  });

  it("that do not fit, deep inside, are told where, and take no more room there", () => {
    const one = compileExactly(
      { node: "Node" },
      { Node: { next: "?Node", items: "?[]int" } },
    );
    const levels = MAX_DEPTH - 3;
    const items = Array.from({ length: 100_000 }, () => "9007199254740993.5");
    const text = `{"node":${'{"next":'.repeat(levels)}{"items":[${items.join()}]}${"}".repeat(levels)}}`;
    const before = process.memoryUsage().heapUsed;
    expect(readCall(one, text)).toEqual({
      problem: `node${".next".repeat(15)}…${".next".repeat(14)}.items[0]: expected an int, got a number with a fraction`,
    });
    // With a path for each it would be nearly a gigabyte.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6);
  });

  it("take time linear in the text", () => {
    const one = compileExactly({ a: "int", s: "string" });
    const backslashes = "\\\\".repeat(1_000_000);
    const quotes = '\\"'.repeat(1_000_000);
    const text = `{"s":"${backslashes}","x":"${quotes}","y":${"[".repeat(100_000)}${"]".repeat(100_000)},"a":${MAX}}`;
    expect(readReply(one, text)).toMatchObject({
      value: { a: 2n ** 64n - 1n },
    });
  });
});
