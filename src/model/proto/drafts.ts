import type * as ast from "../../../grammar/proto/ast.ts";
import type { Span } from "../../../grammar/source/span.ts";
import type {
  EnumDescriptor,
  EnumValueDescriptor,
  ExtensionRange,
  FieldDescriptor,
  FileDescriptor,
  ImportDescriptor,
  MessageDescriptor,
  NumberRange,
  OneofDescriptor,
  Options,
  RpcDescriptor,
  ServiceDescriptor,
} from "./descriptor.ts";

// Descriptors while they are made: the same objects, still open to change.

export interface FileDraft extends FileDescriptor {
  readonly imports: ImportDescriptor[];
  readonly messages: MessageDraft[];
  readonly enums: EnumDraft[];
  readonly extensions: FieldDraft[];
  readonly services: ServiceDraft[];
  options: Options;
}

export interface MessageDraft extends MessageDescriptor {
  readonly fields: FieldDraft[];
  readonly oneofs: OneofDraft[];
  readonly messages: MessageDraft[];
  readonly enums: EnumDraft[];
  readonly extensions: FieldDraft[];
  readonly extensionRanges: ExtensionRangeDraft[];
  readonly reservedRanges: NumberRange[];
  readonly reservedNames: string[];
  options: Options;
}

export interface ExtensionRangeDraft extends ExtensionRange {
  end: number;
  options: Options;
}

export interface FieldDraft extends FieldDescriptor {
  label: FieldDescriptor["label"];
  type: FieldDescriptor["type"];
  message: MessageDescriptor | undefined;
  enum: EnumDescriptor | undefined;
  extendee: MessageDescriptor | undefined;
  jsonName: string;
  default: FieldDescriptor["default"];
  defaultText: string | undefined;
  oneof: OneofDescriptor | undefined;
  presence: FieldDescriptor["presence"];
  packed: boolean;
  utf8: boolean;
  options: Options;
}

export interface OneofDraft extends OneofDescriptor {
  options: Options;
}

export interface EnumDraft extends EnumDescriptor {
  readonly values: EnumValueDraft[];
  readonly reservedRanges: NumberRange[];
  readonly reservedNames: string[];
  closed: boolean;
  options: Options;
}

export interface EnumValueDraft extends EnumValueDescriptor {
  options: Options;
}

export interface ServiceDraft extends ServiceDescriptor {
  readonly methods: RpcDraft[];
  options: Options;
}

export interface RpcDraft extends RpcDescriptor {
  input: MessageDescriptor;
  output: MessageDescriptor;
  options: Options;
}

export const NO_OPTIONS: Options = new Map();

export const NO_DOCS: ast.Documentation = {
  leading: undefined,
  trailing: undefined,
  detached: [],
};

export type FieldNode =
  ast.FieldDeclaration | ast.MapFieldDeclaration | ast.GroupDeclaration;

/** A field with what it was made of. */
export interface FieldWork {
  readonly draft: FieldDraft;
  readonly node: FieldNode;
  /** A map's two fields are made of the map's declaration. */
  readonly role: "field" | "key" | "value";
  /** The type's name where it is none of a scalar and must be found. */
  readonly typeName: ast.QualifiedName | undefined;
  /** The message it stands in: for an extension the scope, if any. */
  readonly parent: MessageDraft | undefined;
  /** The `extend` block it stands in. */
  readonly extend: ast.ExtendDeclaration | undefined;
  readonly oneof: ast.OneofDeclaration | undefined;
}

export interface MessageWork {
  readonly draft: MessageDraft;
  readonly node: ast.MessageDeclaration | ast.GroupDeclaration;
  readonly parent: MessageDraft | undefined;
  readonly fields: readonly FieldWork[];
}

export interface EnumWork {
  readonly draft: EnumDraft;
  readonly node: ast.EnumDeclaration;
  readonly parent: MessageDraft | undefined;
}

export interface RpcWork {
  readonly draft: RpcDraft;
  readonly node: ast.RpcDeclaration;
}

/** What options can be set on, by the names of `FieldOptions.OptionTargetType`. */
export type OptionTarget =
  | "FILE"
  | "EXTENSION_RANGE"
  | "MESSAGE"
  | "FIELD"
  | "ONEOF"
  | "ENUM"
  | "ENUM_ENTRY"
  | "SERVICE"
  | "METHOD";

/** Options that wait for all names to be known. */
export interface OptionWork {
  readonly target: OptionTarget;
  readonly assignments: readonly ast.OptionAssignment[];
  /** Full name of what they are set on; names in them are looked up from it. */
  readonly scope: string;
  /** Several where ranges share their options. */
  readonly holders: readonly { options: Options }[];
}

/** A file's descriptor with all that is still to be done on it. */
export interface FileWork {
  readonly draft: FileDraft;
  readonly ast: ast.ProtoFile;
  readonly messages: MessageWork[];
  readonly fields: FieldWork[];
  readonly enums: EnumWork[];
  readonly rpcs: RpcWork[];
  readonly options: OptionWork[];
  /** Where ranges of numbers stand. */
  readonly ranges: Map<NumberRange, Span>;
}

/** What stands in braces or brackets as `name = value` of one simple name. */
export function simpleOption(
  assignments: readonly ast.OptionAssignment[],
  name: string,
): ast.OptionAssignment | undefined {
  return assignments.find((one) => isSimple(one, name));
}

export function isSimple(
  { name: { parts } }: ast.OptionAssignment,
  name: string,
): boolean {
  const [first] = parts;
  return parts.length === 1 && first?.text === name && !first.extension;
}
