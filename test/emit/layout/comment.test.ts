import fc from "fast-check";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import {
  commentLines,
  docComment,
  lineComment,
} from "../../../src/emit/layout/comment.ts";

const lines = (...texts: readonly string[]): string[][] =>
  texts.map((text) => [text]);

describe("a TSDoc comment", () => {
  test("of no text is nothing", () => {
    expect(docComment([], 0)).toBe("");
    expect(docComment(lines("", "  ", "\t"), 1)).toBe("");
  });

  test("is one line where it fits", () => {
    const text = "a".repeat(73);
    expect(docComment(lines(text), 0)).toBe(`/** ${text} */\n`);
    expect(docComment(lines(text), 0).length).toBe(81);
    expect(docComment(lines(`${text}a`), 0)).toBe(`/**\n * ${text}a\n */\n`);
    expect(docComment(lines(text), 1)).toBe(`  /**\n   * ${text}\n   */\n`);
    expect(docComment(lines("", text.slice(2), ""), 1)).toBe(
      `  /** ${text.slice(2)} */\n`,
    );
  });

  test("keeps line breaks, indentation and empty lines, but none at its ends", () => {
    expect(
      commentLines(lines("", "One", "", "  two  ", "three", " "), 0),
    ).toEqual(["/**", " * One", " *", " *   two", " * three", " */"]);
  });

  test.for([
    ["*/ end", "*\\/ end"],
    ["@see me", "\\@see me"],
    ["  @ts-ignore", "  \\@ts-ignore"],
    ["me@example.org", "me@example.org"],
    ["{@link x}", "{\\@link x}"],
    ["a\rb\u2028c\u0085d", "a b c d"],
    ["a\0b\u001bc", "a?b?c"],
    ["a\u202eb\u2066c", "a?b?c"],
    ["a\ufffdb\ufeffc\ud800d", "a?b?c?d"],
    ["a\tb", "a\tb"],
    ["//# sourceMappingURL=x", "//#\\ sourceMappingURL=x"],
    ["/* nested", "/* nested"],
    ["Größe 👍 大小", "Größe 👍 大小"],
  ] as const)("writes %j as %j", ([text, written]) => {
    expect(commentLines(lines(text), 0)).toEqual([`/** ${written} */`]);
  });

  test("does not end where two pieces meet", () => {
    expect(commentLines([["*", { markup: "/" }, "*", "/"]], 0)).toEqual([
      "/** *\\/*\\/ */",
    ]);
  });

  test("leaves markup of ours as it is", () => {
    expect(
      commentLines(
        [[{ markup: "@deprecated" }, " use ", { markup: "{@link A}" }]],
        0,
      ),
    ).toEqual(["/** @deprecated use {@link A} */"]);
  });

  test("is one comment, whatever is in it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" }), { maxLength: 5 }),
        fc.nat(2),
        (texts, level) => {
          const text = docComment(lines(...texts), level);
          const scanner = ts.createScanner(
            ts.ScriptTarget.Latest,
            true,
            ts.LanguageVariant.Standard,
            text,
          );
          expect(scanner.scan()).toBe(ts.SyntaxKind.EndOfFileToken);
          expect(text).not.toMatch(/[ \t]$/m);
        },
      ),
    );
  });
});

test("a line comment is one line", () => {
  expect(lineComment("a\nb\u2028c  ")).toBe("// a b c");
  expect(lineComment("//# sourceMappingURL=x")).toBe(
    "// //? sourceMappingURL=x",
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(lineComment(text)).toMatch(/^\/\/[^\n\r\u2028\u2029]*$/);
    }),
  );
});
