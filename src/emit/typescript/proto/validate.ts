import type {
  EnumDeclaration,
  Field,
  Method,
  Oneof,
  Primitive,
  Service,
  StructDeclaration,
  Type,
  TypeDeclaration,
} from "../../../model/api.ts";
import { typeKey } from "../names.ts";
import { EmitError } from "../validate.ts";
import { referenceOf } from "../../../model/references.ts";

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const LARGEST_NUMBER = 2 ** 29 - 1;
const PRIMITIVES: ReadonlySet<Primitive> = new Set<Primitive>([
  "bool",
  "bytes",
  "float",
  "int32",
  "int64",
  "string",
  "uint32",
  "uint64",
]);

type Types = ReadonlyMap<string, TypeDeclaration>;

/**
 * Makes sure of what all else here takes for granted. The reader of interface
 * files lets nothing else through; but names become code, so a `Service` from
 * anywhere else must not get further than this.
 *
 * @throws EmitError naming what is wrong.
 */
export function validateProto(service: Service): void {
  if (service.wire === "varlink")
    throw new EmitError(`"${service.name}" is a Varlink interface`);
  const types = new Map<string, TypeDeclaration>();
  for (const type of service.types) {
    const key = typeKey(type.path);
    if (types.has(key)) throw new EmitError(`the type "${key}" is there twice`);
    types.set(key, type);
  }
  for (const type of service.types) {
    validateName(type);
    if (type.kind === "enum") validateEnum(type);
    else validateMessage(type, types);
  }
  if (service.envelope !== undefined) validateEnvelope(service, types);
}

function validateName({ path, package: scope = "" }: TypeDeclaration): void {
  for (const segment of path) identifier("type name", segment);
  const own = scope === "" ? 0 : scope.split(".").length;
  if (path.length <= own || path.slice(0, own).join(".") !== scope) {
    throw new EmitError(
      `the type "${typeKey(path)}" is not in its package "${scope}"`,
    );
  }
}

function identifier(what: string, name: string): void {
  if (!IDENTIFIER.test(name))
    throw new EmitError(`${JSON.stringify(name)} cannot be the ${what}`);
}

function unique(what: string, values: readonly (string | number)[]): void {
  const seen = new Set<string | number>();
  for (const value of values) {
    if (seen.has(value)) throw new EmitError(`${what} ${value} is there twice`);
    seen.add(value);
  }
}

function validateEnum({ path, values }: EnumDeclaration): void {
  const owner = typeKey(path);
  if (values.length === 0)
    throw new EmitError(`the enum "${owner}" has no values`);
  unique(
    `value of ${owner}`,
    values.map(({ name }) => name),
  );
  for (const { name, number } of values) {
    identifier(`value of ${owner}`, name);
    if (number === undefined || (number | 0) !== number)
      throw new EmitError(`${owner}.${name} has no number of 32 bits`);
  }
}

function validateMessage(message: StructDeclaration, types: Types): void {
  const owner = typeKey(message.path);
  const { fields, oneofs = [] } = message;
  unique(`field of ${owner}`, [
    ...fields.map(({ name }) => name),
    ...oneofs.map(({ name }) => name),
  ]);
  unique(
    `field number of ${owner}`,
    fields.map(({ wire }) => wire?.number ?? 0),
  );
  for (const { name } of oneofs) identifier(`oneof of ${owner}`, name);
  for (const field of fields) {
    identifier(`field of ${owner}`, field.name);
    validateField(field, `${owner}.${field.name}`, oneofs, types);
  }
  for (const { name } of oneofs) {
    if (!fields.some(({ wire }) => wire?.oneof === name))
      throw new EmitError(`the oneof ${owner}.${name} has no fields`);
  }
}

function validateField(
  { type, presence, wire }: Field,
  owner: string,
  oneofs: readonly Oneof[],
  types: Types,
): void {
  const number = wire?.number ?? 0;
  if (!Number.isInteger(number) || number < 1 || number > LARGEST_NUMBER)
    throw new EmitError(`${owner} has no number`);
  const several = type.kind === "list" || type.kind === "map";
  if (several && presence !== "implicit")
    throw new EmitError(`${owner} is a list or map, which is never absent`);
  if ((type.kind === "map") !== (wire?.key !== undefined))
    throw new EmitError(`${owner}: maps, and they alone, have a type of keys`);
  validateValue(valueOf(type), wire?.type ?? "", owner, types);
  if (wire?.oneof === undefined) return;
  if (several || presence !== "optional")
    throw new EmitError(`${owner} is in a oneof, and not optional`);
  if (!oneofs.some(({ name }) => name === wire.oneof))
    throw new EmitError(`${owner} is in a oneof that is not there`);
}

/** The type of a field's values: lists and maps do not nest. */
function valueOf(type: Type): Type {
  if (type.kind === "list") return type.element;
  return type.kind === "map" ? type.value : type;
}

