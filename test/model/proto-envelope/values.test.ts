import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { WireValue } from "../../../src/model/api.ts";
import {
  bindEnvelope,
  EnvelopeError,
  type EnvelopeConfig,
} from "../../../src/model/proto/envelope.ts";
import { runProtoc } from "../../support/protoc.ts";
import { MINI, MINI_CONFIG, serviceOf } from "./support.ts";

const mini = serviceOf(MINI);
const folder = mkdtempSync(path.join(tmpdir(), "portolan-values-"));
writeFileSync(path.join(folder, "mini.proto"), MINI);
afterAll(() => rmSync(folder, { recursive: true }));

type Required = NonNullable<EnvelopeConfig["required"]>;

function demanded(
  required: Required,
): ReadonlyMap<string, ReadonlyMap<string, WireValue>> | undefined {
  return bindEnvelope(mini, { ...MINI_CONFIG, required }).envelope?.required;
}

/** The value of one field of {@link MINI}'s `Values`. */
function valueOf(field: string, value: boolean | number | string): unknown {
  const values = demanded({ "example.mini.Values": { [field]: value } });
  return values?.get("example.mini.Values")?.get(field);
}

describe("a demanded value", () => {
  test.each([
    ["a_double", 1.5, 1.5],
    ["a_double", "-Infinity", -Infinity],
    ["a_float", "NaN", NaN],
    ["an_int32", -(2 ** 31), -(2 ** 31)],
    ["a_sfixed32", 2 ** 31 - 1, 2 ** 31 - 1],
    ["a_uint32", 2 ** 32 - 1, 2 ** 32 - 1],
    ["a_fixed32", "7", 7],
    ["an_int64", -1, -1n],
    ["a_sint64", "-9223372036854775808", -(2n ** 63n)],
    ["a_uint64", "18446744073709551615", 2n ** 64n - 1n],
    ["a_fixed64", 0, 0n],
    ["a_bool", false, false],
    ["a_string", "\u00e9\u{1f600}", "\u00e9\u{1f600}"],
    ["a_bytes", "AP8=", new Uint8Array([0, 255])],
    ["an_enum", "FAST", 7],
  ] as const)("of %s: %j is %o", (field, given, value) => {
    expect(valueOf(field, given)).toEqual(value);
  });

  test.each([
    ["a_double", "1.5", 'expected a number, found "1.5"'],
    ["an_int32", 2 ** 31, "expected an integer from -2147483648 to 2147483647"],
    ["a_uint32", -1, "expected an integer from 0 to 4294967295, found -1"],
    ["an_int32", 0.5, "expected an integer"],
    ["an_int64", 2 ** 53, "expected an integer"],
    ["an_int64", "9223372036854775808", "expected an integer"],
    ["an_int64", "0x10", "expected an integer"],
    ["an_int64", "", "expected an integer"],
    ["a_bool", 0, "expected true or false, found 0"],
    ["a_string", false, "expected text, found false"],
    ["a_string", "\ud800", "expected text"],
    ["a_bytes", "AP8", 'expected bytes in base64, found "AP8"'],
    ["an_enum", 7, "expected a value's name, found 7"],
    ["an_enum", "FASTER", 'Mode has no value "FASTER"; did you mean "FAST"?'],
    ["a", "", "the field is part of one, where another may stand in its place"],
    ["group", "", "expected {}"],
  ] as const)("of %s cannot be %j", (field, given, problem) => {
    expect(() => valueOf(field, given)).toThrow(EnvelopeError);
    expect(() => valueOf(field, given)).toThrow(
      `required["example.mini.Values"].${field}: ${problem}`,
    );
  });

  test("of a list or map there is none", () => {
    const problem =
      "the field holds any number of values, so none can be demanded";
    expect(() => demanded({ "example.mini.Thing": { parts: {} } })).toThrow(
      `required["example.mini.Thing"].parts: ${problem}`,
    );
    expect(() => demanded({ "example.mini.Request": { mapped: {} } })).toThrow(
      problem,
    );
  });
});

/** What protoc writes for a message in text format. */
function encode(message: string, text: string): number[] {
  const bytes = runProtoc(
    [`-I${folder}`, `--encode=example.mini.${message}`, "mini.proto"],
    new TextEncoder().encode(text),
  );
  return [...bytes];
}

