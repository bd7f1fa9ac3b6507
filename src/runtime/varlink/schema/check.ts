import { freeReader } from "../exact/free.ts";
import type { IntReader, Key } from "../exact/integer.ts";
import { intCheck } from "./int.ts";
import type { Declarations, Field, PrimitiveName, Type } from "./type.ts";
import { checkJson, checkJsonObject } from "./json.ts";
import {
  hasPlainPrototype,
  isInherited,
  isRecord,
  own,
  setOwn,
  whyNotPlain,
  type JsonRecord,
} from "./object.ts";
import {
  describe,
  expected,
  Failure,
  Filling,
  MAX_DEPTH,
  tooDeep,
} from "./problem.ts";
import { References } from "./references.ts";
import type { Zero, Zeros } from "./zero.ts";

/** Checks one value; the depth is that of the containers around it. */
export type Check = (value: unknown, depth: number) => Failure | undefined;

/** What the checks of one side and direction have in common. */
export interface Profile {
  /**
   * Members that the interface does not know: a problem; JSON like any other
   * (they will be sent); taken out, so that no handler answers with them or keeps
   * them; or nobody's business.
   */
  readonly unknown: "refuse" | "check" | "drop" | "ignore";
  readonly enums: "closed" | "open";
  /** A non-null value that is null or absent: a problem; fine; or filled with its zero. */
  readonly absent: "refuse" | "allow" | "fill";
  /** Values of this program, which may be any object, and not a parsed message. */
  readonly outgoing: boolean;
  /** What ints are in this program. */
  readonly ints: "number" | "bigint";
}

interface Member {
  readonly name: string;
  readonly inherited: boolean;
  readonly check: Check;
  readonly absent: Absent;
  readonly read: Read | undefined;
}

/** What to put in the place of a value that its check has passed; `container` has it. */
type Read = (value: unknown, container: object, key: Key) => unknown;

/** What null or nothing means in one place: allowed, replaced, or a problem. */
interface Absent {
  readonly allowed: boolean;
  readonly zero: Zero | undefined;
  /** How many values the zero consists of. */
  readonly size: number;
  readonly expected: string;
}

/** What checks have met that is no problem and yet of interest. */
interface Met {
  nulls: number;
  readonly filling: Filling;
}

const unfinished: Check = () => {
  throw new Error("a check ran before its type was compiled");
};

/** Compiles the checks of one profile over the types of one interface. */
export class Checks {
  readonly #declarations: Declarations;
  readonly #profile: Profile;
  readonly #zeros: Zeros | undefined;
  readonly #references = new References<Check>(unfinished);
  readonly #primitives: { readonly [kind in PrimitiveName]: Check };
  readonly #ints: IntReader | undefined;
  readonly #met: Met = { nulls: 0, filling: new Filling() };

