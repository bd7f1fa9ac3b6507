import type { IToken } from "chevrotain";
import type {
  AggregateField,
  AggregateFieldName,
  AggregateFieldValue,
  AggregateList,
  IntegerLiteral,
  Missing,
  OptionAssignment,
  OptionName,
  OptionNamePart,
  OptionValue,
  QualifiedName,
} from "./ast.ts";
import { type Build, clip, missing, spanBehind, spanOf } from "./build.ts";
import { floatLiteral, integerLiteral, stringLiteral } from "./literals.ts";
import { endOf, Equals, Integer, Text, Word } from "./tokens.ts";

/** A part of a list, as it was read: values need commas between them, and nothing else. */
export type Item<T> =
  ValueItem<T> | { readonly kind: "comma" | "stray"; readonly token: IToken };

export interface ValueItem<T> {
  readonly kind: "value";
  readonly value: T;
  readonly first: IToken;
  readonly last: IToken;
}

export function buildQualifiedName(
  build: Build,
  text: string,
  first: IToken,
  last: IToken,
): QualifiedName {
  const span = spanOf(first, last);
  if (text.endsWith(".") || text.includes("..")) {
    build.tellIfFirst("proto/missing-name", span, () => ({
      message: `a part of the name \`${clip(text)}\` is missing`,
    }));
  }
  return { text, span };
}

export function tellDotWithoutName(build: Build, dot: IToken): void {
  build.tellIfFirst("proto/missing-name", spanOf(dot), () => ({
    message: "expected a name after `.`",
  }));
}

export function tellUnexpected(build: Build, token: IToken): void {
  build.tellIfFirst("proto/unexpected-token", spanOf(token), () => ({
    message: `unexpected \`${clip(token.image)}\``,
  }));
}

export function buildWordPart(word: IToken): OptionNamePart {
  return { text: word.image, extension: false, span: spanOf(word) };
}

export function buildExtensionPart(
  build: Build,
  open: IToken,
  name: QualifiedName | undefined,
  close: IToken,
): OptionNamePart {
  const span = spanOf(open, close);
  if (name === undefined) {
    build.tellIfFirst("proto/missing-name", span, () => ({
      message: "expected the name of an extension in parentheses",
      help: "for example `(my.option)`",
    }));
  }
  return { text: name?.text ?? "", extension: true, span };
}

/** `name = value`, as it was read. */
export interface AssignmentSyntax {
  readonly name: OptionName | undefined;
  readonly nameEnd: IToken;
  readonly equals: IToken | undefined;
  readonly value: OptionValue | undefined;
  /** The token before all of it. */
  readonly before: IToken;
  readonly first: IToken;
  readonly last: IToken;
}

export function buildAssignment(
  build: Build,
  syntax: AssignmentSyntax,
): OptionAssignment {
  const { name, nameEnd, equals, value, before, first, last } = syntax;
  const end = spanBehind(before);
  const isEmpty = last === before;
  if (name === undefined) {
    build.tellIfFirst("proto/missing-name", spanOf(before), () => ({
      message: `expected the name of an option after \`${clip(before.image)}\``,
    }));
  } else if (value === undefined) {
    const text = clip(build.source.slice(name.span));
    build.tellIfFirst(
      "proto/missing-value",
      spanOf(first, equals ?? nameEnd),
      () => ({
        message: `the option \`${text}\` has no value`,
        help: `for example \`${text} = true\``,
      }),
    );
  } else if (equals === undefined) {
    build.tellIfFirst("proto/missing-equals", spanOf(nameEnd), () => ({
      message: `expected \`=\` after \`${clip(nameEnd.image)}\``,
    }));
  }
  return {
    name: name ?? { parts: [], span: end },
    value: value ?? missing(last),
    span: isEmpty ? end : spanOf(first, last),
  };
}

/** The options in a pair of brackets. */
export function buildOptions(
  build: Build,
  open: IToken,
  items: readonly Item<AssignmentSyntax>[],
): readonly OptionAssignment[] {
  if (items.length === 0) {
    build.tellIfFirst("proto/missing-name", spanOf(open), () => ({
      message: "expected an option in the brackets",
      help: "for example `[deprecated = true]`; without options there are no brackets",
    }));
  }
  return separated(build, items).map(({ value }) =>
    buildAssignment(build, value),
  );
}

