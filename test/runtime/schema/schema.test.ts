import { describe, expect, it } from "vitest";
import { compileInterface } from "../../../src/runtime/varlink/schema.ts";

import { checkValue, colour, compile, struct, type Types } from "./support.ts";

describe("int", () => {
  it.each([0, -0, 1.0, -1, 2 ** 53, 2 ** 63, 2 ** 64 - 2048])(
    "accepts %d",
    (value) => {
      expect(checkValue("int", value)).toBeUndefined();
    },
  );
  it.each([-(2 ** 63), 2 ** 64])(
    "reads %d, and does not send it: its digits would be none of 64 bits",
    (value) => {
      const method = compile({ value: "int" });
      expect(method.checkParameters({ value })).toBeUndefined();
      expect(method.normaliseOutput({ value }, "strict")).toBeUndefined();
      for (const problem of [
        method.checkInput({ value }),
        method.checkReply({ value }),
      ]) {
        expect(problem?.path).toBe("value");
        expect(problem?.message).toMatch(/^expected an int of 64 bits, got/);
      }
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
    expect(compiled.errorReplies.get("Broken")?.check({})?.path).toBe("causes");
    expect(
      compiled.errorReplies.get("Broken")?.check({ causes: [] }),
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
});
