import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  EnvelopeError,
  parseEnvelopeConfig,
} from "../../../src/model/proto/envelope.ts";
import { readJson } from "../../../src/model/proto/envelope/json.ts";
import { MINI_CONFIG } from "./support.ts";

function parse(value: unknown): unknown {
  return parseEnvelopeConfig(JSON.stringify(value), "x.json");
}

function problem(text: string): string {
  try {
    parseEnvelopeConfig(text, "x.json");
  } catch (error) {
    expect(error).toBeInstanceOf(EnvelopeError);
    if (error instanceof Error) return error.message;
  }
  throw new Error("nothing was wrong");
}

test("a configuration is what its JSON says", () => {
  const whole = {
    ...MINI_CONFIG,
    label: "Mini",
    error: { ...MINI_CONFIG.error, message: "text" },
    timestamp: "now",
    address: "unix:/run/mini.socket",
    push: { watch: { stop: "unwatch", ends: [{ a: "", b: { input: "c" } }] } },
    bound: { make: { name: "a.b", when: "c" } },
    unbound: { make: { name: "a", where: { b: 1, c: "", d: false } } },
    required: { M: { a: "", b: 1, c: true, d: {} } },
    extraTime: { make: 0 },
    ownTime: {
      make: { field: "wait", absent: 2147483647 },
      watch: { field: "t" },
    },
    idempotent: ["watch"],
    bare: [],
    priority: ["make", "watch"],
    failures: {
      method: { code: "BAD", text: "" },
      subscription: { code: "BAD" },
      internal: { code: "BAD" },
    },
  };
  expect(parse(whole)).toEqual(whole);
  expect(parse(MINI_CONFIG)).toEqual(MINI_CONFIG);
  expect(parseEnvelopeConfig(`\ufeff${JSON.stringify(whole)}`, "")).toEqual(
    whole,
  );
});

describe("text that is no JSON is refused with its place", () => {
  test.each([
    ["", "1:1: expected a value"],
    [" \n", "2:1: expected a value"],
    ['{\n  "request": x\n}', "2:14: expected a value"],
    ['{\n  "request": "a",\n}', "3:1: expected a key"],
    ['{\n "a": [1,\n', "3:1: expected a value"],
    ['{"a" 1}', '1:6: expected ":"'],
    ['{"a": 1 "b": 2}', '1:9: expected "," or "}"'],
    ["[1 2]", '1:4: expected "," or "]"'],
    ["[01]", '1:3: expected "," or "]"'],
    ["[1.]", '1:3: expected "," or "]"'],
    ["[+1]", "1:2: expected a value"],
    ['["\t"]', "1:2: expected a value"],
    ['["\\x"]', "1:2: expected a value"],
    ["['a']", "1:2: expected a value"],
    ["{} {}", "1:4: expected the end of the file"],
    ["\ufeff{}x", "1:3: expected the end of the file"],
    ['{"a": 1,\n "b": {}, "\\u0061": 2}', '2:11: "\\u0061" is there twice'],
    ["[".repeat(1000), "1:102: values are nested more than 100 levels deep"],
  ])("%j", (text, message) => {
    expect(problem(text)).toBe(`x.json:${message}`);
  });
});

describe("a setting that is unknown, or holds something else, is refused by its name", () => {
  const withSetting = (name: string, value: unknown): string =>
    JSON.stringify({ ...MINI_CONFIG, [name]: value });

  test.each([
    ["[]", "x.json: expected an object, found a list"],
    ["null", "x.json: expected an object, found null"],
    ["{}", "x.json: request: this setting is missing"],
    [
      withSetting("error", { field: "a", success: "b" }),
      "x.json: error.absent: this setting is missing",
    ],
    [
      withSetting("extratime", {}),
      'x.json: there is no setting "extratime"; did you mean "extraTime"?',
    ],
    [
      withSetting("error", { ...MINI_CONFIG.error, mesage: "" }),
      'x.json: error: there is no setting "mesage"; did you mean "message"?',
    ],
    [withSetting("toString", 1), 'x.json: there is no setting "toString"'],
    [withSetting("label", 1), "x.json: label: expected text, found 1"],
    [
      withSetting("push", { watch: { stop: ["a"] } }),
      "x.json: push.watch.stop: expected text, found a list",
    ],
    [
      withSetting("push", { watch: { ends: [{ a: { inputs: "b" } }] } }),
      'x.json: push.watch.ends[0].a: expected text, a number, true, false or {"input": "FIELD"}, found an object',
    ],
    [
      withSetting("extraTime", { make: "9" }),
      'x.json: extraTime.make: expected a whole number of milliseconds, at most 2147483647, found "9"',
    ],
    [
      withSetting("extraTime", { make: -1 }),
      "x.json: extraTime.make: expected a whole number of milliseconds, at most 2147483647, found -1",
    ],
    [
      withSetting("ownTime", { make: { field: "a", absent: 0.5 } }),
      "x.json: ownTime.make.absent: expected a whole number of milliseconds, at most 2147483647, found 0.5",
    ],
    [
      withSetting("idempotent", "make"),
      'x.json: idempotent: expected a list, found "make"',
    ],
    [
      withSetting("bare", ["make", null]),
      "x.json: bare[1]: expected text, found null",
    ],
    [
      withSetting("required", { "a.B": { c: { d: 1 } } }),
      'x.json: required["a.B"].c: expected text, a number, true, false or {}, found an object',
    ],
    [
      withSetting("required", { "a.B": { c: null } }),
      'x.json: required["a.B"].c: expected text, a number, true, false or {}, found null',
    ],
    [
      withSetting("failures", { method: {} }),
      "x.json: failures.method.code: this setting is missing",
    ],
    [
      withSetting("address", "a".repeat(50).split("")),
      "x.json: address: expected text, found a list",
    ],
  ])("%s", (text, message) => {
    expect(problem(text)).toBe(message);
  });
});

test("whatever the text is, there is a configuration or an EnvelopeError", () => {
  const keys = fc.constantFrom(
    ..."request response error push required failures method stop ends __proto__ constructor".split(
      " ",
    ),
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.oneof(keys, fc.string()), tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  const changed = fc
    .tuple(keys, json)
    .map(([key, value]) => JSON.stringify({ ...MINI_CONFIG, [key]: value }));
  fc.assert(
    fc.property(
      fc.oneof(
        changed,
        json.map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      (text) => {
        try {
          expect(parseEnvelopeConfig(text, "x.json")).toEqual(JSON.parse(text));
        } catch (error) {
          expect(error).toBeInstanceOf(EnvelopeError);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("JSON reads as the engine reads it", () => {
  const marks = "{ } [ ] , : 1 -0 0.5 1e3 1E-2 true false null".split(" ");
  const others = ['"a"', '"\\u00e9\\n"', '"\u{1f600}"', " ", "\n", "x", '"'];
  const pieces = fc.constantFrom(...marks, ...others);
  const almost = fc.array(pieces, { maxLength: 12 }).map((all) => all.join(""));
  fc.assert(
    fc.property(fc.oneof(almost, fc.json()), (text) => {
      const ours = outcome(() => readJson(text, "x"));
      const theirs = outcome(() => JSON.parse(text) as unknown);
      if (ours !== "twice") expect(ours).toEqual(theirs);
    }),
    { numRuns: 2000 },
  );
});

function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    // A key that is there twice is no problem of the engine's.
    return String(error).endsWith("is there twice") ? "twice" : "wrong";
  }
}
