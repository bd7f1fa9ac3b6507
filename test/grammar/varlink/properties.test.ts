import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderFrame } from "../../../src/model/diagnostics.ts";
import type { ParsedInterface } from "../../../src/model/varlink.ts";
import { certification } from "../../support/certification.ts";
import { hasCorpus, seed } from "../../support/corpus.ts";
import { parse } from "../../support/varlink.ts";
import {
  memberTexts,
  showMember,
  tokensOf,
} from "../../support/varlink-text.ts";

const lineEnds = fc.constantFrom("\n", "\r\n", "\r", "\u2028", "\u2029");
const blank = fc.constantFrom(" ", "\t", "\u00a0", "\u3000", "  ");
const comment = fc
  .tuple(
    fc.constantFrom("#", "# text", "# type T (", "#é [Supports 'more' flag]"),
    lineEnds,
  )
  .map(([text, end]) => text + end);
const gap = fc
  .array(fc.oneof(blank, lineEnds, comment), { maxLength: 3 })
  .map((all) => all.join(""));
const gaps = fc.array(gap, { minLength: 1, maxLength: 40 });

/** Joins tokens by gaps, with a blank where two words would become one. */
function spread(tokens: readonly string[], between: readonly string[]): string {
  let text = "";
  for (const [index, token] of tokens.entries()) {
    let space = between[index % between.length] ?? "";
    if (space === "" && /[\w.-]$/.test(text) && /^[\w-]/.test(token))
      space = " ";
    text += space + token;
  }
  return text;
}

it("a type that is nullable twice is told of where that stands, also behind the type", () => {
  for (const type of ["??int", "int??", "int? $ ?"]) {
    const text = `interface a.b\ntype T (a: ${type})\n`;
    const parsed = parse(text);
    holds(text, parsed);
    const told = parsed.diagnostics.filter(
      ({ code }) => code === "varlink/nested-nullable",
    );
    expect(told.map(({ span }) => text.slice(span.start, span.end))).toEqual([
      type.replace("int", ""),
    ]);
  }
});

/** What holds for every text whatever. */
function holds(
  text: string,
  { service, diagnostics, ast, source }: ParsedInterface,
): void {
  const hasErrors = diagnostics.some(({ severity }) => severity === "error");
  expect(service === undefined).toBe(hasErrors);
  let previous = 0;
  for (const { span, related = [] } of diagnostics) {
    expect(span.start).toBeGreaterThanOrEqual(previous);
    previous = span.start;
    for (const each of [span, ...related.map((other) => other.span)]) {
      expect(each.start).toBeGreaterThanOrEqual(0);
      expect(each.start).toBeLessThanOrEqual(each.end);
      expect(each.end).toBeLessThanOrEqual(text.length);
    }
  }
  // No comment is lost: each is there once, in order.
  let end = 0;
  for (const { span } of ast.comments) {
    expect(span.start).toBeGreaterThanOrEqual(end);
    expect(text[span.start]).toBe("#");
    end = span.end;
  }
  for (const diagnostic of diagnostics.slice(0, 3))
    renderFrame(diagnostic, source);
}

describe("what is printed and read again", () => {
  it("is the same, with any white space and comments between the tokens", () => {
    fc.assert(
      fc.property(memberTexts, gaps, lineEnds, (members, between, end) => {
        const text =
          spread(["interface", "org.example"], [" "]) +
          members
            .map((member) => end + spread(tokensOf(member), between))
            .join("");
        const result = parse(text);
        holds(text, result);
        expect(
          result.diagnostics.filter(({ severity }) => severity === "error"),
        ).toEqual([]);
        expect(result.ast.members.map(showMember)).toEqual(members);
        expect(result.service?.members).toHaveLength(members.length);
      }),
      { numRuns: 300 },
    );
  });

  it("has spans whose text reads as the same member", () => {
    fc.assert(
      fc.property(memberTexts, gaps, (members, between) => {
        const text = `interface a.b${members.map((each) => `\n${spread(tokensOf(each), between)}`).join("")}`;
        const { ast, source } = parse(text);
        for (const member of ast.members) {
          const again = parse(`interface a.b\n${source.slice(member.span)}`).ast
            .members;
          expect(again.map(showMember)).toEqual([showMember(member)]);
        }
      }),
    );
  });
});

