import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../grammar/source/diagnostic.ts";
import { glyphs, singleLine } from "../../../grammar/source/display.ts";
import {
  renderFrame,
  renderLine,
  toJson,
} from "../../../grammar/source/render.ts";
import { SourceText } from "../../../grammar/source/source-text.ts";

const problem = (
  start: number,
  end: number,
  more: Partial<Diagnostic> = {},
): Diagnostic => ({
  severity: "error",
  code: "x/code",
  message: "what is wrong",
  span: { start, end },
  ...more,
});

/** The lines between the place and the help. */
const snippet = (
  text: string,
  start: number,
  end: number,
  more: Partial<Diagnostic> = {},
): string[] =>
  renderFrame(problem(start, end, more), new SourceText("a.varlink", text))
    .split("\n")
    .slice(2);

describe("renderFrame", () => {
  it("shows message, place, source, related places and help", () => {
    const text = "one\ntwo three\nfour\nfive\n";
    const diagnostic = problem(8, 13, {
      help: "do this",
      related: [
        { span: { start: 0, end: 3 }, message: "the first" },
        { span: { start: 19, end: 20 }, message: "the last" },
      ],
    });
    expect(renderFrame(diagnostic, new SourceText("a.varlink", text))).toBe(
      [
        "error[x/code]: what is wrong",
        " --> a.varlink:2:5",
        "  |",
        "1 | one",
        "  | --- the first",
        "2 | two three",
        "  |     ^^^^^",
        "...",
        "4 | five",
        "  | - the last",
        "  |",
        "  = help: do this",
      ].join("\n"),
    );
  });

  it("widens the margin to the largest line number", () => {
    const text = "x\n".repeat(12);
    const frame = renderFrame(problem(22, 23), new SourceText("a", text));
    expect(frame.split("\n").slice(1)).toEqual([
      "  --> a:12:1",
      "   |",
      "12 | x",
      "   | ^",
    ]);
  });

  it("says warning for a warning", () => {
    const frame = renderFrame(
      problem(0, 1, { severity: "warning" }),
      new SourceText("a", "x"),
    );
    expect(frame).toMatch(/^warning\[x\/code\]: /);
  });

  it.each<[string, string, number, number, string, string]>([
    ["tabs", "\ta\tb", 3, 4, "    a   b", "        ^"],
    ["a marked tab", "a\tb", 1, 2, "a   b", " ^^^"],
    ["East Asian letters", "日本 x", 3, 4, "日本 x", "     ^"],
    ["full-width forms", "Ａb", 1, 2, "Ａb", "  ^"],
    ["Hangul syllables", "한b", 1, 2, "한b", "  ^"],
    ["emoji", "😀x", 2, 3, "😀x", "  ^"],
    ["a family of emoji", "👨‍👩‍👧x", 8, 9, "👨‍👩‍👧x", "  ^"],
    ["a flag", "🇩🇪x", 4, 5, "🇩🇪x", "  ^"],
    ["text made emoji", "❤️x", 2, 3, "❤️x", "  ^"],
    ["text that could be emoji", "❤x", 1, 2, "❤x", " ^"],
    ["combining marks", "e\u0301x", 2, 3, "e\u0301x", " ^"],
    ["a marked combining mark", "e\u0301x", 1, 2, "e\u0301x", "^"],
    ["zero width", "a\u200bb", 2, 3, "a<U+200B>b", "         ^"],
    ["control characters", "a\u001b[31mb", 6, 7, "a␛[31mb", "      ^"],
    ["NUL and DEL", "\u0000\u007fb", 2, 3, "␀␡b", "  ^"],
    ["a direction override", "a\u202eb", 2, 3, "a<U+202E>b", "         ^"],
    ["a lone surrogate", "a\ud800b", 2, 3, "a<U+D800>b", "         ^"],
    [
      "a lone carriage return's neighbour",
      "a\u0085b",
      2,
      3,
      "a<U+0085>b",
      "         ^",
    ],
  ])("puts marks right under %s", (_, text, start, end, shown, marks) => {
    expect(snippet(text, start, end)).toEqual([
      "  |",
      `1 | ${shown}`,
      `  | ${marks}`,
    ]);
  });

  it("marks the place after the last character, in an empty text too", () => {
    expect(snippet("ab", 2, 2)).toEqual(["  |", "1 | ab", "  |   ^"]);
    expect(snippet("ab\n", 3, 3)).toEqual(["  |", "2 |", "  | ^"]);
    expect(snippet("", 0, 0)).toEqual(["  |", "1 |", "  | ^"]);
  });

  it("leaves out CR and byte order mark, and shows a line end as one mark", () => {
    expect(snippet("\ufeffab\r\ncd", 1, 3)).toEqual([
      "  |",
      "1 | ab",
      "  | ^^",
    ]);
    expect(snippet("ab\r\ncd", 2, 4)).toEqual(["  |", "1 | ab", "  |   ^"]);
  });

  it("shows a span over a few lines whole, over many its first and last", () => {
    expect(snippet("a(b\n\nc)d", 1, 7)).toEqual([
      "  |",
      "1 | a(b",
      "  |  ^^",
      "...",
      "3 | c)d",
      "  | ^^",
    ]);
    const text = "(\n".repeat(9) + ")";
    expect(snippet(text, 0, text.length)).toEqual([
      "   |",
      " 1 | (",
      "   | ^",
      "...",
      "10 | )",
      "   | ^",
    ]);
  });

  it("does not reach into the next line for a line end at the end of a span", () => {
    expect(snippet("ab\ncd", 0, 3)).toEqual(["  |", "1 | ab", "  | ^^"]);
  });

  it("cuts a long line around the marks", () => {
    const text = `${"x".repeat(500)}HERE${"y".repeat(500)}`;
    const [, line = "", marks = ""] = snippet(text, 500, 504);
    expect(line).toBe(`1 | …${"x".repeat(33)}HERE${"y".repeat(63)}…`);
    expect(marks.length).toBeLessThanOrEqual(line.length);
    expect(line.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1)).toBe(
      "HERE",
    );
  });

  it("cuts at the ends of a long line on one side only", () => {
    const text = "x".repeat(300);
    expect(snippet(text, 0, 1)[1]).toBe(`1 | ${"x".repeat(100)}…`);
    expect(snippet(text, 299, 300)[1]).toBe(`1 | …${"x".repeat(34)}`);
  });

  it("colours on request only, and nothing of the text does", () => {
    const source = new SourceText("a", "x\u001b[31m");
    expect(renderFrame(problem(0, 1), source)).not.toContain("\u001b");
    const coloured = renderFrame(problem(0, 1), source, { colour: true });
    expect(coloured).toContain("\u001b[1;31merror[x/code]\u001b[0m");
    const escape = String.fromCharCode(27);
    const codes = ["0", "1", "1;31", "1;33", "1;34"].map(
      (code) => `${escape}[${code}m`,
    );
    const bare = codes.reduce(
      (text, code) => text.replaceAll(code, ""),
      coloured,
    );
    expect(bare).toBe(renderFrame(problem(0, 1), source));
  });

  it("takes any text and any span in it, safely for a terminal", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc
        .array(
          fc.constantFrom(
            "\n",
            "\t",
            "a",
            "日",
            "\u202e",
            "\r",
            "\u001b",
            "😀",
            "\ud83d",
          ),
          {
            maxLength: 300,
          },
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, fc.nat(300), fc.nat(300), (text, left, right) => {
        const start = Math.min(left, right, text.length);
        const end = Math.min(Math.max(left, right), text.length);
        const diagnostic = problem(start, end, { message: text, help: text });
        const frame = renderFrame(diagnostic, new SourceText(text, text));
        expect(frame.replaceAll("\n", "")).not.toMatch(
          /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u,
        );
        expect(frame).toContain("^");
        expect(renderLine(diagnostic, new SourceText(text, text))).not.toMatch(
          /\p{Cc}/u,
        );
      }),
    );
  });
});

