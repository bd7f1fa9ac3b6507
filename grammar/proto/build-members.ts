import type { IToken } from "chevrotain";
import type {
  EmptyDeclaration,
  EnumDeclaration,
  EnumValueDeclaration,
  ExtensionsDeclaration,
  IntegerLiteral,
  Missing,
  Name,
  OptionAssignment,
  OptionDeclaration,
  Range,
  ReservedDeclaration,
  StringLiteral,
  Visibility,
} from "./ast.ts";
import { type Build, clip, missing, spanOf } from "./build.ts";
import {
  buildNumber,
  type Item,
  type NumberPart,
  type NumberSyntax,
  separated,
} from "./build-values.ts";
import { undocumented } from "./comments.ts";
import type { Place } from "./keywords.ts";
import { integerLiteral, stringLiteral } from "./literals.ts";
import { Equals, LabelKeyword, Misplaced, Word } from "./tokens.ts";

/** A body in braces. */
export interface Block<T> {
  readonly open: IToken;
  readonly items: readonly T[];
}

export function tellMissingSemicolon(build: Build, before: IToken): void {
  build.tellIfFirst("proto/missing-semicolon", spanOf(before), () => ({
    message: `expected \`;\` after \`${clip(before.image)}\``,
  }));
}

export function tellNoBlock(build: Build, before: IToken): void {
  build.tellIfFirst("proto/missing-brace", spanOf(before), () => ({
    message: `expected \`{\` after \`${clip(before.image)}\``,
  }));
}

const expected: Readonly<Record<Place, string>> = {
  file: "`message`, `enum`, `service` or another declaration",
  message: "a field or another declaration",
  enum: "a value, as in `NAME = 0;`",
  oneof: "a field",
  extend: "a field",
  service: "an `rpc`",
  rpc: "an `option`",
  aggregate: "a field",
  skipped: "a declaration",
};

/** Tells of what begins a declaration and cannot. */
export function tellMisplaced(
  build: Build,
  place: Place,
  [first, second, third]: readonly [IToken, IToken, IToken],
): void {
  // Told when it was found.
  if (first.tokenType === Misplaced) return;
  const isField =
    first.tokenType === LabelKeyword ||
    (first.tokenType === Word &&
      second.tokenType === Word &&
      third.tokenType === Equals);
  if (isField && (place === "file" || place === "service")) {
    build.tell("proto/misplaced-declaration", spanOf(first, second), () => ({
      message: "a field cannot stand here",
      help: "fields stand in a `message`",
    }));
    return;
  }
  build.tell("proto/unexpected-token", spanOf(first), () => ({
    message: `expected ${expected[place]}, found \`${clip(first.image)}\``,
  }));
}

/** A lone `;`; undefined if it was put in by us where one was missing. */
export function buildEmpty(
  build: Build,
  semicolon: IToken,
  next: IToken,
): EmptyDeclaration | undefined {
  if (semicolon.image === "") return undefined;
  build.comments.pass(semicolon, next);
  return {
    kind: "empty",
    span: spanOf(semicolon),
    documentation: undocumented,
  };
}

/** A lone `;` where the language has none. */
export function tellEmpty(build: Build, { span }: EmptyDeclaration): void {
  build.tell("proto/unexpected-token", span, () => ({
    message: "a `;` alone cannot stand here",
    help: "remove it",
  }));
}

export function buildOption(
  build: Build,
  keyword: IToken,
  option: OptionAssignment,
  end: IToken,
): OptionDeclaration {
  return {
    kind: "option",
    option,
    span: spanOf(keyword, end),
    documentation: build.comments.of(keyword, end),
  };
}

/** `1 to 5`, as it was read. */
export interface RangeSyntax {
  readonly kind: "range";
  readonly start: NumberSyntax;
  readonly to: IToken | undefined;
  readonly end: NumberSyntax | { readonly max: IToken };
}

/** What stands between the commas of a `reserved` declaration. */
export type ReservedSyntax =
  | RangeSyntax
  | { readonly kind: "texts"; readonly tokens: readonly IToken[] }
  | { readonly kind: "word"; readonly token: IToken };

