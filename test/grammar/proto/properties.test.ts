import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  FileItem,
  MessageItem,
  OptionValue,
} from "../../../grammar/proto/ast.ts";
import { tokenize } from "../../../grammar/proto/tokens.ts";
import { type Reading, read, walk } from "./support.ts";

const runs = Number(process.env["PORTOLAN_FUZZ_RUNS"] ?? 150);

/** What holds of every text. */
function check(text: string): Reading {
  const reading = read(text);
  const { ast, diagnostics } = reading;
  for (const { span, related = [] } of diagnostics) {
    for (const { start, end } of [span, ...related.map((each) => each.span)]) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(text.length);
    }
  }
  for (const { span } of walk(ast)) {
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(text.length);
  }
  return reading;
}

const pieces = [
  ..."{ } [ ] ( ) < > ; , = : - . /".split(" "),
  ..."message enum optional repeated group map<a,b> to max reserved extensions option rpc stream returns oneof extend service import public syntax export local".split(
    " ",
  ),
  ...'a b.c 1 0x 1.5 08 "x" \' " // /* */ # é \0 \n ={'.split(" "),
  "\n",
  " = {",
  "message A {",
  "string a = 1;",
];

const descriptor = readFileSync(
  fileURLToPath(
    new URL(
      "../../../node_modules/protoc/include/google/protobuf/descriptor.proto",
      import.meta.url,
    ),
  ),
  "utf8",
);

/** A file with every construct, right in every way. */
const complete = `// licence

syntax = "proto2";
package a.b;
import public "c.proto";
option (d.e).f = { g: "h" [i.j] < k: [1, -2] >, [l.m/n.o]: {} };
message P {
  optional .q.R s = 1 [default = -1.5, (t) = { u: v }];
  repeated group W = 2 { required int32 x = 1; }
  map<string, Y> z = 3;
  oneof aa { string bb = 4; group Cc = 5 {} }
  extensions 100 to 199, 300 to max [(dd) = "ee"];
  reserved 6, 7 to 8;
  reserved "ff", 'gg';
  enum Hh { option allow_alias = true; II = 0; JJ = -0x1 [deprecated = true]; }
  extend Kk { optional bytes ll = 9; }
}
service Mm {
  rpc Nn (stream Oo) returns (.pp.Qq) { option rr = ss; }
  rpc Tt (Uu) returns (stream Vv);
}
`;

describe("any text", () => {
  it("has a tree, and problems within it", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(fc.constantFrom(...pieces)).map((all) => all.join(" ")),
          fc.array(fc.constantFrom(...pieces)).map((all) => all.join("")),
        ),
        (text) => void check(text),
      ),
      { numRuns: runs },
    );
  });

  it("made of a right one with some of it changed has, too", () => {
    const change = fc.record({
      from: fc.nat(),
      length: fc.nat({ max: 8 }),
      piece: fc.option(fc.constantFrom(...pieces), { nil: "" }),
    });
    fc.assert(
      fc.property(
        fc.nat({ max: descriptor.length }),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (start, changes) => {
          let text = complete + descriptor.slice(start, start + 1500);
          for (const { from, length, piece } of changes) {
            const offset = from % text.length;
            text = text.slice(0, offset) + piece + text.slice(offset + length);
          }
          check(text);
        },
      ),
      { numRuns: runs },
    );
  });

  it("may break a map off where a brace is missing", () => {
    // Found by fuzzing: the brace was put between `map` and what makes it one.
    check("message s {\n  map\n<");
    check("essage s{map\r<");
  });
});

describe("a file with one mistake", () => {
  const { tokens } = tokenize(complete);

  it("is right without it", () => {
    expect(check(complete).diagnostics).toEqual([]);
  });

  it("gets few problems, the first near it, when a token is missing", () => {
    for (const [index, token] of tokens.entries()) {
      const end = token.startOffset + token.image.length;
      const text = `${complete.slice(0, token.startOffset)}${complete.slice(end)}`;
      const { diagnostics } = check(text);
      expect([index, diagnostics.length > 4]).toEqual([index, false]);
      const [first] = diagnostics;
      if (first === undefined) continue;
      const near = [
        first.span,
        ...(first.related ?? []).map((r) => r.span),
      ].map(
        ({ start }) => lineOf(text, start) - lineOf(text, token.startOffset),
      );
      // A brace that is missing may be told of where it was opened.
      const reach = "{}".includes(token.image) ? 20 : 1;
      expect([index, near.some((lines) => Math.abs(lines) <= reach)]).toEqual([
        index,
        true,
      ]);
    }
  });

  it.each(["}", "]", ";;x", "= 1", "{", "(", '"', "5", "message"])(
    "gets problems, but not many, when %s is put in",
    (piece) => {
      for (const { startOffset } of tokens) {
        const text = `${complete.slice(0, startOffset)} ${piece} ${complete.slice(startOffset)}`;
        expect(check(text).diagnostics.length).toBeLessThanOrEqual(8);
      }
    },
  );
});

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
const dotted = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("."));
const number = fc.nat({ max: 1000 }).map(String);

