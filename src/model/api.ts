import type { Span } from "../../grammar/source/span.ts";

/**
 * The API model: what every emitter, formatter and checker reads, whatever the
 * interface definition language was. Lowering (one module per language in this
 * folder) builds it from an AST; nothing else knows the AST.
 *
 * Types are held by reference, never as nested copies, so recursion is
 * ordinary. Everything keeps the order of the file.
 */
export interface Service {
  /**
   * How calls travel: Varlink messages, or one request/response envelope of
   * Protocol Buffers. `messages` is a file of Protocol Buffers that no calls are
   * known of.
   */
  readonly wire: "varlink" | "envelope" | "messages";
  /**
   * Full name: for Varlink the interface name, `io.podman`; for Protocol Buffers
   * the package, or the file's stem where it has none.
   */
  readonly name: string;
  readonly docs: string;
  readonly span: Span;
  readonly source: ServiceSource;
  readonly methods: readonly Method[];
  /** Declared types first-come in file order, each followed by its inline types. */
  readonly types: readonly TypeDeclaration[];
  readonly errors: readonly ErrorDeclaration[];
  /** Declared members in file order, for outputs that keep it. */
  readonly members: readonly Member[];
  /** What ties methods to messages; there exactly where `wire` is `envelope`. */
  readonly envelope?: Envelope;
  /** Protocol Buffers: services, which are told of in documents and not called. */
  readonly rpcServices?: readonly RpcService[];
  /** Protocol Buffers: fields that the file adds to messages; for documents alone. */
  readonly extensions?: readonly Extension[];
  /**
   * Protocol Buffers: names of options that the file sets and that nothing here
   * tells of, each once, as the language writes them: `java_package`, `(my.option)`.
   */
  readonly otherOptions?: readonly string[];
}

/** A `service` of Protocol Buffers. */
export interface RpcService {
  readonly name: string;
  readonly docs: string;
  readonly deprecated: boolean;
  readonly methods: readonly RpcMethod[];
}

