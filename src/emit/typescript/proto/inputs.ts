import type { Field, Service, StructDeclaration } from "../../../model/api.ts";
import { typeKey } from "../names.ts";
import { referenceOf } from "../../../model/references.ts";

/**
 * Whether a field that a reader always fills in may be left out of what is
 * written: lists, maps, and scalars whose absence means their zero.
 */
export function mayBeLeftOut(field: Field): boolean {
  return field.presence === "implicit";
}

/**
 * The messages (by {@link typeKey}) that may be given with less than they are
 * read with: because of a field of their own, or of a message inside them.
 */
export function findInputVariants(service: Service): ReadonlySet<string> {
  const users = new Map<string, StructDeclaration[]>();
  const found = new Set<string>();
  for (const type of service.types) {
    if (type.kind !== "struct") continue;
    if (type.fields.some(mayBeLeftOut)) found.add(typeKey(type.path));
    for (const field of type.fields) {
      const used = typeKey(referenceOf(field.type) ?? []);
      const others = users.get(used);
      if (others === undefined) users.set(used, [type]);
      else others.push(type);
    }
  }
  // A set takes in what is added while it is gone through.
  for (const key of found) {
    for (const { path } of users.get(key) ?? []) found.add(typeKey(path));
  }
  return found;
}
