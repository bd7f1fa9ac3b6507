import type {
  EnumDeclaration,
  Field,
  Service,
  StructDeclaration,
  Type,
} from "../../model/api.ts";
import { referenceOf } from "../../model/references.ts";

/** A piece of a type in Varlink's notation: code, or the name of a declared type. */
export type Piece =
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "name"; readonly name: string };

/** Between what is taken and what is given: browsers break a line inside `->`. */
export const ARROW: Piece = { kind: "code", text: " → " };

/** The types of a service, by path. */
export type Types = (
  path: readonly string[],
) => StructDeclaration | EnumDeclaration | undefined;

/** Looks types up by their path. */
export function typesOf(service: Service): Types {
  // A line end is in no name.
  const types = new Map(
    service.types.map((type) => [type.path.join("\n"), type]),
  );
  return (path) => types.get(path.join("\n"));
}

/** A field's type as it is written: what the model tells by `presence` is its `?`. */
export function writtenType(field: Field): Type {
  return field.presence === "optional" && field.type.kind !== "nullable"
    ? { kind: "nullable", type: field.type }
    : field.type;
}

/** The inline type at the bottom of lists, maps and nullables, or undefined. */
export function inlineTypeIn(
  type: Type,
  types: Types,
): StructDeclaration | EnumDeclaration | undefined {
  const path = referenceOf(type);
  const declaration = path && types(path);
  return declaration?.inline === true ? declaration : undefined;
}

/**
 * A type in Varlink's notation. `elide` says of which inline types only `(…)`
 * is written.
 */
export function notationOf(
  type: Type,
  types: Types,
  elide: (type: StructDeclaration | EnumDeclaration) => boolean = () => false,
): Piece[] {
  const write = (inner: Type): Piece[] => {
    switch (inner.kind) {
      case "primitive":
        return [code(inner.name)];
      case "list":
        return [code("[]"), ...write(inner.element)];
      case "map":
        return [code("[string]"), ...write(inner.value)];
      case "nullable":
        return [code("?"), ...write(inner.type)];
      case "reference":
        return writeReference(inner.path);
      default:
        return inner satisfies never;
    }
  };
  const writeReference = (path: readonly string[]): Piece[] => {
    const declaration = types(path);
    if (declaration?.inline !== true)
      return [{ kind: "name", name: path.join(".") }];
    if (elide(declaration)) return [code("(…)")];
    return declaration.kind === "struct"
      ? fieldList(declaration.fields, write)
      : [code(`(${declaration.values.map((value) => value.name).join(", ")})`)];
  };
  return write(type);
}

/** Fields in round brackets: `(name: string, labels: [string]string)`. */
export function structNotation(
  fields: readonly Field[],
  types: Types,
): Piece[] {
  return fieldList(fields, (type) => notationOf(type, types));
}

function fieldList(
  fields: readonly Field[],
  write: (type: Type) => Piece[],
): Piece[] {
  const pieces = fields.flatMap((field, at) => [
    code(`${at === 0 ? "" : ", "}${field.name}: `),
    ...write(writtenType(field)),
  ]);
  return [code("("), ...pieces, code(")")];
}

function code(text: string): Piece {
  return { kind: "code", text };
}

/** The pieces as plain text. */
export function plainNotation(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => (piece.kind === "code" ? piece.text : piece.name))
    .join("");
}
