import fc from "fast-check";
import type { Member, Type } from "../../grammar/varlink/ast.ts";

/** A type as the language writes it, with one blank after `:` and `,`. */
export function showType(type: Type): string {
  switch (type.kind) {
    case "builtin":
    case "reference":
      return type.name;
    case "list":
      return `[]${showType(type.element)}`;
    case "map":
      return `[string]${showType(type.value)}`;
    case "nullable":
      return `?${showType(type.type)}`;
    case "struct":
      return `(${type.fields.map((field) => `${field.name.text}: ${showType(field.type)}`).join(", ")})`;
    case "enum":
      return `(${type.values.map((value) => value.name.text).join(", ")})`;
    case "missing":
    default:
      return "!";
  }
}

export function showMember(member: Member): string {
  const head = `${member.kind} ${member.name.text}`;
  if (member.kind === "type") return `${head} ${showType(member.body)}`;
  if (member.kind === "error") return `${head} ${showType(member.parameters)}`;
  return `${head}${showType(member.input)} -> ${showType(member.output)}`;
}

/** Tokens of a text in the form that {@link showMember} writes. */
export function tokensOf(text: string): string[] {
  return text.match(/->|[()[\],:?]|[^\s()[\],:?]+/g) ?? [];
}

const fieldNames = fc.uniqueArray(
  fc.oneof(
    fc.stringMatching(/^[A-Za-z](_?[A-Za-z0-9]){0,6}$/),
    fc.constantFrom(
      "type",
      "method",
      "error",
      "interface",
      "int",
      "string",
      "any",
    ),
  ),
  { maxLength: 4 },
);
const memberNames = fc.uniqueArray(
  fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,8}$/),
  {
    minLength: 1,
    maxLength: 6,
  },
);
const builtins = fc.constantFrom(
  "bool",
  "int",
  "float",
  "string",
  "object",
  "any",
);

/** The text of a type, in the form of {@link showType}; `names` are those declared. */
function types(names: readonly string[]): fc.Arbitrary<string> {
  const { type } = fc.letrec<{ type: string; element: string; struct: string }>(
    (tie) => ({
      type: fc
        .tuple(
          fc.array(fc.constantFrom("[]", "[string]", "?[]", "?"), {
            maxLength: 3,
          }),
          tie("element"),
        )
        .map(
          ([modifiers, element]) =>
            modifiers.join("").replaceAll(/\?+/g, "?") + element,
        ),
      element: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        builtins,
        names.length > 0 ? fc.constantFrom(...names) : builtins,
        fieldNames
          .filter((values) => values.length > 0)
          .map((values) => `(${values.join(", ")})`),
        tie("struct"),
      ),
      struct: fieldNames.chain((fields) =>
        fc
          .tuple(...fields.map(() => tie("type")))
          .map(
            (all) =>
              `(${fields.map((name, index) => `${name}: ${all[index]}`).join(", ")})`,
          ),
      ),
    }),
  );
  return type;
}

function structs(names: readonly string[]): fc.Arbitrary<string> {
  return fieldNames.chain((fields) =>
    fc
      .tuple(...fields.map(() => types(names)))
      .map(
        (all) =>
          `(${fields.map((name, index) => `${name}: ${all[index]}`).join(", ")})`,
      ),
  );
}

/** Members that are right together, in the form of {@link showMember}. */
export const memberTexts: fc.Arbitrary<string[]> = memberNames.chain(
  (names) => {
    const declared = names.filter((_, index) => index % 2 === 0);
    return fc.tuple(
      ...names.map((name, index) => {
        if (index % 2 === 0) {
          const values = fieldNames.filter(({ length }) => length > 0);
          return fc
            .oneof(
              structs(declared),
              values.map((all) => `(${all.join(", ")})`),
            )
            .map((body) => `type ${name} ${body}`);
        }
        return fc.oneof(
          structs(declared).map((body) => `error ${name} ${body}`),
          fc
            .tuple(structs(declared), structs(declared))
            .map(([input, output]) => `method ${name}${input} -> ${output}`),
        );
      }),
    );
  },
);
