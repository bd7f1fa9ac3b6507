import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  FieldTypes,
  InterfaceDescriptor,
} from "../../../src/runtime/varlink/descriptor.ts";
import {
  compileInterface,
  type CompiledMethod,
  MAX_DEPTH,
} from "../../../src/runtime/varlink/schema.ts";

type Types = InterfaceDescriptor["types"];

/** The checks of a method whose input and output are the same fields. */
function compile(
  fields: FieldTypes,
  types: Types = {},
  inputs: "exact" | "partial" = "exact",
): CompiledMethod {
  const descriptor: InterfaceDescriptor = {
    interface: "org.example.schema",
    inputs,
    types,
    methods: { Test: { input: fields, output: fields } },
    errors: {},
    description: [],
  };
  const method = compileInterface(descriptor).methods.get("Test");
  if (method === undefined) throw new Error("the method is missing");
  return method;
}

/** The check of one field `value` in the input. */
function checkValue(
  type: string,
  value: unknown,
  types: Types = {},
): string | undefined {
  const problem = compile({ value: type }, types).checkInput({ value });
  return problem === undefined
    ? undefined
    : `${problem.path}: ${problem.message}`;
}

const struct: Types = { Point: { x: "int", y: "int" } };
const colour: Types = { Colour: ["red", "green", "blue"] };

describe("int", () => {
  it.each([0, -0, 1.0, -1, 2 ** 53, -(2 ** 63), 2 ** 63, 2 ** 64])(
    "accepts %d",
    (value) => {
      expect(checkValue("int", value)).toBeUndefined();
    },
  );
  it.each([
    [1.5, "value: expected an int, got a number with a fraction"],
    [Number.NaN, "value: expected an int, got NaN"],
    [Infinity, "value: expected an int, got an infinite number"],
    ["1", "value: expected an int, got a string"],
    [true, "value: expected an int, got a boolean"],
    [null, "value: expected an int, got null"],
    [undefined, "value: missing, expected an int"],
    [2 ** 65, "value: expected an int of 64 bits, got a number beyond that"],
    [-(2 ** 64), "value: expected an int of 64 bits, got a number beyond that"],
    [
      1n,
      "value: expected an int as a number, got a bigint, which JSON cannot carry",
    ],
  ])("refuses %s", (value, message) => {
    expect(checkValue("int", value)).toBe(message);
  });
});

describe("the other primitives", () => {
  it.each([
    ["bool", true],
    ["bool", false],
    ["float", 1],
    ["float", 1.5],
    ["string", ""],
    ["object", {}],
    ["object", { a: [null, 1, { b: "c" }] }],
    ["any", 0],
    ["any", [null]],
    ["any", ""],
    ["any", false],
  ])("%s accepts %j", (type, value) => {
    expect(checkValue(type, value)).toBeUndefined();
  });
  it.each([
    ["bool", 0, "value: expected a boolean, got a number"],
    ["float", Number.NaN, "value: expected a finite number, got NaN"],
    [
      "float",
      -Infinity,
      "value: expected a finite number, got an infinite number",
    ],
    ["string", 1, "value: expected a string, got a number"],
    ["object", [], "value: expected an object, got an array"],
    ["object", null, "value: expected an object, got null"],
    ["any", null, "value: expected a value, got null"],
    ["any", undefined, "value: missing, expected a value"],
  ])("%s refuses %j", (type, value, message) => {
    expect(checkValue(type, value)).toBe(message);
  });
});

