import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import {
  type CompiledInterface,
  compileInterface,
} from "../../../src/runtime/varlink/schema.ts";

type Ints = "number" | "bigint";

const fields = {
  int: "?int",
  text: "?string",
  node: "?Node",
  free: "?any",
  object: "?object",
  list: "?[]?Node",
  map: "?[string]?int",
  lists: "?[][]?string",
  colour: "?Colour",
  constructor: "?string",
};

function compile(
  ints: Ints,
  inputs: "exact" | "partial" = "exact",
): CompiledInterface {
  const descriptor: InterfaceDescriptor = {
    interface: "org.example.nulls",
    inputs,
    int: ints,
    types: {
      Node: { value: "?int", name: "string", next: "?Node", bare: "?Bare" },
      // Nothing in it may be null.
      Bare: { name: "string" },
      Colour: ["red"],
    },
    methods: {
      Test: { input: fields, output: fields },
      Needy: { input: { name: "string", list: "[]int" }, output: {} },
    },
    errors: { Broken: fields },
    description: [],
  };
  return compileInterface(descriptor);
}

/** What is written, in all three directions alike. */
function written(value: object, ints: Ints = "number"): string | undefined {
  const { methods, errorReplies } = compile(ints);
  const method = methods.get("Test");
  const error = errorReplies.get("Broken");
  expect(method?.checkInput(value)).toBeUndefined();
  expect(method?.checkReply(value)).toBeUndefined();
  expect(error?.check(value)).toBeUndefined();
  const text = method?.writeInput(value);
  expect(method?.writeReply(value)).toBe(text);
  expect(error?.write(value)).toBe(text);
  return text;
}

describe("a null", () => {
  it.each<readonly [string, object, string]>([
    ["of a parameter is left out", { text: null, int: null }, "{}"],
    [
      "is left out beside what is not",
      { text: null, colour: "red", free: undefined },
      `{"colour":"red"}`,
    ],
    [
      "of a struct is left out, at any depth",
      { node: { value: null, name: "a", next: { name: "b", next: null } } },
      `{"node":{"name":"a","next":{"name":"b"}}}`,
    ],
    [
      "in an array stays, and is left out of the structs beside it",
      { list: [null, { name: "a", value: null }, null] },
      `{"list":[null,{"name":"a"},null]}`,
    ],
    ["in a map stays", { map: { a: null }, text: null }, `{"map":{"a":null}}`],
    [
      "in arrays of arrays stays",
      { lists: [[null, "x"], []], text: null },
      `{"lists":[[null,"x"],[]]}`,
    ],
    [
      "in `object` and `any` stays",
      { object: { a: null }, free: [null, { b: null }], text: null },
      `{"object":{"a":null},"free":[null,{"b":null}]}`,
    ],
    ["of a name that objects inherit is left out", { constructor: null }, "{}"],
  ])("%s", (_, value, text) => {
    const before = structuredClone(value);
    expect(written(value)).toBe(text);
    expect(written(value, "bigint")).toBe(text);
    expect(value).toEqual(before);
  });

  it("in what the interface does not know stays, for nothing says what it is", () => {
    const method = compile("number").methods.get("Test");
    const value = { unknown: null, text: null, node: { name: "", more: null } };
    expect(method?.checkInput(value)).toBeUndefined();
    expect(method?.writeInput(value)).toBe(
      `{"unknown":null,"node":{"name":"","more":null}}`,
    );
  });

  it("where there may be none is a problem", () => {
    const method = compile("number").methods.get("Needy");
    expect(method?.checkInput({ name: null, list: [] })).toEqual({
      path: "name",
      message: "expected a string, got null",
    });
  });

  it("where inputs are partial is left out, too, and means zero all the same", () => {
    const method = compile("number", "partial").methods.get("Needy");
    const value = { name: null, list: [1] };
    expect(method?.checkInput(value)).toBeUndefined();
    expect(method?.writeInput(value)).toBe(`{"list":[1]}`);
    const read = { list: [1] };
    expect(method?.checkParameters(read)).toBeUndefined();
    expect(read).toEqual({ name: "", list: [1] });
  });

  it("is told of the value at hand, and not of one that was written between", () => {
    const method = compile("number").methods.get("Test");
    const inner = {};
    const value = {
      text: null,
      get free() {
        expect(method?.checkInput(inner)).toBeUndefined();
        expect(method?.writeInput(inner)).toBe("{}");
        return 1;
      },
    };
    expect(method?.checkInput(value)).toBeUndefined();
    expect(method?.writeInput(value)).toBe(`{"free":1}`);
    expect(method?.checkInput(inner)).toBeUndefined();
    expect(method?.writeInput(inner)).toBe("{}");
  });
});

describe("a value without nulls", () => {
  it("is written by JSON.stringify, its members in their own order", () => {
    const value = { text: "x", node: { next: { name: "b" }, name: "a" } };
    expect(written(value)).toBe(JSON.stringify(value));
  });
});

interface Node {
  readonly value?: number | null;
  readonly name: string;
  readonly next?: Node | null;
  readonly bare?: { readonly name: string } | null;
}

/** What becomes of a struct: its nulls go, and nothing else. */
function withoutNulls(node: Node | null): object | null {
  if (node === null) return null;
  const { next, ...rest } = node;
  const members = Object.entries({
    ...rest,
    next: next === undefined ? undefined : withoutNulls(next),
  });
  return Object.fromEntries(
    members.filter(([, member]) => member !== null && member !== undefined),
  );
}

describe("property: values with nulls anywhere", () => {
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.record(
      {
        value: fc.option(fc.integer()),
        name: fc.string(),
        next: fc.option(tie("node"), { maxDepth: 5 }),
        bare: fc.option(fc.record({ name: fc.string() })),
      },
      { requiredKeys: ["name"] },
    ),
  }));

  it("lose those of structs and keep all others", () => {
    fc.assert(
      fc.property(
        fc.record({
          node: fc.option(node),
          list: fc.option(fc.array(fc.option(node))),
          map: fc.option(fc.dictionary(fc.string(), fc.option(fc.integer()))),
          free: fc.jsonValue(),
        }),
        (value) => {
          const before = structuredClone(value);
          const expected = Object.entries({
            ...value,
            node: withoutNulls(value.node),
            list: value.list?.map(withoutNulls) ?? null,
          }).filter(([, member]) => member !== null);
          const text = written(value) ?? "";
          expect(JSON.parse(text)).toEqual(
            JSON.parse(JSON.stringify(Object.fromEntries(expected))),
          );
          expect(value).toEqual(before);
          // What was left out is nothing to who reads it.
          const method = compile("number").methods.get("Test");
          const parameters = JSON.parse(text) as object;
          expect(method?.checkParameters(parameters)).toBeUndefined();
        },
      ),
    );
  });
});
