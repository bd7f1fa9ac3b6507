// The same forms of what protoc writes.
import {
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescFile,
  type DescMessage,
  type FileRegistry,
  getExtension,
  isFieldSet,
  type Message,
} from "@bufbuild/protobuf";
import {
  isReflectList,
  isReflectMap,
  isReflectMessage,
  reflect,
  type ReflectMessage,
} from "@bufbuild/protobuf/reflect";
import {
  Edition,
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FeatureSet_FieldPresence,
  FeatureSet_Utf8Validation,
  file_google_protobuf_descriptor as descriptorFile,
} from "@bufbuild/protobuf/wkt";
import { byKey, type Form, plain } from "./forms.ts";

/** The form of a file of a set that was written with `--retain_options` and source info. */
export function protocFormOf(file: DescFile, registry: FileRegistry): Form {
  return new ProtocForms(file, registry).file();
}

interface Location {
  readonly leadingComments: string;
  readonly trailingComments: string;
  readonly leadingDetachedComments: readonly string[];
}

/** Numbers of the fields that lead to declarations, as paths have them. */
const at = {
  file: {
    message: 4,
    enum: 5,
    service: 6,
    extension: 7,
    syntax: 12,
    package: 2,
  },
  message: { field: 2, message: 3, enum: 4, extension: 6, oneof: 8 },
} as const;

class ProtocForms {
  readonly #file: DescFile;
  readonly #registry: FileRegistry;
  readonly #locations = new Map<string, Location>();

