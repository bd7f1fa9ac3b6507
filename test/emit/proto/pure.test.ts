import ts from "typescript";
import { describe, expect, test } from "vitest";
import { emit } from "./emitted.ts";
import { servicesAtHand } from "./inputs.ts";

/**
 * A bundler drops what is not used only where it is sure that loading a module
 * does nothing: what runs then is to make objects, functions and classes.
 */

/** Expressions that run when a module is loaded, and could do anything. */
function effects(text: string): string[] {
  const file = ts.createSourceFile("a.ts", text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isTypeNode(node)) return;
    if (ts.isExpression(node) && !isPure(node)) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  for (const statement of file.statements) {
    if (
      !ts.isImportDeclaration(statement) &&
      !ts.isExportDeclaration(statement)
    )
      visit(statement);
  }
  return found;
}

function isPure(node: ts.Expression): boolean {
  switch (node.kind) {
    case ts.SyntaxKind.ObjectLiteralExpression:
    case ts.SyntaxKind.ArrayLiteralExpression:
    case ts.SyntaxKind.AsExpression:
    case ts.SyntaxKind.StringLiteral:
    case ts.SyntaxKind.NumericLiteral:
    case ts.SyntaxKind.BigIntLiteral:
    case ts.SyntaxKind.TrueKeyword:
    case ts.SyntaxKind.FalseKeyword:
    case ts.SyntaxKind.Identifier:
    case ts.SyntaxKind.ExpressionWithTypeArguments:
      return true;
    case ts.SyntaxKind.PrefixUnaryExpression:
      return node.getText().startsWith("-");
    case ts.SyntaxKind.PropertyAccessExpression:
      // Of a namespace, which is an import by another name.
      return node.getText().startsWith("$.");
    default:
      return false;
  }
}

describe("loading generated modules does nothing", () => {
  for (const { name, service } of servicesAtHand()) {
    test(name, () => {
      const found = [...emit(service)].flatMap(([module, text]) =>
        effects(text).map((expression) => `${module}: ${expression}`),
      );
      expect(found).toEqual([]);
    });
  }

  test("and what would do something is noticed", () => {
    const text =
      "export const a = b();\nexport const c = { d: e.f };\nexport class G { static h = new I(); }";
    expect(effects(text)).toEqual(["b()", "e.f", "new I()"]);
  });
});
