import type { SourceText } from "../source/source-text.ts";
import type { Span } from "../source/span.ts";

/**
 * A Varlink file as it was written: everything in order, with spans, comments
 * and blank lines, enough to print it again. A file with errors has a tree too;
 * names that are missing are empty there, and types that are missing are
 * `{ kind: "missing" }`.
 */
export interface InterfaceFile {
  readonly source: SourceText;
  /** Absent only in a file with errors. */
  readonly declaration: InterfaceDeclaration | undefined;
  readonly members: readonly Member[];
  /** Every comment of the file, in order, those that document something included. */
  readonly comments: readonly Comment[];
  /** Words in parts that could not be read: something may be declared there. */
  readonly unread: ReadonlySet<string>;
}

/** One comment: from `#` to the end of its line. */
export interface Comment {
  readonly span: Span;
  /** Without `#` and one space after it. */
  readonly text: string;
  /** `own-line` with nothing but white space before it on its line. */
  readonly placement: "own-line" | "trailing";
  readonly blankLinesBefore: number;
}

/** What has a place of its own in the file and can be documented. */
export interface Node {
  /** Without the comments that belong to it. */
  readonly span: Span;
  /** Blank lines between it and the token or comment before it. */
  readonly blankLinesBefore: number;
  /**
   * The comments that document it: the block directly above, then those that
   * trail on its first line (after `(`) and on its last.
   */
  readonly documentation: readonly Comment[];
}

export interface Name {
  readonly text: string;
  readonly span: Span;
}

export interface InterfaceDeclaration extends Node {
  readonly kind: "interface";
  readonly name: Name;
}

export type Member = TypeAlias | MethodDeclaration | ErrorDeclaration;

export interface TypeAlias extends Node {
  readonly kind: "type";
  readonly name: Name;
  readonly body: StructType | EnumType;
}

export interface MethodDeclaration extends Node {
  readonly kind: "method";
  readonly name: Name;
  readonly input: StructType;
  readonly output: StructType;
}

export interface ErrorDeclaration extends Node {
  readonly kind: "error";
  readonly name: Name;
  readonly parameters: StructType;
}

export type Type =
  | BuiltinType
  | ReferenceType
  | ListType
  | MapType
  | NullableType
  | StructType
  | EnumType
  | MissingType;

/** The built-in types of UAPI.20. */
export type BuiltinName =
  "bool" | "int" | "float" | "string" | "object" | "any";

export interface BuiltinType {
  readonly kind: "builtin";
  readonly name: BuiltinName;
  readonly span: Span;
}

export interface ReferenceType {
  readonly kind: "reference";
  readonly name: string;
  readonly span: Span;
}

/** `[]T` */
export interface ListType {
  readonly kind: "list";
  readonly element: Type;
  readonly span: Span;
}

/** `[string]T` */
export interface MapType {
  readonly kind: "map";
  readonly value: Type;
  readonly span: Span;
}

/** `?T` */
export interface NullableType {
  readonly kind: "nullable";
  readonly type: Type;
  readonly span: Span;
}

/** `(a: T, b: U)` and `()`. */
export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly Field[];
  readonly span: Span;
}

/** `(one, two)`: never empty. */
export interface EnumType {
  readonly kind: "enum";
  readonly values: readonly EnumValue[];
  readonly span: Span;
}

/** Stands where a type had to, in a file with errors. */
export interface MissingType {
  readonly kind: "missing";
  readonly span: Span;
}

export interface Field extends Node {
  readonly kind: "field";
  readonly name: Name;
  readonly type: Type;
}

export interface EnumValue extends Node {
  readonly kind: "value";
  readonly name: Name;
}
