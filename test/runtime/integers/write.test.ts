import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringifyExact } from "../../../src/runtime/varlink/exact/write.ts";
import { compileExactly } from "./support.ts";

const types = {
  S: {
    n: "int",
    text: "?string",
    ok: "?bool",
    ratio: "?float",
    next: "?S",
    free: "?object",
  },
  Plain: { text: "string" },
};
const method = compileExactly(
  {
    s: "?S",
    list: "?[]?int",
    map: "?[string]?S",
    plain: "?Plain",
    constructor: "?int",
  },
  types,
);

/** What is written of a value that fits. */
function written(value: object): string | undefined {
  expect(method.checkInput(value)).toBeUndefined();
  return method.writeInput(value);
}

describe("what is written", () => {
  it.each([
    [{}, "{}"],
    [{ s: null, list: undefined }, `{}`],
    [{ list: [] }, `{"list":[]}`],
    [{ list: [1n, null, undefined, -2n] }, `{"list":[1,null,null,-2]}`],
    [
      { map: { "": { n: 1n }, a: null, b: undefined, '"': null } },
      `{"map":{"":{"n":1},"a":null,"\\"":null}}`,
    ],
    [{ map: { b: undefined } }, `{"map":{}}`],
    [
      { s: { n: 0n, next: { n: -0n, next: null } } },
      `{"s":{"n":0,"next":{"n":0}}}`,
    ],
    [
      { s: { n: 1n, ok: false, ratio: -0, free: { a: [null, {}] } } },
      `{"s":{"n":1,"ok":false,"ratio":0,"free":{"a":[null,{}]}}}`,
    ],
    [
      { s: { n: 1n, ratio: 1e21, unknown: [1], gone: undefined } },
      `{"s":{"n":1,"ratio":1e+21,"unknown":[1]}}`,
    ],
    [{ unknown: 1 }, `{"unknown":1}`],
    [{ a: undefined, b: 1, c: 2 }, `{"b":1,"c":2}`],
    [{ plain: { text: "\u2028" } }, `{"plain":{"text":"\u2028"}}`],
    [{ constructor: 1n }, `{"constructor":1}`],
    [
      JSON.parse(`{"plain":null,"a":{"__proto__":1},"b":null}`),
      `{"a":{"__proto__":1},"b":null}`,
    ],
  ] as readonly (readonly [object, string])[])("%o", (value, json) => {
    expect(written(value)).toBe(json);
  });

  it.each([
    "",
    '"',
    "\\",
    "\n",
    "\0",
    "\u001f",
    "\u007f",
    "\ud800",
    "a\udfff",
    "\u{1f600}",
    "ä".repeat(1000),
    '"'.repeat(1000),
  ])("text as JSON.stringify writes it: %.20j", (text) => {
    expect(written({ s: { n: 1n, text } })).toBe(
      `{"s":{"n":1,"text":${JSON.stringify(text)}}}`,
    );
    expect(written({ map: { [text]: null } })).toBe(
      `{"map":{${JSON.stringify(text)}:null}}`,
    );
    expect(stringifyExact({ [text]: [text, 1n] })).toBe(
      `{${JSON.stringify(text)}:[${JSON.stringify(text)},1]}`,
    );
  });

  it("holes of an array as null, beside whatever stands in it", () => {
    for (const [int, digits] of [
      [1n, "1"],
      [2n ** 60n, "1152921504606846976"],
    ] as const) {
      const list: bigint[] = [];
      list[1] = int;
      list.length = 3;
      expect(written({ list })).toBe(`{"list":[null,${digits},null]}`);
      expect(stringifyExact({ list })).toBe(`{"list":[null,${digits},null]}`);
    }
  });

  it("text that looks like a number, or like anything else, stays text", () => {
    const text = "18446744073709551615";
    const value = { s: { n: 2n ** 64n - 1n, text } };
    expect(written(value)).toBe(`{"s":{"n":${text},"text":"${text}"}}`);
  });

  it("of instances, their own members", () => {
    class Limit {
      readonly n = 5n;
      get text(): string {
        return "inherited";
      }
    }
    expect(written({ s: new Limit() })).toBe(`{"s":{"n":5}}`);
    const bare: object = Object.assign(Object.create(null) as object, {
      s: { n: 1n },
    });
    expect(written(bare)).toBe(`{"s":{"n":1}}`);
  });

  it("of what nobody describes, bigints as digits and the rest as JSON", () => {
    expect(
      stringifyExact({
        a: [2n ** 64n, undefined],
        b: undefined,
        c: { d: -1n },
      }),
    ).toBe(`{"a":[18446744073709551616,null],"c":{"d":-1}}`);
    expect(stringifyExact({ a: [1, "x", null] })).toBe(`{"a":[1,"x",null]}`);
    expect(stringifyExact(undefined)).toBeUndefined();
  });

  it("never asks a bigint's toJSON, which programs add", () => {
    const prototype: { toJSON?: () => string } = BigInt.prototype as never;
    prototype.toJSON = () => "patched";
    try {
      expect(written({ list: [1n] })).toBe(`{"list":[1]}`);
      expect(stringifyExact({ list: [1n] })).toBe(`{"list":[1]}`);
    } finally {
      delete prototype.toJSON;
    }
  });
});

interface Node {
  readonly n: bigint;
  readonly free?: object;
  readonly text?: string | null;
  readonly next?: Node;
}

describe("property: structs whose ints are small here and large there", () => {
  const int = fc.oneof(
    fc.bigInt({ min: -1000n, max: 1000n }),
    fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  );
  const free = fc.oneof(
    int,
    fc.jsonValue(),
    fc.record({
      b: int,
      c: fc.constant(null),
      d: fc.tuple(int, fc.jsonValue()),
    }),
  );
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.record(
      {
        n: int,
        text: fc.option(fc.string()),
        free: fc.record({ a: fc.array(free) }),
        next: tie("node"),
      },
      { requiredKeys: ["n"], noNullPrototype: true },
    ),
  }));
  const value = fc.record(
    {
      list: fc.array(fc.option(int)),
      map: fc.dictionary(fc.string(), fc.option(node)),
      s: node,
      plain: fc.record({ text: fc.string() }),
      unknown: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  it("are written with every digit, in their own order, and not changed", () => {
    fc.assert(
      fc.property(value, (given) => {
        const before = structuredClone(given);
        const text = written(deepFreeze(given));
        expect(text).toBe(stringifyExact(withoutTexts(given)));
        expect(given).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });
});

/** The same without what is to be left out: the texts of nodes that are null. */
function withoutTexts(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return value;
  const isNode = "n" in value && typeof value.n === "bigint";
  const members = Object.entries(value)
    .filter(([, member]) => !isNode || member !== null)
    .map(([name, member]) => [name, withoutTexts(member)] as const);
  return Object.fromEntries(members);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