  /**
   * Zeros are needed by profiles that allow or fill what is absent, and a reader of
   * ints where bigints come in: they are put in the place of what came.
   */
  constructor(
    declarations: Declarations,
    profile: Profile,
    zeros: Zeros | undefined,
    ints: IntReader | undefined,
  ) {
    this.#declarations = declarations;
    this.#profile = profile;
    this.#primitives = {
      ...PRIMITIVES,
      ...freeChecks(profile, ints),
      int: intCheck(profile),
    };
    this.#ints = ints;
    this.#zeros = profile.absent === "refuse" ? undefined : zeros;
  }

  /**
   * How many nulls have been met so far in the place of fields that may be left
   * out. It only grows: who wants to know of one value compares.
   */
  get nulls(): number {
    return this.#met.nulls;
  }

  /** The check of parameters. */
  fields(fields: readonly Field[]): Check {
    const check = this.#struct(fields);
    this.#references.finish((name) => {
      const declaration = this.#declarations.get(name);
      if (declaration === undefined) return unfinished;
      return declaration.kind === "struct"
        ? this.#struct(declaration.fields)
        : enumCheck(declaration.values, this.#profile.enums);
    });
    if (this.#profile.absent !== "fill") return check;
    const { filling } = this.#met;
    return (value, depth) => {
      filling.reset();
      return check(value, depth);
    };
  }

  #struct(fields: readonly Field[]): Check {
    const members = fields.map(({ name, type }) => ({
      name,
      inherited: isInherited(name),
      check: this.#value(type),
      absent: this.#absent(type),
      read: this.#read(type),
    }));
    return structCheck(members, this.#profile, this.#met);
  }

  /** The check of a value that is neither null nor absent. */
  #value(type: Type): Check {
    if (type.kind === "nullable") return this.#value(type.type);
    if (type.kind === "reference") return this.#reference(type.name);
    if (type.kind === "list") {
      return listCheck(
        this.#value(type.element),
        this.#absent(type.element),
        this.#read(type.element),
        this.#met,
      );
    }
    if (type.kind === "map") {
      return mapCheck(
        this.#value(type.value),
        this.#absent(type.value),
        this.#read(type.value),
        this.#profile,
        this.#met,
      );
    }
    return this.#primitives[type.kind];
  }

  #read(type: Type): Read | undefined {
    if (type.kind === "nullable") return this.#read(type.type);
    if (type.kind === "int") return this.#ints?.read;
    return type.kind === "any" ? this.#ints?.readFree : undefined;
  }

  #reference(name: string): Check {
    const slot = this.#references.of(name);
    return (value, depth) => slot.compiled(value, depth);
  }

  #absent(type: Type): Absent {
    if (type.kind === "nullable")
      return { allowed: true, zero: undefined, size: 0, expected: "" };
    const zero = this.#zeros?.of(type);
    return {
      allowed: zero !== undefined,
      zero: this.#profile.absent === "fill" ? zero : undefined,
      size: this.#zeros?.sizeOf(type) ?? 0,
      expected: nameOf(type, this.#declarations),
    };
  }
}

function nameOf(type: Type, declarations: Declarations): string {
  if (type.kind === "nullable") return nameOf(type.type, declarations);
  if (type.kind !== "reference") return NAMES[type.kind];
  return declarations.get(type.name)?.kind === "enum"
    ? `a value of ${type.name}`
    : "an object";
}

const NAMES = {
  bool: "a boolean",
  int: "an int",
  float: "a number",
  string: "a string",
  object: "an object",
  any: "a value",
  list: "an array",
  map: "an object",
} as const;

const checkBool: Check = (value) =>
  typeof value === "boolean" ? undefined : expected("a boolean", value);

const checkString: Check = (value) =>
  typeof value === "string" ? undefined : expected("a string", value);

const checkFloat: Check = (value) =>
  typeof value === "number" && Number.isFinite(value)
    ? undefined
    : expected("a finite number", value);

const PRIMITIVES: {
  readonly [kind in "bool" | "float" | "string"]: Check;
} = {
  bool: checkBool,
  float: checkFloat,
  string: checkString,
};

/** The checks of values that have no declared inside; they read the bigints in there. */
function freeChecks(
  profile: Profile,
  ints: IntReader | undefined,
): { readonly [kind in "object" | "any"]: Check } {
  if (ints !== undefined) {
    const read = freeReader(ints, "refuse");
    return {
      object: (value, depth) =>
        isRecord(value) ? read(value, depth) : expected("an object", value),
      any: read,
    };
  }
  const bigints = profile.ints === "bigint" ? "allow" : "refuse";
  return {
    object: (value, depth) => checkJsonObject(value, depth, bigints),
    any: (value, depth) => checkJson(value, depth, bigints),
  };
}

const MAX_LISTED = 12;

function enumCheck(
  values: ReadonlySet<string>,
  enums: Profile["enums"],
): Check {
  if (enums === "open") return checkString;
  return (value) => {
    if (typeof value === "string" && values.has(value)) return undefined;
    const listed = [...values]
      .slice(0, MAX_LISTED)
      .map((name) => JSON.stringify(name));
    const more = values.size > MAX_LISTED ? ", …" : "";
    const got = typeof value === "string" ? "another string" : describe(value);
    return new Failure(
      `expected one of ${listed.join(", ")}${more}, got ${got}`,
    );
  };
}

/** What to say of a null, an undefined or a missing value. */
function missing(absent: Absent, value: unknown): Failure {
  return value === null
    ? new Failure(`expected ${absent.expected}, got null`)
    : new Failure(`missing, expected ${absent.expected}`);
}

