import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Codecs,
  type Data,
  errorOf,
  hex,
  loadCodecs,
  serviceOf,
} from "./support.ts";

/** Values that are no messages. */

let codecs: Codecs;

beforeAll(async () => {
  codecs = await loadCodecs(
    serviceOf(readFileSync(new URL("all.proto", import.meta.url), "utf8")),
  );
});

describe("values that do not fit", () => {
  test.for<[string, string, unknown, string]>([
    [
      "Scalars",
      "a_int32",
      1.5,
      "expected an integer from -2^31 to 2^31 - 1, got 1.5",
    ],
    ["Scalars", "a_int32", 2 ** 31, "got 2147483648"],
    ["Scalars", "a_int32", 5n, "got 5n"],
    ["Scalars", "a_int32", Symbol("x"), "got a symbol"],
    ["Scalars", "a_int32", null, "got null"],
    ["Scalars", "a_sint32", "1", 'got "1"'],
    ["Scalars", "a_sfixed32", NaN, "got NaN"],
    [
      "Scalars",
      "a_uint32",
      -1,
      "expected an integer from 0 to 2^32 - 1, got -1",
    ],
    ["Scalars", "a_uint32", 2 ** 32, "got 4294967296"],
    ["Scalars", "a_fixed32", [1], "got an array"],
    ["Scalars", "a_int64", 5, "expected a bigint"],
    ["Scalars", "a_int64", 2n ** 63n, "got 9223372036854775808n"],
    ["Scalars", "a_sint64", -(2n ** 63n) - 1n, "expected a bigint"],
    ["Scalars", "a_sfixed64", "1", "expected a bigint"],
    [
      "Scalars",
      "a_uint64",
      -1n,
      "expected a bigint from 0n to 2n ** 64n - 1n, got -1n",
    ],
    ["Scalars", "a_fixed64", 2n ** 64n, "expected a bigint"],
    ["Scalars", "a_bool", 1, "expected a boolean, got 1"],
    ["Scalars", "a_double", "1", "expected a number"],
    ["Scalars", "a_float", 1n, "expected a number, got 1n"],
    ["Scalars", "a_string", 5, "expected a string, got 5"],
    ["Scalars", "a_bytes", "abc", 'expected a Uint8Array, got "abc"'],
    ["Scalars", "a_kind", 2, "expected a value of the enum, got 2"],
    ["Scalars", "a_kind", "ONE", 'got "ONE"'],
    ["Scalars", "a_self", 5, "expected an object, got 5"],
    ["Scalars", "a_self", [], "expected an object, got an array"],
    ["Scalars", "a_self", new Date(0), "expected an object, got a Date"],
    ["Scalars", "a_self", new Map(), "expected an object, got a Map"],
    ["Scalars", "a_self", new Set([1]), "expected an object, got a Set"],
    ["Scalars", "a_self", Buffer.of(1), "expected an object, got a Uint8Array"],
    ["Scalars", "a_self", new Float64Array(1), "got a typed array"],
    ["Scalars", "a_self", Promise.resolve({}), "got a Promise"],
    ["Scalars", "a_self", () => ({}), "expected an object, got a function"],
    ["Scalars", "a_string", new Date(0), "expected a string, got a Date"],
    ["Lists", "a_self[1]", [{}, new Map()], "expected an object, got a Map"],
    [
      "Maps",
      "by_string",
      new Map([["a", "b"]]),
      "expected an object, got a Map",
    ],
    ["Maps", "by_string", new Set(["a"]), "expected an object, got a Set"],
    ["Maps", 'by_fixed64["1"]', { 1: new Map() }, "got a Map"],
    ["Groups", "single", new Date(0), "expected an object, got a Date"],
    ["Choice", "choice.value", { case: "message", value: new Map() }, "a Map"],
    ["Scalars", "$unknown", "ab", "expected a Uint8Array"],
    ["Lists", "a_string", "abc", 'expected an array, got "abc"'],
    [
      "Lists",
      "a_string[1]",
      ["a", undefined],
      "expected a string, got undefined",
    ],
    ["Lists", "a_self[0].a_kind[1]", [{ a_kind: [1, 5] }], "got 5"],
    ["Packed", "a_int64[2]", [1n, 2n, 3], "got 3"],
    ["Packed", "a_double", 5, "expected an array, got 5"],
    ["Maps", "by_string.x", { x: 1 }, "expected a string, got 1"],
    ["Maps", "by_string", [], "expected an object, got an array"],
    [
      "Maps",
      'by_int32["07"]',
      { "07": 1n },
      "expected an integer in decimal as key of a map",
    ],
    [
      "Maps",
      'by_int32["2147483648"]',
      { "2147483648": 1n },
      "expected an integer from -2^31",
    ],
    ["Maps", 'by_uint64["-1"]', { "-1": 1 }, "expected a bigint from 0n"],
    ["Maps", "by_bool.yes", { yes: {} }, 'expected "true" or "false"'],
    [
      "Maps",
      'by_fixed64["1"].a_int32',
      { "1": { a_int32: "" } },
      "expected an integer",
    ],
    [
      "Choice",
      "choice.case",
      { case: "before", value: 1 },
      'expected the name of a case, got "before"',
    ],
    [
      "Choice",
      "choice.case",
      { case: 5 },
      "expected the name of a case, got 5",
    ],
    ["Choice", "choice.case", {}, "expected the name of a case, got undefined"],
    ["Choice", "choice", "text", "expected an object"],
    [
      "Choice",
      "choice.value",
      { case: "text", value: 1 },
      "expected a string, got 1",
    ],
    ["Groups", "single.text", { text: 1 }, "expected a string, got 1"],
  ])("%s.%s", ([name, path, value, message]) => {
    const [field = ""] = /^[\w$]+/.exec(path) ?? [];
    const error = errorOf(() => codecs(name).encode({ [field]: value }));
    expect(error.code).toBe("INVALID_INPUT");
    expect(error.message).toMatch(`demo.${name}: ${path}: `);
    expect(error.message).toContain(message);
  });

  test("the way to a value is found in frozen messages too", () => {
    const frozen = Object.freeze({
      a_self: Object.freeze([Object.freeze({ a_string: Object.freeze([1]) })]),
    });
    expect(() => codecs("Lists").encode(frozen)).toThrow(
      "demo.Lists: a_self[0].a_string[0]: expected a string, got 1",
    );
  });

  test("messages that are none", () => {
    for (const wrong of [undefined, null, 5, "x", [], new Map(), new Date(0)])
      expect(
        errorOf(() => codecs("Empty").encode(wrong as unknown as Data)).message,
      ).toMatch("demo.Empty: expected an object");
  });

  test("messages and maps may be instances of classes, or of nothing", () => {
    class Point {
      readonly a_int32 = 1;
    }
    const bare = (fields: object): object =>
      Object.assign(Object.create(null) as object, fields);
    const codec = codecs("Scalars");
    const bytes = hex("828001021801");
    for (const message of [new Point(), bare({ a_int32: 1 })])
      expect(codec.encode({ a_self: message })).toEqual(bytes);
    class None {
      method(): void {}
    }
    expect(codec.encode({ a_self: new None() })).toEqual(hex("82800100"));
    expect(
      codecs("Maps").encode({
        by_string: bare({ a: "b" }),
        by_int32: new None(),
      }),
    ).toEqual(hex("0a060a0161120162"));
  });

  test("a getter that throws is not hidden, and one that writes does no harm", () => {
    const codec = codecs("Scalars");
    const failing = {
      get a_string(): string {
        throw new RangeError("mine");
      },
    };
    expect(() => codec.encode(failing)).toThrow(RangeError);
    const nested = {
      a_int32: 1,
      get a_string(): string {
        return String(codec.encode({ a_bool: true })[0]);
      },
    };
    expect(codec.decode(codec.encode(nested))).toEqual({
      a_int32: 1,
      a_string: "104",
    });
  });
});
