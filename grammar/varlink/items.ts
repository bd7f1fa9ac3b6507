import type { IToken } from "chevrotain";
import { spanOf, type Build } from "./build-context.ts";
import { clip, isBuiltin } from "./names.ts";
import type {
  BodySyntax,
  FieldSyntax,
  ModifierSyntax,
  TypeSyntax,
} from "./syntax.ts";
import { endOf, Word } from "./tokens.ts";

/**
 * The fields in a pair of parentheses, with what stands wrongly between them
 * told: commas too many or too few, and pieces of one field that were read as two.
 */
export function normalizeItems(build: Build, body: BodySyntax): FieldSyntax[] {
  const fields: FieldSyntax[] = [];
  // The field with no comma after it yet, and the comma with no field after it yet.
  let open: FieldSyntax | undefined;
  let comma: IToken | undefined;
  // Whether something since the last comma was told of: what follows from it is no news.
  let told = false;
  let stray: IToken | undefined;
  for (const item of body.items) {
    if (item.kind === "comma") {
      if (open === undefined && !told) tellExtraComma(build, item.token);
      comma = open === undefined ? comma : item.token;
      open = undefined;
      told = false;
    } else if (item.kind === "stray") {
      if (!told) tellUnexpected(build, item.token);
      // `a -> int`, `a: -> int`: the type is still to come.
      if (!told && open !== undefined && open.type === undefined)
        stray = item.token;
      told = true;
    } else {
      const joined =
        open === undefined ? undefined : join(build, open, item, stray);
      stray = undefined;
      if (joined !== undefined) {
        fields[fields.length - 1] = joined;
        open = joined;
        continue;
      }
      // `a: T (…`: a parenthesis too many, not a field without a name.
      if (
        open?.type !== undefined &&
        item.name === undefined &&
        item.colon === undefined
      ) {
        if (!told) tellUnexpected(build, item.first);
        told = true;
        continue;
      }
      if (open !== undefined && !told) tellMissingComma(build, open);
      fields.push(item);
      open = item;
      comma = undefined;
      told = false;
    }
  }
  if (comma !== undefined && open === undefined && body.close !== undefined)
    tellExtraComma(build, comma);
  return fields;
}

/** One field that was read as two, told and put together; undefined if they are two. */
function join(
  build: Build,
  left: FieldSyntax,
  right: FieldSyntax,
  between: IToken | undefined,
): FieldSyntax | undefined {
  const { name } = left;
  if (name === undefined) return undefined;
  // `a?: int`
  if (
    right.name === undefined &&
    right.colon !== undefined &&
    isBareModifier(left.type) &&
    !left.colon
  ) {
    tellMisplaced(
      build,
      left.type,
      `write the \`?\` or \`[]\` before the type: \`${clip(name.image)}: ?type\``,
    );
    return { ...right, name, first: left.first };
  }
  // `a: int[]`, `a: int?`
  if (
    right.name === undefined &&
    right.colon === undefined &&
    left.type?.core &&
    isBareModifier(right.type)
  ) {
    // From the outside in, as they are read behind a type: `int[]?` means `?[]int`.
    const modifiers = right.type.modifiers.toReversed();
    const text = modifiers.map((modifier) => modifierText(modifier)).join("");
    const type = build.source.slice(spanOf(left.type.first, left.type.last));
    tellMisplaced(
      build,
      right.type,
      `write it before the type: \`${clip(text + type)}\``,
    );
    // `?T?`: told of once is enough.
    const isTwice =
      modifiers.at(-1)?.kind === "nullable" &&
      left.type.modifiers[0]?.kind === "nullable";
    if (isTwice) modifiers.pop();
    return {
      ...left,
      type: {
        ...left.type,
        modifiers: [...modifiers, ...left.type.modifiers],
        last: right.type.last,
      },
      last: right.last,
    };
  }
  // `a -> int`
  if (between !== undefined && isBare(right) && right.name !== undefined) {
    return typed(left, left.colon ?? between, right.name);
  }
  // `a int`
  if (
    isBare(left) &&
    isBare(right) &&
    right.name !== undefined &&
    isTypeName(build, name, right.name)
  ) {
    return typed(left, undefined, right.name);
  }
  return undefined;
}

/** A field whose type was read as a name of its own. */
function typed(
  left: FieldSyntax,
  colon: IToken | undefined,
  core: IToken,
): FieldSyntax {
  return {
    ...left,
    colon,
    type: { modifiers: [], core, first: core, last: core },
    last: core,
  };
}

/** A name alone, as in an enum. */
export function isBare(field: FieldSyntax): boolean {
  return field.colon === undefined && field.type === undefined;
}

function modifierText(modifier: ModifierSyntax): string {
  if (modifier.kind === "nullable") return "?";
  return modifier.key === undefined ? "[]" : `[${modifier.key.image}]`;
}

function isBareModifier(type: TypeSyntax | undefined): type is TypeSyntax {
  return (
    type !== undefined && type.core === undefined && type.modifiers.length > 0
  );
}

function isTypeName(build: Build, field: IToken, word: IToken): boolean {
  if (
    word.tokenType !== Word ||
    build.source.hasLineEnd(endOf(field), word.startOffset)
  )
    return false;
  return isBuiltin(word.image) || /^[A-Z]/.test(word.image);
}

function tellMisplaced(
  build: Build,
  modifiers: TypeSyntax,
  help: string,
): void {
  const span = spanOf(modifiers.first, modifiers.last);
  build.problems.error("varlink/misplaced-modifier", span, () => ({
    message: `\`${clip(build.source.slice(span))}\` stands behind its type`,
    help,
  }));
}

function tellExtraComma(build: Build, comma: IToken): void {
  build.problems.error("varlink/extra-comma", spanOf(comma), () => ({
    message: "a comma stands between two fields or values only",
    help: "remove it",
  }));
}

function tellMissingComma(build: Build, field: FieldSyntax): void {
  const { last } = field;
  // After a type that is missing, the comma was most likely never thought of.
  if (last === field.colon || isBareModifier(field.type)) return;
  build.problems.error("varlink/missing-comma", spanOf(last), () => ({
    message: `expected \`,\` or \`)\` after \`${clip(last.image)}\``,
  }));
}

function tellUnexpected(build: Build, token: IToken): void {
  build.problems.error("varlink/unexpected-token", spanOf(token), () => ({
    message: `unexpected \`${token.image}\``,
  }));
}