  constructor(file: DescFile, registry: FileRegistry) {
    this.#file = file;
    this.#registry = registry;
    for (const location of file.proto.sourceCodeInfo?.location ?? []) {
      const key = location.path.join(".");
      // Of several at one place, the first.
      if (!this.#locations.has(key)) this.#locations.set(key, location);
    }
  }

  file(): Form {
    const { proto } = this.#file;
    const scope = proto.package;
    const { dependency, optionDependency } = proto;
    const kind = (index: number): string =>
      proto.publicDependency.includes(index)
        ? "public"
        : proto.weakDependency.includes(index)
          ? "weak"
          : "plain";
    return {
      path: proto.name,
      syntax: proto.syntax === "" ? "proto2" : proto.syntax,
      edition:
        proto.syntax === "editions"
          ? (Edition[proto.edition]?.replace("EDITION_", "") ??
            String(proto.edition))
          : undefined,
      package: scope,
      imports: [
        ...dependency.map((path, index) => ({
          path,
          kind: kind(index),
          found: true,
        })),
        ...optionDependency.map((path) => ({
          path,
          kind: "option",
          found: true,
        })),
      ],
      messages: proto.messageType.map((one, index) =>
        this.#message(one, scope, [at.file.message, index]),
      ),
      enums: proto.enumType.map((one, index) =>
        this.#enum(one, scope, [at.file.enum, index]),
      ),
      extensions: proto.extension.map((one, index) =>
        this.#field(one, scope, [at.file.extension, index], undefined),
      ),
      services: proto.service.map((service, index) => ({
        ...this.#head(
          service,
          scope,
          [at.file.service, index],
          "ServiceOptions",
        ),
        methods: service.method.map((method, place) => ({
          ...this.#head(
            method,
            join(scope, service.name),
            [at.file.service, index, 2, place],
            "MethodOptions",
          ),
          input: method.inputType.slice(1),
          output: method.outputType.slice(1),
          clientStreaming: method.clientStreaming,
          serverStreaming: method.serverStreaming,
        })),
      })),
      options: this.#options(proto.options, "FileOptions"),
      docs: this.#docs(
        this.#locations.has(String(at.file.syntax))
          ? [at.file.syntax]
          : [at.file.package],
      ),
    };
  }

  #docs(path: readonly number[]): Form {
    const location = this.#locations.get(path.join("."));
    const text = (comments: string | undefined) =>
      comments === "" ? undefined : comments;
    return {
      leading: text(location?.leadingComments),
      trailing: text(location?.trailingComments),
      detached: [...(location?.leadingDetachedComments ?? [])],
    };
  }

  #head(
    proto: { readonly name: string; readonly options?: Message | undefined },
    scope: string,
    path: readonly number[],
    options: string,
  ) {
    return {
      name: proto.name,
      fullName: join(scope, proto.name),
      docs: this.#docs(path),
      options: this.#options(proto.options, options),
    };
  }

  #message(
    proto: DescriptorProto,
    scope: string,
    path: readonly number[],
  ): Form {
    const fullName = join(scope, proto.name);
    const desc = this.#registry.getMessage(fullName);
    const place = (kind: keyof typeof at.message, index: number) => [
      ...path,
      at.message[kind],
      index,
    ];
    return {
      ...this.#head(proto, scope, path, "MessageOptions"),
      fields: proto.field.map((one, index) =>
        this.#field(one, fullName, place("field", index), {
          proto,
          desc: desc?.fields.find(({ number }) => number === one.number),
        }),
      ),
      oneofs: proto.oneofDecl.map((oneof, index) => ({
        ...this.#head(oneof, fullName, place("oneof", index), "OneofOptions"),
        synthetic: proto.field.some(
          (field) => field.proto3Optional && field.oneofIndex === index,
        ),
      })),
      messages: proto.nestedType.map((one, index) =>
        this.#message(one, fullName, place("message", index)),
      ),
      enums: proto.enumType.map((one, index) =>
        this.#enum(one, fullName, place("enum", index)),
      ),
      extensions: proto.extension.map((one, index) =>
        this.#field(one, fullName, place("extension", index), undefined),
      ),
      extensionRanges: proto.extensionRange.map(({ start, end, options }) => ({
        start,
        end,
        options: this.#options(options, "ExtensionRangeOptions"),
      })),
      reservedRanges: proto.reservedRange.map(({ start, end }) => ({
        start,
        end,
      })),
      reservedNames: proto.reservedName,
      mapEntry: proto.options?.mapEntry ?? false,
    };
  }

  #enum(
    proto: EnumDescriptorProto,
    scope: string,
    path: readonly number[],
  ): Form {
    const desc: DescEnum | undefined = this.#registry.getEnum(
      join(scope, proto.name),
    );
    return {
      ...this.#head(proto, scope, path, "EnumOptions"),
      values: proto.value.map((value, index) => ({
        ...this.#head(value, scope, [...path, 2, index], "EnumValueOptions"),
        number: value.number,
      })),
      reservedRanges: proto.reservedRange.map(({ start, end }) => ({
        start,
        end,
      })),
      reservedNames: proto.reservedName,
      closed: desc?.open === false,
    };
  }

  #field(
    proto: FieldDescriptorProto,
    scope: string,
    path: readonly number[],
    inside:
      | {
          readonly proto: DescriptorProto;
          readonly desc: DescField | undefined;
        }
      | undefined,
  ): Form {
    const desc: DescField | DescExtension | undefined =
      inside === undefined
        ? this.#registry.getExtension(join(scope, proto.name))
        : inside.desc;
    const type = FieldDescriptorProto_Type[proto.type].toLowerCase();
    const repeated = proto.label === FieldDescriptorProto_Label.REPEATED;
    const required =
      desc === undefined
        ? proto.label === FieldDescriptorProto_Label.REQUIRED
        : desc.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
    const hasOneof = isFieldSet(proto, fieldSchema("oneof_index"));
    const value =
      desc?.fieldKind === "scalar" || desc?.fieldKind === "enum"
        ? defaultOf(desc, type)
        : undefined;
    return {
      ...this.#head(proto, scope, path, "FieldOptions"),
      number: proto.number,
      label: required ? "required" : repeated ? "repeated" : "optional",
      type: type === "message" && isDelimited(desc) ? "group" : type,
      typeName: proto.typeName === "" ? undefined : proto.typeName.slice(1),
      extendee: proto.extendee === "" ? undefined : proto.extendee.slice(1),
      jsonName: proto.jsonName,
      defaultText: isFieldSet(proto, fieldSchema("default_value"))
        ? proto.defaultValue
        : undefined,
      default: plain(value),
      oneof: hasOneof
        ? inside?.proto.oneofDecl[proto.oneofIndex]?.name
        : undefined,
      proto3Optional: proto.proto3Optional,
      presence: this.#presence(proto, desc, repeated),
      packed: desc?.fieldKind === "list" ? desc.packed : false,
      utf8:
        type === "string"
          ? (desc?.utf8Validation ?? this.#isVerified(proto))
          : undefined,
    };
  }

  /** The library hides a map's entries, whose fields are as the file's. */
  #presence(
    proto: FieldDescriptorProto,
    desc: DescField | DescExtension | undefined,
    repeated: boolean,
  ): string {
    if (repeated) return "implicit";
    if (desc === undefined) {
      const isMessage = proto.type === FieldDescriptorProto_Type.MESSAGE;
      return isMessage || !this.#isImplicit() ? "explicit" : "implicit";
    }
    return ["", "explicit", "implicit", "required"][desc.presence] ?? "";
  }

  #isVerified({ options }: FieldDescriptorProto): boolean {
    const { proto } = this.#file;
    if (proto.syntax === "" || proto.syntax === "proto2") return false;
    const own = options?.features?.utf8Validation ?? 0;
    const has = own === 0 ? proto.options?.features?.utf8Validation : own;
    return has !== FeatureSet_Utf8Validation.NONE;
  }

  #isImplicit(): boolean {
    const { proto } = this.#file;
    return (
      proto.syntax === "proto3" ||
      proto.options?.features?.fieldPresence ===
        FeatureSet_FieldPresence.IMPLICIT
    );
  }

  #options(options: Message | undefined, name: string): Form {
    if (options === undefined) return {};
    const schema =
      this.#registry.getMessage(`google.protobuf.${name}`) ??
      descriptorFile.messages.find((one) => one.name === name);
    if (schema === undefined) throw new Error(`no ${name}`);
    const copy = { ...options, $typeName: schema.typeName };
    return messageForm(reflect(schema, copy), this.#registry);
  }
}

