import type { Span } from "../../../grammar/source/span.ts";
import type { ScalarType, WireValue } from "../api.ts";

/**
 * Files of Protocol Buffers with every name resolved and every feature decided:
 * what descriptor.proto's `FileDescriptorProto` says, as plain objects, with
 * spans and docs beside. `src/model/proto/` makes them of syntax trees; whether
 * they are right is judged against protoc's descriptors.
 *
 * Full names have no leading dot.
 */
export interface FileDescriptor {
  /** As it is imported: `google/protobuf/any.proto`. */
  readonly path: string;
  readonly syntax: "proto2" | "proto3" | "editions";
  /** `2023`, where `syntax` is `editions`. */
  readonly edition: string | undefined;
  readonly package: string;
  /** Imports in order; `file` is undefined where the file could not be found. */
  readonly imports: readonly ImportDescriptor[];
  readonly messages: readonly MessageDescriptor[];
  readonly enums: readonly EnumDescriptor[];
  readonly extensions: readonly FieldDescriptor[];
  readonly services: readonly ServiceDescriptor[];
  readonly options: Options;
  readonly docs: Docs;
}

export interface ImportDescriptor {
  readonly path: string;
  readonly kind: "plain" | "public" | "weak" | "option";
  readonly file: FileDescriptor | undefined;
}

/** The comments of a declaration, as `SourceCodeInfo.Location` has them. */
export interface Docs {
  readonly leading: string | undefined;
  readonly trailing: string | undefined;
  readonly detached: readonly string[];
}

interface Declared {
  readonly name: string;
  readonly fullName: string;
  readonly span: Span;
  readonly docs: Docs;
  readonly options: Options;
}

export interface MessageDescriptor extends Declared {
  readonly file: FileDescriptor;
  readonly fields: readonly FieldDescriptor[];
  readonly oneofs: readonly OneofDescriptor[];
  readonly messages: readonly MessageDescriptor[];
  readonly enums: readonly EnumDescriptor[];
  readonly extensions: readonly FieldDescriptor[];
  readonly extensionRanges: readonly ExtensionRange[];
  readonly reservedRanges: readonly NumberRange[];
  readonly reservedNames: readonly string[];
  /** Made for a map field: it is among `messages` as protoc has it. */
  readonly mapEntry: boolean;
}

/** `end` is not in it, as in descriptor.proto. */
export interface NumberRange {
  readonly start: number;
  readonly end: number;
}

export interface ExtensionRange extends NumberRange {
  readonly options: Options;
}

/** In an enum, `end` is in it, as in descriptor.proto. */
export type EnumReservedRange = NumberRange;

export interface FieldDescriptor extends Declared {
  readonly number: number;
  readonly label: "optional" | "required" | "repeated";
  /** `group` where the features say delimited, whatever the file's syntax. */
  readonly type: ScalarType | "message" | "group" | "enum";
  /** The type of a message, group or map entry. */
  readonly message: MessageDescriptor | undefined;
  readonly enum: EnumDescriptor | undefined;
  /** The message that an extension extends. */
  readonly extendee: MessageDescriptor | undefined;
  readonly jsonName: string;
  readonly default: WireValue | undefined;
  /** As protoc spells it in `default_value`. */
  readonly defaultText: string | undefined;
  /** The declared oneof it is in; a proto3 `optional`'s synthetic one is in the message's `oneofs` as well. */
  readonly oneof: OneofDescriptor | undefined;
  /** A proto3 field with `optional`. */
  readonly proto3Optional: boolean;
  // Decided by syntax, features and options:
  readonly presence: "required" | "explicit" | "implicit";
  readonly packed: boolean;
  readonly utf8: boolean;
}

export interface OneofDescriptor extends Declared {
  /** Made for a proto3 `optional` field. */
  readonly synthetic: boolean;
}

export interface EnumDescriptor extends Declared {
  readonly file: FileDescriptor;
  readonly values: readonly EnumValueDescriptor[];
  readonly reservedRanges: readonly EnumReservedRange[];
  readonly reservedNames: readonly string[];
  readonly closed: boolean;
}

export interface EnumValueDescriptor extends Declared {
  readonly number: number;
}

export interface ServiceDescriptor extends Declared {
  readonly methods: readonly RpcDescriptor[];
}

export interface RpcDescriptor extends Declared {
  readonly input: MessageDescriptor;
  readonly output: MessageDescriptor;
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
}

/**
 * Options with their types known, in order: by field name of the options message,
 * or by extension's full name in brackets (`[my.option]`). Options are a message.
 */
export type Options = ReadonlyMap<string, OptionData>;

/** A value in an options message; enums by their number, `list` for repeated fields. */
export type OptionData =
  | { readonly kind: "scalar"; readonly value: WireValue }
  | { readonly kind: "enum"; readonly name: string; readonly number: number }
  | { readonly kind: "message"; readonly fields: Options }
  | { readonly kind: "list"; readonly elements: readonly OptionData[] };
