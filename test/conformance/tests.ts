/** Which tests there are of the rules, by their sources: the documents need no test run. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const folder = fileURLToPath(new URL(".", import.meta.url));

/** A call of `conform`. */
export interface RuleTest {
  /** File name, in this folder. */
  readonly file: string;
  readonly id: string;
  readonly side: string;
  /** Whether it stands alone on the top level of its file, so that it always runs. */
  readonly always: boolean;
}

/** The tests of a text. */
export function testsIn(file: string, text: string): RuleTest[] {
  const found: RuleTest[] = [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === "conform"
    ) {
      const [id, side] = node.arguments;
      found.push({
        file,
        id: id !== undefined && ts.isStringLiteral(id) ? id.text : "",
        side: side !== undefined && ts.isStringLiteral(side) ? side.text : "",
        always:
          ts.isExpressionStatement(node.parent) &&
          node.parent.parent === source,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** All tests of rules. */
export function ruleTests(): RuleTest[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts") && name !== "suite.test.ts")
    .toSorted()
    .flatMap((name) =>
      testsIn(name, readFileSync(path.join(folder, name), "utf8")),
    );
}
