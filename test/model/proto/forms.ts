// One plain form of descriptors, made of ours and of protoc's, for comparing
// them as a whole: whatever only one of them has is a difference.
import { file_google_protobuf_descriptor as descriptorFile } from "@bufbuild/protobuf/wkt";
import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import type {
  Docs,
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  OptionData,
  Options,
} from "../../../src/model/proto/descriptor.ts";

/** Any of the plain values that a form is made of. */
export type Form = unknown;

/** The form of our descriptor; `registry` knows the types of the options. */
export function formOf(file: FileDescriptor, registry: FileRegistry): Form {
  return new Forms(registry).file(file);
}

class Forms {
  readonly #registry: FileRegistry;

  constructor(registry: FileRegistry) {
    this.#registry = registry;
  }

  file(file: FileDescriptor): Form {
    return {
      path: file.path,
      syntax: file.syntax,
      edition: file.edition,
      package: file.package,
      imports: file.imports.map(({ path, kind, file: imported }) => ({
        path,
        kind,
        found: imported?.path === path,
      })),
      messages: file.messages.map((one) => this.#message(one)),
      enums: file.enums.map((one) => this.#enum(one)),
      extensions: file.extensions.map((one) => this.#field(one)),
      services: file.services.map((service) => ({
        ...this.#head(service, "ServiceOptions"),
        methods: service.methods.map((method) => ({
          ...this.#head(method, "MethodOptions"),
          input: method.input.fullName,
          output: method.output.fullName,
          clientStreaming: method.clientStreaming,
          serverStreaming: method.serverStreaming,
        })),
      })),
      options: this.#options(file.options, "FileOptions"),
      docs: docsOf(file.docs),
    };
  }

  #head(
    one: { name: string; fullName: string; docs: Docs; options: Options },
    options: string,
  ) {
    return {
      name: one.name,
      fullName: one.fullName,
      docs: docsOf(one.docs),
      options: this.#options(one.options, options),
    };
  }

  #message(message: MessageDescriptor): Form {
    return {
      ...this.#head(message, "MessageOptions"),
      fields: message.fields.map((field) => this.#field(field)),
      oneofs: message.oneofs.map((oneof) => ({
        ...this.#head(oneof, "OneofOptions"),
        synthetic: oneof.synthetic,
      })),
      messages: message.messages.map((one) => this.#message(one)),
      enums: message.enums.map((one) => this.#enum(one)),
      extensions: message.extensions.map((one) => this.#field(one)),
      extensionRanges: message.extensionRanges.map(
        ({ start, end, options }) => ({
          start,
          end,
          options: this.#options(options, "ExtensionRangeOptions"),
        }),
      ),
      reservedRanges: message.reservedRanges.map(({ start, end }) => ({
        start,
        end,
      })),
      reservedNames: [...message.reservedNames],
      mapEntry: message.mapEntry,
    };
  }

  #enum(one: EnumDescriptor): Form {
    return {
      ...this.#head(one, "EnumOptions"),
      values: one.values.map((value) => ({
        ...this.#head(value, "EnumValueOptions"),
        number: value.number,
      })),
      reservedRanges: one.reservedRanges.map(({ start, end }) => ({
        start,
        end,
      })),
      reservedNames: [...one.reservedNames],
      closed: one.closed,
    };
  }

  #field(field: FieldDescriptor): Form {
    return {
      ...this.#head(field, "FieldOptions"),
      number: field.number,
      label: field.label,
      type: field.type,
      typeName: (field.message ?? field.enum)?.fullName,
      extendee: field.extendee?.fullName,
      jsonName: field.jsonName,
      defaultText: field.defaultText,
      default: plain(field.default),
      oneof: field.oneof?.name,
      proto3Optional: field.proto3Optional,
      presence: field.presence,
      packed: field.packed,
      utf8: field.type === "string" ? field.utf8 : undefined,
    };
  }

  #options(options: Options, message: string): Form {
    const schema = this.#registry.getMessage(`google.protobuf.${message}`);
    // Without descriptor.proto only its own options are there, by the library's copy.
    return optionsForm(
      options,
      schema ?? descriptorMessage(message),
      this.#registry,
    );
  }
}

function descriptorMessage(name: string): DescMessage {
  const found = descriptorFile.messages.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** Options by field names, with what their types say of them. */
function optionsForm(
  options: Options,
  message: DescMessage,
  registry: FileRegistry,
): Form {
  const entries = [...options].map(([key, value]) => {
    const field = key.startsWith("[")
      ? registry.getExtension(key.slice(1, -1))
      : message.fields.find(({ name }) => name === key);
    if (field === undefined) throw new Error(`${message.name} has no ${key}`);
    if (field.fieldKind === "map" && value.kind === "list")
      return [key, mapForm(value.elements, field.message, registry)] as const;
    return [key, dataForm(value, field.message, registry)] as const;
  });
  return Object.fromEntries(entries.toSorted(byKey));
}

export function byKey(
  [left]: readonly [string, unknown],
  [right]: readonly [string, unknown],
): number {
  return left < right ? -1 : 1;
}

/** A map's entries have their key and value or the types' zeros. */
function mapForm(
  entries: readonly OptionData[],
  message: DescMessage | undefined,
  registry: FileRegistry,
): Form {
  const pairs = entries.map((entry) => {
    const fields: Options = entry.kind === "message" ? entry.fields : new Map();
    const key = fields.get("key");
    const value = fields.get("value");
    return [
      String(key?.kind === "scalar" ? key.value : ""),
      value === undefined ? 0 : dataForm(value, message, registry),
    ] as const;
  });
  return Object.fromEntries(pairs.toSorted(byKey));
}

function dataForm(
  data: OptionData,
  message: DescMessage | undefined,
  registry: FileRegistry,
): Form {
  switch (data.kind) {
    case "scalar":
      return plain(data.value);
    case "enum":
      return data.number;
    case "list":
      return data.elements.map((one) => dataForm(one, message, registry));
    case "message":
    default:
      if (message === undefined) throw new Error("a message of no type");
      return optionsForm(data.fields, message, registry);
  }
}

/** A value that can be compared and printed. */
export function plain(value: unknown): Form {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Uint8Array)
    return `bytes ${Buffer.from(value).toString("hex")}`;
  if (typeof value === "number" && !Number.isSafeInteger(value))
    return `number ${Object.is(value, -0) ? "-0" : String(value)}`;
  return Object.is(value, -0) ? "number -0" : value;
}

export function docsOf({ leading, trailing, detached }: Docs): Form {
  return { leading, trailing, detached: [...detached] };
}