/** Why a container of this program cannot be sent, if so. */
function notSendable(value: object): Failure | undefined {
  const why = whyNotPlain(value);
  return why === undefined
    ? undefined
    : new Failure(`expected a plain object, got ${why}`);
}

function structCheck(
  members: readonly Member[],
  profile: Profile,
  met: Met,
): Check {
  const known: ReadonlySet<string> = new Set(
    members.map((member) => member.name),
  );
  const { outgoing, unknown } = profile;
  return (value, depth) => {
    if (!isRecord(value)) return expected("an object", value);
    if (depth >= MAX_DEPTH) return tooDeep();
    const plain = !outgoing || hasPlainPrototype(value);
    if (!plain) {
      const failure = notSendable(value);
      if (failure !== undefined) return failure;
    }
    let present = 0;
    for (const { name, inherited, check, absent, read } of members) {
      const member = inherited || !plain ? own(value, name) : value[name];
      if (member === undefined || member === null) {
        if (!absent.allowed) return missing(absent, member).inside(name);
        if (absent.zero !== undefined) {
          const failure = met.filling.add(absent.size);
          if (failure !== undefined) return failure.inside(name);
          setOwn(value, name, absent.zero());
        }
        if (member === null) met.nulls += 1;
        // Null is a member, and so is what was put in its place.
        if (member === null || absent.zero !== undefined) present += 1;
        continue;
      }
      const failure = check(member, depth + 1);
      if (failure !== undefined) return failure.inside(name);
      if (read !== undefined) setOwn(value, name, read(member, value, name));
      present += 1;
    }
    if (unknown === "ignore") return undefined;
    // Counting is cheaper than looking every name up; only a surplus is looked at.
    let count = 0;
    for (const _ in value) count += 1;
    return count === present
      ? undefined
      : checkUnknown(value, known, depth, unknown);
  };
}

function checkUnknown(
  value: JsonRecord,
  known: ReadonlySet<string>,
  depth: number,
  unknown: "refuse" | "check" | "drop",
): Failure | undefined {
  for (const key in value) {
    if (known.has(key) || !Object.hasOwn(value, key)) continue;
    if (unknown === "drop") {
      delete value[key];
      continue;
    }
    const member = value[key];
    if (member === undefined) continue;
    const failure =
      unknown === "refuse"
        ? new Failure("not declared by the interface")
        : checkJson(member, depth + 1);
    if (failure !== undefined) return failure.inside(key);
  }
  return undefined;
}

function listCheck(
  check: Check,
  absent: Absent,
  read: Read | undefined,
  { filling }: Met,
): Check {
  const { allowed, zero, size } = absent;
  return (value, depth) => {
    if (!Array.isArray(value)) return expected("an array", value);
    if (depth >= MAX_DEPTH) return tooDeep();
    const items: unknown[] = value;
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      if (item === undefined || item === null) {
        if (!allowed) return missing(absent, item).inside(index);
        if (zero !== undefined) {
          const failure = filling.add(size);
          if (failure !== undefined) return failure.inside(index);
          items[index] = zero();
        }
        continue;
      }
      const failure = check(item, depth + 1);
      if (failure !== undefined) return failure.inside(index);
      if (read !== undefined) items[index] = read(item, items, index);
    }
    return undefined;
  };
}

function mapCheck(
  check: Check,
  absent: Absent,
  read: Read | undefined,
  { outgoing }: Profile,
  { filling }: Met,
): Check {
  const { allowed, zero, size } = absent;
  return (value, depth) => {
    if (!isRecord(value)) return expected("an object", value);
    if (depth >= MAX_DEPTH) return tooDeep();
    if (outgoing && !hasPlainPrototype(value)) {
      const failure = notSendable(value);
      if (failure !== undefined) return failure;
    }
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      const item = value[key];
      if (item === undefined || item === null) {
        // JSON leaves an undefined member out: the map is without it.
        if (item === undefined) continue;
        if (!allowed) return missing(absent, item).inside(key);
        if (zero !== undefined) {
          const failure = filling.add(size);
          if (failure !== undefined) return failure.inside(key);
          setOwn(value, key, zero());
        }
        continue;
      }
      const failure = check(item, depth + 1);
      if (failure !== undefined) return failure.inside(key);
      if (read !== undefined) setOwn(value, key, read(item, value, key));
    }
    return undefined;
  };
}
