import type {
  FieldDescriptor,
  MessageDescriptor,
  OptionData,
} from "./descriptor.ts";

/** Options while they are read. */
export type OptionsDraft = Map<string, OptionDraft>;

export type OptionDraft =
  | Exclude<OptionData, { readonly kind: "message" | "list" }>
  | { readonly kind: "message"; readonly fields: OptionsDraft }
  | { readonly kind: "list"; readonly elements: OptionDraft[] };

/** By what a field's value stands in its message: `name`, or `[full.name]` of an extension. */
export function keyOf(field: FieldDescriptor): string {
  return field.extendee === undefined ? field.name : `[${field.fullName}]`;
}

/** Enters a value: another one of a list, or instead of what else its oneof has. */
export function put(
  fields: OptionsDraft,
  message: MessageDescriptor,
  field: FieldDescriptor,
  value: OptionDraft,
): void {
  const key = keyOf(field);
  if (field.label === "repeated") {
    const there = fields.get(key);
    if (there?.kind === "list") there.elements.push(value);
    else fields.set(key, { kind: "list", elements: [value] });
    return;
  }
  if (field.oneof !== undefined) {
    for (const other of message.fields)
      if (other.oneof === field.oneof) fields.delete(other.name);
  }
  fields.set(key, value);
}

const byName = new WeakMap<
  MessageDescriptor,
  ReadonlyMap<string, FieldDescriptor>
>();

/** A message's own field by its name. */
export function fieldNamed(
  message: MessageDescriptor,
  name: string,
): FieldDescriptor | undefined {
  let fields = byName.get(message);
  if (fields?.size !== message.fields.length) {
    fields = new Map(message.fields.map((field) => [field.name, field]));
    byName.set(message, fields);
  }
  return fields.get(name);
}