describe("values that JSON cannot carry", () => {
  it.each([
    ["a bigint", { a: [1n] }, "value.a[0]: JSON cannot carry a bigint"],
    ["a function", { a: () => 0 }, "value.a: JSON cannot carry a function"],
    ["a symbol", { a: Symbol("x") }, "value.a: JSON cannot carry a symbol"],
    [
      "undefined in an array",
      { a: [undefined] },
      "value.a[0]: JSON cannot carry undefined",
    ],
    ["NaN", { a: Number.NaN }, "value.a: expected a finite number, got NaN"],
    [
      "a map",
      { a: new Map() },
      "value.a: expected a JSON value, got a Map, which JSON cannot carry as an object",
    ],
    [
      "a date",
      { a: new Date(0) },
      "value.a: expected a JSON value, got a Date, which JSON cannot carry as an object",
    ],
    [
      "bytes",
      { a: new Uint8Array(1) },
      "value.a: expected a JSON value, got a Uint8Array, which JSON cannot carry as an object",
    ],
  ])("finds %s inside of an object", (_name, value, message) => {
    expect(checkValue("object", value)).toBe(message);
  });
  it("finds them in members that the interface does not know", () => {
    const method = compile({ a: "int" });
    expect(method.checkInput({ a: 1, b: "fine" })).toBeUndefined();
    expect(method.checkInput({ a: 1, b: { c: 1n } })).toEqual({
      path: "b.c",
      message: "JSON cannot carry a bigint",
    });
  });
  it("refuses objects with a toJSON method, which would send something else", () => {
    class Wrapped {
      x = 1;
      y = 2;
      toJSON(): string {
        return "other";
      }
    }
    expect(checkValue("Point", new Wrapped(), struct)).toContain("toJSON");
  });
  it("takes instances of classes by their own members, as JSON does", () => {
    class Point {
      x = 1;
      get y(): number {
        return 2;
      }
    }
    expect(checkValue("Point", new Point(), struct)).toBe(
      "value.y: missing, expected an int",
    );
  });
  it("ends with a problem at an object that contains itself", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(checkValue("object", cycle)).toContain("contains itself");
  });
});

describe("nullable", () => {
  it.each([undefined, null, "x"])("accepts %s", (value) => {
    expect(checkValue("?string", value)).toBeUndefined();
  });
  it("accepts absence", () => {
    expect(compile({ value: "?string" }).checkInput({})).toBeUndefined();
  });
  it("undefined in a map is no member, for JSON leaves it out", () => {
    expect(checkValue("[string]int", { a: undefined, b: 1 })).toBeUndefined();
    expect(checkValue("[string]int", { a: null })).toBe(
      "value.a: expected an int, got null",
    );
  });
  it("still checks what is there", () => {
    expect(checkValue("?string", 1)).toBe(
      "value: expected a string, got a number",
    );
    expect(checkValue("?[]int", [null])).toBe(
      "value[0]: expected an int, got null",
    );
    expect(checkValue("[]?int", [null, 1])).toBeUndefined();
    expect(checkValue("[string]?int", { a: null })).toBeUndefined();
  });
});

describe("paths", () => {
  const types: Types = {
    Create: {
      ports: "[]Port",
      labels: "[string]string",
      options: "?[string][]Port",
    },
    Port: { host_port: "int" },
  };
  const method = compile({ create: "Create" }, types);
  it.each([
    [{}, "create"],
    [{ create: {} }, "create.ports"],
    [
      {
        create: { ports: [{ host_port: 1 }, { host_port: 1 }, {}], labels: {} },
      },
      "create.ports[2].host_port",
    ],
    [{ create: { ports: [], labels: { "a.b": 1 } } }, 'create.labels["a.b"]'],
    [{ create: { ports: [], labels: { 'q"q': 1 } } }, 'create.labels["q\\"q"]'],
    [{ create: { ports: [], labels: { plain: 1 } } }, "create.labels.plain"],
    [
      { create: { ports: [], labels: {}, options: { "x-y": [null] } } },
      'create.options["x-y"][0]',
    ],
  ])("%j is wrong at %s", (input, path) => {
    expect(method.checkInput(input)?.path).toBe(path);
  });
  it("are empty for the parameters as a whole", () => {
    expect(method.checkInput([])).toEqual({
      path: "",
      message: "expected an object, got an array",
    });
  });
});

describe("enums", () => {
  it("are closed in inputs, in parameters and in our own replies", () => {
    const method = compile({ value: "Colour" }, colour);
    for (const name of [
      "checkInput",
      "checkParameters",
      "checkReply",
    ] as const) {
      expect(method[name]({ value: "red" })).toBeUndefined();
      expect(method[name]({ value: "pink" })).toEqual({
        path: "value",
        message: 'expected one of "red", "green", "blue", got another string',
      });
    }
  });
  it("are open in replies received, in strict mode too", () => {
    const method = compile({ value: "Colour" }, colour);
    expect(
      method.normaliseOutput({ value: "pink" }, "lenient"),
    ).toBeUndefined();
    expect(method.normaliseOutput({ value: "pink" }, "strict")).toBeUndefined();
    expect(method.normaliseOutput({ value: 1 }, "strict")?.path).toBe("value");
  });
});

