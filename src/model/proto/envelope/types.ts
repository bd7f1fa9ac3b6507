import type {
  EnumDeclaration,
  EnumValue,
  Field,
  Service,
  StructDeclaration,
  TypeDeclaration,
} from "../../api.ts";
import { problemAt, suggestion } from "./problem.ts";

/** The declarations of an interface file, for settings that name them. */
export class Types {
  readonly #types: ReadonlyMap<string, TypeDeclaration>;
  readonly #path: string;

  constructor(service: Service) {
    this.#types = new Map(
      service.types.map((type) => [type.path.join("."), type]),
    );
    this.#path = service.source.path;
  }

  /** @throws EnvelopeError when there is no such message. */
  message(fullName: string, setting: string): StructDeclaration {
    const found = this.#types.get(fullName);
    if (found?.kind === "struct") return found;
    const messages = [...this.#types].flatMap(([name, { kind }]) =>
      kind === "struct" ? [name] : [],
    );
    throw problemAt(
      setting,
      `${this.#path} has no message ${JSON.stringify(fullName)}${suggestion(fullName, messages)}`,
    );
  }

  /** The message that a singular field has, undefined for any other field. */
  messageOf(field: Field): StructDeclaration | undefined {
    const type = this.#referenced(field);
    return type?.kind === "struct" ? type : undefined;
  }

  /** The enum that a singular field is of, undefined for any other field. */
  enumOf(field: Field): EnumDeclaration | undefined {
    const type = this.#referenced(field);
    return type?.kind === "enum" ? type : undefined;
  }

  #referenced(field: Field): TypeDeclaration | undefined {
    if (field.type.kind !== "reference") return undefined;
    return this.#types.get(field.type.path.join("."));
  }

  /**
   * The field at the end of a dotted way through singular messages.
   *
   * @throws EnvelopeError when there is none.
   */
  fieldAt(message: StructDeclaration, way: string, setting: string): Field {
    const steps = way.split(".");
    let at = message;
    for (const step of steps.slice(0, -1)) {
      const field = fieldOf(at, step, setting);
      const inner = this.messageOf(field);
      if (inner === undefined) {
        throw problemAt(
          setting,
          `${at.name}.${step} is not one message, so nothing lies behind it`,
        );
      }
      at = inner;
    }
    return fieldOf(at, steps.at(-1) ?? "", setting);
  }
}

/** @throws EnvelopeError when the message has no such field. */
export function fieldOf(
  message: StructDeclaration,
  name: string,
  setting: string,
): Field {
  const found = message.fields.find((field) => field.name === name);
  if (found !== undefined) return found;
  const names = message.fields.map((field) => field.name);
  throw problemAt(
    setting,
    `${message.name} has no field ${JSON.stringify(name)}${suggestion(name, names)}`,
  );
}

/** @throws EnvelopeError when the enum has no such value. */
export function valueOf(
  codes: EnumDeclaration,
  name: string,
  setting: string,
): EnumValue {
  const found = codes.values.find((value) => value.name === name);
  if (found !== undefined) return found;
  const names = codes.values.map((value) => value.name);
  throw problemAt(
    setting,
    `${codes.name} has no value ${JSON.stringify(name)}${suggestion(name, names)}`,
  );
}

/** Whether a field is one text, one truth value or one integer. */
export function isOne(
  field: Field,
  kind: "text" | "flag" | "integer",
): boolean {
  if (field.type.kind !== "primitive") return false;
  switch (field.type.name) {
    case "string":
      return kind === "text";
    case "bool":
      return kind === "flag";
    case "int32":
    case "uint32":
    case "int64":
    case "uint64":
      return kind === "integer";
    default:
      return false;
  }
}
