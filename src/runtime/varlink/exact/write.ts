import {
  hasPlainPrototype,
  isInherited,
  isRecord,
  own,
  type JsonRecord,
} from "../schema/object.ts";
import { References } from "../schema/references.ts";
import type { Declarations, Field, Type } from "../schema/type.ts";

/**
 * As JSON.stringify, and bigints as their digits; undefined likewise where there
 * is nothing to write. For values that a check has passed: no cycles, no `toJSON`.
 */
export type Write = (value: unknown) => string | undefined;

/** Writes JSON whose places of bigints nobody has declared. See {@link Write}. */
export function stringifyExact(value: unknown): string | undefined {
  return holdsBigint(value) ? write(value) : JSON.stringify(value);
}

function holdsBigint(value: unknown): boolean {
  if (typeof value !== "object" || value === null)
    return typeof value === "bigint";
  return Object.values(value).some(holdsBigint);
}

function write(value: unknown): string | undefined {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${value.map((item) => write(item) ?? "null").join()}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    const text = write(member);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join()}}`;
}

interface Member {
  readonly name: string;
  readonly inherited: boolean;
  /** The name in JSON and its colon. */
  readonly prefix: string;
  readonly write: Write;
}

const plain: Write = (value) => JSON.stringify(value);

const writeInt: Write = (value) =>
  typeof value === "bigint" ? value.toString() : JSON.stringify(value);

/** Strings that JSON writes as they are, quoted; long ones are JSON.stringify's. */
const MAX_PLAIN = 100;
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** What a call of JSON.stringify for a small value costs more than the value. */
const PRIMITIVES: ReadonlyMap<Type["kind"], Write> = new Map<
  Type["kind"],
  Write
>([
  [
    "bool",
    (value) =>
      typeof value === "boolean" ? String(value) : JSON.stringify(value),
  ],
  [
    "float",
    (value) => (Number.isFinite(value) ? String(value) : JSON.stringify(value)),
  ],
  [
    "string",
    (value) =>
      typeof value === "string" &&
      value.length <= MAX_PLAIN &&
      PLAIN.test(value)
        ? `"${value}"`
        : JSON.stringify(value),
  ],
]);

/**
 * Compiles writers of JSON over the types of one interface whose ints are
 * bigints. What has no int inside is JSON.stringify's, for nothing is faster.
 */
export class Writers {
  readonly #declarations: Declarations;
  /** Structs that hold an int at some depth. */
  readonly #concerned: ReadonlySet<string>;
  readonly #references = new References<Write>(plain);

  /** @param concerned Structs that hold an int at some depth. */
  constructor(declarations: Declarations, concerned: ReadonlySet<string>) {
    this.#declarations = declarations;
    this.#concerned = concerned;
  }

  /** The writer of parameters. */
  fields(fields: readonly Field[]): Write {
    const made = this.#struct(fields);
    this.#references.finish((name) => {
      const declaration = this.#declarations.get(name);
      return declaration?.kind === "struct"
        ? this.#struct(declaration.fields)
        : plain;
    });
    return made;
  }

  #struct(fields: readonly Field[]): Write {
    if (fields.every(({ type }) => this.#value(type) === plain)) return plain;
    return writeStruct(
      fields.map(({ name, type }) => ({
        name,
        inherited: isInherited(name),
        prefix: `${JSON.stringify(name)}:`,
        write: this.#member(type),
      })),
    );
  }

  /** The writer of a member of a struct that has to be written here anyway. */
  #member(type: Type): Write {
    if (type.kind === "nullable") return this.#member(type.type);
    return PRIMITIVES.get(type.kind) ?? this.#value(type);
  }

  #value(type: Type): Write {
    switch (type.kind) {
      case "nullable":
        return this.#value(type.type);
      case "int":
        return writeInt;
      case "list":
        return writeList(this.#value(type.element));
      case "map":
        return writeMap(this.#value(type.value));
      case "reference":
        return this.#concerned.has(type.name)
          ? this.#reference(type.name)
          : plain;
      default:
        return plain;
    }
  }

  #reference(name: string): Write {
    const slot = this.#references.of(name);
    return (value) => slot.compiled(value);
  }
}

function writeStruct(members: readonly Member[]): Write {
  const known: ReadonlySet<string> = new Set(members.map(({ name }) => name));
  return (value) => {
    if (!isRecord(value)) return JSON.stringify(value);
    const isPlain = hasPlainPrototype(value);
    let text = "{";
    let present = 0;
    for (const { name, inherited, prefix, write: writeMember } of members) {
      const member = inherited || !isPlain ? own(value, name) : value[name];
      const written = member === undefined ? undefined : writeMember(member);
      if (written === undefined) continue;
      text += present === 0 ? prefix : `,${prefix}`;
      text += written;
      present += 1;
    }
    // Members that the interface does not know, as clients may send them. Counting
    // is cheaper than looking every name up.
    let count = 0;
    for (const _ in value) count += 1;
    if (count > present) text += writeUnknown(value, known, present === 0);
    return `${text}}`;
  };
}

function writeUnknown(
  value: JsonRecord,
  known: ReadonlySet<string>,
  isFirst: boolean,
): string {
  let text = "";
  for (const [key, member] of Object.entries(value)) {
    if (known.has(key)) continue;
    const written = JSON.stringify(member);
    if (written === undefined) continue;
    if (!isFirst || text !== "") text += ",";
    text += `${JSON.stringify(key)}:${written}`;
  }
  return text;
}

function writeList(element: Write): Write {
  if (element === plain) return plain;
  return (value) => {
    if (!Array.isArray(value)) return JSON.stringify(value);
    const items: readonly unknown[] = value;
    let text = "[";
    for (let index = 0; index < items.length; index += 1) {
      if (index > 0) text += ",";
      text += element(items[index]) ?? "null";
    }
    return `${text}]`;
  };
}

function writeMap(item: Write): Write {
  if (item === plain) return plain;
  return (value) => {
    if (!isRecord(value)) return JSON.stringify(value);
    let text = "{";
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      const written = item(value[key]);
      if (written === undefined) continue;
      if (text !== "{") text += ",";
      text += `${JSON.stringify(key)}:${written}`;
    }
    return `${text}}`;
  };
}