/**
 * The values of a list with commas between, in which commas are told that are
 * missing or too many, and whatever else is there.
 */
export function separated<T>(
  build: Build,
  items: readonly Item<T>[],
): readonly ValueItem<T>[] {
  const values: ValueItem<T>[] = [];
  let last: IToken | undefined;
  let comma: IToken | undefined;
  for (const item of items) {
    if (item.kind === "value") {
      if (last !== undefined) tellMissingComma(build, last);
      values.push(item);
      last = item.last;
      comma = undefined;
    } else if (item.kind === "comma") {
      if (last === undefined) tellExtraComma(build, item.token);
      comma = item.token;
      last = undefined;
    } else {
      tellUnexpected(build, item.token);
    }
  }
  if (comma !== undefined) tellExtraComma(build, comma);
  return values;
}

export function tellExtraComma(build: Build, comma: IToken): void {
  build.tellIfFirst("proto/extra-comma", spanOf(comma), () => ({
    message: `nothing stands on one side of this \`${comma.image}\``,
    help: "remove it",
  }));
}

export function tellMissingComma(build: Build, before: IToken): void {
  build.tellIfFirst("proto/missing-comma", spanOf(before), () => ({
    message: `expected \`,\` after \`${clip(before.image)}\``,
  }));
}

/** A value that is no message: what stands behind a minus, or without one. */
export function buildScalar(
  build: Build,
  minus: IToken | undefined,
  tokens: readonly IToken[],
): OptionValue {
  const [first] = tokens;
  const last = tokens.at(-1);
  if (first === undefined || last === undefined) {
    const sign = minus === undefined ? undefined : spanOf(minus);
    const span = sign ?? { start: 0, end: 0 };
    build.tellIfFirst("proto/missing-value", span, () => ({
      message: "expected a number after `-`",
    }));
    return { kind: "missing", span };
  }
  if (first.tokenType === Text)
    return stringLiteral(tokens, spanOf(first, last), build.problems);
  if (first.tokenType === Integer) return integerLiteral(minus, first);
  if (first.tokenType !== Word) return floatLiteral(minus, first);
  const span = spanOf(minus ?? first, first);
  if (minus !== undefined && !/^(?:inf|infinity|nan)$/i.test(first.image)) {
    build.tellIfFirst("proto/unexpected-token", span, () => ({
      message: `\`${clip(first.image)}\` cannot have a sign`,
      help: "only numbers, `inf` and `nan` can",
    }));
  }
  return {
    kind: "identifier",
    text: first.image,
    negative: minus !== undefined,
    span,
  };
}

/** What stands behind a name: a number, something else, or nothing. */
export type NumberSyntax =
  | { readonly minus: IToken | undefined; readonly digits: IToken }
  | { readonly wrong: IToken }
  | undefined;

/** `= 1`, as it was read. */
export interface NumberPart {
  /** The token before all of it. */
  readonly before: IToken;
  readonly equals: IToken | undefined;
  readonly number: NumberSyntax;
}

export function buildNumber(
  build: Build,
  { before, equals, number: syntax }: NumberPart,
): IntegerLiteral | Missing {
  const behind = equals ?? before;
  if (syntax !== undefined && "digits" in syntax) {
    if (equals === undefined) {
      build.tellIfFirst("proto/missing-equals", spanOf(before), () => ({
        message: `expected \`=\` after \`${clip(before.image)}\``,
      }));
    }
    return integerLiteral(syntax.minus, syntax.digits);
  }
  if (syntax !== undefined) {
    build.tellIfFirst("proto/missing-number", spanOf(syntax.wrong), () => ({
      message: `expected a number, found \`${clip(syntax.wrong.image)}\``,
    }));
  } else {
    const help = equals === undefined ? " = 1" : " 1";
    build.tellIfFirst("proto/missing-number", spanOf(behind), () => ({
      message: `expected ${equals === undefined ? "`=` and a number" : "a number"} after \`${clip(behind.image)}\``,
      help: `for example \`${clip(behind.image)}${help}\``,
    }));
  }
  return missing(behind);
}

