import type * as ast from "../../../grammar/proto/ast.ts";
import type { Span } from "../../../grammar/source/span.ts";
import { nearest } from "../../../grammar/source/nearest.ts";
import type { LinkProblems } from "./codes.ts";
import type { FieldDescriptor, MessageDescriptor } from "./descriptor.ts";
import { asciiLower, clip } from "./names.ts";
import {
  fieldNamed,
  keyOf,
  type OptionDraft,
  type OptionsDraft,
  put,
} from "./option-drafts.ts";
import {
  enumValue,
  integerValue,
  integerWords,
  unknownValue,
} from "./option-values.ts";
import { encodeMessage } from "./option-bytes.ts";
import { isFound, type Scope } from "./symbols.ts";

interface Context {
  /** Full name from which the names of extensions are looked up. */
  readonly from: string;
  readonly isWhole: boolean;
  /** Those that were found, by their keys in options. */
  readonly extensions: Map<string, FieldDescriptor>;
  /** What must wait until it is known how the fields of this file are written. */
  readonly later: (() => void)[];
  /** Whether a field may be set where the option stands; tells if not. */
  readonly fits: (field: FieldDescriptor, span: Span) => boolean;
}

type Value = Exclude<ast.AggregateFieldValue, ast.Missing | ast.AggregateList>;

/** Reads messages in the text format that is in options. */
export class AggregateReader {
  readonly #scope: Scope;
  readonly #problems: LinkProblems;
  readonly #context: Context;

  constructor(scope: Scope, problems: LinkProblems, context: Context) {
    this.#scope = scope;
    this.#problems = problems;
    this.#context = context;
  }

  read(value: ast.AggregateValue, message: MessageDescriptor): OptionDraft {
    const fields: OptionsDraft = new Map();
    const any = value.fields.find(({ name }) => name.kind === "any");
    if (any !== undefined && isAny(message)) this.#any(value, any, fields);
    else for (const field of value.fields) this.#field(field, message, fields);
    this.#checkRequired(value, message, fields);
    return { kind: "message", fields };
  }

