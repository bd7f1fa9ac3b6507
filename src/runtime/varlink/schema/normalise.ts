import { freeReader } from "../exact/free.ts";
import type { IntReader, Key } from "../exact/integer.ts";
import type { Declarations, Field, Type } from "./type.ts";
import {
  isInherited,
  isRecord,
  own,
  setOwn,
  type JsonRecord,
} from "./object.ts";
import { type Failure, Filling, MAX_DEPTH, tooDeep } from "./problem.ts";
import { mayHoldInts, structsWith } from "./reach.ts";
import { References } from "./references.ts";

/**
 * The lenient reading of replies: where an array or map is due and null or
 * nothing came (Go's `nil`), an empty one is put, in place, at any depth. Where
 * the interface's ints are bigints, they are made so, and so are large integers in
 * values of which it does not say what they are. Nothing is refused but data
 * nested beyond {@link MAX_DEPTH} and what leaves too much to be filled in; subtrees
 * that hold nothing of this are not walked at all.
 */
export type Walk = (value: unknown, depth: number) => Failure | undefined;

type Empty = () => unknown;
type Read = (value: unknown, container: object, key: Key) => unknown;

const emptyList: Empty = () => [];
const emptyMap: Empty = () => ({});

interface Member {
  readonly name: string;
  readonly inherited: boolean;
  /** What to put in the place of null or nothing. */
  readonly empty: Empty | undefined;
  /** What to do with a value that is there. */
  readonly walk: Walk | undefined;
  /** What to put in the place of a value that is there. */
  readonly read: Read | undefined;
}

/** Compiles walks over the types of one interface. */
export class Normalisers {
  readonly #declarations: Declarations;
  readonly #ints: IntReader | undefined;
  readonly #free: Walk | undefined;
  /** Structs that hold, at some depth, something to fill or to read. */
  readonly #concerned: ReadonlySet<string>;
  readonly #references = new References<Walk | undefined>(undefined);
  readonly #filling = new Filling();

  /** @param ints Reads ints, where they are bigints. */
  constructor(declarations: Declarations, ints: IntReader | undefined) {
    this.#declarations = declarations;
    this.#ints = ints;
    this.#free = ints === undefined ? undefined : freeReader(ints, "allow");
    const hasInts = ints !== undefined;
    this.#concerned = structsWith(
      declarations,
      ({ fills, end }) => fills || (hasInts && mayHoldInts(end)),
    );
  }

  /** The walk over parameters, or undefined where there is nothing to do. */
  fields(fields: readonly Field[]): Walk | undefined {
    const walk = this.#struct(fields);
    this.#references.finish((name) => {
      const declaration = this.#declarations.get(name);
      return declaration?.kind === "struct"
        ? this.#struct(declaration.fields)
        : undefined;
    });
    if (walk === undefined) return undefined;
    return (value, depth) => {
      this.#filling.reset();
      return walk(value, depth);
    };
  }

  #struct(fields: readonly Field[]): Walk | undefined {
    const members: Member[] = [];
    for (const { name, type } of fields) {
      const empty = emptyOf(type);
      const walk = this.#value(type);
      const read = this.#read(type);
      if (empty === undefined && walk === undefined && read === undefined)
        continue;
      members.push({ name, inherited: isInherited(name), empty, walk, read });
    }
    return members.length === 0
      ? undefined
      : walkStruct(members, this.#filling);
  }

  #value(type: Type): Walk | undefined {
    if (type.kind === "nullable") return this.#value(type.type);
    if (type.kind === "list") {
      const { element } = type;
      return walkList(
        emptyOf(element),
        this.#value(element),
        this.#read(element),
        this.#filling,
      );
    }
    if (type.kind === "map") {
      const { value } = type;
      return walkMap(
        emptyOf(value),
        this.#value(value),
        this.#read(value),
        this.#filling,
      );
    }
    if (type.kind === "object" || type.kind === "any") return this.#free;
    return type.kind === "reference" && this.#concerned.has(type.name)
      ? this.#reference(type.name)
      : undefined;
  }

  #read(type: Type): Read | undefined {
    if (type.kind === "nullable") return this.#read(type.type);
    if (type.kind === "int") return this.#ints?.read;
    return type.kind === "object" || type.kind === "any"
      ? this.#ints?.readFree
      : undefined;
  }

  #reference(name: string): Walk {
    const slot = this.#references.of(name);
    return (value, depth) => slot.compiled?.(value, depth);
  }
}

function emptyOf(type: Type): Empty | undefined {
  if (type.kind === "list") return emptyList;
  return type.kind === "map" ? emptyMap : undefined;
}

function walkStruct(members: readonly Member[], filling: Filling): Walk {
  return (value, depth) => {
    if (!isRecord(value)) return undefined;
    if (depth >= MAX_DEPTH) return tooDeep();
    for (const { name, inherited, empty, walk, read } of members) {
      const member = inherited ? own(value, name) : value[name];
      if (member === undefined || member === null) {
        if (empty === undefined) continue;
        const failure = filling.add(1);
        if (failure !== undefined) return failure.inside(name);
        setOwn(value, name, empty());
        continue;
      }
      if (walk !== undefined) {
        const failure = walk(member, depth + 1);
        if (failure !== undefined) return failure.inside(name);
      }
      if (read !== undefined) setOwn(value, name, read(member, value, name));
    }
    return undefined;
  };
}

function walkList(
  empty: Empty | undefined,
  walk: Walk | undefined,
  read: Read | undefined,
  filling: Filling,
): Walk | undefined {
  if (empty === undefined && walk === undefined && read === undefined)
    return undefined;
  return (value, depth) => {
    if (!Array.isArray(value)) return undefined;
    if (depth >= MAX_DEPTH) return tooDeep();
    const items: unknown[] = value;
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      if (item === undefined || item === null) {
        if (empty === undefined) continue;
        const failure = filling.add(1);
        if (failure !== undefined) return failure.inside(index);
        items[index] = empty();
        continue;
      }
      if (walk !== undefined) {
        const failure = walk(item, depth + 1);
        if (failure !== undefined) return failure.inside(index);
      }
      if (read !== undefined) items[index] = read(item, items, index);
    }
    return undefined;
  };
}

function walkMap(
  empty: Empty | undefined,
  walk: Walk | undefined,
  read: Read | undefined,
  filling: Filling,
): Walk | undefined {
  if (empty === undefined && walk === undefined && read === undefined)
    return undefined;
  return (value, depth) => {
    if (!isRecord(value)) return undefined;
    if (depth >= MAX_DEPTH) return tooDeep();
    const map: JsonRecord = value;
    for (const key in map) {
      if (!Object.hasOwn(map, key)) continue;
      const item = map[key];
      if (item === undefined || item === null) {
        if (empty === undefined) continue;
        const failure = filling.add(1);
        if (failure !== undefined) return failure.inside(key);
        setOwn(map, key, empty());
        continue;
      }
      if (walk !== undefined) {
        const failure = walk(item, depth + 1);
        if (failure !== undefined) return failure.inside(key);
      }
      if (read !== undefined) setOwn(map, key, read(item, map, key));
    }
    return undefined;
  };
}
