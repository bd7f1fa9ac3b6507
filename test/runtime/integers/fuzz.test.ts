import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  FieldTypes,
  InterfaceDescriptor,
} from "../../../src/runtime/varlink/descriptor.ts";
import { stringifyExact } from "../../../src/runtime/varlink/exact/write.ts";
import { compileExactly, readCall, readReply } from "./support.ts";
import { type Oracle, parseExactly, roundedTo } from "./oracle.ts";

/** A value that is read or written, its type, and its JSON, strangely spaced and escaped. */
interface Made {
  readonly type: string;
  readonly value: unknown;
  readonly text: string;
}

const space = fc.constantFrom("", "", "", " ", "\n\t", "\r ");

function spaced(parts: readonly string[], gaps: readonly string[]): string {
  return parts
    .map((part, index) => part + (gaps[index % gaps.length] ?? ""))
    .join("");
}

const edges = [
  0n,
  1n,
  -1n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  -(2n ** 63n),
  2n ** 64n - 1n,
];
const int = fc.oneof(
  fc.constantFrom(...edges),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
);

/** JSON of a string in which any character may be an escape. */
const stringText = fc
  .array(fc.tuple(fc.string({ unit: "binary", maxLength: 3 }), fc.boolean()), {
    maxLength: 4,
  })
  .map((parts) => {
    const value = parts.map(([part]) => part).join("");
    const inside = parts.map(([part, escaped]) =>
      escaped
        ? [...Array(part.length).keys()]
            .map(
              (at) => `\\u${part.charCodeAt(at).toString(16).padStart(4, "0")}`,
            )
            .join("")
        : JSON.stringify(part).slice(1, -1),
    );
    return { value, text: `"${inside.join("")}"` };
  });

const leaf: fc.Arbitrary<Made> = fc.oneof(
  {
    weight: 4,
    arbitrary: int.map((value) => ({
      type: "int",
      value,
      text: String(value),
    })),
  },
  int.map((value) => ({ type: "int", value, text: `"${value}"` })),
  stringText.map(({ value, text }) => ({ type: "string", value, text })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({
    type: "float",
    value: value + 0,
    text: JSON.stringify(value),
  })),
  fc
    .tuple(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(fc.oneof(int.map(String), fc.constant("null"))),
      stringText,
      fc.constantFrom("object", "any"),
    )
    .map(([value, ints, key, type]) => {
      const text = `{"value":${JSON.stringify(value)},${key.text}:{"":[${ints.join(" , ")}]}}`;
      return { type, value: roundedTo(parseExactly(text), type, {}), text };
    }),
  int.map((value) => ({
    type: "any",
    value: Number.isSafeInteger(Number(value)) ? Number(value) : value,
    text: String(value),
  })),
);

const { made } = fc.letrec<{ made: Made }>((tie) => ({
  made: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc
      .tuple(
        tie("made"),
        fc.nat(3),
        fc.array(space, { minLength: 5, maxLength: 5 }),
      )
      .map(([{ type, value, text }, times, gaps]) => {
        const items = Array.from({ length: times }, () => text);
        return {
          type: `[]${type}`,
          value: Array.from({ length: times }, () => value),
          text: spaced(["[", items.join(gaps[0] + "," + gaps[1]), "]"], gaps),
        };
      }),
    fc
      .tuple(
        tie("made"),
        stringText,
        fc.array(space, { minLength: 5, maxLength: 5 }),
      )
      .map(([{ type, value, text }, key, gaps]) => ({
        type: `[string]${type}`,
        value: Object.fromEntries([[key.value, value]]),
        text: spaced(["{", key.text, ":", text, "}"], gaps),
      })),
    fc
      .tuple(tie("made"), fc.boolean())
      .filter(([{ type }]) => !type.startsWith("?"))
      .map(([{ type, value, text }, isNull]) => ({
        type: `?${type}`,
        value: isNull ? null : value,
        text: isNull ? "null" : text,
      })),
  ),
}));

describe("property: ints of any type", () => {
  it("are read exactly and written exactly, and nothing else changes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(made, fc.nat(2)), { minLength: 1, maxLength: 4 }),
        (entries) => {
          const names = ["value", "constructor", "__proto__", "a"];
          const types: [string, string][] = [];
          const values: [string, unknown][] = [];
          const parts: string[] = [];
          for (const [index, [entry]] of entries.entries()) {
            const name = names[index] ?? "";
            types.push([name, entry.type]);
            values.push([name, entry.value]);
            parts.push(`"${name}":${entry.text}`);
          }
          const method = compileExactly(Object.fromEntries(types));
          const text = `{${parts.join()}}`;
          const value = Object.fromEntries(values);
          expect(readCall(method, text)).toEqual({ value });
          expect(readReply(method, text, "strict")).toEqual({ value });
          // What was read may be sent, and comes back the same.
          expect(method.checkInput(value)).toBeUndefined();
          expect(method.checkReply(value)).toBeUndefined();
          const written = method.writeInput(value) ?? "";
          // The parameters' own nulls are left out: these types have no structs.
          const sent = Object.fromEntries(
            Object.entries(value).filter(([, member]) => member !== null),
          );
          expect(written).toBe(stringifyExact(sent));
          expect(method.writeReply(value)).toBe(written);
          expect(parseExactly(written)).toEqual(parseExactlyOf(sent));
          expect(readReply(method, written, "strict")).toEqual({
            value: sent,
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** What the oracle reads from the text of a value: all integers as bigints. */
function parseExactlyOf(value: unknown): Oracle {
  return parseExactly(stringifyExact(value) ?? "null");
}

describe("property: any JSON at all", () => {
  const types: InterfaceDescriptor["types"] = {
    S: {
      i: "int",
      s: "?S",
      l: "[]S",
      m: "[string]int",
      o: "?object",
      a: "any",
      as: "?[]?any",
      os: "?[string]object",
    },
  };
  const method = compileExactly(types["S"] as FieldTypes, types);
  const token = fc.oneof(
    int.map(String),
    fc.constantFrom(
      "18446744073709551616",
      "9007199254740992.5",
      "9007199254740993.0",
      "9.007199254740993e15",
      "1e300",
      "1e999",
      "-1.5",
      '"18446744073709551615"',
      '"x"',
      "null",
      "true",
    ),
  );
  /** Members of the right names with values that may be anything, any name twice. */
  const { json } = fc.letrec<{ json: string }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      token,
      fc
        .array(tie("json"), { maxLength: 3 })
        .map((items) => `[${items.join()}]`),
      fc
        .array(
          fc.tuple(
            fc.constantFrom(
              "i",
              "s",
              "l",
              "m",
              "o",
              "a",
              "as",
              "os",
              "\\u0069",
              "x",
              "__proto__",
            ),
            tie("json"),
          ),
          { maxLength: 5 },
        )
        .map(
          (members) =>
            `{${members.map(([key, text]) => `"${key}":${text}`).join()}}`,
        ),
    ),
  }));
  const object = fc
    .array(
      fc.tuple(
        fc.constantFrom("i", "s", "l", "m", "o", "a", "as", "os", "\\u006d"),
        json,
      ),
      {
        maxLength: 6,
      },
    )
    .map(
      (members) =>
        `{${members.map(([key, text]) => `"${key}":${text}`).join()}}`,
    );

  it("is read as an exact parser would, then rounded where no int is due", () => {
    fc.assert(
      fc.property(object, (text) => {
        const outcome = readReply(method, text);
        const expected = roundedTo(parseExactly(text), "S", types);
        expect(outcome).toEqual({ value: expected });
      }),
      { numRuns: 2000 },
    );
  });
});