describe("glyphs", () => {
  it("covers the text without gaps", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        let offset = 0;
        for (const { span } of glyphs(text)) {
          expect(span.start).toBe(offset);
          offset = span.end;
        }
        expect(offset).toBe(text.length);
      }),
    );
  });

  it("leaves plain text as it is", () => {
    expect(singleLine("a b ~ é ÿ — „x“")).toBe("a b ~ é ÿ — „x“");
    expect(singleLine("a\r\nb")).toBe("a<U+000D><U+000A>b");
  });
});

describe("renderLine", () => {
  it("is one line that editors read", () => {
    const source = new SourceText("dir/a.varlink", "one\ntwo\n");
    expect(renderLine(problem(5, 6), source)).toBe(
      "dir/a.varlink:2:2: error x/code: what is wrong",
    );
  });
});

describe("toJson", () => {
  it("gives lines, columns and offsets", () => {
    const source = new SourceText("a", "\ufeffone\ntwo\n");
    const related = [{ span: { start: 1, end: 4 }, message: "there" }];
    expect(toJson(problem(5, 8, { help: "h", related }), source)).toEqual({
      path: "a",
      severity: "error",
      code: "x/code",
      message: "what is wrong",
      range: {
        start: { line: 2, column: 1, offset: 5 },
        end: { line: 2, column: 4, offset: 8 },
      },
      help: "h",
      related: [
        {
          message: "there",
          range: {
            start: { line: 1, column: 1, offset: 1 },
            end: { line: 1, column: 4, offset: 4 },
          },
        },
      ],
    });
    expect(Object.keys(toJson(problem(0, 0), source))).not.toContain("help");
  });
});