function buildRange(
  build: Build,
  { start, to, end }: RangeSyntax,
  first: IToken,
  last: IToken,
): Range {
  const from = buildRangeEnd(build, start, first);
  const span = spanOf(first, last);
  if (end === undefined) {
    if (to === undefined) return { start: from, end: from, span };
    build.tellIfFirst("proto/missing-number", spanOf(to), () => ({
      message: "expected a number or `max` after `to`",
    }));
    return { start: from, end: missing(to), span };
  }
  return {
    start: from,
    end:
      "max" in end
        ? { kind: "max", span: spanOf(end.max) }
        : buildRangeEnd(build, end, last),
    span,
  };
}

function buildRangeEnd(
  build: Build,
  number: NumberSyntax,
  at: IToken,
): IntegerLiteral | Missing {
  if (number !== undefined && "digits" in number)
    return integerLiteral(number.minus, number.digits);
  build.tellIfFirst("proto/missing-number", spanOf(at), () => ({
    message: "expected a number after `-`",
  }));
  return missing(at);
}

/** `extensions 100 to 199;`, as it was read. */
export interface ExtensionsSyntax {
  readonly keyword: IToken;
  readonly items: readonly Item<RangeSyntax>[];
  readonly options: readonly OptionAssignment[];
  readonly end: IToken;
}

export function buildExtensions(
  build: Build,
  { keyword, items, options, end }: ExtensionsSyntax,
): ExtensionsDeclaration {
  const ranges = separated(build, items).map(({ value, first, last }) =>
    buildRange(build, value, first, last),
  );
  if (ranges.length === 0) tellNoRange(build, keyword, "100 to 199");
  return {
    kind: "extensions",
    ranges,
    options,
    span: spanOf(keyword, end),
    documentation: build.comments.of(keyword, end),
  };
}

export function buildReserved(
  build: Build,
  keyword: IToken,
  items: readonly Item<ReservedSyntax>[],
  end: IToken,
): ReservedDeclaration {
  const ranges: Range[] = [];
  const names: (StringLiteral | Name)[] = [];
  const parts = separated(build, items);
  for (const { value, first, last } of parts) {
    const span = spanOf(first, last);
    if (value.kind === "range")
      ranges.push(buildRange(build, value, first, last));
    else if (value.kind === "word")
      names.push({ text: value.token.image, span });
    else names.push(stringLiteral(value.tokens, span, build.problems));
  }
  if (parts.length === 0) tellNoRange(build, keyword, "1 to 5");
  if (ranges.length > 0 && names.length > 0) {
    const isRange = parts[0]?.value.kind === "range";
    const odd = (isRange ? names[0] : ranges[0])?.span ?? spanOf(keyword);
    build.warn("proto/mixed-reserved", odd, () => ({
      message: "numbers and names are reserved in one declaration",
      help: "write two: protoc refuses such a file",
    }));
  }
  return {
    kind: "reserved",
    ranges,
    names,
    span: spanOf(keyword, end),
    documentation: build.comments.of(keyword, end),
  };
}

function tellNoRange(build: Build, keyword: IToken, example: string): void {
  build.tellIfFirst("proto/missing-number", spanOf(keyword), () => ({
    message: `expected a number after \`${keyword.image}\``,
    help: `for example \`${keyword.image} ${example};\``,
  }));
}

/** `enum Name { … }`, as it was read. */
export interface EnumSyntax {
  readonly visibility: IToken | undefined;
  readonly keyword: IToken;
  readonly name: IToken | undefined;
  readonly block: Block<EnumDeclaration["body"][number]> | undefined;
  readonly last: IToken;
}

export function buildEnum(
  build: Build,
  { visibility, keyword, name, block, last }: EnumSyntax,
): EnumDeclaration {
  const first = visibility ?? keyword;
  return {
    kind: "enum",
    visibility: buildVisibility(visibility),
    name: build.name(name, keyword, "an enum"),
    body: block?.items ?? [],
    span: spanOf(first, last),
    documentation: build.comments.of(first, block?.open ?? last),
  };
}

export function buildVisibility(token: IToken | undefined): Visibility {
  if (token === undefined) return undefined;
  return token.image === "export" ? "export" : "local";
}

/** `NAME = 1;`, as it was read. */
export interface EnumValueSyntax {
  readonly name: IToken;
  readonly number: NumberPart;
  readonly options: readonly OptionAssignment[];
  readonly end: IToken;
}

export function buildEnumValue(
  build: Build,
  { name, number, options, end }: EnumValueSyntax,
): EnumValueDeclaration {
  return {
    kind: "value",
    name: { text: name.image, span: spanOf(name) },
    number: buildNumber(build, number),
    options,
    span: spanOf(name, end),
    documentation: build.comments.of(name, end),
  };
}
