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
import { numberLiteral, propertyKey, stringLiteral } from "./literal.ts";
import {
  isWrappingUnion,
  memberDoc,
  type MemberTerm,
  type TypeTerm,
  typeDoc,
} from "./type-term.ts";
import { textWidth } from "./width.ts";

/**
 * The closed set of forms that generated TypeScript is made of, each laid out
 * as Prettier's defaults lay it out (80 columns, two spaces, double quotes,
 * trailing commas). Every form begins at the start of a line at `level` steps
 * of indentation, which is part of its result; none ends in a line break.
 */

export function lay(doc: Doc, level = 0): string {
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
export function interfaceMember(
  options: MemberTerm & { readonly level: number },
): string {
  return lay(memberDoc(options), options.level);
}

/** `export interface Name extends Base {`, or with `{}` where it has no members. */
export function interfaceHeading(options: {
  readonly name: string;
  readonly base?: string;
  readonly empty: boolean;
}): string {
  const { name, base, empty } = options;
  const heritage = base === undefined ? [] : [line, "extends ", base];
  return lay([
    "export interface ",
    group(indent([name, heritage])),
    empty ? " {}" : " {",
  ]);
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

/** A value that is written as data. No list is one of numbers. */
export type Data =
  string | number | boolean | Reference | readonly Data[] | DataObject;
/** A value that has a name: `Name`, or `Name.member`. */
export interface Reference {
  readonly reference: string;
}
/** Entries in order; a comment's text (see `docComment`, without indentation) goes above its entry. */
export type DataObject = ReadonlyMap<string, Data | CommentedData>;
/** A value with a comment above it. */
export interface CommentedData {
  /** Lines of a comment. */
  readonly comment: readonly string[];
  readonly value: Data;
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
  if (typeof value === "number") return numberLiteral(value);
  if (typeof value === "boolean") return String(value);
  if ("reference" in value) return value.reference;
  if (isList(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item) => dataDoc(item, false));
    const edge = isTable(value) ? hardline : softline;
    return group([
      "[",
      indent([edge, join([",", line], items)]),
      ifBreak(","),
      edge,
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

/** Whether a list is one of several lists, or objects, that all have several entries: it breaks. */
function isTable(list: readonly Data[]): boolean {
  return (
    list.length > 1 &&
    (list.every((item) => isObject(item) && item.size > 1) ||
      list.every((item) => isList(item) && item.length > 1))
  );
}

/** Objects of objects and lists stay open, so that each entry has a line and diffs stay small. */
function isOpen(value: Data): boolean {
  return (
    isObject(value) &&
    [...value.values()].some(
      (entry) => isCommented(entry) || isList(entry) || isObject(entry),
    )
  );
}

function isObject(value: Data): value is DataObject {
  return value instanceof Map;
}

/** Below this many columns a key never stands alone on its line. */
const SHORT_KEY = 5;

function property(name: string, value: Data): Doc {
  const key = propertyKey(name);
  const right = dataDoc(value, isOpen(value));
  // To Prettier a negative number is an operation, which may go to the next line.
  if (typeof value === "boolean" || (typeof value === "number" && value >= 0))
    return [key, ": ", right];
  const isName = typeof value === "object" && "reference" in value;
  if (typeof value !== "string" && !isName) return fluid(key, ":", right);
  return textWidth(key) < SHORT_KEY
    ? [key, ": ", right]
    : breakAfter(key, ":", right);
}

/** `export class Name extends Base {`, for a class whose body is not empty. */
export function classHeading(options: {
  readonly name: string;
  readonly base: string;
  /** Names that are the type arguments of the base. */
  readonly arguments?: readonly string[];
}): string {
  const { name, base, arguments: names } = options;
  if (names !== undefined) {
    const list = join([",", line], names);
    // A lone argument stays on its line however long it is.
    const wraps = names.length > 1;
    const inner = wraps ? group([indent([softline, list]), softline]) : list;
    return lay(["export class ", name, " extends ", base, "<", inner, "> {"]);
  }
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
export function breakAfter(left: Doc, operator: string, right: Doc): Doc {
  return group([group(left), operator, group(indent([line, right]))]);
}

/** The right side goes to the next line only when its first line does not fit beside the left. */
export function fluid(left: Doc, operator: string, right: Doc): Doc {
  const id = Symbol("assignment");
  return group([
    group(left),
    operator,
    group(indent(line), id),
    ifBreak(indent(right), right, id),
  ]);
}
