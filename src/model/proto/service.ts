import type {
  EnumDeclaration,
  Extension,
  Field,
  FieldWire,
  Primitive,
  RpcService,
  ScalarType,
  Service,
  StructDeclaration,
  Type,
  TypeDeclaration,
} from "../api.ts";
import type {
  Docs,
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  NumberRange,
  Options,
  RpcDescriptor,
  ServiceDescriptor,
} from "./descriptor.ts";
import { saysDeprecated } from "../docs.ts";

/**
 * The API model of a file of Protocol Buffers: its own types in the order of the
 * file, a message before those inside it, and then the types of imported files
 * that they need, so that what is generated stands alone.
 */
export function lowerFile(
  file: FileDescriptor,
  source: Service["source"],
): Service {
  const types = [...declaredTypes(file)].map(lowerType);
  const known = new Set(types.map(({ path }) => path.join(".")));
  // Grows while it is walked: imported types need further ones.
  for (const message of neededMessages(file)) {
    for (const field of message.fields) {
      for (const needed of [field.message, field.enum]) {
        if (needed === undefined || isMapEntry(needed)) continue;
        if (known.has(needed.fullName)) continue;
        known.add(needed.fullName);
        types.push(lowerType(needed));
      }
    }
  }
  return {
    wire: "messages",
    name: file.package === "" ? stem(file.path) : file.package,
    docs: docsText(file.docs),
    span: { start: 0, end: 0 },
    source,
    methods: [],
    types,
    errors: [],
    members: types,
    ...orNothing("rpcServices", file.services.map(lowerService)),
    ...orNothing("extensions", [...extensionsIn(file)].map(lowerExtension)),
    ...orNothing("otherOptions", otherOptions(file)),
  };
}

/** A property for a list that has something in it. */
function orNothing<K extends string, T>(
  key: K,
  list: readonly T[],
): { readonly [key in K]?: readonly T[] } {
  return list.length === 0 ? {} : ({ [key]: list } as { [key in K]: T[] });
}

function lowerService(service: ServiceDescriptor): RpcService {
  return {
    ...described(service),
    methods: service.methods.map((method) => ({
      ...described(method),
      input: pathOf(method.input),
      output: pathOf(method.output),
      clientStreaming: method.clientStreaming,
      serverStreaming: method.serverStreaming,
    })),
  };
}

function described(declared: ServiceDescriptor | RpcDescriptor): {
  readonly name: string;
  readonly docs: string;
  readonly deprecated: boolean;
} {
  return {
    name: declared.name,
    docs: docsText(declared.docs),
    deprecated: isDeprecated(declared),
  };
}

/** Those of the file, then those declared in its messages. */
function* extensionsIn(
  scope: FileDescriptor | MessageDescriptor,
): Generator<FieldDescriptor> {
  yield* scope.extensions;
  for (const message of scope.messages) yield* extensionsIn(message);
}

/** Options that the model tells of, if only by what they make of the rest. */
const TOLD: ReadonlySet<string> = new Set([
  "allow_alias",
  "deprecated",
  "features",
  "map_entry",
  "packed",
]);

function otherOptions(file: FileDescriptor): string[] {
  const names = new Set<string>();
  for (const options of optionsIn(file)) {
    for (const name of options.keys()) {
      if (!TOLD.has(name)) names.add(name.replace(/^\[(.*)\]$/, "($1)"));
    }
  }
  return [...names];
}

/** Of a scope and all that is declared in it. */
function* optionsIn(
  scope: FileDescriptor | MessageDescriptor,
): Generator<Options> {
  yield scope.options;
  const ofFile = "services" in scope ? scope.services : [];
  const ofMessage =
    "fields" in scope
      ? [...scope.fields, ...scope.oneofs, ...scope.extensionRanges]
      : [];
  const declared = [
    ...ofMessage,
    ...scope.enums.flatMap((one) => [one, ...one.values]),
    ...scope.extensions,
    ...ofFile.flatMap((one) => [one, ...one.methods]),
  ];
  for (const { options } of declared) yield options;
  for (const message of scope.messages) yield* optionsIn(message);
}

function lowerExtension(field: FieldDescriptor): Extension {
  return {
    path: pathOf(field),
    extendee: field.extendee === undefined ? [] : pathOf(field.extendee),
    field: lowerField(field),
  };
}

/** The last part of a path, without its extension. */
function stem(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.proto$/, "");
}

type Declared = MessageDescriptor | EnumDescriptor;

function isMessage(type: Declared): type is MessageDescriptor {
  return "fields" in type;
}

function isMapEntry(type: Declared): boolean {
  return isMessage(type) && type.mapEntry;
}

function* declaredTypes(
  scope: FileDescriptor | MessageDescriptor,
): Generator<Declared> {
  const inside = [...scope.messages, ...scope.enums].toSorted(
    (left, right) => left.span.start - right.span.start,
  );
  for (const type of inside) {
    if (isMapEntry(type)) continue;
    yield type;
    if (isMessage(type)) yield* declaredTypes(type);
  }
}

/** Every message reachable from the file's own, each once, map entries included. */
function neededMessages(file: FileDescriptor): Set<MessageDescriptor> {
  const needed = new Set<MessageDescriptor>();
  const addOwn = (message: MessageDescriptor): void => {
    needed.add(message);
    message.messages.forEach(addOwn);
  };
  file.messages.forEach(addOwn);
  // A set can be walked while it grows.
  for (const message of needed) {
    for (const field of message.fields) {
      if (field.message !== undefined) needed.add(field.message);
    }
  }
  return needed;
}

