import type {
  EnumDeclaration,
  ErrorDeclaration,
  Field,
  Method,
  Primitive,
  Service,
  Struct,
  StructDeclaration,
  Type,
  TypeDeclaration,
} from "../../model/api.ts";
import { commentLines, docComment } from "../layout/comment.ts";
import {
  classHeading,
  constObject,
  type DataObject,
  interfaceMember,
  staticProperty,
  typeAlias,
} from "../layout/forms.ts";
import { type TypeTerm, union } from "../layout/type-term.ts";
import {
  type Descriptor,
  descriptorData,
  fieldType,
  isNullable,
} from "./descriptor.ts";
import { type CommentLines, docsOf } from "./docs.ts";
import type { Names } from "./names.ts";
import { findVariants, type Variants } from "./variants.ts";
import type { DeclarationView, MemberView } from "./views.ts";

/** From whose side a type is seen: what a client sends, what it reads, or exactly as declared. */
type Side = "input" | "output" | "exact";

const NULL: TypeTerm = { kind: "keyword", name: "null" };
const UNDEFINED: TypeTerm = { kind: "keyword", name: "undefined" };

const AS_READ =
  "As a client reads it: enums may hold values that a newer peer has added.";
const AS_SENT =
  "As a client sends it: what is left out means zero, empty or false.";

/** What `types.ts` and its readers need to know. */
export interface TypesModule {
  readonly declarations: readonly DeclarationView[];
  /** Names that exist at run time, and names that are types only; both in file order. */
  readonly values: readonly string[];
  readonly types: readonly string[];
}

/** Plans `types.ts`: every member in the order of the file, then the descriptor. */
export function planTypes(
  service: Service,
  names: Names,
  descriptor: Descriptor,
): TypesModule {
  const writer = new TypesWriter(
    service,
    names,
    findVariants(service, descriptor.inputs ?? "exact"),
    descriptor.int ?? "number",
  );
  const inlineOf = new Map<string, TypeDeclaration[]>();
  for (const type of service.types) {
    if (!type.inline) continue;
    const [member = ""] = type.path;
    const others = inlineOf.get(member);
    if (others === undefined) inlineOf.set(member, [type]);
    else others.push(type);
  }
  for (const member of service.members) {
    if (member.kind === "method") writer.method(member);
    else if (member.kind === "error") writer.error(member);
    else writer.type(member);
    for (const type of inlineOf.get(member.name) ?? []) writer.type(type);
  }
  writer.descriptor(descriptor);
  return writer;
}

class TypesWriter implements TypesModule {
  readonly declarations: DeclarationView[] = [];
  readonly values: string[] = [];
  readonly types: string[] = [];
  readonly #service: Service;
  readonly #names: Names;
  readonly #variants: Variants;
  readonly #enums: ReadonlySet<string>;
  readonly #open: ReadonlySet<string>;
  readonly #partial: ReadonlySet<string>;
  readonly #primitives: { readonly [name in Primitive]: TypeTerm };

