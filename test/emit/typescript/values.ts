import fc from "fast-check";
import type {
  Field,
  Service,
  Struct,
  Type,
  TypeDeclaration,
} from "../../../src/model/api.ts";
import { typeKey } from "../../../src/emit/typescript/names.ts";

/**
 * Random values of an interface's types, as both sides would hold them after
 * JSON: nullable fields are absent, never null, and no number is `-0`.
 */
export class Values {
  readonly #types: ReadonlyMap<string, TypeDeclaration>;
  readonly #finite = new Set<TypeDeclaration>();

  constructor(service: Service) {
    this.#types = new Map(
      service.types.map((type) => [typeKey(type.path), type]),
    );
    for (let before = -1; before < this.#finite.size;) {
      before = this.#finite.size;
      for (const type of service.types) {
        if (type.kind === "enum" || this.isFinite(type)) this.#finite.add(type);
      }
    }
  }

  /** Whether a struct has any value at all: `type T (t: T)` has none. */
  isFinite(struct: Struct): boolean {
    return struct.fields.every(
      (field) =>
        field.type.kind !== "reference" ||
        this.#finite.has(this.#type(field.type)),
    );
  }

  struct(struct: Struct, depth = 3): fc.Arbitrary<object> {
    const entries = struct.fields.map(
      (field): [string, fc.Arbitrary<unknown>] => [
        field.name,
        this.#field(field, depth),
      ],
    );
    return fc
      .record(Object.fromEntries(entries), { noNullPrototype: true })
      .map((value) =>
        // `undefined` stands for what is left out.
        Object.fromEntries(
          Object.entries(value).filter(([, item]) => item !== undefined),
        ),
      );
  }

  #type(type: Type & { readonly kind: "reference" }): TypeDeclaration {
    const declaration = this.#types.get(typeKey(type.path));
    if (declaration === undefined)
      throw new Error(`no type ${typeKey(type.path)}`);
    return declaration;
  }

  #field({ type }: Field, depth: number): fc.Arbitrary<unknown> {
    if (type.kind !== "nullable") return this.#value(type, depth);
    return depth <= 0 || this.#isEndless(type.type)
      ? fc.constant(undefined)
      : fc.option(this.#value(type.type, depth), { nil: undefined });
  }

  #isEndless(type: Type): boolean {
    return type.kind === "reference" && !this.#finite.has(this.#type(type));
  }

  #value(type: Type, depth: number): fc.Arbitrary<unknown> {
    switch (type.kind) {
      case "primitive":
        return PRIMITIVES[type.name];
      case "nullable":
        return depth <= 0 || this.#isEndless(type.type)
          ? fc.constant(null)
          : fc.option(this.#value(type.type, depth), { nil: null });
      case "list":
        return depth <= 0 || this.#isEndless(type.element)
          ? fc.constant([])
          : fc.array(this.#value(type.element, depth - 1), { maxLength: 2 });
      case "map":
        return depth <= 0 || this.#isEndless(type.value)
          ? fc.constant({})
          : fc.dictionary(
              fc.string({ maxLength: 4 }).filter((key) => key !== "__proto__"),
              this.#value(type.value, depth - 1),
              {
                maxKeys: 2,
                noNullPrototype: true,
              },
            );
      default: {
        const declaration = this.#type(type);
        return declaration.kind === "enum"
          ? fc.constantFrom(...declaration.values.map(({ name }) => name))
          : this.struct(declaration, depth - 1);
      }
    }
  }
}

const float = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => value + 0);
const text = fc.string({ unit: "grapheme", maxLength: 8 });
const object = fc.dictionary(
  text.filter((key) => key !== "__proto__"),
  fc.oneof(fc.boolean(), text),
  {
    maxKeys: 2,
    noNullPrototype: true,
  },
);

const PRIMITIVES = {
  bool: fc.boolean(),
  int: fc.maxSafeInteger(),
  float,
  string: text,
  object,
  any: fc.oneof(
    fc.boolean(),
    float,
    text,
    object,
    fc.constant([1, null, { a: [] }]),
  ),
  // Protocol Buffers' own: no Varlink file has them.
  int32: fc.integer(),
  uint32: fc.nat(),
  int64: fc.bigInt(),
  uint64: fc.bigInt(),
  bytes: fc.uint8Array(),
} as const;
