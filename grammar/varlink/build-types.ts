import type {
  EnumType,
  EnumValue,
  Field,
  Name,
  StructType,
  Type,
} from "./ast.ts";
import type { CommentIndex } from "./comments.ts";
import { clip, fieldNameFault, isBuiltin } from "./names.ts";
import { type Build, spanOf, tellName } from "./build-context.ts";
import { isBare, normalizeItems } from "./items.ts";
import type {
  BodySyntax,
  FieldSyntax,
  ModifierSyntax,
  TypeSyntax,
} from "./syntax.ts";
import { endOf } from "./tokens.ts";

export function buildType(build: Build, syntax: TypeSyntax): Type {
  let type = buildCore(build, syntax);
  for (let index = syntax.modifiers.length - 1; index >= 0; index--) {
    const modifier = syntax.modifiers[index];
    if (modifier === undefined) continue;
    const before = syntax.modifiers[index - 1];
    if (modifier.kind === "nullable" && before?.kind === "nullable") {
      // Behind a type they stand the other way round.
      const isBehind = before.mark.startOffset > modifier.mark.startOffset;
      const span = isBehind
        ? spanOf(modifier.mark, before.mark)
        : spanOf(before.mark, modifier.mark);
      build.problems.error("varlink/nested-nullable", span, () => ({
        message: "a type cannot be nullable twice",
        help: "one `?` is enough: null within null cannot be told apart",
      }));
      continue;
    }
    type = wrap(build, modifier, type);
  }
  return type;
}

function buildCore(build: Build, { core, modifiers, last }: TypeSyntax): Type {
  if (core === undefined) {
    const span = spanOf(last);
    const modifier = modifiers.at(-1);
    const shown =
      modifier?.kind === "bracket" ? (modifier.key ? "[string]" : "[]") : "?";
    // That a bracket is open is told of in `wrap`.
    if (modifier?.kind !== "bracket" || modifier.close !== undefined)
      build.problems.error("varlink/missing-type", span, () => ({
        message: `expected a type after \`${shown}\``,
        help: `for example \`${shown}string\``,
      }));
    return { kind: "missing", span: { start: span.end, end: span.end } };
  }
  if ("open" in core) return buildBody(build, core);
  const span = spanOf(core);
  return isBuiltin(core.image)
    ? { kind: "builtin", name: core.image, span }
    : { kind: "reference", name: core.image, span };
}

function wrap(build: Build, modifier: ModifierSyntax, type: Type): Type {
  const end = type.span.end;
  if (modifier.kind === "nullable") {
    return {
      kind: "nullable",
      type,
      span: { start: modifier.mark.startOffset, end },
    };
  }
  const { open, key, close } = modifier;
  const span = { start: open.startOffset, end };
  if (close === undefined) {
    build.problems.error("varlink/missing-bracket", spanOf(open), () => ({
      message: "this `[` is not closed",
      help: "an array is written `[]type`, a map `[string]type`",
    }));
  } else if (key !== undefined && key.image !== "string") {
    build.problems.error("varlink/invalid-map-key", spanOf(key), () => ({
      message: `\`${clip(key.image)}\` cannot be the key of a map`,
      help: "a map is written `[string]type`: keys are always strings",
    }));
  }
  return key === undefined
    ? { kind: "list", element: type, span }
    : { kind: "map", value: type, span };
}

/** Fields with types make a struct, names alone an enum; nothing makes an empty struct. */
export function buildBody(
  build: Build,
  syntax: BodySyntax,
): StructType | EnumType {
  if (syntax.close === undefined) tellUnclosed(build, syntax);
  const items = normalizeItems(build, syntax);
  const span = spanOf(syntax.open, syntax.last);
  const typed = items.filter((item) => !isBare(item));
  const bare = items.filter(isBare);
  if (
    items.length === 0 ||
    typed.length > bare.length ||
    (typed[0] && typed[0] === items[0])
  ) {
    tellMixed(
      build,
      bare,
      typed[0],
      "has no type",
      "write `name: type`: the others here are fields",
    );
    return {
      kind: "struct",
      fields: items.map((item) => buildField(build, item)),
      span,
    };
  }
  tellMixed(
    build,
    typed,
    bare[0],
    "has a type",
    "an enum's values are names alone: the others here are values",
  );
  return {
    kind: "enum",
    values: items.map((item) => buildValue(build, item)),
    span,
  };
}

function tellUnclosed(build: Build, syntax: BodySyntax): void {
  if (build.unclosedAt === syntax.last.startOffset) return;
  build.unclosedAt = syntax.last.startOffset;
  build.problems.error(
    "varlink/missing-parenthesis",
    spanOf(syntax.last),
    () => ({
      message: `expected \`)\` after \`${clip(syntax.last.image)}\``,
      related:
        syntax.open === syntax.last
          ? undefined
          : [{ span: spanOf(syntax.open), message: "opened here" }],
    }),
  );
}

function tellMixed(
  build: Build,
  odd: readonly FieldSyntax[],
  other: FieldSyntax | undefined,
  fault: string,
  help: string,
): void {
  if (other === undefined) return;
  for (const item of odd) {
    const { name } = item;
    if (name === undefined) continue;
    build.problems.error("varlink/mixed-fields", spanOf(name), () => ({
      message: `\`${clip(name.image)}\` ${fault}`,
      help,
      related: [
        { span: spanOf(other.first, other.last), message: "unlike this one" },
      ],
    }));
  }
}

function buildField(build: Build, item: FieldSyntax): Field {
  const { name, colon, type } = item;
  if (colon === undefined && name !== undefined && type !== undefined) {
    build.problems.error("varlink/missing-colon", spanOf(name), () => ({
      message: `expected \`:\` after \`${clip(name.image)}\``,
      help: "a field is written `name: type`",
    }));
  }
  if (colon !== undefined && type === undefined) {
    build.problems.error(
      "varlink/missing-type",
      spanOf(name ?? colon, colon),
      () => ({ message: "expected a type after `:`" }),
    );
  }
  const end = endOf(item.last);
  return {
    kind: "field",
    name: buildName(build, item),
    type:
      type === undefined
        ? { kind: "missing", span: { start: end, end } }
        : buildType(build, type),
    ...node(build, item),
  };
}

function buildValue(build: Build, item: FieldSyntax): EnumValue {
  return { kind: "value", name: buildName(build, item), ...node(build, item) };
}

function node(
  build: Build,
  item: FieldSyntax,
): ReturnType<CommentIndex["node"]> {
  const core = item.type?.core;
  const open = core !== undefined && "open" in core ? core.open : undefined;
  return build.comments.node(build.source, item.first, open, item.last);
}

function buildName(build: Build, item: FieldSyntax): Name {
  if (item.name === undefined) {
    const span = spanOf(item.first, item.last);
    build.problems.error("varlink/missing-name", span, () => ({
      message: "expected the name of a field",
      help: "a field is written `name: type`",
    }));
    return { text: "", span: { start: span.start, end: span.start } };
  }
  tellName(
    build,
    item.name,
    "varlink/invalid-field-name",
    "name",
    fieldNameFault,
  );
  return { text: item.name.image, span: spanOf(item.name) };
}