function lowerType(type: Declared): TypeDeclaration {
  return isMessage(type) ? lowerMessage(type) : lowerEnum(type);
}

interface Head {
  readonly path: readonly string[];
  readonly name: string;
  readonly package: string;
  readonly inline: false;
  readonly docs: string;
  readonly span: Declared["span"];
  readonly deprecated: boolean;
}

function headOf(type: Declared): Head {
  return {
    path: pathOf(type),
    name: type.name,
    package: type.file.package,
    inline: false,
    docs: docsText(type.docs),
    span: type.span,
    deprecated: isDeprecated(type),
  };
}

/** What identifies a type: its full name. */
export function pathOf(type: { readonly fullName: string }): readonly string[] {
  return type.fullName.split(".");
}

/** The documentation of a declaration: what stands above it, then what trails. */
export function docsText({ leading, trailing }: Docs): string {
  return [leading, trailing]
    .flatMap((text) => (text === undefined ? [] : [dedent(text)]))
    .filter((text) => text !== "")
    .join("\n\n");
}

/** Comments have the space after `//` in them: as much of it as all lines share goes. */
function dedent(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const indents = lines
    .filter((line) => line !== "")
    .map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...indents, Infinity);
  return lines
    .map((line) => line.slice(shared))
    .join("\n")
    .trim();
}

/** Told by the option, or by docs that begin a line with `Deprecated:`. */
function isDeprecated(declared: {
  readonly options: Options;
  readonly docs: Docs;
}): boolean {
  const option = declared.options.get("deprecated");
  if (option?.kind === "scalar" && option.value === true) return true;
  return saysDeprecated(docsText(declared.docs));
}

function lowerMessage(message: MessageDescriptor): StructDeclaration {
  return {
    kind: "struct",
    ...headOf(message),
    fields: message.fields.map(lowerField),
    oneofs: message.oneofs
      .filter(({ synthetic }) => !synthetic)
      .map(({ name, docs, span }) => ({ name, docs: docsText(docs), span })),
    ...orNothing("reserved", [
      ...message.reservedRanges.map((range) => rangeText(range, MESSAGE_MAX)),
      ...message.reservedNames.map((name) => `"${name}"`),
    ]),
    ...orNothing(
      "extensible",
      message.extensionRanges.map((range) => rangeText(range, MESSAGE_MAX)),
    ),
  };
}

/** The highest numbers there are. */
const MESSAGE_MAX = 2 ** 29 - 1;
const ENUM_MAX = 2 ** 31 - 1;

/** A range whose `end` is not in it, as the language writes it. */
function rangeText({ start, end }: NumberRange, max: number): string {
  const last = end - 1;
  if (last === start) return String(start);
  return `${start} to ${last >= max ? "max" : last}`;
}

function lowerEnum(declared: EnumDescriptor): EnumDeclaration {
  return {
    kind: "enum",
    ...headOf(declared),
    closed: declared.closed,
    values: declared.values.map((value) => ({
      name: value.name,
      number: value.number,
      docs: docsText(value.docs),
      span: value.span,
      deprecated: isDeprecated(value),
    })),
    ...orNothing("reserved", [
      // In an enum, a range's end is in it.
      ...declared.reservedRanges.map(({ start, end }) =>
        rangeText({ start, end: end + 1 }, ENUM_MAX),
      ),
      ...declared.reservedNames.map((name) => `"${name}"`),
    ]),
  };
}

function lowerField(field: FieldDescriptor): Field {
  const entry = field.message?.mapEntry === true ? field.message : undefined;
  const [key, value] = entry?.fields ?? [];
  const repeated = field.label === "repeated";
  return {
    name: field.name,
    type:
      value !== undefined
        ? { kind: "map", value: valueType(value) }
        : repeated
          ? { kind: "list", element: valueType(field) }
          : valueType(field),
    docs: docsText(field.docs),
    span: field.span,
    presence: repeated
      ? "implicit"
      : field.presence === "explicit"
        ? "optional"
        : field.presence,
    deprecated: isDeprecated(field),
    wire: {
      number: field.number,
      type: (value ?? field).type,
      key: key?.type as FieldWire["key"],
      packed: field.packed,
      default: field.default,
      oneof: field.oneof?.synthetic === false ? field.oneof.name : undefined,
      utf8: field.utf8,
      jsonName: field.jsonName,
    },
  };
}

function valueType(field: FieldDescriptor): Type {
  const named = field.message ?? field.enum;
  if (named !== undefined) return { kind: "reference", path: pathOf(named) };
  return { kind: "primitive", name: primitiveOf(field.type as ScalarType) };
}

function primitiveOf(type: ScalarType): Primitive {
  switch (type) {
    case "double":
    case "float":
      return "float";
    case "int32":
    case "sint32":
    case "sfixed32":
      return "int32";
    case "uint32":
    case "fixed32":
      return "uint32";
    case "int64":
    case "sint64":
    case "sfixed64":
      return "int64";
    case "uint64":
    case "fixed64":
      return "uint64";
    case "bool":
    case "string":
    case "bytes":
    default:
      return type;
  }
}
