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
  /** How calls travel: Varlink messages, or one request/response envelope. */
  readonly wire: "varlink" | "envelope";
  /** Full name, for Varlink the interface name: `io.podman`. */
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
}

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
  /** `optional`: absent and null are the same and allowed. */
  readonly presence: "required" | "optional";
  readonly deprecated: boolean;
}

export type TypeDeclaration = StructDeclaration | EnumDeclaration;

/**
 * A struct or enum type. `path` is its identity: `["Version"]` for a declared
 * one; for an inline one the way to it, `["MyType", "struct"]`, or
 * `["Test06", "input", "struct"]` in a method's parameters. A map's or list's
 * element takes its field's place, for there can be only one inline type there.
 */
interface NamedType {
  readonly path: readonly string[];
  /** The declared name; for an inline type the last segment of `path`. */
  readonly name: string;
  readonly inline: boolean;
  readonly docs: string;
  readonly span: Span;
  readonly deprecated: boolean;
}

export interface StructDeclaration extends NamedType, Struct {
  readonly kind: "struct";
}

export interface EnumDeclaration extends NamedType {
  readonly kind: "enum";
  readonly values: readonly EnumValue[];
}

export interface EnumValue {
  readonly name: string;
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
  /** Keys are always strings. */
  | { readonly kind: "map"; readonly value: Type }
  | { readonly kind: "nullable"; readonly type: Type };

/** `object` is a JSON object, `any` every JSON value but null (UAPI.20). */
export type Primitive = "bool" | "int" | "float" | "string" | "object" | "any";
