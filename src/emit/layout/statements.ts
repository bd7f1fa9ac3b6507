import {
  type Doc,
  group,
  hardline,
  ifBreak,
  indent,
  join,
  line,
  softline,
} from "./doc.ts";
import { breakAfter, fluid, lay } from "./forms.ts";
import { propertyKey } from "./literal.ts";
import { typeDoc, union } from "./type-term.ts";

/**
 * The closed set of statements that generated functions are made of, each laid
 * out as Prettier lays it out. They are docs, to be put into each other; {@link text}
 * makes the text of a declaration at the start of a line.
 */

/** The text of a declaration. */
export function text(declaration: Doc): string {
  return lay(declaration);
}

/** `callee(a, b)` */
export function call(callee: string, parameters: readonly Doc[]): Doc {
  if (parameters.length === 0) return `${callee}()`;
  return [
    callee,
    group([
      "(",
      indent([softline, join([",", line], parameters)]),
      ifBreak(","),
      softline,
      ")",
    ]),
  ];
}

/** `expression;` */
export function run(expression: Doc): Doc {
  return [expression, ";"];
}

/** `return expression;` for an expression that does not break. */
export function returns(expression: Doc): Doc {
  return ["return ", expression, ";"];
}

/**
 * `target = value;` or `const target = value;`
 *
 * @param breaks - Whether the value may break: a call with parameters.
 */
export function assign(target: string, value: Doc, breaks: boolean): Doc {
  return [
    breaks ? fluid(target, " =", value) : breakAfter(target, " =", value),
    ";",
  ];
}

/** `let name: type | undefined` */
export function letOptional(name: string, type: string): Doc {
  const term = union(
    { kind: "reference", name: type },
    { kind: "keyword", name: "undefined" },
  );
  return group([`let ${name}: `, typeDoc(term)]);
}

/** `{ name: value }`, a line for each. */
export function objectLiteral(
  entries: readonly (readonly [string, Doc])[],
): Doc {
  if (entries.length === 0) return "{}";
  return [
    "{",
    indent(
      entries.map(([name, value]) => [
        hardline,
        propertyKey(name),
        ": ",
        value,
        ",",
      ]),
    ),
    hardline,
    "}",
  ];
}

/** `object.a?.b`: a member of a member may go to the next line. */
export function member(object: string, ...members: readonly string[]): Doc {
  if (members.length < 2) return [object, ...members];
  return [object, ...members.map((one) => group(indent([softline, one])))];
}

/** `left === right` in the parentheses of an `if`. */
export function compare(left: Doc, operator: "===" | "!==", right: Doc): Doc {
  return [left, " ", group([operator, line, right])];
}

function inequality([left, right]: readonly [Doc, Doc]): Doc {
  return group([left, indent([" ", group(["!==", line, right])])]);
}

/** `a !== b && c !== d` in the parentheses of an `if`. */
export function both(
  left: readonly [Doc, Doc],
  right: readonly [Doc, Doc],
): Doc {
  return [inequality(left), " &&", line, inequality(right)];
}

/** `left ?? right` as a parameter. */
export function orElse(left: Doc, right: Doc): Doc {
  return group([left, indent([" ", group(["??", line, right])])]);
}

function condition(test: Doc): Doc {
  return group([indent([softline, test]), softline]);
}

/** `if (test) then;`, and more of the kind after `else`. */
export function ifElse(
  branches: readonly (readonly [test: Doc, then: Doc])[],
  otherwise?: Doc,
): Doc {
  const opened = branches.map(([test, then]) =>
    group(["if (", condition(test), ")", indent([line, then])]),
  );
  return join(
    [hardline, "else "],
    otherwise === undefined ? opened : [...opened, otherwise],
  );
}

/** `heading { statements }` */
export function block(heading: Doc, statements: readonly Doc[]): Doc {
  if (statements.length === 0) return [heading, " {}"];
  return [
    heading,
    " {",
    indent(statements.map((statement) => [hardline, statement])),
    hardline,
    "}",
  ];
}

/** `if (test) { then }`, or with `else { otherwise }` */
export function ifBlock(
  test: Doc,
  then: readonly Doc[],
  otherwise: readonly Doc[] = [],
): Doc {
  const opened = block(group(["if (", condition(test), ")"]), then);
  return otherwise.length === 0
    ? opened
    : [opened, " ", block("else", otherwise)];
}

/** `for (const item of list) { statements }` */
export function forOf(
  item: string,
  list: Doc,
  statements: readonly Doc[],
): Doc {
  return block(["for (const ", item, " of ", list, ")"], statements);
}

/** One arm of a `switch`: `case a: case b: statements`. */
export interface Arm {
  /** Expressions, or none for `default`. */
  readonly labels: readonly string[];
  readonly statements: readonly Doc[];
  /** Whether it declares something, and so is a block. */
  readonly declares?: boolean;
}

/** `switch (subject) { … }` */
export function switchOn(subject: Doc, arms: readonly Arm[]): Doc {
  return block(
    ["switch (", group([indent([softline, subject]), softline]), ")"],
    arms.map(({ labels, statements, declares = false }) => {
      const opening = join(
        hardline,
        labels.length === 0
          ? ["default:"]
          : labels.map((label) => `case ${label}:`),
      );
      return declares
        ? block(opening, statements)
        : [
            opening,
            indent(statements.map((statement) => [hardline, statement])),
          ];
    }),
  );
}

/** `function name(a: A, b: B): Result { statements }` */
export function functionOf(options: {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly result: string;
  readonly statements: readonly Doc[];
}): Doc {
  const { name, parameters, result, statements } = options;
  return block(
    [call(`function ${name}`, parameters), ": ", result],
    statements,
  );
}

/** `export const name: type<a, b> = value;` for an object that is open. */
export function exportedObject(options: {
  readonly name: string;
  readonly type: string;
  readonly arguments: readonly string[];
  readonly value: Doc;
}): Doc {
  const { name, type, arguments: names, value } = options;
  const left = [
    `export const ${name}: ${type}<`,
    group([indent([softline, join([",", line], names)]), softline]),
    ">",
  ];
  return [fluid(left, " =", value), ";"];
}
