import type { Declarations, Field, Type } from "./type.ts";
import {
  isInherited,
  isRecord,
  own,
  setOwn,
  type JsonRecord,
} from "./object.ts";
import { type Failure, MAX_DEPTH, tooDeep } from "./problem.ts";
import { References } from "./references.ts";

/**
 * The lenient reading of replies: where an array or map is due and null or
 * nothing came (Go's `nil`), an empty one is put, in place, at any depth.
 * Nothing is refused but data nested beyond {@link MAX_DEPTH}, and subtrees
 * that hold no array or map are not walked at all.
 */
export type Walk = (value: unknown, depth: number) => Failure | undefined;

type Empty = () => unknown;

const emptyList: Empty = () => [];
const emptyMap: Empty = () => ({});

interface Member {
  readonly name: string;
  readonly inherited: boolean;
  /** What to put in the place of null or nothing. */
  readonly empty: Empty | undefined;
  /** What to do with a value that is there. */
  readonly walk: Walk | undefined;
}

/** Compiles walks over the types of one interface. */
export class Normalisers {
  readonly #declarations: Declarations;
  /** Structs that hold an array or map at some depth. */
  readonly #concerned: ReadonlySet<string>;
  readonly #references = new References<Walk | undefined>(undefined);

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
    this.#concerned = findConcerned(declarations);
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
    return walk;
  }

  #struct(fields: readonly Field[]): Walk | undefined {
    const members: Member[] = [];
    for (const { name, type } of fields) {
      const empty = emptyOf(type);
      const walk = this.#value(type);
      if (empty === undefined && walk === undefined) continue;
      members.push({ name, inherited: isInherited(name), empty, walk });
    }
    return members.length === 0 ? undefined : walkStruct(members);
  }

  #value(type: Type): Walk | undefined {
    if (type.kind === "nullable") return this.#value(type.type);
    if (type.kind === "list") {
      return walkList(emptyOf(type.element), this.#value(type.element));
    }
    if (type.kind === "map") {
      return walkMap(emptyOf(type.value), this.#value(type.value));
    }
    return type.kind === "reference" && this.#concerned.has(type.name)
      ? this.#reference(type.name)
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

function walkStruct(members: readonly Member[]): Walk {
  return (value, depth) => {
    if (!isRecord(value)) return undefined;
    if (depth >= MAX_DEPTH) return tooDeep();
    for (const { name, inherited, empty, walk } of members) {
      const member = inherited ? own(value, name) : value[name];
      if (member === undefined || member === null) {
        if (empty !== undefined) setOwn(value, name, empty());
      } else if (walk !== undefined) {
        const failure = walk(member, depth + 1);
        if (failure !== undefined) return failure.inside(name);
      }
    }
    return undefined;
  };
}

function walkList(
  empty: Empty | undefined,
  walk: Walk | undefined,
): Walk | undefined {
  if (empty === undefined && walk === undefined) return undefined;
  return (value, depth) => {
    if (!Array.isArray(value)) return undefined;
    if (depth >= MAX_DEPTH) return tooDeep();
    const items: unknown[] = value;
    for (let index = 0; index < items.length; index += 1) {
      const item = items[index];
      if (item === undefined || item === null) {
        if (empty !== undefined) items[index] = empty();
      } else if (walk !== undefined) {
        const failure = walk(item, depth + 1);
        if (failure !== undefined) return failure.inside(index);
      }
    }
    return undefined;
  };
}

function walkMap(
  empty: Empty | undefined,
  walk: Walk | undefined,
): Walk | undefined {
  if (empty === undefined && walk === undefined) return undefined;
  return (value, depth) => {
    if (!isRecord(value)) return undefined;
    if (depth >= MAX_DEPTH) return tooDeep();
    const map: JsonRecord = value;
    for (const key in map) {
      if (!Object.hasOwn(map, key)) continue;
      const item = map[key];
      if (item === undefined || item === null) {
        if (empty !== undefined) setOwn(map, key, empty());
      } else if (walk !== undefined) {
        const failure = walk(item, depth + 1);
        if (failure !== undefined) return failure.inside(key);
      }
    }
    return undefined;
  };
}

/** The structs from which an array or map that may need filling can be reached. */
function findConcerned(declarations: Declarations): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  const concerned = new Set<string>();
  for (const [name, declaration] of declarations) {
    if (declaration.kind !== "struct") continue;
    for (const { type } of declaration.fields) {
      const facts = factsOf(type);
      if (facts.fills) concerned.add(name);
      if (facts.reference === undefined) continue;
      const list = users.get(facts.reference);
      if (list === undefined) users.set(facts.reference, [name]);
      else list.push(name);
    }
  }
  // A set visits what is added while it is iterated.
  for (const name of concerned) {
    for (const user of users.get(name) ?? []) concerned.add(user);
  }
  return concerned;
}

/** Whether a type itself has a place for an empty array or map, and what it ends in. */
function factsOf(type: Type): {
  readonly fills: boolean;
  readonly reference: string | undefined;
} {
  let fills = false;
  let current = type;
  for (let nullable = false; ;) {
    if (current.kind === "nullable") {
      nullable = true;
      current = current.type;
    } else if (current.kind === "list" || current.kind === "map") {
      if (!nullable) fills = true;
      nullable = false;
      current = current.kind === "list" ? current.element : current.value;
    } else {
      return {
        fills,
        reference: current.kind === "reference" ? current.name : undefined,
      };
    }
  }
}
