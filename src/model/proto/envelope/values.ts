import type { Field, StructDeclaration, WireValue } from "../../api.ts";
import { problemAt, settingPath } from "./problem.ts";
import type { ConfigValue, EmptyMessage } from "./settings.ts";
import { shown } from "./shape.ts";
import { fieldOf, type Types, valueOf } from "./types.ts";
import { writeFields } from "./write.ts";

interface Demands {
  readonly [message: string]: {
    readonly [field: string]: ConfigValue | EmptyMessage;
  };
}

/**
 * What is written for the fields that a peer demands, by message and field.
 *
 * @throws EnvelopeError for a message or field that there is not, and for a value
 * that does not fit.
 */
export function demandedValues(
  types: Types,
  demands: Demands,
): ReadonlyMap<string, ReadonlyMap<string, WireValue>> {
  const reader = new DemandReader(types, demands);
  return new Map(
    Object.keys(demands).map((fullName) => [fullName, reader.fields(fullName)]),
  );
}

class DemandReader {
  readonly #types: Types;
  readonly #demands: Demands;
  readonly #done = new Map<string, ReadonlyMap<string, WireValue>>();
  /** Messages whose fields are being read: one inside itself would have no end. */
  readonly #open = new Set<string>();

  constructor(types: Types, demands: Demands) {
    this.#types = types;
    this.#demands = demands;
  }

  /** The values demanded in a message; none for one that is not configured. */
  fields(fullName: string): ReadonlyMap<string, WireValue> {
    const done = this.#done.get(fullName);
    if (done !== undefined) return done;
    const setting = settingPath("required", fullName);
    const message = this.#types.message(fullName, setting);
    const demanded = Object.hasOwn(this.#demands, fullName)
      ? Object.entries(this.#demands[fullName] ?? {})
      : [];
    this.#open.add(fullName);
    const values = new Map(
      demanded.map(([name, value]) => {
        const at = settingPath(setting, name);
        const field = fieldOf(message, name, at);
        return [name, this.#value(field, value, at)];
      }),
    );
    this.#open.delete(fullName);
    this.#done.set(fullName, values);
    return values;
  }

  #value(
    field: Field,
    value: ConfigValue | EmptyMessage,
    setting: string,
  ): WireValue {
    if (field.type.kind === "list" || field.type.kind === "map") {
      throw problemAt(
        setting,
        "the field holds any number of values, so none can be demanded",
      );
    }
    if (field.wire?.oneof !== undefined) {
      throw problemAt(
        setting,
        `the field is part of ${field.wire.oneof}, where another may stand in its place`,
      );
    }
    if (field.presence === "implicit") {
      throw problemAt(
        setting,
        "whether the field was given cannot be told from its zero, so nothing can be put in its place",
      );
    }
    const message = this.#types.messageOf(field);
    if (message === undefined)
      return scalarValue(this.#types, field, value, setting);
    if (typeof value !== "object")
      throw problemAt(setting, `expected {}, found ${shown(value)}`);
    if (field.wire?.type === "group")
      throw problemAt(setting, "groups cannot be demanded");
    return this.#emptyMessage(message, setting);
  }

  /** The bytes of a message that has nothing but what is demanded in it. */
  #emptyMessage(message: StructDeclaration, setting: string): Uint8Array {
    const fullName = message.path.join(".");
    if (this.#open.has(fullName)) {
      throw problemAt(
        setting,
        `${message.name} would have to be inside itself without end`,
      );
    }
    const values = this.fields(fullName);
    const lacking = message.fields.find(
      ({ name, presence }) => presence === "required" && !values.has(name),
    );
    if (lacking !== undefined) {
      throw problemAt(
        setting,
        `an empty ${message.name} lacks its required field ${lacking.name}: say its value under required`,
      );
    }
    return writeFields(message, values);
  }
}

/**
 * A configured value as a field's wire type has it.
 *
 * @throws EnvelopeError when it does not fit.
 */
export function scalarValue(
  types: Types,
  field: Field,
  value: ConfigValue | EmptyMessage,
  setting: string,
): WireValue {
  const type = types.enumOf(field);
  if (type !== undefined) {
    if (typeof value !== "string")
      throw unfit("a value's name", value, setting);
    return valueOf(type, value, setting).number ?? 0;
  }
  const name = field.type.kind === "primitive" ? field.type.name : undefined;
  switch (name) {
    case "bool":
      if (typeof value === "boolean") return value;
      throw unfit("true or false", value, setting);
    case "string":
      if (typeof value === "string" && !/\p{Surrogate}/u.test(value))
        return value;
      throw unfit("text", value, setting);
    case "bytes":
      if (typeof value === "string" && isBase64(value))
        return new Uint8Array(Buffer.from(value, "base64"));
      throw unfit("bytes in base64", value, setting);
    case "float":
      if (typeof value === "number") return value;
      if (value === "Infinity" || value === "-Infinity" || value === "NaN")
        return Number(value);
      throw unfit("a number", value, setting);
    case "int32":
    case "uint32":
    case "int64":
    case "uint64":
      return integer(name, value, setting);
    default:
      throw problemAt(setting, "the field is neither a scalar nor an enum");
  }
}

const RANGES = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

function integer(
  type: keyof typeof RANGES,
  value: ConfigValue | EmptyMessage,
  setting: string,
): number | bigint {
  const [least, most] = RANGES[type];
  const isWritten = typeof value === "string" && /^-?\d+$/.test(value);
  if (Number.isSafeInteger(value) || isWritten) {
    const whole = BigInt(value as number | string);
    if (least <= whole && whole <= most)
      return type.endsWith("64") ? whole : Number(whole);
  }
  throw unfit(`an integer from ${least} to ${most}`, value, setting);
}

function isBase64(text: string): boolean {
  return Buffer.from(text, "base64").toString("base64") === text;
}

function unfit(wanted: string, found: unknown, setting: string): Error {
  return problemAt(setting, `expected ${wanted}, found ${shown(found)}`);
}
