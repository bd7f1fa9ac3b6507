import type * as ast from "../../grammar/varlink/ast.ts";
import type {
  EnumDeclaration,
  ErrorDeclaration,
  Field,
  Member,
  Method,
  Service,
  Struct,
  StructDeclaration,
  Type,
  TypeDeclaration,
} from "./api.ts";
import { readCallForms, readDocumentation } from "./docs.ts";

/** Makes the API model of a file without errors. */
export function lowerInterface(
  file: ast.InterfaceFile,
  declaration: ast.InterfaceDeclaration,
): Service {
  const types: TypeDeclaration[] = [];
  const members = file.members.map((member) => lowerMember(member, types));
  return {
    wire: "varlink",
    name: declaration.name.text,
    docs: readDocumentation(declaration.documentation).docs,
    span: declaration.span,
    source: { path: file.source.path, text: served(file.source.text) },
    methods: members.filter((member) => member.kind === "method"),
    types,
    errors: members.filter((member) => member.kind === "error"),
    members,
  };
}

function lowerMember(member: ast.Member, types: TypeDeclaration[]): Member {
  const name = member.name.text;
  if (member.kind === "method") return lowerMethod(member, types);
  const declared = {
    name,
    span: member.span,
    ...readDocumentation(member.documentation),
  };
  if (member.kind === "error") {
    const { fields } = lowerStruct(member.parameters, [name], types);
    const error: ErrorDeclaration = { kind: "error", ...declared, fields };
    return error;
  }
  return declareType(
    member.body,
    { ...declared, path: [name], inline: false },
    types,
  );
}

function lowerMethod(
  method: ast.MethodDeclaration,
  types: TypeDeclaration[],
): Method {
  const name = method.name.text;
  const { forms, rest } = readCallForms(method.documentation);
  return {
    kind: "method",
    name,
    span: method.span,
    ...readDocumentation(rest),
    input: lowerStruct(method.input, [name, "input"], types),
    output: lowerStruct(method.output, [name, "output"], types),
    forms,
  };
}

/** Adds a type before those inside it. */
function declareType(
  type: ast.StructType | ast.EnumType,
  head: Omit<StructDeclaration, "kind" | "fields">,
  types: TypeDeclaration[],
): TypeDeclaration {
  if (type.kind === "enum") {
    const declaration: EnumDeclaration = {
      kind: "enum",
      ...head,
      values: type.values.map((value) => ({
        name: value.name.text,
        span: value.span,
        ...readDocumentation(value.documentation),
      })),
    };
    types.push(declaration);
    return declaration;
  }
  // Its fields come to know their inline types after it has its place in the list.
  const fields: Field[] = [];
  const declaration: StructDeclaration = { kind: "struct", ...head, fields };
  types.push(declaration);
  fields.push(...lowerStruct(type, head.path, types).fields);
  return declaration;
}

function lowerStruct(
  struct: ast.StructType,
  path: readonly string[],
  types: TypeDeclaration[],
): Struct {
  return {
    fields: struct.fields.map((field) => lowerField(field, path, types)),
    span: struct.span,
  };
}

function lowerField(
  field: ast.Field,
  path: readonly string[],
  types: TypeDeclaration[],
): Field {
  const name = field.name.text;
  const isOptional = field.type.kind === "nullable";
  const type = field.type.kind === "nullable" ? field.type.type : field.type;
  return {
    name,
    type: lowerType(type, [...path, name], types),
    span: field.span,
    presence: isOptional ? "optional" : "required",
    ...readDocumentation(field.documentation),
  };
}

function lowerType(
  type: ast.Type,
  path: readonly string[],
  types: TypeDeclaration[],
): Type {
  switch (type.kind) {
    case "builtin":
      return { kind: "primitive", name: type.name };
    case "reference":
      return { kind: "reference", path: [type.name] };
    case "list":
      return { kind: "list", element: lowerType(type.element, path, types) };
    case "map":
      return { kind: "map", value: lowerType(type.value, path, types) };
    case "nullable":
      return { kind: "nullable", type: lowerType(type.type, path, types) };
    case "struct":
    case "enum": {
      const name = path.at(-1) ?? "";
      const head = {
        name,
        path,
        inline: true,
        docs: "",
        deprecated: false,
        span: type.span,
      };
      declareType(type, head, types);
      return { kind: "reference", path };
    }
    case "missing":
    default:
      throw new Error("a file with errors has no model");
  }
}

/**
 * The text as a service tells it to its clients. Parsers in the field know `\n`
 * for a line end and no byte order mark, so those are made even; nothing else
 * changes.
 */
function served(text: string): string {
  return text.replace(/^\ufeff/, "").replaceAll(/\r\n?|[\u2028\u2029]/g, "\n");
}
