import {
  hasPlainPrototype,
  isInherited,
  isRecord,
  own,
  setOwn,
  type JsonRecord,
} from "../schema/object.ts";
import { mayHoldInts, structsWith } from "../schema/reach.ts";
import { References } from "../schema/references.ts";
import type { Declarations, Field, Type } from "../schema/type.ts";

/**
 * As JSON.stringify, and bigints as their digits; undefined likewise where there
 * is nothing to write. For values that a check has passed: no cycles, no `toJSON`.
 */
export type Write = (value: unknown) => string | undefined;

/** Writes JSON whose places of bigints nobody has declared. See {@link Write}. */
export function stringifyExact(value: unknown): string | undefined {
  const holders = new Set<object>();
  findBigints(value, holders);
  return write(value, holders);
}

/** Returns whether there are any; adds all that hold one at some depth. */
function findBigints(value: unknown, holders: Set<object>): boolean {
  if (typeof value !== "object" || value === null)
    return typeof value === "bigint";
  let found = false;
  for (const member of Object.values(value))
    if (findBigints(member, holders)) found = true;
  if (found) holders.add(value);
  return found;
}

/** @param holders All containers that hold a bigint at some depth. */
function write(
  value: unknown,
  holders: ReadonlySet<object>,
): string | undefined {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null || !holders.has(value))
    return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    // A copy, for `map` leaves holes as they are, and they would be written as nothing.
    return `[${[...items].map((item) => write(item, holders) ?? "null").join()}]`;
  }
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    const text = write(member, holders);
    if (text !== undefined) members.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${members.join()}}`;
}

/**
 * A value as JSON.stringify writes it right, the value itself where it is so
 * already. Bigints that no number holds stay, and where no type says that they are
 * ints all do: their containers are told to `rest`.
 */
type Simplify = (value: unknown, rest: Rest) => unknown;

/** What JSON.stringify cannot write of a simplified value. */
class Rest {
  /** How many bigints have been left. */
  bigints = 0;
  /** All containers that hold one of them at some depth. */
  readonly holders = new Set<object>();
}

const simplifyInt: Simplify = (value, rest) => {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  rest.bigints += 1;
  return value;
};

/** Values that no type describes. Bigints are rare in there, so that all of them stay. */
const simplifyFree: Simplify = (value, rest) => {
  if (findBigints(value, rest.holders)) rest.bigints += 1;
  return value;
};

interface Member {
  readonly name: string;
  readonly inherited: boolean;
  /** What to do with a value that is there, if anything. */
  readonly simplify: Simplify | undefined;
}

/** What JSON.stringify would write wrongly. */
export interface Wanting {
  /** Ints are bigints, and there may be bigints in values that no type describes. */
  readonly ints: boolean;
  /**
   * Which fields of structs may be null, and are to be left out then: the two mean
   * the same, and there are peers that refuse a null.
   */
  readonly nulls: "none" | "nullable" | "all";
}

/**
 * Compiles writers of JSON over the types of one interface. JSON.stringify writes
 * faster than anything else, so it is given copies of the containers that it would
 * write wrongly: bigints are numbers in them, and fields that are null are left
 * out. Only what has a bigint that no number holds is written here.
 */
export class Writers {
  readonly #declarations: Declarations;
  readonly #wanting: Wanting;
  /** Structs that hold, at some depth, what is not left to JSON.stringify. */
  readonly #concerned: ReadonlySet<string>;
  readonly #references = new References<Simplify | undefined>(undefined);

  constructor(declarations: Declarations, wanting: Wanting) {
    this.#declarations = declarations;
    this.#wanting = wanting;
    this.#concerned = structsWith(
      declarations,
      ({ nullable, end }) =>
        (wanting.ints && mayHoldInts(end)) || this.#mayBeNull(nullable),
    );
  }

  /** The writer of parameters. */
  fields(fields: readonly Field[]): Write {
    const simplify = this.#struct(fields);
    this.#references.finish((name) => {
      const declaration = this.#declarations.get(name);
      return declaration?.kind === "struct"
        ? this.#struct(declaration.fields)
        : undefined;
    });
    if (simplify === undefined) return (value) => JSON.stringify(value);
    return (value) => {
      const rest = new Rest();
      const simple = simplify(value, rest);
      return rest.bigints === 0
        ? JSON.stringify(simple)
        : write(simple, rest.holders);
    };
  }

  #struct(fields: readonly Field[]): Simplify | undefined {
    const members: Member[] = [];
    for (const { name, type } of fields) {
      const simplify = this.#value(type);
      if (simplify !== undefined || this.#mayBeNull(type.kind === "nullable"))
        members.push({ name, inherited: isInherited(name), simplify });
    }
    return members.length === 0 ? undefined : simplifyStruct(members);
  }

  #mayBeNull(isNullable: boolean): boolean {
    const { nulls } = this.#wanting;
    return nulls === "all" || (nulls === "nullable" && isNullable);
  }

  #value(type: Type): Simplify | undefined {
    switch (type.kind) {
      case "nullable":
        return this.#value(type.type);
      case "int":
        return this.#wanting.ints ? simplifyInt : undefined;
      case "object":
      case "any":
        return this.#wanting.ints ? simplifyFree : undefined;
      case "list":
        return simplifyList(this.#value(type.element));
      case "map":
        return simplifyMap(this.#value(type.value));
      case "reference":
        return this.#concerned.has(type.name)
          ? this.#reference(type.name)
          : undefined;
      default:
        return undefined;
    }
  }

  #reference(name: string): Simplify {
    const slot = this.#references.of(name);
    return (value, rest) => slot.compiled?.(value, rest) ?? value;
  }
}

function simplifyStruct(members: readonly Member[]): Simplify {
  return (value, rest) => {
    if (!isRecord(value)) return value;
    const isPlain = hasPlainPrototype(value);
    const before = rest.bigints;
    let copy: JsonRecord | undefined;
    for (const { name, inherited, simplify } of members) {
      const member = inherited || !isPlain ? own(value, name) : value[name];
      if (member === undefined) continue;
      const simple =
        member === null
          ? undefined
          : simplify === undefined
            ? member
            : simplify(member, rest);
      if (simple === member) continue;
      copy ??= { ...value };
      setOwn(copy, name, simple);
    }
    return settled(copy ?? value, before, rest);
  };
}

function simplifyList(element: Simplify | undefined): Simplify | undefined {
  if (element === undefined) return undefined;
  return (value, rest) => {
    if (!Array.isArray(value)) return value;
    const items: readonly unknown[] = value;
    const before = rest.bigints;
    let copy: unknown[] | undefined;
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      if (item === undefined || item === null) continue;
      const simple = element(item, rest);
      if (simple === item) continue;
      copy ??= [...items];
      copy[index] = simple;
    }
    return settled(copy ?? value, before, rest);
  };
}

function simplifyMap(item: Simplify | undefined): Simplify | undefined {
  if (item === undefined) return undefined;
  return (value, rest) => {
    if (!isRecord(value)) return value;
    const before = rest.bigints;
    let copy: JsonRecord | undefined;
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      const member = value[key];
      if (member === undefined || member === null) continue;
      const simple = item(member, rest);
      if (simple === member) continue;
      copy ??= { ...value };
      setOwn(copy, key, simple);
    }
    return settled(copy ?? value, before, rest);
  };
}

function settled(container: object, before: number, rest: Rest): object {
  if (rest.bigints !== before) rest.holders.add(container);
  return container;
}