/** `name: value` in an aggregate, as it was read. */
export interface AggregateFieldSyntax {
  readonly name: AggregateFieldName;
  readonly colon: IToken | undefined;
  readonly value: AggregateFieldValue | undefined;
  readonly nameEnd: IToken;
  readonly first: IToken;
  readonly last: IToken;
}

export function buildAggregateField(
  build: Build,
  { name, colon, value, nameEnd, first, last }: AggregateFieldSyntax,
): AggregateField {
  if (value === undefined) {
    const shown = clip(build.source.slice(name.span));
    build.tellIfFirst(
      "proto/missing-value",
      spanOf(first, colon ?? nameEnd),
      () => ({ message: `\`${shown}\` has no value` }),
    );
  } else if (colon?.tokenType === Equals) {
    build.tellIfFirst("proto/missing-colon", spanOf(colon), () => ({
      message: "expected `:`, found `=`",
      help: "in braces a field is written `name: value`",
    }));
  } else if (colon === undefined && !mayLackColon(value)) {
    build.tellIfFirst("proto/missing-colon", spanOf(nameEnd), () => ({
      message: `expected \`:\` after \`${clip(nameEnd.image)}\``,
      help: "only before braces it may be left out",
    }));
  }
  return { name, value: value ?? missing(last), span: spanOf(first, last) };
}

/** Messages and lists of them; of an empty list nobody knows. */
function mayLackColon(value: AggregateFieldValue): boolean {
  return (
    value.kind === "aggregate" ||
    (value.kind === "list" &&
      value.elements.every((element) => element.kind === "aggregate"))
  );
}

const extensionName = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const urlPrefix = /^[\w.~%!$&()*+,;=/-]+$/;

/**
 * The name of a field in an aggregate.
 *
 * @param inner The tokens in the brackets, if it is in brackets.
 */
export function buildBracketedName(
  build: Build,
  first: IToken,
  inner: readonly IToken[] | undefined,
  last: IToken,
): AggregateFieldName {
  const span = spanOf(first, last);
  if (inner === undefined) return { kind: "field", text: first.image, span };
  const text = inner.map(({ image }) => image).join("");
  const slash = text.lastIndexOf("/");
  const isRight =
    extensionName.test(text.slice(slash + 1)) &&
    (slash < 0 || urlPrefix.test(text.slice(0, slash)));
  if (!isRight) {
    build.tellIfFirst("proto/invalid-extension-name", span, () => ({
      message: `\`${clip(text)}\` names neither an extension nor a message`,
      help: "in brackets stands an extension, `[my.extension]`, or the URL of a message's type, `[type.googleapis.com/my.Message]`",
    }));
  }
  return slash < 0
    ? { kind: "extension", text, span }
    : { kind: "any", url: text, span };
}

/** The fields in a pair of braces: one `,` or `;` may follow each. */
export function buildAggregateItems(
  build: Build,
  items: readonly Item<AggregateField>[],
): readonly AggregateField[] {
  const fields: AggregateField[] = [];
  let isBehindField = false;
  for (const item of items) {
    if (item.kind === "value") fields.push(item.value);
    else if (item.kind === "stray") tellNameless(build, item.token);
    else if (!isBehindField) tellExtraComma(build, item.token);
    isBehindField = item.kind !== "comma";
  }
  return fields;
}

function tellNameless(build: Build, token: IToken): void {
  build.tellIfFirst("proto/missing-name", spanOf(token), () => ({
    message: `expected the name of a field, found \`${clip(token.image)}\``,
    help:
      token.tokenType === Equals
        ? "in braces a field is written `name: value`"
        : undefined,
  }));
}

/** `[1, 2]` */
export function buildList(
  build: Build,
  open: IToken,
  items: readonly Item<OptionValue>[],
  close: IToken,
): AggregateList {
  return {
    kind: "list",
    elements: separated(build, items).map(({ value }) => value),
    span: { start: open.startOffset, end: endOf(close) },
  };
}