function validateValue(
  type: Type,
  wire: string,
  owner: string,
  types: Types,
): void {
  if (type.kind === "primitive") {
    if (PRIMITIVES.has(type.name) && WIRE_TYPES[type.name]?.includes(wire))
      return;
    throw new EmitError(
      `${owner} is of a type that does not fit its wire type`,
    );
  }
  const path = type.kind === "reference" ? referenceOf(type) : undefined;
  if (path === undefined)
    throw new EmitError(`${owner} is of a type that Protocol Buffers has not`);
  const found = types.get(typeKey(path));
  if (found === undefined) {
    throw new EmitError(
      `${owner} refers to the type "${typeKey(path)}", which is not declared`,
    );
  }
  const fits =
    found.kind === "enum"
      ? wire === "enum"
      : wire === "message" || wire === "group";
  if (!fits)
    throw new EmitError(
      `${owner} is of a type that does not fit its wire type`,
    );
}

/** The scalar types of the wire that each primitive stands for. */
const WIRE_TYPES: { readonly [name in Primitive]?: readonly string[] } = {
  bool: ["bool"],
  bytes: ["bytes"],
  float: ["double", "float"],
  int32: ["int32", "sint32", "sfixed32"],
  int64: ["int64", "sint64", "sfixed64"],
  string: ["string"],
  uint32: ["uint32", "fixed32"],
  uint64: ["uint64", "fixed64"],
};

function validateEnvelope(service: Service, types: Types): void {
  const { envelope, methods } = service;
  if (envelope === undefined) return;
  const request = messageAt(types, envelope.request);
  const response = messageAt(types, envelope.response);
  const codes = types.get(typeKey(envelope.error.enum));
  if (codes?.kind !== "enum")
    throw new EmitError("the envelope's error is not of an enum");
  const { method, subscription, internal } = envelope.failures ?? {};
  const failures = [method, subscription, internal].map((one) => one?.code);
  for (const value of [envelope.success, envelope.absent, ...failures]) {
    const isOneOf = codes.values.some(
      ({ name, number }) => name === value?.name && number === value.number,
    );
    if (value !== undefined && !isOneOf)
      throw new EmitError(`${typeKey(codes.path)} has no value ${value.name}`);
  }
  const { errorMessage, timestamp, error } = envelope;
  for (const name of [error.field, errorMessage, timestamp])
    if (name !== undefined) fieldAt(response, [name], types);
  unique(
    "the method",
    methods.map(({ name }) => name),
  );
  const stops = methods.map((one) => one.envelope?.push?.stop);
  for (const name of [...stops, ...(envelope.priority ?? [])]) {
    if (name !== undefined && !methods.some((one) => one.name === name))
      throw new EmitError(
        `the envelope names ${name}, but has no method ${name}`,
      );
  }
  for (const one of methods) validateMethod(one, request, types);
}

function validateMethod(
  { name, envelope }: Method,
  request: StructDeclaration,
  types: Types,
): void {
  identifier("name of a method", name);
  if (envelope === undefined)
    throw new EmitError(`the method ${name} is not in the envelope`);
  fieldAt(request, [name], types);
  const input = messageAt(types, envelope.input);
  const output = envelope.output && messageAt(types, envelope.output);
  const { bound, unbound, ownTime, extraTime, push } = envelope;
  const wheres = [...(unbound?.where.keys() ?? [])].map((way) =>
    way.split("."),
  );
  for (const way of [
    bound?.name,
    bound?.when,
    unbound?.name,
    ...wheres,
    ownTime?.field,
  ])
    if (way !== undefined) fieldAt(input, way, types);
  for (const end of push?.ends ?? []) {
    for (const [field, value] of end) {
      if (output !== undefined) fieldAt(output, [field], types);
      if (typeof value === "object") fieldAt(input, [value.input], types);
    }
  }
  for (const time of [extraTime, ownTime?.absent]) {
    if (time !== undefined && (!Number.isSafeInteger(time) || time < 0))
      throw new EmitError(`a time of ${name} is no number of milliseconds`);
  }
}

function messageAt(types: Types, path: readonly string[]): StructDeclaration {
  const found = types.get(typeKey(path));
  if (found?.kind === "struct") return found;
  throw new EmitError(`the envelope names "${typeKey(path)}", no message`);
}

/** Follows a way of field names into a message. */
function fieldAt(
  message: StructDeclaration,
  [name = "", ...rest]: readonly string[],
  types: Types,
): void {
  const field = message.fields.find((one) => one.name === name);
  if (field === undefined || field.wire?.oneof !== undefined) {
    throw new EmitError(
      `the envelope names ${typeKey(message.path)}.${name}, no field of its own`,
    );
  }
  if (rest.length > 0)
    fieldAt(messageAt(types, referenceOf(field.type) ?? []), rest, types);
}