describe("any input", () => {
  const tokens = fc.constantFrom(
    ..."( ) [ ] ? : , -> { } ; = => @ # // /* */ type method error interface string".split(
      " ",
    ),
    ..."[string] [] a a_b Foo Bar a.b é 😀 _ 1 typ struct int".split(" "),
    "\n",
    "\r\n",
    "\u2028",
    "\ud800",
    "\u0000",
  );

  it("of any characters gives diagnostics, never an exception", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) =>
        holds(text, parse(text)),
      ),
      { numRuns: 300 },
    );
  });

  it("of any bytes, read as Latin-1, gives diagnostics, never an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const text = Buffer.from(bytes).toString("latin1");
        holds(text, parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it("of any tokens has a parse: the grammar is total", () => {
    fc.assert(
      fc.property(
        fc.array(tokens, { maxLength: 120 }),
        fc.boolean(),
        (all, hasLine) => {
          const text = (hasLine ? "interface a.b\n" : "") + all.join(" ");
          holds(text, parse(text));
        },
      ),
      { numRuns: 1000 },
    );
  });

  const real = hasCorpus
    ? [readFileSync(seed("io.podman.varlink"), "utf8").slice(0, 6000)]
    : [];

  it.each([certification, ...real])(
    "near a right file holds too (%#)",
    (file) => {
      const edit = fc.record({
        at: fc.nat(file.length),
        remove: fc.nat(12),
        insert: fc.oneof(tokens, fc.string({ unit: "binary", maxLength: 5 })),
      });
      fc.assert(
        fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
          let text = file;
          for (const { at, remove, insert } of edits) {
            text = text.slice(0, at) + insert + text.slice(at + remove);
          }
          holds(text, parse(text));
        }),
        { numRuns: 200 },
      );
    },
  );
});

describe("one wrong token", () => {
  const offsets = [
    ...certification
      .replaceAll(/#.*/g, (all) => " ".repeat(all.length))
      .matchAll(/->|[()[\],:?]|[\w.]+/g),
  ].map((match) => ({
    token: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
  const lineOf = (text: string, offset: number): number =>
    text.slice(0, offset).split("\n").length;

  /** The errors, and how many lines the nearest one is away. */
  const look = (
    text: string,
    at: number,
  ): { readonly count: number; readonly distance: number } => {
    const result = parse(text);
    holds(text, result);
    const lines = result.diagnostics.map(({ span }) =>
      lineOf(text, span.start),
    );
    const distances = lines.map((line) => Math.abs(line - lineOf(text, at)));
    return { count: lines.length, distance: Math.min(...distances) };
  };

  it("left out is told of near its place, and little else is", () => {
    let total = 0;
    let told = 0;
    for (const { token, start, end } of offsets) {
      const text = certification.slice(0, start) + certification.slice(end);
      const { count, distance } = look(text, start);
      // Without one of these, what is left can be a type as well.
      const mayBeRight = ["?", "string"].includes(token);
      if (count === 0) expect([token, mayBeRight]).toEqual([token, true]);
      else {
        expect([token, start, distance <= 14]).toEqual([token, start, true]);
        told += 1;
      }
      expect([token, start, count <= 6]).toEqual([token, start, true]);
      total += count;
    }
    expect(total / told).toBeLessThan(1.5);
  });

  it.each([
    "(",
    ")",
    "[",
    "]",
    "?",
    ":",
    ",",
    "->",
    "@",
    "word",
    "Word",
    "type",
    "method",
    "{",
  ])("%s, put in anywhere, makes few problems", (inserted) => {
    let total = 0;
    for (const { start } of offsets) {
      const text = `${certification.slice(0, start)}${inserted} ${certification.slice(start)}`;
      const { count, distance } = look(text, start);
      if (count > 0) expect([start, distance <= 14]).toEqual([start, true]);
      if (inserted === "@") expect(count).toBe(1);
      expect([start, count <= 6, count]).toEqual([start, true, count]);
      total += count;
    }
    expect(total / offsets.length).toBeLessThan(inserted === "{" ? 3.5 : 2.5);
  });
});
