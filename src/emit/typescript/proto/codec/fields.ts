import type {
  EnumDeclaration,
  Field,
  FieldWire,
  ScalarType,
  Service,
  StructDeclaration,
  Type,
  TypeDeclaration,
} from "../../../../model/api.ts";
import { typeKey } from "../../names.ts";
import { EmitError } from "../../validate.ts";
import { type ProtoNames, propertyName } from "../names.ts";

/** What integers of 64 bits are in TypeScript. */
export type Int64 = "bigint" | "number" | "string";

/** A value as it is read and written, without its tag. */
export type ValuePlan =
  | {
      readonly kind: "scalar";
      /** The methods of reader and writer. */
      readonly read: string;
      readonly write: string;
      /** The type in TypeScript. */
      readonly type: string;
      /** A literal of its zero. */
      readonly zero: string;
      readonly wireType: number;
    }
  | {
      readonly kind: "enum";
      readonly name: string;
      readonly closed: boolean;
      /** The number of its first value, which absence means. */
      readonly first: number;
      readonly wireType: number;
    }
  | {
      readonly kind: "message" | "group";
      readonly name: string;
      /** The type as it may be given. */
      readonly input: string;
      readonly wireType: number;
    };

/** How a field is read and written. */
export interface FieldPlan {
  readonly name: string;
  readonly number: number;
  /** `message.property`, the one of the `oneof` it is in, if it is in one. */
  readonly target: string;
  readonly property: string;
  readonly shape: "single" | "list" | "map";
  readonly presence: Field["presence"];
  readonly value: ValuePlan;
  /** The type of a map's keys. */
  readonly key: FieldWire["key"];
  readonly utf8: boolean;
  readonly packed: boolean;
  readonly oneof: string | undefined;
  readonly default: FieldWire["default"];
}

/** How a message is read and written. */
export interface MessagePlan {
  readonly name: string;
  /** The type as it may be given. */
  readonly input: string;
  readonly typeName: string;
  /** In the order of their numbers, which is that of the wire. */
  readonly fields: readonly FieldPlan[];
  readonly oneofs: readonly OneofPlan[];
  /** Whether it is a group anywhere. */
  readonly isGroup: boolean;
}

export interface OneofPlan {
  readonly property: string;
  readonly cases: readonly string[];
}

/** The messages of a service, in its order. */
export function planMessages(
  service: Service,
  names: ProtoNames,
  int64: Int64,
): MessagePlan[] {
  const types = new Map(
    service.types.map((type) => [typeKey(type.path), type]),
  );
  const groups = new Set<string>();
  for (const type of service.types) {
    if (type.kind !== "struct") continue;
    for (const { wire, type: fieldType } of type.fields) {
      if (wire?.type === "group") groups.add(typeKey(pathOf(fieldType)));
    }
  }
  return service.types.flatMap((type) => {
    if (type.kind !== "struct") return [];
    const fields = type.fields
      .map((field) => planField(field, types, names, int64))
      .toSorted((left, right) => left.number - right.number);
    return [
      {
        name: names.type(type.path),
        input: names.input(type.path),
        typeName: typeKey(type.path),
        fields,
        oneofs: planOneofs(type),
        isGroup: groups.has(typeKey(type.path)),
      },
    ];
  });
}

function planOneofs({ oneofs = [], fields }: StructDeclaration): OneofPlan[] {
  return oneofs.map(({ name }) => ({
    property: propertyName(name),
    cases: fields
      .filter(({ wire }) => wire?.oneof === name)
      .map((field) => field.name),
  }));
}

function planField(
  field: Field,
  types: ReadonlyMap<string, TypeDeclaration>,
  names: ProtoNames,
  int64: Int64,
): FieldPlan {
  const { name, wire, type, presence } = field;
  if (wire === undefined)
    throw new EmitError(`the field ${name} has no place on the wire`);
  const property = propertyName(wire.oneof ?? name);
  return {
    name,
    number: wire.number,
    property,
    target: `message.${property}`,
    shape: type.kind === "list" || type.kind === "map" ? type.kind : "single",
    presence,
    value: planValue(type, wire, types, names, int64),
    key: wire.key,
    utf8: wire.utf8,
    packed: wire.packed,
    oneof: wire.oneof,
    default: wire.default,
  };
}

