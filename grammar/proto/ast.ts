import type { SourceText } from "../source/source-text.ts";
import type { Span } from "../source/span.ts";

/**
 * A Protocol Buffers file as it was written: everything in order, with spans and
 * comments, enough to print it again. It follows the language as protoc reads
 * it: proto2, proto3 and editions. A file with errors has a tree too; names that
 * are missing are empty there, and values that are missing are
 * `{ kind: "missing" }`.
 */
export interface ProtoFile {
  readonly source: SourceText;
  /** The first `syntax` or `edition` declaration; protoc reads a file without one as proto2. */
  readonly syntax: SyntaxDeclaration | undefined;
  /** All top-level declarations in order, `syntax` and second ones of a kind included. */
  readonly items: readonly FileItem[];
  /** Every comment of the file, in order, those that document something included. */
  readonly comments: readonly Comment[];
  /** Words in parts that could not be read: something may be declared there. */
  readonly unread: ReadonlySet<string>;
}

/** One `//` or `/* *\/` comment. */
export interface Comment {
  readonly kind: "line" | "block";
  readonly span: Span;
}

/**
 * The comments that belong to a declaration, by protoc's rules
 * (`SourceCodeInfo.Location` in descriptor.proto): the texts are without comment
 * markers, and a block comment's lines without leading white space and asterisk.
 */
export interface Documentation {
  /** Directly above, no blank line between. */
  readonly leading: string | undefined;
  /** On the line on which it ends (or its `{` stands), or below and followed by a blank line. */
  readonly trailing: string | undefined;
  /** Above the leading one, each separated by a blank line. */
  readonly detached: readonly string[];
}

/** What can be documented. */
export interface Node {
  /** From the first token to the last, `;` or `}` included; without comments. */
  readonly span: Span;
  readonly documentation: Documentation;
}

/** A simple identifier. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

/**
 * A dotted name, in a `package`, as a type or in an option: white space and
 * comments between the parts are not in `text`. A leading dot is.
 */
export interface QualifiedName {
  /** `.google.protobuf.Any` */
  readonly text: string;
  readonly span: Span;
}

export interface SyntaxDeclaration extends Node {
  readonly kind: "syntax" | "edition";
  /** `proto2`, `2023`. */
  readonly value: StringLiteral;
}

export type FileItem =
  | SyntaxDeclaration
  | PackageDeclaration
  | ImportDeclaration
  | OptionDeclaration
  | MessageDeclaration
  | EnumDeclaration
  | ExtendDeclaration
  | ServiceDeclaration
  | EmptyDeclaration;

export interface PackageDeclaration extends Node {
  readonly kind: "package";
  readonly name: QualifiedName;
}

export interface ImportDeclaration extends Node {
  readonly kind: "import";
  /** `option` imports (edition 2024) are for custom options only. */
  readonly modifier: "public" | "weak" | "option" | undefined;
  readonly path: StringLiteral;
}

/** A lone `;`. */
export interface EmptyDeclaration extends Node {
  readonly kind: "empty";
}

/** `export message`, `local enum` (edition 2024). */
export type Visibility = "export" | "local" | undefined;

export interface MessageDeclaration extends Node {
  readonly kind: "message";
  readonly visibility: Visibility;
  readonly name: Name;
  readonly body: readonly MessageItem[];
}

export type MessageItem =
  | FieldDeclaration
  | MapFieldDeclaration
  | GroupDeclaration
  | OneofDeclaration
  | MessageDeclaration
  | EnumDeclaration
  | ExtendDeclaration
  | ExtensionsDeclaration
  | ReservedDeclaration
  | OptionDeclaration
  | EmptyDeclaration;

export interface Label {
  readonly text: "optional" | "required" | "repeated";
  readonly span: Span;
}

export interface FieldDeclaration extends Node {
  readonly kind: "field";
  readonly label: Label | undefined;
  /** A scalar's name or that of a message or enum: which, only lowering knows. */
  readonly type: QualifiedName;
  readonly name: Name;
  readonly number: IntegerLiteral | Missing;
  /** What stands in brackets, `default` and `json_name` included. */
  readonly options: readonly OptionAssignment[];
}

/** `map<string, T> name = 1;` */
export interface MapFieldDeclaration extends Node {
  readonly kind: "map";
  /** A map may have none; it is kept for the error. */
  readonly label: Label | undefined;
  readonly keyType: QualifiedName;
  readonly valueType: QualifiedName;
  readonly name: Name;
  readonly number: IntegerLiteral | Missing;
  readonly options: readonly OptionAssignment[];
}

/** `optional group Result = 1 { … }`: a field `result` and a message `Result`. */
export interface GroupDeclaration extends Node {
  readonly kind: "group";
  readonly label: Label | undefined;
  readonly name: Name;
  readonly number: IntegerLiteral | Missing;
  readonly options: readonly OptionAssignment[];
  readonly body: readonly MessageItem[];
}

export interface OneofDeclaration extends Node {
  readonly kind: "oneof";
  readonly name: Name;
  readonly body: readonly OneofItem[];
}

export type OneofItem =
  | FieldDeclaration
  | MapFieldDeclaration
  | GroupDeclaration
  | OptionDeclaration
  | EmptyDeclaration;

