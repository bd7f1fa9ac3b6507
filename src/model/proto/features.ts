import type { FieldDescriptor, Options } from "./descriptor.ts";
import type {
  EnumDraft,
  FieldDraft,
  FileDraft,
  MessageDraft,
} from "./drafts.ts";
import { isPackable } from "./scalars.ts";

/** What `google.protobuf.FeatureSet` decides of how messages are written and read. */
export interface Features {
  readonly field_presence: "EXPLICIT" | "IMPLICIT" | "LEGACY_REQUIRED";
  readonly enum_type: "OPEN" | "CLOSED";
  readonly repeated_field_encoding: "PACKED" | "EXPANDED";
  readonly utf8_validation: "VERIFY" | "NONE";
  readonly message_encoding: "LENGTH_PREFIXED" | "DELIMITED";
  readonly json_format: "ALLOW" | "LEGACY_BEST_EFFORT";
}

const proto2: Features = {
  field_presence: "EXPLICIT",
  enum_type: "CLOSED",
  repeated_field_encoding: "EXPANDED",
  utf8_validation: "NONE",
  message_encoding: "LENGTH_PREFIXED",
  json_format: "LEGACY_BEST_EFFORT",
};

const proto3: Features = {
  field_presence: "IMPLICIT",
  enum_type: "OPEN",
  repeated_field_encoding: "PACKED",
  utf8_validation: "VERIFY",
  message_encoding: "LENGTH_PREFIXED",
  json_format: "ALLOW",
};

/** All editions so far have the same of these: proto3's with explicit presence. */
const editions: Features = { ...proto3, field_presence: "EXPLICIT" };

const defaults: Readonly<Record<FileDraft["syntax"], Features>> = {
  proto2,
  proto3,
  editions,
};

/** A file's features before its options. */
export function defaultFeatures({ syntax }: FileDraft): Features {
  return defaults[syntax];
}

/** What the features of what something stands in come to with its own. */
export function withOptions(around: Features, options: Options): Features {
  const own = options.get("features");
  if (own?.kind !== "message") return around;
  const merged: Record<string, string> = { ...around };
  for (const name of Object.keys(around)) {
    const value = own.fields.get(name);
    // Extensions' features (of one language) change nothing here.
    if (value?.kind === "enum" && value.number !== 0) merged[name] = value.name;
  }
  return merged as unknown as Features;
}

/**
 * Decides what depends on features: presence, packing, UTF-8, groups, closed
 * enums. `visit` is told those of each message and enum, for checks.
 */
export function applyFeatures(
  file: FileDraft,
  visit: (of: MessageDraft | EnumDraft | FieldDraft, has: Features) => void,
): void {
  const own = withOptions(defaultFeatures(file), file.options);
  const ofEnum = (declared: EnumDraft, around: Features): void => {
    const has = withOptions(around, declared.options);
    declared.closed = has.enum_type === "CLOSED";
    visit(declared, has);
  };
  const ofField = (field: FieldDraft, around: Features): void => {
    const inside =
      field.oneof?.synthetic === false
        ? withOptions(around, field.oneof.options)
        : around;
    const has = withOptions(inside, field.options);
    decide(field, has);
    visit(field, has);
  };
  const ofMessage = (message: MessageDraft, around: Features): void => {
    // Maps are never delimited, whatever is around them.
    const has: Features = message.mapEntry
      ? { ...around, message_encoding: "LENGTH_PREFIXED" }
      : withOptions(around, message.options);
    visit(message, has);
    for (const field of message.fields) ofField(field, has);
    for (const field of message.extensions) ofField(field, has);
    for (const one of message.enums) ofEnum(one, has);
    for (const one of message.messages) ofMessage(one, has);
  };
  for (const one of file.enums) ofEnum(one, own);
  for (const one of file.messages) ofMessage(one, own);
  for (const field of file.extensions) ofField(field, own);
}

function decide(field: FieldDraft, has: Features): void {
  const isMapField = field.message?.mapEntry === true;
  if (
    field.type === "message" &&
    has.message_encoding === "DELIMITED" &&
    !isMapField
  )
    field.type = "group";
  if (has.field_presence === "LEGACY_REQUIRED" && field.label === "optional") {
    if (field.extendee === undefined && field.oneof === undefined)
      field.label = "required";
  }
  field.presence = presenceOf(field, has);
  field.packed = isPacked(field, has);
  field.utf8 = has.utf8_validation === "VERIFY";
}

function presenceOf(
  field: FieldDescriptor,
  has: Features,
): FieldDescriptor["presence"] {
  if (field.label !== "optional")
    return field.label === "required" ? "required" : "implicit";
  if (
    field.message !== undefined ||
    field.oneof !== undefined ||
    field.extendee !== undefined
  )
    return "explicit";
  return has.field_presence === "IMPLICIT" ? "implicit" : "explicit";
}

function isPacked(field: FieldDescriptor, has: Features): boolean {
  if (field.label !== "repeated" || !isPackable(field.type)) return false;
  const option = field.options.get("packed");
  if (option?.kind === "scalar") return option.value === true;
  return has.repeated_field_encoding === "PACKED";
}