  #field(
    { name, value }: ast.AggregateField,
    message: MessageDescriptor,
    fields: OptionsDraft,
  ): void {
    const field = this.#find(name, message);
    if (field === undefined || value.kind === "missing") return;
    if (!this.#context.fits(field, name.span)) return;
    if (field.label !== "repeated") {
      if (value.kind === "list")
        return this.#wrong(value, `\`${clip(field.name)}\` is not a list`);
      if (!this.#isFree(field, name.span, message, fields)) return;
    }
    const elements = value.kind === "list" ? value.elements : [value];
    for (const element of elements) {
      if (element.kind === "missing") continue;
      if (field.extendee !== undefined)
        this.#context.extensions.set(keyOf(field), field);
      const read = this.#value(field, element);
      if (read !== undefined) put(fields, message, field, read);
    }
    // An empty list is no list; one that failed must not be set again.
    return undefined;
  }

  #isFree(
    field: FieldDescriptor,
    span: Span,
    message: MessageDescriptor,
    fields: OptionsDraft,
  ): boolean {
    if (fields.has(keyOf(field))) {
      this.#problems.error("proto/duplicate-option", span, () => ({
        message: `\`${clip(field.name)}\` is set already`,
      }));
      return false;
    }
    const other =
      field.oneof &&
      message.fields.find(
        (one) => one.oneof === field.oneof && fields.has(one.name),
      );
    if (other === undefined) return true;
    this.#problems.error("proto/duplicate-option", span, () => ({
      message: `\`${clip(field.name)}\` cannot be set beside \`${clip(other.name)}\`: they are of one oneof`,
    }));
    return false;
  }

  #find(
    name: ast.AggregateFieldName,
    message: MessageDescriptor,
  ): FieldDescriptor | undefined {
    if (name.kind === "field") {
      // A missing name was told of; reserved ones were fields once.
      if (name.text === "" || message.reservedNames.includes(name.text))
        return undefined;
      const field = textField(message, name.text);
      if (field === undefined)
        this.#problems.error("proto/unknown-option", name.span, () => {
          const similar = nearest(
            name.text,
            message.fields.slice(0, 2000).map((one) => one.name),
          );
          return {
            message: `\`${clip(message.fullName)}\` has no field \`${clip(name.text)}\``,
            ...(similar !== undefined && {
              help: `did you mean \`${similar}\`?`,
            }),
          };
        });
      return field;
    }
    if (name.kind === "any") {
      this.#problems.error("proto/option-value", name.span, () => ({
        message: isAny(message)
          ? "a packed message must be all there is in an `Any`"
          : `\`${clip(message.fullName)}\` is no \`google.protobuf.Any\`, in which a message could be packed`,
      }));
      return undefined;
    }
    return this.#extension(name, message);
  }

  #extension(
    name: ast.AggregateFieldName & { readonly kind: "extension" },
    message: MessageDescriptor,
  ): FieldDescriptor | undefined {
    const found = this.#scope.lookup(name.text, this.#context.from, "all");
    if (isFound(found)) {
      if (found.kind === "extension" && found.of.extendee === message)
        return found.of;
      // The extensions of a message set are called by their message.
      if (found.kind === "message") {
        const inside = found.of.extensions.find(
          ({ extendee, message: of }) =>
            extendee === message && of === found.of,
        );
        if (inside !== undefined) return inside;
      }
    }
    if (isFound(found) || this.#context.isWhole)
      this.#problems.error("proto/unknown-option", name.span, () => ({
        message: `\`${clip(message.fullName)}\` has no extension \`${clip(name.text)}\``,
      }));
    return undefined;
  }

  #value(field: FieldDescriptor, value: Value): OptionDraft | undefined {
    if (field.message !== undefined) {
      if (value.kind === "aggregate") return this.read(value, field.message);
      return this.#wrong(
        value,
        `\`${clip(field.name)}\` must be a message in braces`,
      );
    }
    const read = readScalar(field, value);
    if (read !== undefined) return read;
    const [expected, help] = expectation(field, value);
    return this.#wrong(
      value,
      `\`${clip(field.name)}\` must be ${expected}`,
      help,
    );
  }

  #wrong(
    at: { readonly span: Span },
    message: string,
    help?: string,
  ): undefined {
    this.#problems.error("proto/option-value", at.span, () => ({
      message,
      ...(help !== undefined && { help }),
    }));
  }

  #checkRequired(
    value: ast.AggregateValue,
    message: MessageDescriptor,
    fields: OptionsDraft,
  ): void {
    for (const field of message.fields) {
      if (field.label !== "required" || fields.has(field.name)) continue;
      // One that is there and wrong was told of.
      const names = new Set([field.name, field.message?.name]);
      if (
        value.fields.some(
          ({ name }) => name.kind === "field" && names.has(name.text),
        )
      )
        continue;
      this.#wrong(
        value,
        `\`${clip(message.fullName)}\` lacks its required field \`${clip(field.name)}\``,
      );
    }
  }

  /** `[type.googleapis.com/pkg.Message] { … }`: the message is packed as bytes. */
  #any(
    whole: ast.AggregateValue,
    { name, value }: ast.AggregateField,
    fields: OptionsDraft,
  ): void {
    if (name.kind !== "any") return;
    if (whole.fields.length > 1)
      return this.#wrong(
        name,
        "a packed message must be all there is in an `Any`",
      );
    const slash = name.url.lastIndexOf("/");
    const typeName = name.url.slice(slash + 1);
    const found = this.#scope.exact(typeName);
    if (found?.kind !== "message") {
      if (this.#context.isWhole)
        this.#problems.error("proto/undefined-name", name.span, () => ({
          message: `there is no message \`${clip(typeName)}\` in this file or those it imports`,
        }));
      return undefined;
    }
    if (
      !["type.googleapis.com/", "type.googleprod.com/"].includes(
        name.url.slice(0, slash + 1),
      )
    )
      return this.#wrong(
        name,
        "the name of a packed message must begin with `type.googleapis.com/`",
      );
    if (value.kind !== "aggregate")
      return this.#wrong(value, "a packed message must be in braces");
    const packed = this.read(value, found.of);
    if (packed.kind !== "message") return undefined;
    fields.set("type_url", { kind: "scalar", value: name.url });
    const { extensions, later } = this.#context;
    later.push(() => {
      const bytes = encodeMessage(packed.fields, found.of, extensions);
      if (bytes.length > 0)
        fields.set("value", { kind: "scalar", value: bytes });
    });
    return undefined;
  }
}