export interface RpcMethod {
  readonly name: string;
  readonly docs: string;
  readonly deprecated: boolean;
  /** Paths of its messages, which are not among the types where another file declares them. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
}

/** An extension: a field, by its full name, and the message that it is a field of. */
export interface Extension {
  readonly path: readonly string[];
  readonly extendee: readonly string[];
  readonly field: Field;
}

export interface ServiceSource {
  /** Path as given by the caller, for messages and headers. */
  readonly path: string;
  /**
   * The whole text, as `GetInterfaceDescription` serves it: without a byte order
   * mark, and with `\n` for every line end.
   */
  readonly text: string;
}

export type Member =
  Method | StructDeclaration | EnumDeclaration | ErrorDeclaration;

export interface Method {
  readonly kind: "method";
  readonly name: string;
  readonly docs: string;
  readonly span: Span;
  readonly input: Struct;
  readonly output: Struct;
  readonly forms: CallForms;
  readonly deprecated: boolean;
  /** How it travels in an envelope. `input` and `output` are then the messages' fields. */
  readonly envelope?: EnvelopeMethod;
}

/**
 * An envelope RPC: a request message whose optional message fields are the
 * commands, and a response message in which the field of the same name has the
 * result. See `src/model/proto/envelope.ts` for how it is configured and found.
 */
export interface Envelope {
  /** What client and service are called by when nothing else is said: `Porto`. */
  readonly label: string;
  /** Paths of the two messages. */
  readonly request: readonly string[];
  readonly response: readonly string[];
  /** The response's field with the error code, and its enum. */
  readonly error: { readonly field: string; readonly enum: readonly string[] };
  /** Values of that enum: no error, and the one that an absent error means. */
  readonly success: EnumValue;
  readonly absent: EnumValue;
  /** The response's field with the error's text. */
  readonly errorMessage: string | undefined;
  /** The response's field with the service's time. */
  readonly timestamp: string | undefined;
  /** Where clients connect when nothing else is said: `unix:/run/portod.socket`. */
  readonly address: string | undefined;
  /**
   * Fields that a peer demands although the file says that they are optional: by
   * message full name and field name, the value to write where none is given. For
   * a message these are its bytes: it is empty but for the fields that are
   * demanded inside of it.
   */
  readonly required: ReadonlyMap<string, ReadonlyMap<string, WireValue>>;
  /**
   * Commands in the order in which servers look for them in a request; those that
   * are not listed come after, in the order of the file.
   */
  readonly priority?: readonly string[];
  /** What servers answer by themselves; `internal` where a handler failed. */
  readonly failures?: {
    readonly method?: EnvelopeFailure;
    readonly subscription?: EnvelopeFailure;
    readonly internal?: EnvelopeFailure;
  };
}

/** An error code with its text. */
export interface EnvelopeFailure {
  readonly code: EnumValue;
  readonly text: string | undefined;
}

export interface EnvelopeMethod {
  /** Path of the command's message; that of its result, undefined where it has none. */
  readonly input: readonly string[];
  readonly output: readonly string[] | undefined;
  /** Numbers of its fields in request and response. */
  readonly requestField: number;
  readonly responseField: number | undefined;
  /**
   * It subscribes: the response's field of its name is pushed, before or after
   * any reply; its own reply is empty. `stop` is the method that ends it. It also
   * ends by itself after a push for which any of `ends` holds.
   */
  readonly push:
    | {
        readonly stop: string | undefined;
        readonly ends?: readonly PushEnd[];
      }
    | undefined;
  /**
   * What it makes lives as long as its connection: always, or where a field of
   * the input (`["container", "weak"]`) is true. `name` is the way to its name.
   */
  readonly bound:
    | {
        readonly name: readonly string[];
        readonly when: readonly string[] | undefined;
      }
    | undefined;
  /**
   * What it names is bound no more when it has succeeded: always, or where the
   * input's fields (by dotted ways) have all these values.
   */
  readonly unbound?: {
    readonly name: readonly string[];
    readonly where: ReadonlyMap<string, boolean | number | string>;
  };
  /** Its successful replies have neither the error's text nor the time. */
  readonly bare?: boolean;
  /** Milliseconds it has beyond the usual time: disk commands take long. */
  readonly extraTime: number | undefined;
  /**
   * Way to the input's field with the milliseconds that the service itself may
   * take, which the call's own time is added to; `absent` where none is given,
   * undefined then for without end.
   */
  readonly ownTime:
    | { readonly field: readonly string[]; readonly absent: number | undefined }
    | undefined;
  /** Asking twice does no harm: it reads only. */
  readonly idempotent: boolean;
}

/**
 * Holds for a push all of whose fields have these values, or the value that the
 * subscription's input has in its field `input`, if that is there and not empty.
 */
export type PushEnd = ReadonlyMap<
  string,
  boolean | number | string | { readonly input: string }
>;

/**
 * What is known of a method's call forms. Varlink's language cannot say; systemd
 * marks methods in their docs (`[Supports 'more' flag]`), and those marker lines
 * are read here and taken out of `docs`.
 */
export interface CallForms {
  readonly more: "unknown" | "supported" | "required";
  readonly upgrade: "unknown" | "supported" | "required";
}

/** The fields of a struct, of a method's parameters or of an error. */
export interface Struct {
  readonly fields: readonly Field[];
  readonly span: Span;
}

export interface Field {
  readonly name: string;
  /**
   * What the field holds when it is there: an optional field's own `?` is in
   * `presence` and not repeated here, so `nullable` occurs below `list` and `map` alone.
   */
  readonly type: Type;
  readonly docs: string;
  readonly span: Span;
  /**
   * `optional`: absent and null are the same and allowed. `implicit`, in Protocol
   * Buffers: absent means the type's zero, so that a reader always has a value;
   * lists and maps there are so.
   */
  readonly presence: "required" | "optional" | "implicit";
  readonly deprecated: boolean;
  /** Protocol Buffers: how it stands on the wire. For codecs and the envelope alone. */
  readonly wire?: FieldWire;
}

/** The scalar types of Protocol Buffers, by their names in the language. */
export type ScalarType =
  | "double"
  | "float"
  | "int32"
  | "int64"
  | "uint32"
  | "uint64"
  | "sint32"
  | "sint64"
  | "fixed32"
  | "fixed64"
  | "sfixed32"
  | "sfixed64"
  | "bool"
  | "string"
  | "bytes";

/** A value of a scalar or, as its number, of an enum; 64-bit integers as bigint. */
export type WireValue = boolean | number | bigint | string | Uint8Array;

export interface FieldWire {
  readonly number: number;
  /** Of the value, of a list's elements, of a map's values. */
  readonly type: ScalarType | "message" | "group" | "enum";
  /** Of a map's keys; a map's key and value are fields 1 and 2 of an entry message. */
  readonly key: Exclude<ScalarType, "double" | "float" | "bytes"> | undefined;
  /** How a list is written; both ways are read. */
  readonly packed: boolean;
  /** The declared default, `[default = x]`. */
  readonly default: WireValue | undefined;
  /** The `oneof` it belongs to. */
  readonly oneof: string | undefined;
  /** Whether strings that are not UTF-8 are an error (proto3, editions). */
  readonly utf8: boolean;
  /** Its name in ProtoJSON. */
  readonly jsonName: string;
}

export type TypeDeclaration = StructDeclaration | EnumDeclaration;

/**
 * A struct or enum type. `path` is its identity. In Protocol Buffers it is the
 * full name, package included: `["Porto", "TGetResponse", "TContainerGetListResponse"]`.
 * In Varlink it is `["Version"]` for a declared one; for an inline one the way to it, `["MyType", "struct"]`, or
 * `["Test06", "input", "struct"]` in a method's parameters. A map's or list's
 * element takes its field's place, for there can be only one inline type there.
 */
interface NamedType {
  readonly path: readonly string[];
  /** The declared name; for an inline type the last segment of `path`. */
  readonly name: string;
  /** Protocol Buffers: the package of its file, empty for none; `path` begins with it. */
  readonly package?: string;
  readonly inline: boolean;
  readonly docs: string;
  readonly span: Span;
  readonly deprecated: boolean;
  /**
   * Protocol Buffers: numbers and names that are not to be used, as the language
   * writes them: `4`, `10 to 20`, `100 to max`, `"old"`.
   */
  readonly reserved?: readonly string[];
}

export interface StructDeclaration extends NamedType, Struct {
  readonly kind: "struct";
  /** Protocol Buffers: sets of fields of which one at most is there. */
  readonly oneofs?: readonly Oneof[];
  /** Protocol Buffers: numbers that are for extensions, as in `reserved`. */
  readonly extensible?: readonly string[];
}

/** A `oneof`; its fields name it in their `wire.oneof`. */
export interface Oneof {
  readonly name: string;
  readonly docs: string;
  readonly span: Span;
}

export interface EnumDeclaration extends NamedType {
  readonly kind: "enum";
  readonly values: readonly EnumValue[];
  /**
   * Protocol Buffers: a closed enum's readers take values that it does not declare
   * for unknown fields; an open one's keep them. Undefined in Varlink.
   */
  readonly closed?: boolean;
}

export interface EnumValue {
  readonly name: string;
  /** Protocol Buffers: its number; several names may share one. */
  readonly number?: number;
  readonly docs: string;
  readonly span: Span;
  readonly deprecated: boolean;
}

export interface ErrorDeclaration extends Struct {
  readonly kind: "error";
  readonly name: string;
  readonly docs: string;
  readonly deprecated: boolean;
}

/** The five kinds of type. */
export type Type =
  | { readonly kind: "primitive"; readonly name: Primitive }
  | { readonly kind: "reference"; readonly path: readonly string[] }
  | { readonly kind: "list"; readonly element: Type }
  /** Keys are strings; in Protocol Buffers a field's `wire.key` may say otherwise. */
  | { readonly kind: "map"; readonly value: Type }
  | { readonly kind: "nullable"; readonly type: Type };

/**
 * `object` is a JSON object, `any` every JSON value but null, `int` has 64 bits
 * (UAPI.20). Integers of a stated width and bytes are Protocol Buffers'.
 */
export type Primitive =
  | "bool"
  | "int"
  | "float"
  | "string"
  | "object"
  | "any"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bytes";
