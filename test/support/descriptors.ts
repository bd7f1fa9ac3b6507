// The API model by way of protoc: what our own reader must come to as well.
import { createFileRegistry, ScalarType } from "@bufbuild/protobuf";
import type {
  DescEnum,
  DescExtension,
  DescField,
  DescFile,
  DescMessage,
} from "@bufbuild/protobuf";
import type * as api from "../../src/model/api.ts";
import type {
  Docs,
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  Options,
} from "../../src/model/proto/descriptor.ts";
import { FeatureSet_Utf8Validation } from "@bufbuild/protobuf/wkt";
import { protocDescriptors } from "./protoc.ts";

const SPAN = { start: 0, end: 0 };

/** Descriptor of one file as protoc sees it; spans are places in the order of declaration. */
export function protocFile(
  name: string,
  options: { readonly includes: readonly string[] },
): FileDescriptor {
  const { set } = protocDescriptors([name], options);
  const registry = createFileRegistry(set);
  const file = registry.getFile(name);
  if (file === undefined) throw new Error(`protoc tells nothing of ${name}`);
  return new Converter().file(file);
}

class Converter {
  readonly #files = new Map<string, FileDescriptor>();
  readonly #messages = new Map<string, MessageDescriptor>();
  readonly #enums = new Map<string, EnumDescriptor>();
  #place = 0;

  file(desc: DescFile): FileDescriptor {
    const known = this.#files.get(desc.name);
    if (known !== undefined) return known;
    const messages: MessageDescriptor[] = [];
    const enums: EnumDescriptor[] = [];
    const file: FileDescriptor = {
      path: desc.proto.name,
      syntax:
        desc.proto.syntax === ""
          ? "proto2"
          : (desc.proto.syntax as FileDescriptor["syntax"]),
      edition: undefined,
      package: desc.proto.package,
      imports: desc.dependencies.map((one) => ({
        path: one.proto.name,
        kind: "plain",
        file: this.file(one),
      })),
      messages,
      enums,
      extensions: [],
      services: [],
      options: NO_OPTIONS,
      docs: NO_DOCS,
    };
    this.#files.set(desc.name, file);
    for (const one of desc.messages) messages.push(this.#message(one, file));
    for (const one of desc.enums) enums.push(this.#enum(one, file));
    return file;
  }

  #head(
    desc: DescMessage | DescEnum | DescField | DescExtension | { name: string },
  ) {
    const place = this.#place++;
    const proto = "proto" in desc ? desc.proto : undefined;
    const deprecated = proto?.options?.deprecated === true;
    return {
      name: proto?.name ?? desc.name,
      fullName: "typeName" in desc ? desc.typeName : desc.name,
      span: { start: place, end: place },
      docs: "kind" in desc ? docsOf(desc as DescMessage) : NO_DOCS,
      options: deprecated
        ? new Map([["deprecated", { kind: "scalar", value: true } as const]])
        : NO_OPTIONS,
    };
  }

  #message(desc: DescMessage, file: FileDescriptor): MessageDescriptor {
    const known = this.#messages.get(desc.typeName);
    if (known !== undefined) return known;
    const fields: FieldDescriptor[] = [];
    const messages: MessageDescriptor[] = [];
    const enums: EnumDescriptor[] = [];
    const message: MessageDescriptor = {
      ...this.#head(desc),
      file,
      fields,
      oneofs: desc.oneofs.map((oneof) => ({
        ...this.#head({ name: oneof.name }),
        docs: docsOf(oneof),
        synthetic: false,
      })),
      messages,
      enums,
      extensions: [],
      extensionRanges: [],
      reservedRanges: [],
      reservedNames: desc.proto.reservedName,
      mapEntry: desc.proto.options?.mapEntry ?? false,
    };
    this.#messages.set(desc.typeName, message);
    for (const one of desc.nestedEnums) enums.push(this.#enum(one, file));
    for (const one of desc.nestedMessages)
      messages.push(this.#message(one, file));
    for (const one of desc.fields) fields.push(this.#field(one, message, file));
    return message;
  }

  #enum(desc: DescEnum, file: FileDescriptor): EnumDescriptor {
    const known = this.#enums.get(desc.typeName);
    if (known !== undefined) return known;
    const declared: EnumDescriptor = {
      ...this.#head(desc),
      file,
      values: desc.values.map((value) => ({
        ...this.#head({ name: value.proto.name }),
        docs: docsOf(value),
        number: value.number,
      })),
      reservedRanges: [],
      reservedNames: [],
      closed: !desc.open,
    };
    this.#enums.set(desc.typeName, declared);
    return declared;
  }

  #field(
    desc: DescField,
    parent: MessageDescriptor,
    file: FileDescriptor,
  ): FieldDescriptor {
    const message =
      desc.fieldKind === "map"
        ? this.#entry(desc, file)
        : desc.message &&
          this.#message(desc.message, this.file(desc.message.file));
    const { proto } = desc;
    const repeated = desc.fieldKind === "list" || desc.fieldKind === "map";
    return {
      ...this.#head(desc),
      name: proto.name,
      number: desc.number,
      label:
        proto.label === 2 ? "required" : repeated ? "repeated" : "optional",
      type: typeName(desc),
      message,
      enum:
        desc.fieldKind !== "map" && desc.enum
          ? this.#enum(desc.enum, this.file(desc.enum.file))
          : undefined,
      extendee: undefined,
      jsonName: desc.jsonName,
      default:
        desc.fieldKind === "scalar" || desc.fieldKind === "enum"
          ? (desc.getDefaultValue() as api.WireValue | undefined)
          : undefined,
      defaultText: proto.defaultValue === "" ? undefined : proto.defaultValue,
      oneof: parent.oneofs.find(({ name }) => name === desc.oneof?.name),
      proto3Optional: proto.proto3Optional,
      presence:
        desc.presence === 3
          ? "required"
          : desc.presence === 1
            ? "explicit"
            : "implicit",
      packed: desc.fieldKind === "list" && desc.packed,
      utf8: file.syntax !== "proto2" && FeatureSet_Utf8Validation.VERIFY === 2,
    };
  }

  /** Map entries are what this library hides: they are made again. */
  #entry(
    desc: DescField & { fieldKind: "map" },
    file: FileDescriptor,
  ): MessageDescriptor {
    const scalar = (
      name: string,
      number: number,
      type: FieldDescriptor["type"],
      of: Partial<FieldDescriptor>,
    ): FieldDescriptor => ({
      ...this.#head({ name }),
      number,
      label: "optional",
      type,
      message: undefined,
      enum: undefined,
      extendee: undefined,
      jsonName: name,
      default: undefined,
      defaultText: undefined,
      oneof: undefined,
      proto3Optional: false,
      presence: "explicit",
      packed: false,
      utf8: file.syntax !== "proto2",
      ...of,
    });
    return {
      ...this.#head({ name: `${desc.name}Entry` }),
      file,
      fields: [
        scalar("key", 1, scalarName(desc.mapKey), {}),
        scalar(
          "value",
          2,
          desc.mapKind === "scalar" ? scalarName(desc.scalar) : desc.mapKind,
          {
            message:
              desc.message &&
              this.#message(desc.message, this.file(desc.message.file)),
            enum: desc.enum && this.#enum(desc.enum, this.file(desc.enum.file)),
          },
        ),
      ],
      oneofs: [],
      messages: [],
      enums: [],
      extensions: [],
      extensionRanges: [],
      reservedRanges: [],
      reservedNames: [],
      mapEntry: true,
    };
  }
}

