// Random messages of whatever type a service has, in the form they are read in.
import type {
  Field,
  FieldWire,
  Service,
  StructDeclaration,
  Type,
  TypeDeclaration,
} from "../../../src/model/api.ts";
import { propertyName } from "../../../src/emit/typescript/proto/names.ts";
import type { Data } from "./support.ts";

type Scalar = Exclude<FieldWire["type"], "message" | "group" | "enum">;

const STRINGS = [
  "",
  "a",
  "web",
  "container-1",
  "a text of forty-two characters, in plain ASCII",
  "é",
  "€uro, and more text so that it is a long one",
  "\u{1f600}",
  "x".repeat(127),
  "x".repeat(128),
  "é".repeat(100),
  "\0\n\"'\\",
];
const INT32 = [0, 1, -1, 127, 128, 300, 2 ** 31 - 1, -(2 ** 31)];
const UINT32 = [0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32 - 1];
const INT64 = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  2n ** 31n,
  2n ** 32n,
  -(2n ** 31n),
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const UINT64 = [
  0n,
  1n,
  127n,
  128n,
  2n ** 28n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 56n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const FLOATS = [0, -0, 1, -1.5, 1e30, 1e-30, Infinity, -Infinity, NaN, 0.1];

/** Makes messages of a service, the same ones for a seed. */
export class RandomMessages {
  readonly #types: ReadonlyMap<string, TypeDeclaration>;
  /** Most entries of a map: their order on the wire is nobody's business. */
  readonly #entries: number;
  #state: number;

  constructor(service: Service, seed: number, entries: number) {
    this.#types = new Map(
      service.types.map((type) => [type.path.join("."), type]),
    );
    this.#entries = entries;
    this.#state = seed;
  }

  /** From 0 to 1 (mulberry32). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  #upTo(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  #one<T>(values: readonly T[]): T {
    return values[this.#upTo(values.length)] as T;
  }

  /** A message in which each field is as likely there as not. */
  message(type: StructDeclaration, depth = 3): Data {
    const message: { [name: string]: unknown } = {};
    const deep = depth > 0;
    for (const field of type.fields) {
      const wire = field.wire as FieldWire;
      const isMessage = wire.type === "message" || wire.type === "group";
      const wanted = this.#next() < 0.5 && (deep || !isMessage);
      const { oneof } = wire;
      if (oneof !== undefined) {
        const name = propertyName(oneof);
        if (wanted && !Object.hasOwn(message, name))
          message[name] = {
            case: field.name,
            value: this.#value(field.type, wire, depth),
          };
        continue;
      }
      const filled = this.#field(field, wire, wanted, depth);
      if (filled !== undefined) message[propertyName(field.name)] = filled;
    }
    return message;
  }

  #field(
    { type, presence }: Field,
    wire: FieldWire,
    wanted: boolean,
    depth: number,
  ): unknown {
    if (type.kind === "list") {
      const length = wanted ? this.#upTo(4) : 0;
      return Array.from({ length }, () =>
        this.#value(type.element, wire, depth),
      );
    }
    if (type.kind === "map") {
      const map: { [key: string]: unknown } = {};
      const count = wanted ? 1 + this.#upTo(this.#entries) : 0;
      for (let index = 0; index < count; index += 1) {
        const key = this.#scalar(wire.key ?? "string");
        map[String(key)] = this.#value(type.value, wire, depth);
      }
      return map;
    }
    if (!wanted && presence === "optional") return undefined;
    // A message without presence does not exist, and zeros are as good as any.
    return this.#value(type, wire, depth);
  }

  #value(type: Type, wire: FieldWire, depth: number): unknown {
    if (type.kind !== "reference") return this.#scalar(wire.type as Scalar);
    const declared = this.#types.get(type.path.join("."));
    if (declared?.kind === "struct") return this.message(declared, depth - 1);
    return this.#one(declared?.values ?? []).number;
  }

  #scalar(type: Scalar): unknown {
    switch (type) {
      case "string":
        return this.#one(STRINGS);
      case "bytes":
        return Uint8Array.from({ length: this.#upTo(200) }, () =>
          this.#upTo(256),
        );
      case "bool":
        return this.#next() < 0.5;
      case "double":
        return this.#one(FLOATS);
      case "float":
        return Math.fround(this.#one(FLOATS));
      case "uint32":
      case "fixed32":
        return this.#one(UINT32);
      case "uint64":
      case "fixed64":
        return this.#one(UINT64);
      case "int64":
      case "sint64":
      case "sfixed64":
        return this.#one(INT64);
      default:
        return this.#one(INT32);
    }
  }
}
