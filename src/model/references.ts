import type { Type } from "./api.ts";

/** The type that a field's type refers to, through lists, maps and `?`. */
export function referenceOf(type: Type): readonly string[] | undefined {
  switch (type.kind) {
    case "primitive":
      return undefined;
    case "reference":
      return type.path;
    case "list":
      return referenceOf(type.element);
    case "map":
      return referenceOf(type.value);
    case "nullable":
      return referenceOf(type.type);
    default:
      return type satisfies never;
  }
}
