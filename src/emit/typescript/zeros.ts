import type { StructDeclaration, Type } from "../../model/api.ts";
import { typeKey } from "./names.ts";

/**
 * Which types have a zero value, and so may be left out of partial inputs. The
 * runtime fills the zeros in, by this rule (`src/runtime/varlink/schema/zero.ts`;
 * a test holds the two together): false, 0, "", empty lists, maps and objects,
 * and structs of zeros, their nullable fields left out. Enums and `any` have
 * none, nor has a struct with a field that has none, and so neither a struct
 * that contains itself for ever.
 */

/** With more values inside than this a struct has no zero: it would be a bomb. */
const MAX_SIZE = 10_000;

/** Structs that nest deeper than this have no zero. */
const MAX_ROUNDS = 100;

/** The structs that have a zero; whatever is not asked about is not nullable. */
export class Zeros {
  /** How many values the zero of a struct holds. */
  readonly #sizes = new Map<string, number>();

  constructor(structs: readonly StructDeclaration[]) {
    // By rounds: each adds the structs whose fields are known, and a struct that
    // needs its own zero is never added.
    for (
      let round = 0, before = -1;
      round < MAX_ROUNDS && before < this.#sizes.size;
      round += 1
    ) {
      before = this.#sizes.size;
      for (const struct of structs) {
        if (this.#sizes.has(typeKey(struct.path))) continue;
        const size = this.#sizeOf(struct);
        if (size <= MAX_SIZE) this.#sizes.set(typeKey(struct.path), size);
      }
    }
  }

  /** Whether a type that is not nullable has a zero. */
  has(type: Type): boolean {
    switch (type.kind) {
      case "primitive":
        return type.name !== "any";
      case "reference":
        return this.#sizes.has(typeKey(type.path));
      default:
        return true;
    }
  }

  /** Infinity where there is none. */
  #sizeOf(struct: StructDeclaration): number {
    let size = 1;
    for (const { type, presence } of struct.fields) {
      if (presence === "optional" || type.kind === "nullable") continue;
      if (!this.has(type)) return Number.POSITIVE_INFINITY;
      size +=
        type.kind === "reference"
          ? (this.#sizes.get(typeKey(type.path)) ?? 1)
          : 1;
    }
    return size;
  }
}
