import type {
  EnumDeclaration,
  Field,
  Method,
  Oneof,
  Service,
  StructDeclaration,
  Type,
} from "../../../model/api.ts";
import { commentLines, docComment } from "../../layout/comment.ts";
import {
  classHeading,
  type CommentedData,
  constObject,
  interfaceHeading,
  interfaceMember,
  staticProperty,
  typeAlias,
} from "../../layout/forms.ts";
import {
  type MemberTerm,
  type TypeTerm,
  union,
} from "../../layout/type-term.ts";
import { type CommentLines, docsOf, type LinkTargets } from "../docs.ts";
import { typeKey } from "../names.ts";
import type { MemberView } from "../views.ts";
import { mayBeLeftOut } from "./inputs.ts";
import { linksOfTypes } from "./links.ts";
import { type ProtoNames, propertyName } from "./names.ts";
import { fieldNotes } from "./notes.ts";
import type { ProtoDeclarationView } from "./views.ts";

/** What integers of 64 bits are in TypeScript. */
export type Int64 = "bigint" | "number" | "string";

/** How a message is seen: as a reader makes it, or as it may be given to a writer. */
type Side = "read" | "input";

const UNDEFINED: TypeTerm = { kind: "keyword", name: "undefined" };

const AS_GIVEN = [
  "As it may be given: lists, maps and fields without presence may be left out,",
  "and are then empty or zero. Optional fields that are left out are absent.",
].join("\n");

/** What `types.ts` and its readers need to know. */
export interface ProtoTypesModule {
  readonly declarations: readonly ProtoDeclarationView[];
  /** Names that exist at run time. Messages exist in `codec.ts`. */
  readonly values: readonly string[];
  /** Names that are types only; messages are not among them. */
  readonly types: readonly string[];
  /** Names of messages. */
  readonly messages: readonly string[];
  /** Whether the text mentions the runtime's types, and its classes. */
  readonly usesRuntime: { readonly types: boolean; readonly classes: boolean };
}

/**
 * Plans `types.ts`: the types of each method; messages and enums in the order of
 * the file, each with what belongs to it; the class of the service's errors.
 */
export function planProtoTypes(
  service: Service,
  names: ProtoNames,
  int64: Int64,
): ProtoTypesModule {
  const writer = new TypesWriter(service, names, int64);
  for (const method of service.methods) writer.method(method);
  for (const type of service.types) {
    if (type.kind === "enum") writer.enum(type);
    else writer.message(type);
  }
  // It has a value of an enum, which must have been made.
  writer.error();
  return writer;
}

class TypesWriter implements ProtoTypesModule {
  readonly declarations: ProtoDeclarationView[] = [];
  readonly values: string[] = [];
  readonly types: string[] = [];
  readonly messages: string[] = [];
  readonly #service: Service;
  readonly #names: ProtoNames;
  readonly #links: LinkTargets;
  readonly #enums: ReadonlyMap<string, EnumDeclaration>;
  readonly #int64: Int64;

  constructor(service: Service, names: ProtoNames, int64: Int64) {
    this.#service = service;
    this.#names = names;
    this.#links = linksOfTypes(service, names);
    this.#int64 = int64;
    const enums = service.types.filter((type) => type.kind === "enum");
    this.#enums = new Map(enums.map((type) => [typeKey(type.path), type]));
  }

  get usesRuntime(): ProtoTypesModule["usesRuntime"] {
    const classes = this.#service.envelope !== undefined;
    return { types: classes || this.messages.length > 0, classes };
  }

  message(message: StructDeclaration): void {
    const name = this.#names.type(message.path);
    this.messages.push(name);
    this.#message(name, message, "read", docsOf(message, this.#links));
    if (this.#names.differs(message.path)) {
      const input = this.#names.input(message.path);
      this.types.push(input);
      this.#message(
        input,
        message,
        "input",
        docsOf(message, this.#links, AS_GIVEN),
      );
    }
    for (const oneof of message.oneofs ?? []) this.#oneof(message, oneof);
  }