/** The library does not round floats, and loses quotes of bytes. */
function defaultOf(
  desc: (DescField | DescExtension) & { fieldKind: "scalar" | "enum" },
  type: string,
): unknown {
  const value = desc.getDefaultValue() as unknown;
  if (type === "float" && value !== undefined)
    return Math.fround(Number(value));
  if (type !== "bytes" || value === undefined) return value;
  const text = desc.proto.defaultValue.replaceAll(
    /\\([0-7]{3}|.)/g,
    (_, code: string) =>
      code.length === 3
        ? String.fromCharCode(Number.parseInt(code, 8))
        : ({ n: "\n", r: "\r", t: "\t" }[code] ?? code),
  );
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

function isDelimited(desc: DescField | DescExtension | undefined): boolean {
  return (
    desc !== undefined && "delimitedEncoding" in desc && desc.delimitedEncoding
  );
}

function fieldSchema(name: string): DescField {
  const found = descriptorFile.messages
    .find((one) => one.name === "FieldDescriptorProto")
    ?.fields.find((field) => field.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function join(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}

function messageForm(message: ReflectMessage, registry: FileRegistry): Form {
  const entries: [string, Form][] = message.fields
    .filter((field) => message.isSet(field))
    .map((field) => [field.name, valueForm(message.get(field), registry)]);
  const numbers = new Set(message.getUnknown()?.map(({ no }) => no));
  for (const number of numbers) {
    const extension = registry.getExtensionFor(message.desc, number);
    if (extension === undefined)
      throw new Error(`unknown ${message.desc.typeName} ${number}`);
    entries.push([
      `[${extension.typeName}]`,
      extensionForm(message.message, extension, registry),
    ]);
  }
  return Object.fromEntries(entries.toSorted(byKey));
}

function extensionForm(
  message: Message,
  extension: DescExtension,
  registry: FileRegistry,
): Form {
  const value = getExtension(message, extension);
  const { message: type } = extension;
  if (type === undefined)
    return Array.isArray(value) ? value.map((one) => plain(one)) : plain(value);
  const one = (element: unknown): Form =>
    messageForm(reflectAs(type, element), registry);
  return Array.isArray(value)
    ? value.map((element) => one(element))
    : one(value);
}

function reflectAs(type: DescMessage, value: unknown): ReflectMessage {
  return reflect(type, value as Message);
}

function valueForm(value: unknown, registry: FileRegistry): Form {
  if (isReflectMessage(value)) return messageForm(value, registry);
  if (isReflectList(value))
    return [...value].map((one) => valueForm(one, registry));
  if (isReflectMap(value))
    return Object.fromEntries(
      [...value]
        .map(([key, one]) => [String(key), valueForm(one, registry)] as const)
        .toSorted(byKey),
    );
  return plain(value);
}