export interface ExtendDeclaration extends Node {
  readonly kind: "extend";
  readonly extendee: QualifiedName;
  readonly body: readonly (
    FieldDeclaration | MapFieldDeclaration | GroupDeclaration | EmptyDeclaration
  )[];
}

/** `extensions 100 to 199, 500 to max [ … ];` */
export interface ExtensionsDeclaration extends Node {
  readonly kind: "extensions";
  readonly ranges: readonly Range[];
  readonly options: readonly OptionAssignment[];
}

/** `reserved 1 to 5, 9;`, `reserved "name";`, or `reserved name;` (editions). */
export interface ReservedDeclaration extends Node {
  readonly kind: "reserved";
  readonly ranges: readonly Range[];
  readonly names: readonly (StringLiteral | Name)[];
}

/** Both ends are in it. */
export interface Range {
  readonly start: IntegerLiteral | Missing;
  /** As `start` where one number stands alone. */
  readonly end:
    IntegerLiteral | { readonly kind: "max"; readonly span: Span } | Missing;
  readonly span: Span;
}

export interface EnumDeclaration extends Node {
  readonly kind: "enum";
  readonly visibility: Visibility;
  readonly name: Name;
  readonly body: readonly (
    | EnumValueDeclaration
    | ReservedDeclaration
    | OptionDeclaration
    | EmptyDeclaration
  )[];
}

export interface EnumValueDeclaration extends Node {
  readonly kind: "value";
  readonly name: Name;
  readonly number: IntegerLiteral | Missing;
  readonly options: readonly OptionAssignment[];
}

export interface ServiceDeclaration extends Node {
  readonly kind: "service";
  readonly name: Name;
  readonly body: readonly (
    RpcDeclaration | OptionDeclaration | EmptyDeclaration
  )[];
}

export interface RpcDeclaration extends Node {
  readonly kind: "rpc";
  readonly name: Name;
  readonly input: RpcType;
  readonly output: RpcType;
  /** What stands in braces; empty where the declaration ends in `;`. */
  readonly body: readonly (OptionDeclaration | EmptyDeclaration)[];
}

export interface RpcType {
  readonly stream: boolean;
  readonly type: QualifiedName;
  readonly span: Span;
}

/** `option name = value;` */
export interface OptionDeclaration extends Node {
  readonly kind: "option";
  readonly option: OptionAssignment;
}

/** `name = value`, in an `option` declaration or in brackets. */
export interface OptionAssignment {
  readonly name: OptionName;
  readonly value: OptionValue;
  readonly span: Span;
}

/** `deprecated`, `(my.option).sub.(ext)`. */
export interface OptionName {
  readonly parts: readonly OptionNamePart[];
  readonly span: Span;
}

export interface OptionNamePart {
  /** Without the parentheses; with a leading dot if there is one. */
  readonly text: string;
  /** In parentheses: the name of an extension. */
  readonly extension: boolean;
  readonly span: Span;
}

export type OptionValue =
  | IdentifierLiteral
  | IntegerLiteral
  | FloatLiteral
  | StringLiteral
  | AggregateValue
  | Missing;

/** `true`, `SPEED`, `inf`; with a sign `-inf`, `-nan`. */
export interface IdentifierLiteral {
  readonly kind: "identifier";
  readonly text: string;
  readonly negative: boolean;
  readonly span: Span;
}

/** Decimal, octal or hexadecimal. Any size: whether it fits is judged where it is used. */
export interface IntegerLiteral {
  readonly kind: "integer";
  /** With its sign. */
  readonly value: bigint;
  readonly negative: boolean;
  readonly span: Span;
}

export interface FloatLiteral {
  readonly kind: "float";
  /** With its sign. */
  readonly value: number;
  readonly negative: boolean;
  readonly span: Span;
}

/** One or more adjacent string literals, joined and unescaped. */
export interface StringLiteral {
  readonly kind: "string";
  /** The bytes: escapes may write any, so it need not be UTF-8. */
  readonly bytes: Uint8Array;
  readonly span: Span;
}

/** A message in text format: `{ name: "x" list: [1, 2] [my.ext]: {} }`. */
export interface AggregateValue {
  readonly kind: "aggregate";
  readonly fields: readonly AggregateField[];
  readonly span: Span;
}

export interface AggregateField {
  readonly name: AggregateFieldName;
  readonly value: AggregateFieldValue;
  readonly span: Span;
}

/** `name`, `[pkg.extension]`, or `[type.googleapis.com/pkg.Message]` of an Any. */
export type AggregateFieldName =
  | { readonly kind: "field"; readonly text: string; readonly span: Span }
  | { readonly kind: "extension"; readonly text: string; readonly span: Span }
  | { readonly kind: "any"; readonly url: string; readonly span: Span };

export type AggregateFieldValue =
  Exclude<OptionValue, Missing> | AggregateList | Missing;

export interface AggregateList {
  readonly kind: "list";
  readonly elements: readonly Exclude<AggregateFieldValue, AggregateList>[];
  readonly span: Span;
}

/** Stands where something had to, in a file with errors. */
export interface Missing {
  readonly kind: "missing";
  readonly span: Span;
}