  constructor(
    service: Service,
    names: Names,
    variants: Variants,
    int: "number" | "bigint",
  ) {
    this.#primitives = {
      ...PRIMITIVES,
      ...(int === "bigint" ? EXACT : undefined),
      int: { kind: "keyword", name: int },
    };
    this.#service = service;
    this.#names = names;
    this.#variants = variants;
    const nameOf = ({ path }: { readonly path: readonly string[] }): string =>
      names.type(path);
    this.#enums = new Set(
      service.types.filter(({ kind }) => kind === "enum").map(nameOf),
    );
    this.#open = new Set([...variants.open].map(nameOf));
    this.#partial = new Set([...variants.partial].map(nameOf));
  }

  type(type: StructDeclaration | EnumDeclaration): void {
    if (type.kind === "enum") {
      this.#enum(type);
      return;
    }
    const name = this.#names.type(type.path);
    this.#struct(name, type, "exact", docsOf(type, this.#names));
    if (this.#partial.has(name)) {
      this.#struct(
        this.#names.inputVariant(type.path),
        type,
        "input",
        docsOf(type, this.#names, AS_SENT),
      );
    }
    if (this.#open.has(name)) {
      this.#struct(
        this.#names.outputVariant(type.path),
        type,
        "output",
        docsOf(type, this.#names, AS_READ),
      );
    }
  }

  method(method: Method): void {
    const names = this.#names.method(method);
    const link = `{@link ${names.method}}`;
    const own = (...text: readonly string[]): CommentLines =>
      docsOf({ docs: "" }, this.#names, ...text);
    const parts: { readonly role: string; readonly name: string }[] = [];
    const part = (
      role: string,
      name: string,
      struct: Struct,
      side: Side,
      docs: CommentLines,
    ): void => {
      parts.push({ role, name });
      this.#struct(name, struct, side, docs);
    };
    const { input, output } = method;
    if (this.#variants.isPartial(input)) {
      part(
        "input",
        names.input,
        input,
        "input",
        own(`Input of ${link}.`, AS_SENT),
      );
      part(
        "parameters",
        names.parameters,
        input,
        "exact",
        own(`Input of ${link} as a server sees it.`),
      );
    } else part("input", names.input, input, "exact", own(`Input of ${link}.`));
    if (this.#variants.isOpen(output)) {
      part(
        "output",
        names.output,
        output,
        "output",
        own(`Output of ${link}.`, AS_READ),
      );
      part(
        "reply",
        names.reply,
        output,
        "exact",
        own(`Output of ${link} as a server sends it.`),
      );
    } else
      part("output", names.output, output, "exact", own(`Output of ${link}.`));
    this.types.push(names.method);
    this.declarations.push({
      isInterface: true,
      docs: docComment(docsOf(method, this.#names), 0),
      name: names.method,
      members: parts.map(({ role, name }) => ({
        docs: "",
        text: interfaceMember({
          name: role,
          optional: false,
          type: { kind: "reference", name },
          level: 1,
        }),
      })),
    });
  }

  error(error: ErrorDeclaration): void {
    const names = this.#names.error(error);
    this.#struct(
      names.parameters,
      error,
      "output",
      docsOf(
        { docs: "" },
        this.#names,
        `Parameters of {@link ${names.error}}.`,
      ),
    );
    this.values.push(names.error);
    this.declarations.push({
      isClass: true,
      docs: docComment(docsOf(error, this.#names), 0),
      heading: classHeading({
        name: names.error,
        base: "$.DeclaredError",
        arguments: [names.parameters],
      }),
      property: staticProperty({
        name: "error",
        value: { text: `${this.#service.name}.${error.name}` },
      }),
    });
  }

  descriptor(descriptor: Descriptor): void {
    const name = this.#names.descriptor;
    const text = `What the runtime knows of the interface \`${descriptor.interface}\`.`;
    this.values.push(name);
    this.declarations.push({
      isStatement: true,
      docs: docComment(docsOf({ docs: "" }, this.#names, text), 0),
      text: constObject({
        name,
        type: "$.InterfaceDescriptor",
        value: descriptorData(descriptor),
      }),
    });
  }

  #enum(type: EnumDeclaration): void {
    const name = this.#names.type(type.path);
    const value: DataObject = new Map(
      type.values.map((entry) => {
        const comment = commentLines(docsOf(entry, this.#names), 1);
        return [
          entry.name,
          comment.length === 0 ? entry.name : { comment, value: entry.name },
        ];
      }),
    );
    const literals = type.values.map((entry): TypeTerm => ({
      kind: "literal",
      value: entry.name,
    }));
    this.values.push(name);
    this.declarations.push(
      {
        isStatement: true,
        docs: docComment(docsOf(type, this.#names), 0),
        text: constObject({ name, type: undefined, value }),
      },
      {
        isStatement: true,
        docs: "",
        text: typeAlias(name, union(...literals)),
      },
    );
  }

  #struct(name: string, struct: Struct, side: Side, docs: CommentLines): void {
    this.types.push(name);
    const comment = docComment(docs, 0);
    if (struct.fields.length === 0) {
      const text = typeAlias(name, { kind: "reference", name: "$.Empty" });
      this.declarations.push({ isStatement: true, docs: comment, text });
      return;
    }
    const members = struct.fields.map((field) => this.#member(field, side));
    this.declarations.push({ isInterface: true, docs: comment, name, members });
  }

  #member(field: Field, side: Side): MemberView {
    const type = this.#term(fieldType(field), side);
    const nullable = isNullable(field);
    const leftOut =
      !nullable && side === "input" && this.#variants.mayBeLeftOut(field);
    return {
      docs: docComment(docsOf(field, this.#names), 1),
      text: interfaceMember({
        name: field.name,
        optional: nullable || leftOut,
        type: nullable
          ? union(type, NULL, UNDEFINED)
          : leftOut
            ? union(type, UNDEFINED)
            : type,
        level: 1,
      }),
    };
  }

  #term(type: Type, side: Side): TypeTerm {
    switch (type.kind) {
      case "primitive":
        return this.#primitives[type.name];
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
        return union(this.#term(type.type, side), NULL);
    }
  }

  #reference(path: readonly string[], side: Side): TypeTerm {
    const name = this.#names.type(path);
    const base: TypeTerm = { kind: "reference", name };
    if (side === "output") {
      if (this.#enums.has(name))
        return { kind: "reference", name: "$.Open", argument: base };
      if (this.#open.has(name))
        return { kind: "reference", name: this.#names.outputVariant(path) };
    }
    if (side === "input" && this.#partial.has(name)) {
      return { kind: "reference", name: this.#names.inputVariant(path) };
    }
    return base;
  }
}

/** What has no declared inside, where ints are bigints: integers in there may be some. */
const EXACT = {
  object: { kind: "reference", name: "$.ExactObject" },
  any: { kind: "reference", name: "$.ExactAny" },
} as const satisfies { readonly [name in Primitive]?: TypeTerm };

const PRIMITIVES = {
  bool: { kind: "keyword", name: "boolean" },
  float: { kind: "keyword", name: "number" },
  string: { kind: "keyword", name: "string" },
  object: { kind: "reference", name: "$.JsonObject" },
  any: { kind: "reference", name: "$.Any" },
  // Protocol Buffers has these, and its own emitter; no Varlink file does.
  int32: { kind: "keyword", name: "number" },
  uint32: { kind: "keyword", name: "number" },
  int64: { kind: "keyword", name: "bigint" },
  uint64: { kind: "keyword", name: "bigint" },
  bytes: { kind: "reference", name: "globalThis.Uint8Array" },
} as const satisfies { readonly [name in Exclude<Primitive, "int">]: TypeTerm };
