import type { Declarations, Field, Type } from "./type.ts";
import { setOwn, type JsonRecord } from "./object.ts";

/** Makes a fresh zero value of one type. */
export type Zero = () => unknown;

/** A zero with more values inside than this is a mistake, or an attack by nesting. */
const MAX_SIZE = 10_000;

/** Struct types that nest deeper than this have no zero. */
const MAX_ROUNDS = 100;

const ZEROS: ReadonlyMap<Type["kind"], Zero> = new Map<Type["kind"], Zero>([
  ["bool", () => false],
  ["float", () => 0],
  ["string", () => ""],
  ["list", () => []],
  ["map", () => ({})],
  ["object", () => ({})],
]);

/**
 * The zero values of types, as Go peers read absent members: false, 0, "", empty
 * lists, maps and objects, and structs of zeros, their nullable fields left out.
 * Enums and `any` have none; nor has a struct with a field that has none, and so
 * neither a struct that contains itself for ever.
 */
export class Zeros {
  readonly #structs = new Map<
    string,
    { readonly zero: Zero; readonly size: number }
  >();

  readonly #int: Zero;

  /** @param ints What ints are in this program. */
  constructor(
    declarations: Declarations,
    ints: "number" | "bigint" = "number",
  ) {
    this.#int = ints === "bigint" ? () => 0n : () => 0;
    // By rounds instead of by recursion: each adds the structs whose fields are
    // known, and a struct that needs its own zero is never added.
    for (let round = 0, added = true; added && round < MAX_ROUNDS; round += 1) {
      added = false;
      for (const [name, declaration] of declarations) {
        if (declaration.kind !== "struct" || this.#structs.has(name)) continue;
        const zero = this.#struct(declaration.fields);
        if (zero === undefined || zero.size > MAX_SIZE) continue;
        this.#structs.set(name, zero);
        added = true;
      }
    }
  }

  /** The zero of a non-null type, or undefined where it has none. */
  of(type: Type): Zero | undefined {
    if (type.kind === "reference") return this.#structs.get(type.name)?.zero;
    if (type.kind === "int") return this.#int;
    return ZEROS.get(type.kind);
  }

  /** How many values a zero of this type consists of. */
  sizeOf(type: Type): number {
    return type.kind === "reference"
      ? (this.#structs.get(type.name)?.size ?? 1)
      : 1;
  }

  #struct(
    fields: readonly Field[],
  ): { readonly zero: Zero; readonly size: number } | undefined {
    const members: { readonly name: string; readonly zero: Zero }[] = [];
    let size = 1;
    for (const { name, type } of fields) {
      if (type.kind === "nullable") continue;
      const zero = this.of(type);
      if (zero === undefined) return undefined;
      members.push({ name, zero });
      size += this.sizeOf(type);
    }
    const make = (): JsonRecord => {
      const value: JsonRecord = {};
      for (const member of members) setOwn(value, member.name, member.zero());
      return value;
    };
    return { zero: make, size };
  }
}
