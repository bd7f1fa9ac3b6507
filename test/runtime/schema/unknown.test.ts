// Members that the interface does not declare, where calls are read past them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CallReading,
  compileInterface,
} from "../../../src/runtime/varlink/schema.ts";
import { compile, parse, type Types } from "./support.ts";

const types: Types = {
  Node: {
    name: "string",
    next: "?Node",
    list: "[]Node",
    map: "[string]Node",
    rows: "[][string]?Node",
    raw: "object",
    any: "?any",
  },
};
const fields = { node: "Node" };

/** Who reads past them: any interface where calls are lenient, and partial inputs always. */
const readers: [string, "exact" | "partial", CallReading][] = [
  ["lenient calls", "exact", "lenient"],
  ["partial inputs", "partial", "strict"],
  ["lenient calls with partial inputs", "partial", "lenient"],
];

describe.each(readers)("%s", (_name, inputs, reading) => {
  const method = compile(fields, types, inputs);

  /** What a handler gets of it. */
  function read(text: string): string {
    const parameters = parse(text);
    expect(
      method.checkParameters(parameters, undefined, reading),
    ).toBeUndefined();
    return JSON.stringify(parameters);
  }

  it("give a handler what is declared and nothing else, at any depth", () => {
    const value = fc.jsonValue({ maxDepth: 2 }).map((v) => JSON.stringify(v));
    const stranger = fc.oneof(
      fc.constantFrom("__proto__", "constructor", "toString", "0", "", "Name"),
      fc.string().filter((name) => !(name in (types["Node"] ?? {}))),
    );
    const strangers = fc.array(
      fc.tuple(stranger, value).map(member).map(both),
      { maxLength: 3 },
    );
    const node = (depth: number): fc.Arbitrary<Texts> => {
      const inner = depth === 0 ? fc.constant(undefined) : node(depth - 1);
      const nodes = inner.map((one) => (one === undefined ? [] : [one]));
      const byName = fc
        .tuple(nodes, fc.constantFrom("__proto__", "name", "k"))
        .map(([items, key]) => object(items.map((item) => named(key, item))));
      return fc
        .tuple(inner, nodes, byName, byName, value, strangers, fc.nat(7))
        .map(([next, items, map, row, json, extra, at]) => {
          const members = [
            named("name", both('""')),
            named("next", next ?? both("null")),
            named("list", list(items)),
            named("map", map),
            named("rows", list([row])),
            named("raw", both(`{"name":1,"other":${json},"__proto__":[]}`)),
            named("any", both(json)),
          ];
          const { declared } = object(members);
          // Anywhere between them.
          const { sent } = object(members.toSpliced(at, 0, ...extra));
          return { declared, sent };
        });
    };
    fc.assert(
      fc.property(node(2), strangers, (made, extra) => {
        const { declared } = object([named("node", made)]);
        const { sent } = object([...extra, named("node", made)]);
        expect(read(sent)).toBe(JSON.stringify(parse(declared)));
      }),
    );
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "then"])(
    "drop a member %s as any other, and only the object's own",
    (name) => {
      const before = Object.getOwnPropertyNames(Object.prototype);
      const parameters = parse(
        `{"${name}":{"polluted":1},"node":{"name":"n","list":[],"map":{"${name}":{"name":"in","list":[],"map":{},"rows":[],"raw":{}}},"rows":[],"raw":{"${name}":1},"${name}":null}}`,
      ) as { readonly node: { readonly map: object; readonly raw: object } };
      method.checkParameters(parameters, undefined, reading);
      expect(Object.keys(parameters)).toEqual(["node"]);
      expect(Object.hasOwn(parameters.node, name)).toBe(false);
      // In a map and in an object it is a key.
      expect(Object.keys(parameters.node.map)).toEqual([name]);
      expect(Object.keys(parameters.node.raw)).toEqual([name]);
      expect(Object.getPrototypeOf(parameters)).toBe(Object.prototype);
      expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    },
  );

  it("check what is declared all the same", () => {
    const problem = method.checkParameters(
      parse('{"other":1,"node":{"other":1,"name":5}}'),
      undefined,
      reading,
    );
    expect(problem?.path).toBe("node.name");
  });

  it("drop what no check would pass: nobody looks at it", () => {
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    const empty = compile({}, {}, inputs);
    const parameters = parse(`{"deep":${deep},"big":1e999}`);
    expect(
      empty.checkParameters(parameters, undefined, reading),
    ).toBeUndefined();
    expect(parameters).toEqual({});
  });

  it("leave exact integers exact, whatever else has the same digits", () => {
    const exact = compileInterface({
      interface: "org.example.exact",
      inputs,
      int: "bigint",
      types: { Pair: { id: "int" } },
      methods: { Test: { input: { id: "int", pair: "Pair" }, output: {} } },
      errors: {},
      description: [],
    }).methods.get("Test");
    const text =
      '{"parameters":{"n":9007199254740993,"id":9007199254740995,"pair":{"__proto__":{"id":9007199254740993},"id":18446744073709551615,"n":1.5}}}';
    const { parameters } = parse(text) as { readonly parameters: object };
    expect(exact?.checkParameters(parameters, text, reading)).toBeUndefined();
    expect(parameters).toEqual({
      id: 9007199254740995n,
      pair: { id: 18446744073709551615n },
    });
  });
});

describe("what is not dropped", () => {
  it("is what a strict reading refuses", () => {
    const method = compile({ a: "int" });
    const parameters = { a: 1, b: 2 };
    expect(method.checkParameters(parameters)?.path).toBe("b");
    expect(parameters).toEqual({ a: 1, b: 2 });
  });

  it.each(["lenient", "strict"] as const)(
    "is what a newer service replies: %s replies",
    (mode) => {
      const method = compile({ a: "int" });
      const reply = { a: 1, b: 2 };
      expect(method.normaliseOutput(reply, mode)).toBeUndefined();
      expect(reply).toEqual({ a: 1, b: 2 });
    },
  );
});

/** A value as text: with what is declared alone, and as it is sent. */
interface Texts {
  readonly declared: string;
  readonly sent: string;
}

function both(text: string): Texts {
  return { declared: text, sent: text };
}

function member([name, text]: [string, string]): string {
  return `${JSON.stringify(name)}:${text}`;
}

function named(name: string, { declared, sent }: Texts): Texts {
  return { declared: member([name, declared]), sent: member([name, sent]) };
}

function joined(items: readonly Texts[], brackets: string): Texts {
  const [open, close] = brackets;
  const join = (texts: string[]): string => `${open}${texts.join()}${close}`;
  return {
    declared: join(items.map(({ declared }) => declared)),
    sent: join(items.map(({ sent }) => sent)),
  };
}

function object(members: readonly Texts[]): Texts {
  return joined(members, "{}");
}

function list(items: readonly Texts[]): Texts {
  return joined(items, "[]");
}
