import {
  type Doc,
  group,
  hardline,
  ifBreak,
  indent,
  join,
  line,
  print,
  softline,
} from "./doc.ts";
import { propertyKey, stringLiteral } from "./literal.ts";
import { isWrappingUnion, type TypeTerm, typeDoc } from "./type-term.ts";
import { textWidth } from "./width.ts";

/**
 * The closed set of forms that generated TypeScript is made of, each laid out
 * as Prettier's defaults lay it out (80 columns, two spaces, double quotes,
 * trailing commas). Every form begins at the start of a line at `level` steps
 * of indentation, which is part of its result; none ends in a line break.
 */

function lay(doc: Doc, level = 0): string {
  return " ".repeat(level * 2) + print(doc, level, textWidth);
}

/** `import * as $ from "module";` */
export function importNamespace(options: {
  readonly alias: string;
  readonly from: string;
  readonly typeOnly: boolean;
}): string {
  const keyword = options.typeOnly ? "import type" : "import";
  return `${keyword} * as ${options.alias} from ${stringLiteral(options.from)};`;
}

interface NameList {
  /** At least one. */
  readonly names: readonly string[];
  readonly from: string;
  readonly typeOnly: boolean;
}

/** `import { A, B } from "module";` */
export function importNames(options: NameList): string {
  // A lone imported name stays on its line however long it is.
  return nameList("import", options, options.names.length > 1);
}

/** `export { A, B } from "module";` */
export function exportNames(options: NameList): string {
  return nameList("export", options, options.names.length > 1);
}

function nameList(
  keyword: string,
  { names, from, typeOnly }: NameList,
  wraps: boolean,
): string {
  const list = wraps
    ? group([
        "{",
        indent([line, join([",", line], names)]),
        ifBreak(","),
        line,
        "}",
      ])
    : ["{ ", join(", ", names), " }"];
  return lay([
    keyword,
    typeOnly ? " type " : " ",
    list,
    " from ",
    stringLiteral(from),
    ";",
  ]);
}

/** `readonly name?: Type;`: a member of an interface. */
export function interfaceMember(options: {
  readonly name: string;
  readonly optional: boolean;
  readonly type: TypeTerm;
  readonly level: number;
}): string {
  const { name, optional, type, level } = options;
  const key = ["readonly ", propertyKey(name), optional ? "?: " : ": "];
  return lay([group([key, typeDoc(type)]), ";"], level);
}

/** `export type Name = Type;` */
export function typeAlias(name: string, type: TypeTerm): string {
  const left = `export type ${name}`;
  const right = typeDoc(type, "enclosed");
  return lay([
    isWrappingUnion(type)
      ? breakAfter(left, " =", right)
      : fluid(left, " =", right),
    ";",
  ]);
}

/** A value that is written as data. */
export type Data = string | readonly Data[] | DataObject;
/** Entries in order; a comment's text (see `docComment`, without indentation) goes above its entry. */
export type DataObject = ReadonlyMap<string, Data | CommentedData>;
/** A string with a comment above it. */
export interface CommentedData {
  /** Lines of a comment. */
  readonly comment: readonly string[];
  readonly value: string;
}

/** `export const name: Type = { … };`, or with `as const` and no type. */
export function constObject(options: {
  readonly name: string;
  readonly type: string | undefined;
  readonly value: DataObject;
}): string {
  const { name, type, value } = options;
  const left = `export const ${name}${type === undefined ? "" : `: ${type}`}`;
  const right = [dataDoc(value, true), type === undefined ? " as const" : ""];
  return lay([fluid(left, " =", right), ";"]);
}

function isList(value: Data): value is readonly Data[] {
  return Array.isArray(value);
}

function isCommented(value: Data | CommentedData): value is CommentedData {
  return typeof value === "object" && "comment" in value;
}

/** An object is opened line by line when asked for or when it does not fit. */
function dataDoc(value: Data, open: boolean): Doc {
  if (typeof value === "string") return stringLiteral(value);
  if (isList(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item) => dataDoc(item, false));
    return group([
      "[",
      indent([softline, join([",", line], items)]),
      ifBreak(","),
      softline,
      "]",
    ]);
  }
  if (value.size === 0) return "{}";
  // Prettier keeps an object open that has a line break before its first key.
  const edge = open ? hardline : line;
  const entries = [...value].map(([key, entry]) =>
    isCommented(entry)
      ? [join(hardline, entry.comment), hardline, property(key, entry.value)]
      : property(key, entry),
  );
  return group([
    "{",
    indent([edge, join([",", line], entries)]),
    ifBreak(","),
    edge,
    "}",
  ]);
}

/** Objects of objects and lists stay open, so that each entry has a line and diffs stay small. */
function isOpen(value: Data): boolean {
  return (
    typeof value !== "string" &&
    !isList(value) &&
    [...value.values()].some(
      (entry) => isCommented(entry) || typeof entry !== "string",
    )
  );
}

/** Below this many columns a key never stands alone on its line. */
const SHORT_KEY = 5;

function property(name: string, value: Data): Doc {
  const key = propertyKey(name);
  const right = dataDoc(value, isOpen(value));
  if (typeof value !== "string") return fluid(key, ":", right);
  return textWidth(key) < SHORT_KEY
    ? [key, ": ", right]
    : breakAfter(key, ":", right);
}

/** `export class Name extends Base {`, for a class whose body is not empty. */
export function classHeading(options: {
  readonly name: string;
  readonly base: string;
  /** A name that is the type argument of the base. */
  readonly argument?: string;
}): string {
  const { name, base, argument } = options;
  if (argument !== undefined)
    return `export class ${name} extends ${base}<${argument}> {`;
  const heritage = Symbol("heritage");
  return lay([
    "export class ",
    group([name, indent([line, "extends ", base])], heritage),
    ifBreak(hardline, " ", heritage),
    "{",
  ]);
}

/** `static override readonly name: Type = value;` in a class. */
export function staticProperty(options: {
  readonly name: string;
  readonly type?: string;
  readonly value: { readonly text: string } | { readonly identifier: string };
}): string {
  const { name, type, value } = options;
  const left = `static override readonly ${name}${type === undefined ? "" : `: ${type}`}`;
  const assignment =
    "text" in value
      ? breakAfter(left, " =", stringLiteral(value.text))
      : fluid(left, " =", value.identifier);
  return lay([assignment, ";"], 1);
}

/** `export function name(parameter: Type): Result {` */
export function functionHeading(options: {
  readonly name: string;
  readonly parameter: string;
  readonly type: string;
  readonly result: string;
}): string {
  const { name, parameter, type, result } = options;
  const parameters = [
    "(",
    indent([softline, `${parameter}: ${type}`]),
    ifBreak(","),
    softline,
    ")",
  ];
  return lay(["export function ", name, group(parameters), ": ", result, " {"]);
}

/** `return callee(a, b);` in a function. */
export function returnCall(
  callee: string,
  parameters: readonly string[],
): string {
  const list = [
    "(",
    indent([softline, join([",", line], parameters)]),
    ifBreak(","),
    softline,
    ")",
  ];
  return lay(["return ", callee, group(list), ";"], 1);
}

/** The right side goes to the next line when it does not fit beside the left. */
function breakAfter(left: Doc, operator: string, right: Doc): Doc {
  return group([group(left), operator, group(indent([line, right]))]);
}

/** The right side goes to the next line only when its first line does not fit beside the left. */
function fluid(left: Doc, operator: string, right: Doc): Doc {
  const id = Symbol("assignment");
  return group([
    group(left),
    operator,
    group(indent(line), id),
    ifBreak(indent(right), right, id),
  ]);
}
