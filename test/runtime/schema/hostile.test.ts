import { describe, expect, it } from "vitest";
import type { FieldTypes } from "../../../src/runtime/varlink/descriptor.ts";
import { MAX_DEPTH } from "../../../src/runtime/varlink/schema.ts";
import { MAX_FILLED } from "../../../src/runtime/varlink/schema/problem.ts";

import { checkValue, compile, parse, type Types } from "./support.ts";

describe("names that every object has", () => {
  const names = [
    "constructor",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "__proto__",
    "then",
  ];
  it.each(names)("a field %s is a field like any other", (name) => {
    const fields: FieldTypes = Object.fromEntries([[name, "int"]]);
    const exact = compile(fields);
    expect(exact.checkInput({})?.message).toBe("missing, expected an int");
    expect(exact.checkReply({})?.message).toBe("missing, expected an int");
    expect(exact.checkParameters(parse(`{"${name}":1}`))).toBeUndefined();
    expect(exact.checkParameters(parse(`{"${name}":"x"}`))?.message).toBe(
      "expected an int, got a string",
    );

    const filled = {};
    expect(
      compile(fields, {}, "partial").checkParameters(filled),
    ).toBeUndefined();
    expect(Object.entries(filled)).toEqual([[name, 0]]);

    const lists: FieldTypes = Object.fromEntries([[name, "[]int"]]);
    const reply = parse(`{"${name}":null}`);
    expect(compile(lists).normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(Object.entries(reply)).toEqual([[name, []]]);
    const absent = {};
    expect(compile(lists).normaliseOutput(absent, "lenient")).toBeUndefined();
    expect(Object.entries(absent)).toEqual([[name, []]]);
    expect(Object.getPrototypeOf(absent)).toBe(Object.prototype);
  });
  it.each(names)("a key %s is a key like any other", (name) => {
    const method = compile({ map: "[string][]int" });
    const reply = parse(`{"map":{"${name}":null}}`);
    expect(method.normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(JSON.stringify(reply)).toBe(`{"map":{"${name}":[]}}`);
    expect(
      method.checkParameters(parse(`{"map":{"${name}":["x"]}}`))?.path,
    ).toBe(`map.${name}[0]`);
  });
  it.each(names)(
    "an unknown member %s is unknown, and an absent one absent",
    (name) => {
      const method = compile({ a: "?int" });
      expect(method.checkParameters({})).toBeUndefined();
      expect(method.checkParameters(parse(`{"${name}":1}`))?.path).toBe(name);
    },
  );
  it.each(names)("an enum knows %s only if it has it", (name) => {
    expect(checkValue("E", name, { E: ["a"] })).toContain("expected one of");
    expect(checkValue("E", name, { E: ["a", name] })).toBeUndefined();
  });
  it.each(["constructor", "toString", "hasOwnProperty"])(
    "a type may be called %s",
    (name) => {
      expect(
        checkValue(name, { a: 1 }, Object.fromEntries([[name, { a: "int" }]])),
      ).toBeUndefined();
      expect(() => compile({ value: name })).toThrow(
        `refers to the type ${name}, which is not declared`,
      );
    },
  );
  it("nothing reaches a prototype", () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const method = compile(
      { m: "[string]S", o: "object" },
      { S: { l: "[]int", s: "?S" } },
      "partial",
    );
    const evil = (): object =>
      parse(
        '{"m":{"__proto__":{"s":{"__proto__":null}}},"o":{"__proto__":{"polluted":1}}}',
      );
    method.checkParameters(evil());
    method.normaliseOutput(evil(), "lenient");
    method.checkInput(evil());
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect("polluted" in {}).toBe(false);
  });
});

describe("depth", () => {
  const types: Types = {
    Node: { next: "?Node", list: "?[]Node", any: "?any" },
  };
  const method = compile({ node: "Node" }, types);
  const shapes: [string, (inner: unknown) => unknown][] = [
    ["structs", (inner) => ({ next: inner })],
    ["lists", (inner) => ({ list: [inner] })],
  ];
  it.each(shapes)("of %s is limited, without an overflow", (_name, wrap) => {
    let node: unknown = {};
    for (let level = 0; level < 100_000; level += 1) node = wrap(node);
    for (const name of [
      "checkInput",
      "checkParameters",
      "checkReply",
    ] as const) {
      expect(method[name]({ node })?.message).toContain(
        `nested more than ${MAX_DEPTH}`,
      );
    }
    expect(method.normaliseOutput({ node }, "strict")?.message).toContain(
      "nested",
    );
  });
  it("of undeclared JSON is limited, as it comes from JSON.parse", () => {
    const text = "[".repeat(100_000) + "]".repeat(100_000);
    const parameters = parse(`{"node":{"any":${text}}}`);
    expect(method.checkParameters(parameters)?.message).toContain("nested");
    const objects = parse(
      `{"node":{"any":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}}`,
    );
    expect(method.checkParameters(objects)?.message).toContain("nested");
  });
  it("of types may be any: they are compiled one after another", () => {
    const chain: Record<string, FieldTypes> = { T0: { v: "[]int" } };
    for (let level = 1; level < 20_000; level += 1)
      chain[`T${level}`] = { next: `T${level - 1}` };
    const long = compile({ value: "T19999" }, chain);
    expect(long.checkInput({ value: {} })?.path).toBe("value.next");
    expect(long.normaliseOutput({ value: {} }, "lenient")).toBeUndefined();
  });
});

describe("what is absent", () => {
  const names = Array.from({ length: 20 }, (_, index) => `f${index}`);
  const types: Types = {
    Flags: Object.fromEntries(names.map((name) => [name, "bool"])),
    Lists: Object.fromEntries(names.map((name) => [name, "[]int"])),
    Holder: { flags: "Flags" },
  };
  it.each<[string, null | object, "partial" | "lenient", number]>([
    ["bool", null, "partial", 1],
    ["Flags", null, "partial", 21],
    ["Flags", {}, "partial", 20],
    ["Holder", {}, "partial", 21],
    ["[]int", null, "lenient", 1],
    ["Lists", {}, "lenient", 20],
  ])(
    "is limited in a message: %s with %j, %s, takes %i",
    (element, given, mode, size) => {
      const fields: FieldTypes = {
        list: `?[]${element}`,
        map: `?[string]${element}`,
      };
      const method = compile(
        fields,
        types,
        mode === "partial" ? "partial" : "exact",
      );
      const read = (value: object): string | undefined =>
        (mode === "partial"
          ? method.checkParameters(value)
          : method.normaliseOutput(value, "lenient")
        )?.message;
      const values = (count: number): (null | object)[] =>
        Array.from({ length: count }, () => given && {});
      const limit = Math.floor(MAX_FILLED / size);
      const message = (count: number): object => ({
        list: values(count - 1000),
        map: Object.fromEntries(values(1000).entries()),
      });
      expect(read(message(limit + 1))).toContain(
        `more than ${MAX_FILLED} values`,
      );
      // What was read before does not count.
      expect(read(message(limit))).toBeUndefined();
    },
  );
});

describe("numbers beyond double", () => {
  it("of a message are a problem where they become infinite", () => {
    const method = compile({ f: "?float", a: "?any", o: "?object", i: "?int" });
    for (const name of ["f", "a", "i"]) {
      expect(method.checkParameters(parse(`{"${name}":1e999}`))?.path).toBe(
        name,
      );
    }
    expect(method.checkParameters(parse('{"o":{"x":[1e999]}}'))?.path).toBe(
      "o.x[0]",
    );
  });
});