  enum(declared: EnumDeclaration): void {
    const name = this.#names.type(declared.path);
    const entries = declared.values.map(
      (entry): [string, number | CommentedData] => {
        const comment = commentLines(docsOf(entry, this.#links), 1);
        const value = entry.number ?? 0;
        return [
          propertyName(entry.name),
          comment.length === 0 ? value : { comment, value },
        ];
      },
    );
    this.values.push(name);
    this.declarations.push(
      {
        isStatement: true,
        docs: docComment(docsOf(declared, this.#links), 0),
        text: constObject({
          name,
          type: undefined,
          value: new Map(entries),
        }),
      },
      {
        isStatement: true,
        docs: "",
        text: typeAlias(name, { kind: "values", name }),
      },
    );
  }

  method(method: Method): void {
    const { envelope } = this.#service;
    if (method.envelope === undefined || envelope === undefined) return;
    const { input, output } = method.envelope;
    const parts: [role: string, type: TypeTerm][] = [
      ["input", reference(this.#names.input(input))],
    ];
    if (this.#names.differs(input))
      parts.push(["parameters", reference(this.#names.type(input))]);
    parts.push([
      "output",
      output === undefined
        ? { kind: "keyword", name: "void" }
        : reference(this.#names.type(output)),
    ]);
    if (output !== undefined && this.#names.differs(output))
      parts.push(["reply", reference(this.#names.input(output))]);
    parts.push(["response", reference(this.#names.type(envelope.response))]);
    const name = this.#names.method(method);
    this.types.push(name);
    this.declarations.push({
      isInterface: true,
      docs: docComment(docsOf(method, this.#links), 0),
      heading: interfaceHeading({ name, empty: false }),
      hasMembers: true,
      members: parts.map(([role, type]) => ({
        docs: "",
        text: interfaceMember({ name: role, optional: false, type, level: 1 }),
      })),
    });
  }

  /** The class of the errors that the service answers with. */
  error(): void {
    const { envelope } = this.#service;
    if (envelope === undefined) return;
    const { error } = this.#names;
    const codes = this.#names.type(envelope.error.enum);
    const docs = `${envelope.label} answered with an error. Handlers throw it to do so.`;
    this.values.push(error);
    this.declarations.push({
      isClass: true,
      docs: docComment([[{ markup: docs }]], 0),
      heading: classHeading({
        name: error,
        base: "$.EnvelopeError",
        arguments: [codes, this.#names.type(envelope.response)],
      }),
      properties: [
        staticProperty({ name: "service", value: { text: envelope.label } }),
        staticProperty({
          name: "codes",
          type: `typeof ${codes}`,
          value: { identifier: codes },
        }),
      ],
    });
  }

  #message(
    name: string,
    message: StructDeclaration,
    side: Side,
    docs: CommentLines,
  ): void {
    const members = this.#members(message, side);
    const empty = members.length === 0;
    this.declarations.push({
      isInterface: true,
      docs: docComment(docs, 0),
      heading: interfaceHeading({ name, base: "$.Message", empty }),
      hasMembers: !empty,
      members,
    });
  }

  /** Fields in order; a `oneof` stands where the first of its fields does. */
  #members(message: StructDeclaration, side: Side): MemberView[] {
    const oneofs = new Map(message.oneofs?.map((one) => [one.name, one]));
    const members: MemberView[] = [];
    for (const field of message.fields) {
      const name = field.wire?.oneof;
      if (name === undefined) {
        members.push(this.#member(field, side));
        continue;
      }
      const oneof = oneofs.get(name);
      if (oneof === undefined) continue;
      oneofs.delete(name);
      members.push(this.#oneofMember(message, oneof, side));
    }
    return members;
  }

  #member(field: Field, side: Side): MemberView {
    const type = this.#term(field.type, side);
    const optional =
      field.presence === "optional" ||
      (side === "input" && mayBeLeftOut(field));
    return {
      docs: docComment(this.#fieldDocs(field), 1),
      text: interfaceMember({
        name: propertyName(field.name),
        optional,
        type: optional ? union(type, UNDEFINED) : type,
        level: 1,
      }),
    };
  }

  #fieldDocs(field: Field): CommentLines {
    const declared = this.#enums.get(typeKey(path(field.type)));
    return docsOf(field, this.#links, ...fieldNotes(field, declared));
  }

  #oneofMember(
    { path: of }: StructDeclaration,
    oneof: Oneof,
    side: Side,
  ): MemberView {
    const name =
      side === "input"
        ? this.#names.oneofInput(of, oneof.name)
        : this.#names.oneof(of, oneof.name);
    return {
      docs: docComment(docsOf(oneof, this.#links), 1),
      text: interfaceMember({
        name: propertyName(oneof.name),
        optional: true,
        type: union(reference(name), UNDEFINED),
        level: 1,
      }),
    };
  }

  /** A union of the cases, told apart by the name of the field. */
  #oneof(message: StructDeclaration, oneof: Oneof): void {
    const name = this.#names.oneof(message.path, oneof.name);
    const inputName = this.#names.oneofInput(message.path, oneof.name);
    const sides: [string, Side][] = [[name, "read"]];
    if (inputName !== name) sides.push([inputName, "input"]);
    const link = `{@link ${this.#names.type(message.path)}}`;
    for (const [own, side] of sides) {
      const docs = docsOf(
        oneof,
        this.#links,
        `One field of ${link}, with its name as \`case\`.`,
        ...(side === "input" ? ["As it may be given."] : []),
      );
      const cases = message.fields
        .filter(({ wire }) => wire?.oneof === oneof.name)
        .map((field) => this.#case(field, side));
      this.types.push(own);
      this.declarations.push({
        isStatement: true,
        docs: docComment(docs, 0),
        text: typeAlias(own, union(...cases)),
      });
    }
  }

  #case(field: Field, side: Side): TypeTerm {
    const kind: MemberTerm = {
      name: "case",
      optional: false,
      type: { kind: "literal", value: field.name },
    };
    const value: MemberTerm = {
      name: "value",
      optional: false,
      type: this.#term(field.type, side),
      comment: commentLines(this.#fieldDocs(field), 3),
    };
    return { kind: "object", members: [kind, value] };
  }

  #term(type: Type, side: Side): TypeTerm {
    switch (type.kind) {
      case "primitive":
        return this.#primitive(type.name);
      case "reference":
        return this.#reference(type.path, side);
      case "list":
        return { kind: "list", element: this.#term(type.element, side) };
      case "map":
        return {
          kind: "reference",
          name: "$.Dict",
          argument: this.#term(type.value, side),
        };
      default:
        // `validateProto` lets none through.
        throw new Error("Protocol Buffers has no null");
    }
  }

  #primitive(name: string): TypeTerm {
    switch (name) {
      case "bool":
        return { kind: "keyword", name: "boolean" };
      case "string":
        return { kind: "keyword", name: "string" };
      case "bytes":
        return { kind: "reference", name: "globalThis.Uint8Array" };
      case "int64":
      case "uint64":
        return { kind: "keyword", name: this.#int64 };
      default:
        return { kind: "keyword", name: "number" };
    }
  }

  #reference(to: readonly string[], side: Side): TypeTerm {
    const declared = this.#enums.get(typeKey(to));
    const name =
      side === "input" ? this.#names.input(to) : this.#names.type(to);
    const base = reference(name);
    return declared === undefined || declared.closed === true
      ? base
      : { kind: "reference", name: "$.OpenEnum", argument: base };
  }
}

function path(type: Type): readonly string[] {
  return type.kind === "reference" ? type.path : [];
}

function reference(name: string): TypeTerm {
  return { kind: "reference", name };
}