const NO_OPTIONS: Options = new Map();
const NO_DOCS: Docs = { leading: undefined, trailing: undefined, detached: [] };

function scalarName(type: ScalarType): api.ScalarType {
  return ScalarType[type].toLowerCase() as api.ScalarType;
}

function typeName(desc: DescField): FieldDescriptor["type"] {
  if (desc.fieldKind === "map") return "message";
  if (desc.enum) return "enum";
  if (desc.message) return desc.delimitedEncoding ? "group" : "message";
  return scalarName(desc.scalar);
}

/** The comments that source info has for a declaration: found by its path. */
function docsOf(desc: { readonly kind: string }): Docs {
  const place = locate(desc as Locatable);
  if (place === undefined) return NO_DOCS;
  const { file, path } = place;
  const location = file.proto.sourceCodeInfo?.location.find(
    (one) => one.path.join(".") === path.join("."),
  );
  if (location === undefined) return NO_DOCS;
  return {
    leading:
      location.leadingComments === "" ? undefined : location.leadingComments,
    trailing:
      location.trailingComments === "" ? undefined : location.trailingComments,
    detached: location.leadingDetachedComments,
  };
}

type Locatable =
  DescMessage | DescEnum | DescField | { kind: "oneof" | "enum_value" };

function locate(
  desc: Locatable,
): { readonly file: DescFile; readonly path: number[] } | undefined {
  switch (desc.kind) {
    case "message": {
      const parent = desc.parent && locate(desc.parent);
      const siblings =
        desc.parent?.proto.nestedType ?? desc.file.proto.messageType;
      return {
        file: desc.file,
        path: [
          ...(parent?.path ?? []),
          parent ? 3 : 4,
          siblings.indexOf(desc.proto),
        ],
      };
    }
    case "enum": {
      const parent = desc.parent && locate(desc.parent);
      const siblings = desc.parent?.proto.enumType ?? desc.file.proto.enumType;
      return {
        file: desc.file,
        path: [
          ...(parent?.path ?? []),
          parent ? 4 : 5,
          siblings.indexOf(desc.proto),
        ],
      };
    }
    case "field": {
      const parent = locate(desc.parent);
      return (
        parent && {
          file: parent.file,
          path: [
            ...parent.path,
            2,
            desc.parent.proto.field.indexOf(desc.proto),
          ],
        }
      );
    }
    case "enum_value": {
      const value = desc as unknown as {
        parent: DescEnum;
        proto: DescEnum["proto"]["value"][number];
      };
      const parent = locate(value.parent);
      return (
        parent && {
          file: parent.file,
          path: [
            ...parent.path,
            2,
            value.parent.proto.value.indexOf(value.proto),
          ],
        }
      );
    }
    default:
      return undefined;
  }
}

void SPAN;