/** Tokens of a value of an option, and of a message. */
const { item } = fc.letrec<{
  value: string[];
  item: string[];
}>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    number.map((text) => [text]),
    name.map((text) => [text]),
    name.map((text) => [`"${text}"`, "'x'"]),
    number.map((text) => ["-", text]),
    fc
      .array(fc.tuple(name, tie("value")), { maxLength: 3 })
      .map((fields) => [
        "{",
        ...fields.flatMap(([key, each]) => [key, ":", ...each]),
        "}",
      ]),
  ),
  item: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(fc.constantFrom("optional", "repeated"), dotted, name, number)
      .map(([label, type, field, tag]) => [label, type, field, "=", tag, ";"]),
    fc
      .tuple(name, number, dotted, tie("value"))
      .map(([field, tag, option, each]) =>
        ["string", field, "=", tag, "[", "(", option, ")", "="].concat(
          each,
          "]",
          ";",
        ),
      ),
    fc
      .tuple(name, fc.array(tie("item"), { maxLength: 3 }))
      .map(([word, items]) => ["message", word, "{", ...items.flat(), "}"]),
    fc
      .tuple(name, name, number)
      .map(([type, field, tag]) =>
        ["map", "<", "string", ",", type, ">"].concat(field, "=", tag, ";"),
      ),
    fc
      .tuple(number, number)
      .map(([from, to]) => ["reserved", from, "to", to, ",", from, ";"]),
  ),
}));

/** The tokens a tree stands for, written in one way. */
function print(items: readonly (FileItem | MessageItem)[]): string[] {
  return items.flatMap((each) => {
    switch (each.kind) {
      case "message":
        return ["message", each.name.text, "{", ...print(each.body), "}"];
      case "field":
        return [
          each.label?.text ?? "",
          each.type.text,
          each.name.text,
          ...printNumber(each.number),
          ...printOptions(each.options),
          ";",
        ];
      case "map":
        return [
          "map",
          "<",
          each.keyType.text,
          ",",
          each.valueType.text,
          ">",
          each.name.text,
          ...printNumber(each.number),
          ";",
        ];
      case "reserved":
        return [
          "reserved",
          ...each.ranges
            .flatMap(({ start, end }) => [
              ",",
              ...printNumber(start).slice(1),
              ...(start === end ? [] : ["to", ...printNumber(end).slice(1)]),
            ])
            .slice(1),
          ";",
        ];
      default:
        throw new Error(each.kind);
    }
  });
}

function printNumber(each: { kind: string; value?: unknown }): string[] {
  return ["=", String(each.value)];
}

function printOptions(
  options: Extract<MessageItem, { kind: "field" }>["options"],
): string[] {
  if (options.length === 0) return [];
  return [
    "[",
    ...options.flatMap(({ name: { parts }, value: each }) => [
      ...parts.flatMap(({ text }) => ["(", text, ")"]),
      "=",
      ...printValue(each),
    ]),
    "]",
  ];
}

function printValue(each: OptionValue): string[] {
  switch (each.kind) {
    case "integer":
      return each.negative ? ["-", String(-each.value)] : [String(each.value)];
    case "identifier":
      return [each.text];
    case "string":
      return [
        `"${new TextDecoder().decode(each.bytes.subarray(0, -1))}"`,
        "'x'",
      ];
    case "aggregate":
      return [
        "{",
        ...each.fields.flatMap((field) => [
          field.name.kind === "field" ? field.name.text : "",
          ":",
          ...(field.value.kind === "list" ? [] : printValue(field.value)),
        ]),
        "}",
      ];
    default:
      throw new Error(each.kind);
  }
}

describe("a file made of tokens", () => {
  it("says the same, whatever stands between them", () => {
    const gap = fc.constantFrom(
      " ",
      "\n",
      "\r\n\t",
      " // x\n",
      "/* { */",
      " /**/\n\n",
    );
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 4 }),
        fc.array(gap, { minLength: 1, maxLength: 20 }),
        (items, gaps) => {
          const all = ["message", "m", "{", ...items.flat(), "}"];
          const text = all
            .map((token, index) => token + (gaps[index % gaps.length] ?? " "))
            .join("");
          const { ast, diagnostics } = check(text);
          expect(diagnostics).toEqual([]);
          const printed = print(ast.items).filter((token) => token !== "");
          expect(printed).toEqual(all);
        },
      ),
      { numRuns: runs },
    );
  });
});
