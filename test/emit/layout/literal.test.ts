import fc from "fast-check";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import {
  isIdentifier,
  propertyKey,
  stringLiteral,
} from "../../../src/emit/layout/literal.ts";
import { isPlain, textWidth } from "../../../src/emit/layout/width.ts";

function valueOf(literal: string): string {
  const { statements } = ts.createSourceFile(
    "a.ts",
    `(${literal});`,
    ts.ScriptTarget.Latest,
  );
  const [statement] = statements;
  if (
    statements.length !== 1 ||
    statement === undefined ||
    !ts.isExpressionStatement(statement)
  ) {
    throw new Error(`not one expression: ${literal}`);
  }
  const { expression } = statement;
  if (
    !ts.isParenthesizedExpression(expression) ||
    !ts.isStringLiteral(expression.expression)
  ) {
    throw new Error(`not a string: ${literal}`);
  }
  return expression.expression.text;
}

describe("a string literal", () => {
  test("means its text, whatever that is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.string({ unit: "grapheme" }),
          fc.string(),
        ),
        (text) => {
          const literal = stringLiteral(text);
          expect(valueOf(literal)).toBe(text);
          expect(literal).not.toMatch(
            /[\p{Control}\p{Surrogate}\u00a0\u200b-\u200f\u2028-\u202e\ufeff]/u,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test.for([
    ["", `""`],
    [`it's`, `"it's"`],
    [`say "it"`, `'say "it"'`],
    [`it's "it"`, `'it\\'s "it"'`],
    [`''"`, `"''\\""`],
    [`'"`, `"'\\""`],
    ["a\\b", `"a\\\\b"`],
    ["\b\t\n\v\f\r", `"\\b\\t\\n\\v\\f\\r"`],
    ["\0", `"\\u0000"`],
    ["</script>", `"\\x3c/script>"`],
    ["<!--", `"\\x3c!--"`],
    ["a < b", `"a < b"`],
    ["//# sourceMappingURL=x", `"//\\x23 sourceMappingURL=x"`],
    ["//@ sourceURL=x", `"//\\x40 sourceURL=x"`],
    ["# text", `"# text"`],
    ["Größe, размер, 大小", `"Größe, размер, 大小"`],
    ["👍", `"\\ud83d\\udc4d"`],
    ["\u202e", `"\\u202e"`],
    ["\ud800", `"\\ud800"`],
  ] as const)("%j is %s", ([text, literal]) => {
    expect(stringLiteral(text)).toBe(literal);
  });
});

test("keys are quoted where they must be", () => {
  expect(propertyKey("constructor")).toBe("constructor");
  expect(propertyKey("StopInput$")).toBe("StopInput$");
  expect(propertyKey("a-b")).toBe(`"a-b"`);
  expect(propertyKey("1")).toBe(`"1"`);
  expect(isIdentifier("")).toBe(false);
  expect(isIdentifier("ä")).toBe(false);
});

test("wide characters take two columns", () => {
  expect(textWidth("abc")).toBe(3);
  expect(textWidth("Größe")).toBe(5);
  expect(textWidth("大小")).toBe(4);
  expect(textWidth("a한！")).toBe(5);
  expect(Array.from("aé中한！").every(isPlain)).toBe(true);
  // Combining, invisible, drawn as emoji, or of a direction of its own.
  expect(
    Array.from("\u0301\u200d\u00ad\u{1f44d}\u00a9\u203c\ufe0f\u05d0").some(
      isPlain,
    ),
  ).toBe(false);
});