function isAny(message: MessageDescriptor): boolean {
  return message.fullName === "google.protobuf.Any";
}

/** A group goes by its message's name, too. */
function textField(
  message: MessageDescriptor,
  name: string,
): FieldDescriptor | undefined {
  const field = fieldNamed(message, name);
  if (field !== undefined) return field;
  const group = fieldNamed(message, asciiLower(name));
  return group?.type === "group" && group.message?.name === name
    ? group
    : undefined;
}

function readScalar(
  field: FieldDescriptor,
  value: Value,
): OptionDraft | undefined {
  switch (field.type) {
    case "enum":
      return readEnum(field, value);
    case "bool":
      return readBool(value);
    case "string":
    case "bytes":
      if (value.kind !== "string") return undefined;
      return {
        kind: "scalar",
        value:
          field.type === "bytes"
            ? value.bytes
            : new TextDecoder("utf-8", { ignoreBOM: true }).decode(value.bytes),
      };
    case "float":
    case "double": {
      const number = readNumber(value);
      if (number === undefined) return undefined;
      return {
        kind: "scalar",
        value: field.type === "float" ? Math.fround(number) : number,
      };
    }
    default:
      return integerValue(field.type, value);
  }
}

function readEnum(
  field: FieldDescriptor,
  value: Value,
): OptionDraft | undefined {
  if (value.kind === "identifier" && !value.negative)
    return enumValue(field, value.text);
  const read = integerValue("int32", value);
  if (read?.kind !== "scalar") return undefined;
  const number = Number(read.value);
  const known = field.enum?.values.find((one) => one.number === number);
  if (known === undefined && field.enum?.closed !== false) return undefined;
  return { kind: "enum", name: known?.name ?? "", number };
}

function readBool(value: Value): OptionDraft | undefined {
  if (value.kind === "integer" && (value.value === 0n || value.value === 1n))
    return value.negative
      ? undefined
      : { kind: "scalar", value: value.value === 1n };
  if (value.kind !== "identifier" || value.negative) return undefined;
  if (["true", "True", "t"].includes(value.text))
    return { kind: "scalar", value: true };
  return ["false", "False", "f"].includes(value.text)
    ? { kind: "scalar", value: false }
    : undefined;
}

function readNumber(value: Value): number | undefined {
  switch (value.kind) {
    case "float":
      return value.value;
    case "integer":
      return value.negative && value.value === 0n ? -0 : Number(value.value);
    case "identifier": {
      const text = asciiLower(value.text);
      if (text === "nan") return NaN;
      if (text !== "inf" && text !== "infinity") return undefined;
      return value.negative ? -Infinity : Infinity;
    }
    case "string":
    case "aggregate":
    default:
      return undefined;
  }
}

function expectation(
  field: FieldDescriptor,
  value: Value,
): readonly [string, string?] {
  switch (field.type) {
    case "enum":
      return value.kind === "identifier"
        ? unknownValue(field, value.text)
        : [`a value of the enum \`${clip(field.enum?.fullName ?? "")}\``];
    case "bool":
      return ["`true` or `false`"];
    case "string":
    case "bytes":
      return ["a string in quotes"];
    case "float":
    case "double":
      return ["a number"];
    default:
      return integerWords(field.type);
  }
}