describe("a demanded message", () => {
  const bytesOf = (required: Required, message: string, field: string) => {
    const value = demanded(required)
      ?.get(`example.mini.${message}`)
      ?.get(field);
    return value instanceof Uint8Array ? [...value] : value;
  };

  test("is empty but for what is demanded in it, at any depth and in any order", () => {
    const required: Required = {
      "example.mini.MakeRequest": { thing: {} },
      "example.mini.HasStrict": { strict: {} },
      "example.mini.Thing": { values: {}, name: "n" },
      "example.mini.Values": { a_bytes: "/w==", a_bool: true },
      "example.mini.Strict": { thing: {}, must: "m" },
    };
    const thing = 'name: "n" values { a_bool: true a_bytes: "\\377" }';
    expect(bytesOf(required, "MakeRequest", "thing")).toEqual(
      encode("Thing", thing),
    );
    expect(bytesOf(required, "HasStrict", "strict")).toEqual(
      encode("Strict", `must: "m" thing { ${thing} }`),
    );
  });

  test("is written as protoc writes it, whatever the types and values in it", () => {
    const int = (least: bigint, most: bigint) =>
      fc.bigInt({ min: least, max: most }).map(String);
    const fields = fc.record(
      {
        a_double: fc.double({ noNaN: true, noDefaultInfinity: true }),
        a_float: fc.float({ noNaN: true, noDefaultInfinity: true }),
        an_int32: int(-(2n ** 31n), 2n ** 31n - 1n),
        an_int64: int(-(2n ** 63n), 2n ** 63n - 1n),
        a_uint32: int(0n, 2n ** 32n - 1n),
        a_uint64: int(0n, 2n ** 64n - 1n),
        a_sint32: int(-(2n ** 31n), 2n ** 31n - 1n),
        a_sint64: int(-(2n ** 63n), 2n ** 63n - 1n),
        a_fixed32: int(0n, 2n ** 32n - 1n),
        a_fixed64: int(0n, 2n ** 64n - 1n),
        a_sfixed32: int(-(2n ** 31n), 2n ** 31n - 1n),
        a_sfixed64: int(-(2n ** 63n), 2n ** 63n - 1n),
        a_bool: fc.boolean(),
        a_string: fc.string({ unit: "grapheme", maxLength: 200 }),
        an_enum: fc.constantFrom("SLOW", "FAST"),
      },
      { requiredKeys: [] },
    );
    const text = (value: string | number | boolean, name: string): string => {
      if (name === "a_string") return octal(String(value));
      return Object.is(value, -0) ? "-0.0" : String(value);
    };
    // Starting protoc takes long: many messages at once, inside another one.
    const many = fc.array(fields, { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(many, (all) => {
        const ours = all.map((values) =>
          bytesOf(
            {
              "example.mini.MakeRequest": { thing: {} },
              "example.mini.Thing": { values: {} },
              "example.mini.Values": values,
            },
            "MakeRequest",
            "thing",
          ),
        );
        const texts = all.map((values) => {
          const lines = Object.entries(values).map(
            ([name, value]) => `${name}: ${text(value, name)}`,
          );
          return `parts { values { ${lines.join(" ")} } }`;
        });
        expect(ours).toEqual(partsOf(encode("Thing", texts.join("\n"))));
      }),
      { numRuns: 4 },
    );
  });

  test("cannot be inside itself, nor lack what its file requires", () => {
    expect(() => demanded({ "example.mini.Thing": { inner: {} } })).toThrow(
      'required["example.mini.Thing"].inner: Thing would have to be inside itself without end',
    );
    expect(() =>
      demanded({ "example.mini.HasStrict": { strict: {} } }),
    ).toThrow(
      'required["example.mini.HasStrict"].strict: an empty Strict lacks its required field must: say its value under required',
    );
    expect(() => demanded({ "example.mini.Values": { group: {} } })).toThrow(
      "groups cannot be demanded",
    );
    expect(() => demanded({ "example.mini.Thing": { values: "" } })).toThrow(
      'required["example.mini.Thing"].values: expected {}, found ""',
    );
    expect(() => demanded({ "example.mini.Thing": { name: {} } })).toThrow(
      'required["example.mini.Thing"].name: expected text, found {}',
    );
  });
});

/** A string of protoc's text format, byte by byte. */
function octal(text: string): string {
  const bytes = Array.from(
    new TextEncoder().encode(text),
    (byte) => `\\${byte.toString(8).padStart(3, "0")}`,
  );
  return `"${bytes.join("")}"`;
}

/** The contents of the field `parts`, which a message of nothing else has again and again. */
function partsOf(bytes: readonly number[]): (readonly number[])[] {
  const parts: (readonly number[])[] = [];
  let at = 0;
  while (at < bytes.length) {
    expect(bytes[at]).toBe((3 << 3) | 2);
    const [low = 0, high = 0] = bytes.slice(at + 1);
    const start = at + (low < 0x80 ? 2 : 3);
    const size = low < 0x80 ? low : (low & 0x7f) | (high << 7);
    expect(high < 0x80 || low < 0x80).toBe(true);
    parts.push(bytes.slice(start, start + size));
    at = start + size;
  }
  return parts;
}