describe("unknown members", () => {
  const method = compile({ a: "int", b: "?Point" }, struct);
  it("are a problem in parameters", () => {
    expect(method.checkParameters({ a: 1, z: 1 })).toEqual({
      path: "z",
      message: "not declared by the interface",
    });
    expect(
      method.checkParameters({ a: 1, b: { x: 1, y: 2, z: 3 } })?.path,
    ).toBe("b.z");
    expect(method.checkParameters({ a: 1, b: null })).toBeUndefined();
  });
  it("are a problem in our own replies, unless undefined, which is not sent", () => {
    expect(method.checkReply({ a: 1, secret: "x" })?.path).toBe("secret");
    expect(method.checkReply({ a: 1, secret: undefined })).toBeUndefined();
  });
  it("are kept and ignored in replies received, in strict mode too", () => {
    const reply = { a: 1, z: [null] };
    expect(method.normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(method.normaliseOutput(reply, "strict")).toBeUndefined();
    expect(reply).toEqual({ a: 1, z: [null] });
  });
});

describe("lenient replies", () => {
  const types: Types = {
    Tree: {
      names: "[]string",
      children: "[string]Tree",
      left: "?Tree",
      tags: "?[]string",
    },
    Plain: { text: "string" },
  };
  it("make arrays and maps that are null or absent empty, at any depth", () => {
    const method = compile(
      { tree: "Tree", matrix: "[][]int", maps: "[string][string]int" },
      types,
    );
    const reply = {
      tree: {
        names: null,
        left: { children: { a: { names: ["x"] } } },
        tags: null,
      },
      matrix: [null, [1]],
      maps: { a: null, b: { c: 1 } },
    };
    expect(method.normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(reply).toEqual({
      tree: {
        names: [],
        children: {},
        left: { names: [], children: { a: { names: ["x"], children: {} } } },
        tags: null,
      },
      matrix: [[], [1]],
      maps: { a: {}, b: { c: 1 } },
    });
  });
  it("keep nullable ones, nulls inside arrays, and everything else as it came", () => {
    const method = compile(
      { a: "?[]string", b: "[]?string", c: "Plain", d: "int", e: "[]Plain" },
      types,
    );
    const reply = { a: null, b: [null, "x"], c: null, d: "wrong", e: [null] };
    expect(method.normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(reply).toEqual({
      a: null,
      b: [null, "x"],
      c: null,
      d: "wrong",
      e: [null],
    });
  });
  it("reach arrays that only a type of a type has, through cycles as well", () => {
    const nested: Types = {
      A: { b: "B", n: "int" },
      B: { c: "?C" },
      C: { a: "?A", d: "D" },
      D: { list: "[]int" },
    };
    const reply = {
      a: { b: { c: { a: { b: { c: { d: {} } } }, d: { list: null } } } },
    };
    expect(
      compile({ a: "A" }, nested).normaliseOutput(reply, "lenient"),
    ).toBeUndefined();
    expect(reply).toEqual({
      a: {
        b: { c: { a: { b: { c: { d: { list: [] } } } }, d: { list: [] } } },
      },
    });
  });
  it("leave values of another type alone", () => {
    const method = compile(
      { a: "[][]string", b: "[string]Tree", c: "Tree" },
      types,
    );
    const reply = { a: "x", b: [1], c: 7 };
    expect(method.normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(reply).toEqual({ a: "x", b: [1], c: 7 });
  });
  it("are a problem only beyond the depth limit", () => {
    const method = compile({ tree: "?Tree" }, types);
    expect(
      method.normaliseOutput({ tree: nest(MAX_DEPTH - 1) }, "lenient"),
    ).toBeUndefined();
    expect(
      method.normaliseOutput({ tree: nest(100_000) }, "lenient")?.message,
    ).toContain("nested");
  });
  function nest(levels: number): object {
    let tree: object = {};
    for (let level = 1; level < levels; level += 1) tree = { left: tree };
    return tree;
  }
});

describe("strict replies", () => {
  it("refuse null and absent values that are not nullable", () => {
    const method = compile({ a: "[]string", b: "?int" });
    expect(method.normaliseOutput({ a: null }, "strict")).toEqual({
      path: "a",
      message: "expected an array, got null",
    });
    expect(method.normaliseOutput({}, "strict")).toEqual({
      path: "a",
      message: "missing, expected an array",
    });
    expect(method.normaliseOutput({ a: [] }, "strict")).toBeUndefined();
  });
});

describe("partial inputs", () => {
  const types: Types = {
    All: {
      b: "bool",
      i: "int",
      f: "float",
      s: "string",
      o: "object",
      l: "[]string",
      m: "[string]int",
      n: "?int",
      inner: "Inner",
    },
    Inner: { s: "string", l: "[]Inner" },
    WithEnum: { colour: "Colour" },
    Self: { self: "Self" },
    Ping: { pong: "Pong" },
    Pong: { ping: "Ping" },
    Loop: { next: "?Loop", value: "int" },
    ...colour,
  };
  const zero = {
    b: false,
    i: 0,
    f: 0,
    s: "",
    o: {},
    l: [],
    m: {},
    inner: { s: "", l: [] },
  };
  it("are filled with zeros, in place, at any depth", () => {
    const method = compile({ all: "All" }, types, "partial");
    for (const parameters of [
      {},
      { all: null },
      { all: {} },
      { all: { b: null, inner: {} } },
    ]) {
      expect(method.checkParameters(parameters)).toBeUndefined();
      expect(parameters).toEqual({ all: zero });
    }
  });
  it("are filled inside arrays and maps", () => {
    const method = compile(
      { list: "[]Inner", map: "[string]string" },
      types,
      "partial",
    );
    const parameters = { list: [null, { s: "x" }], map: { a: null } };
    expect(method.checkParameters(parameters)).toBeUndefined();
    expect(parameters).toEqual({
      list: [
        { s: "", l: [] },
        { s: "x", l: [] },
      ],
      map: { a: "" },
    });
  });
  it("make fresh zeros, which calls cannot share", () => {
    const method = compile({ all: "All" }, types, "partial");
    const [one, other]: { all?: { l: unknown } }[] = [{}, {}];
    method.checkParameters(one ?? {});
    method.checkParameters(other ?? {});
    expect(one?.all).toEqual(zero);
    expect(one?.all).not.toBe(other?.all);
    expect(one?.all?.l).not.toBe(other?.all?.l);
  });
  it("may be left out by clients, and are not changed there", () => {
    const method = compile({ all: "All" }, types, "partial");
    const input = { all: { s: "x" } };
    expect(method.checkInput(input)).toBeUndefined();
    expect(method.checkInput({})).toBeUndefined();
    expect(input).toEqual({ all: { s: "x" } });
    expect(method.checkInput({ all: { i: "1" } })?.path).toBe("all.i");
  });
  it("keep required what has no zero: enums, any, and what holds them", () => {
    for (const type of ["Colour", "any", "WithEnum", "Self", "Ping"]) {
      const method = compile({ value: type }, types, "partial");
      expect(method.checkParameters({})?.path).toBe("value");
      expect(method.checkInput({})?.path).toBe("value");
    }
    const method = compile({ value: "WithEnum" }, types, "partial");
    expect(method.checkParameters({ value: {} })?.path).toBe("value.colour");
  });
  it("end a recursion at its nullable field", () => {
    const method = compile({ loop: "Loop" }, types, "partial");
    const parameters = {};
    expect(method.checkParameters(parameters)).toBeUndefined();
    expect(parameters).toEqual({ loop: { value: 0 } });
  });
  it("still refuse unknown members and wrong types", () => {
    const method = compile({ all: "All" }, types, "partial");
    expect(method.checkParameters({ all: { z: 1 } })?.path).toBe("all.z");
    expect(method.checkParameters({ all: { i: 1.5 } })?.path).toBe("all.i");
  });
  it("do not grow without end where structs multiply", () => {
    const doubling: Record<string, FieldTypes> = { T0: { a: "int" } };
    for (let level = 1; level <= 40; level += 1) {
      doubling[`T${level}`] = { a: `T${level - 1}`, b: `T${level - 1}` };
    }
    const method = compile({ value: "T40" }, doubling, "partial");
    expect(method.checkParameters({})?.path).toBe("value");
    expect(
      compile({ value: "T5" }, doubling, "partial").checkParameters({}),
    ).toBeUndefined();
  });
});

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

describe("errors", () => {
  const compiled = compileInterface({
    interface: "org.example.errors",
    types: {},
    methods: {},
    errors: { Broken: { causes: "[]string" } },
    description: [],
  });
  it("are normalised on the way in and checked on the way out", () => {
    const parameters = { causes: null };
    expect(
      compiled.errors.get("Broken")?.(parameters, "lenient"),
    ).toBeUndefined();
    expect(parameters).toEqual({ causes: [] });
    expect(compiled.errors.get("Broken")?.({}, "strict")?.path).toBe("causes");
    expect(compiled.errorReplies.get("Broken")?.({})?.path).toBe("causes");
    expect(
      compiled.errorReplies.get("Broken")?.({ causes: [] }),
    ).toBeUndefined();
    expect(compiled.errors.get("Other")).toBeUndefined();
  });
});

describe("descriptors", () => {
  it("are compiled once", () => {
    const descriptor = {
      interface: "a.b",
      types: {},
      methods: {},
      errors: {},
      description: [],
    };
    expect(compileInterface(descriptor)).toBe(compileInterface(descriptor));
  });
  it.each([
    [
      "Nope",
      "org.example.schema.Test input.value refers to the type Nope, which is not declared",
    ],
    ["[]?Nope", "refers to the type Nope"],
    ["", 'has the malformed type ""'],
    ["??int", 'has the malformed type "??int"'],
    ["?", "malformed"],
    ["[]", "malformed"],
    ["[int]int", "malformed"],
    ["[ ]int", "malformed"],
    ["int ", "malformed"],
    ["(a: int)", "malformed"],
    ["[]".repeat(200) + "int", "more than 100 levels"],
  ])("with the type %j are refused", (type, message) => {
    expect(() => compile({ value: type })).toThrow(message);
  });
  it("are checked in types that no method uses", () => {
    expect(() => compile({}, { Unused: { a: "Nope" } })).toThrow(
      "org.example.schema.Unused.a",
    );
  });
  it("know whether a method answers with anything", () => {
    expect(compile({}).hasOutput).toBe(false);
    expect(compile({ a: "?int" }).hasOutput).toBe(true);
  });
});

describe("property: values made for a type", () => {
  interface Made {
    readonly expression: string;
    readonly value: unknown;
  }
  /** A type with a value of it, or with one place in which the value is wrong. */
  function made(wrong: boolean): fc.Arbitrary<Made> {
    const { tree } = fc.letrec<{ tree: Made }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        wrong
          ? fc.constantFrom(
              { expression: "int", value: "x" },
              { expression: "string", value: 1 },
              { expression: "bool", value: {} },
            )
          : fc.oneof(
              fc.integer().map((value) => ({ expression: "int", value })),
              fc.string().map((value) => ({ expression: "string", value })),
              fc.boolean().map((value) => ({ expression: "bool", value })),
              fc
                .double({ noNaN: true, noDefaultInfinity: true })
                .map((value) => ({ expression: "float", value })),
              fc
                .jsonValue({ maxDepth: 3 })
                .filter((value) => value !== null)
                .map((value) => ({ expression: "any", value })),
            ),
        tie("tree").map(({ expression, value }) => ({
          expression: `[]${expression}`,
          value: [value],
        })),
        fc
          .tuple(tie("tree"), fc.string())
          .map(([{ expression, value }, key]) => ({
            expression: `[string]${expression}`,
            value: JSON.parse(
              `{${JSON.stringify(key)}:${JSON.stringify(value)}}`,
            ) as unknown,
          })),
        tie("tree").map(({ expression, value }) => ({
          expression: expression.startsWith("?")
            ? expression
            : `?${expression}`,
          value,
        })),
      ),
    }));
    return tree;
  }
  it("fit, in every check, and survive JSON", () => {
    fc.assert(
      fc.property(made(false), ({ expression, value }) => {
        const method = compile({ value: expression });
        const sent = JSON.parse(JSON.stringify({ value })) as object;
        const before = JSON.stringify(sent);
        expect(method.checkInput({ value })).toBeUndefined();
        expect(method.checkReply({ value })).toBeUndefined();
        expect(method.checkParameters(sent)).toBeUndefined();
        expect(method.normaliseOutput(sent, "strict")).toBeUndefined();
        expect(method.normaliseOutput(sent, "lenient")).toBeUndefined();
        expect(JSON.stringify(sent)).toBe(before);
      }),
    );
  });
  it("do not fit with one wrong leaf, and the path leads to it", () => {
    fc.assert(
      fc.property(made(true), ({ expression, value }) => {
        const problem = compile({ value: expression }).checkInput({ value });
        expect(problem).toBeDefined();
        // Follow the path by its own notation.
        let current: unknown = { value };
        const path = problem?.path ?? "";
        for (const [, quoted, index, name] of path.matchAll(
          /\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]|\.?([A-Za-z_]\w*)/g,
        )) {
          const key: unknown =
            quoted === undefined ? (index ?? name) : JSON.parse(quoted);
          expect(Object.hasOwn(current as object, key as string)).toBe(true);
          current = (current as Record<string, unknown>)[key as string];
        }
        expect(["x", 1]).toContain(typeof current === "object" ? "x" : current);
      }),
    );
  });
});

function parse(text: string): object {
  return JSON.parse(text) as object;
}