function planValue(
  type: Type,
  wire: FieldWire,
  types: ReadonlyMap<string, TypeDeclaration>,
  names: ProtoNames,
  int64: Int64,
): ValuePlan {
  if (wire.type === "enum") {
    const path = pathOf(type);
    const declared = types.get(typeKey(path)) as EnumDeclaration;
    return {
      kind: "enum",
      name: names.type(path),
      closed: declared.closed === true,
      first: declared.values[0]?.number ?? 0,
      wireType: VARINT,
    };
  }
  if (wire.type === "message" || wire.type === "group") {
    const path = pathOf(type);
    return {
      kind: wire.type,
      name: names.type(path),
      input: names.input(path),
      wireType: wire.type === "group" ? START_GROUP : DELIMITED,
    };
  }
  return scalar(wire.type, wire.utf8, int64);
}

/** The way to a field's named type, through lists and maps. */
function pathOf(type: Type): readonly string[] {
  switch (type.kind) {
    case "reference":
      return type.path;
    case "list":
      return pathOf(type.element);
    case "map":
      return pathOf(type.value);
    case "nullable":
      return pathOf(type.type);
    default:
      return [];
  }
}

const VARINT = 0;
const FIXED64 = 1;
export const DELIMITED = 2;
const START_GROUP = 3;
const FIXED32 = 5;

const WIRE_TYPES: { readonly [type in ScalarType]: number } = {
  double: FIXED64,
  float: FIXED32,
  int32: VARINT,
  int64: VARINT,
  uint32: VARINT,
  uint64: VARINT,
  sint32: VARINT,
  sint64: VARINT,
  fixed32: FIXED32,
  fixed64: FIXED64,
  sfixed32: FIXED32,
  sfixed64: FIXED64,
  bool: VARINT,
  string: DELIMITED,
  bytes: DELIMITED,
};

const INT64: ReadonlySet<ScalarType> = new Set<ScalarType>([
  "int64",
  "uint64",
  "sint64",
  "fixed64",
  "sfixed64",
]);

/** Methods for integers of 64 bits, and their zeros. */
const INT64_MODES: {
  readonly [mode in Int64]: { readonly suffix: string; readonly zero: string };
} = {
  bigint: { suffix: "", zero: "0n" },
  number: { suffix: "Number", zero: "0" },
  string: { suffix: "String", zero: '"0"' },
};

/** A value of a scalar type. */
export function scalar(
  type: ScalarType,
  utf8: boolean,
  int64: Int64,
): ValuePlan & { readonly kind: "scalar" } {
  const wireType = WIRE_TYPES[type];
  if (INT64.has(type)) {
    const { suffix, zero } = INT64_MODES[int64];
    const method = `${type}${suffix}`;
    return {
      kind: "scalar",
      read: method,
      write: method,
      type: int64,
      zero,
      wireType,
    };
  }
  switch (type) {
    case "string":
      return {
        kind: "scalar",
        read: utf8 ? "utf8" : "string",
        write: "string",
        type: "string",
        zero: '""',
        wireType,
      };
    case "bytes":
      return {
        kind: "scalar",
        read: "binary",
        write: "binary",
        type: "globalThis.Uint8Array",
        zero: '$.bytes("")',
        wireType,
      };
    case "bool":
      return {
        kind: "scalar",
        read: type,
        write: type,
        type: "boolean",
        zero: "false",
        wireType,
      };
    default:
      return {
        kind: "scalar",
        read: type,
        write: type,
        type: "number",
        zero: "0",
        wireType,
      };
  }
}

/** The tag of a field: its number with the wire type in the lower three bits. */
export function tagOf(number: number, wireType: number): number {
  // Beyond 31 bits the operators would make it negative.
  return number * 8 + wireType;
}

/** Whether values of a type may stand in a packed list. */
export function isPackable({ kind, wireType }: ValuePlan): boolean {
  return (kind === "scalar" || kind === "enum") && wireType !== DELIMITED;
}
