import type * as ast from "../../../grammar/proto/ast.ts";
import type { LinkProblems } from "./codes.ts";
import type { FieldDescriptor } from "./descriptor.ts";
import { clip } from "./names.ts";
import { nearest } from "../../../grammar/source/nearest.ts";
import type { OptionDraft } from "./option-drafts.ts";
import { integerRange, isWide } from "./scalars.ts";

type Value = Exclude<ast.OptionValue, ast.Missing>;

/**
 * The value of an option that is no message: stricter than in a message's text,
 * for an enum's number or a bool's 0 is not taken.
 */
export function readOptionValue(
  field: FieldDescriptor,
  value: Value,
  problems: LinkProblems,
): OptionDraft | undefined {
  const wrong = (expected: string, help?: string): undefined => {
    problems.error("proto/option-value", value.span, () => ({
      message: `the option \`${clip(field.name)}\` must be ${expected}`,
      ...(help !== undefined && { help }),
    }));
  };
  const { type } = field;
  switch (type) {
    case "message":
    case "group":
      return wrong(
        `a message of type \`${clip(field.message?.fullName ?? "")}\``,
        `give it as a whole, \`= { … }\`, or its fields, \`.field = …\``,
      );
    case "enum":
      if (value.kind !== "identifier" || value.negative)
        return wrong(`a value of the enum \`${enumName(field)}\``);
      return (
        enumValue(field, value.text) ??
        wrong(...unknownValue(field, value.text))
      );
    case "bool":
      if (value.kind !== "identifier" || !/^(?:true|false)$/.test(value.text))
        return wrong("`true` or `false`");
      return value.negative
        ? wrong("`true` or `false`")
        : { kind: "scalar", value: value.text === "true" };
    case "string":
      if (value.kind !== "string") return wrong("a string in quotes");
      return {
        kind: "scalar",
        value: new TextDecoder("utf-8", { ignoreBOM: true }).decode(
          value.bytes,
        ),
      };
    case "bytes":
      return value.kind === "string"
        ? { kind: "scalar", value: value.bytes }
        : wrong("a string in quotes");
    case "float":
    case "double": {
      const number = floatValue(value);
      if (number === undefined) return wrong("a number");
      return {
        kind: "scalar",
        value: type === "float" ? Math.fround(number) : number,
      };
    }
    default:
      return integerValue(type, value) ?? wrong(...integerWords(type));
  }
}

/** `inf` and `nan` are numbers here, whatever their sign. */
function floatValue(value: Value): number | undefined {
  switch (value.kind) {
    case "float":
      return value.value;
    case "integer":
      return value.negative && value.value === 0n ? -0 : Number(value.value);
    case "identifier": {
      if (value.text === "nan") return NaN;
      if (value.text !== "inf") return undefined;
      return value.negative ? -Infinity : Infinity;
    }
    case "string":
    case "aggregate":
    default:
      return undefined;
  }
}

/** An integer literal as a value of a type; undefined if it does not fit. */
export function integerValue(
  type: string,
  value: { readonly kind: string; readonly value?: unknown },
): OptionDraft | undefined {
  const range = integerRange(type);
  if (range === undefined || value.kind !== "integer") return undefined;
  const number = value.value as bigint;
  if (number < range.min || number > range.max) return undefined;
  return { kind: "scalar", value: isWide(type) ? number : Number(number) };
}

/** What an integer type takes. */
export function integerWords(type: string): [string, string] {
  const { min = 0n, max = 0n } = integerRange(type) ?? {};
  return [`an integer of type ${type}`, `from ${min} to ${max}`];
}

export function enumValue(
  field: FieldDescriptor,
  name: string,
): OptionDraft | undefined {
  const found = field.enum?.values.find((one) => one.name === name);
  return found && { kind: "enum", name, number: found.number };
}

export function unknownValue(
  field: FieldDescriptor,
  name: string,
): [string, string?] {
  const names = field.enum?.values.slice(0, 2000).map((one) => one.name) ?? [];
  const similar = nearest(name, names);
  const what = `a value of the enum \`${enumName(field)}\`, which has no \`${clip(name)}\``;
  return similar === undefined
    ? [what]
    : [what, `did you mean \`${similar}\`?`];
}

function enumName(field: FieldDescriptor): string {
  return clip(field.enum?.fullName ?? "");
}
