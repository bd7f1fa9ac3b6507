import type * as ast from "../../../grammar/proto/ast.ts";
import type { WireValue } from "../api.ts";
import type { LinkProblems } from "./codes.ts";
import {
  type FieldDraft,
  type FieldWork,
  type FileDraft,
  isSimple,
} from "./drafts.ts";
import { clip } from "./names.ts";
import { doubleText, escapedText, floatText } from "./number-text.ts";
import {
  enumValue,
  integerValue,
  integerWords,
  unknownValue,
} from "./option-values.ts";

interface Default {
  readonly value: WireValue;
  /** As protoc spells it. */
  readonly text: string;
}

/** Reads what stands among a field's options and is none: its default, and its name in JSON. */
export function readPseudoOptions(
  { draft, node, extend }: FieldWork,
  file: FileDraft,
  problems: LinkProblems,
): void {
  const seen = new Set<string>();
  for (const option of node.options) {
    const name = isSimple(option, "default")
      ? "default"
      : isSimple(option, "json_name")
        ? "json_name"
        : undefined;
    if (name === undefined) continue;
    if (seen.has(name)) {
      problems.error("proto/duplicate-option", option.name.span, () => ({
        message: `\`${name}\` is set already`,
      }));
      continue;
    }
    seen.add(name);
    if (name === "json_name")
      readJsonName(draft, option, extend !== undefined, problems);
    else readDefault(draft, option, file, problems);
  }
}

function readJsonName(
  draft: FieldDraft,
  { name, value }: ast.OptionAssignment,
  isExtension: boolean,
  problems: LinkProblems,
): void {
  if (value.kind === "missing") return;
  const wrong = (message: string, at: ast.OptionName | ast.OptionValue) =>
    problems.error("proto/json-name", at.span, () => ({ message }));
  if (value.kind !== "string")
    return wrong("the name in JSON must be a string in quotes", value);
  const text = new TextDecoder().decode(value.bytes);
  if (text.includes("\0"))
    return wrong("the name in JSON cannot have the character 0 in it", value);
  if (text.startsWith("[") && text.endsWith("]"))
    return wrong("names in brackets are those of extensions", value);
  if (isExtension && text !== draft.jsonName)
    return wrong("an extension's name in JSON is its full name", name);
  draft.jsonName = text;
}

function readDefault(
  draft: FieldDraft,
  { name, value }: ast.OptionAssignment,
  file: FileDraft,
  problems: LinkProblems,
): void {
  if (value.kind === "missing") return;
  const wrong = (
    at: { readonly span: ast.Name["span"] },
    message: string,
    help?: string,
  ): void =>
    problems.error("proto/default-value", at.span, () => ({
      message,
      ...(help !== undefined && { help }),
    }));
  if (file.syntax === "proto3")
    return wrong(name, "proto3 has no defaults of one's own");
  if (draft.label === "repeated")
    return wrong(name, "a list has no default: it is empty");
  if (draft.message !== undefined)
    return wrong(name, "a message has no default: its fields have");
  // A type that was not found was told of.
  if (draft.type === "message") return;
  const read = defaultOf(draft, value);
  if ("value" in read) {
    draft.default = read.value;
    draft.defaultText = read.text;
  } else
    wrong(
      value,
      `the default of \`${clip(draft.name)}\` must be ${read.expected}`,
      read.help,
    );
}

type Wrong = { readonly expected: string; readonly help?: string };

function defaultOf(
  field: FieldDraft,
  value: Exclude<ast.OptionValue, ast.Missing>,
): Default | Wrong {
  const { type } = field;
  switch (type) {
    case "enum": {
      const noName = value.kind !== "identifier" || value.negative;
      const read = noName ? undefined : enumValue(field, value.text);
      if (!noName && read?.kind === "enum")
        return { value: read.number, text: value.text };
      const [expected, help] = noName
        ? [`a value of the enum \`${clip(field.enum?.fullName ?? "")}\``]
        : unknownValue(field, value.text);
      return { expected, ...(help !== undefined && { help }) };
    }
    case "bool":
      return value.kind === "identifier" &&
        !value.negative &&
        /^(?:true|false)$/.test(value.text)
        ? { value: value.text === "true", text: value.text }
        : { expected: "`true` or `false`" };
    case "string": {
      if (value.kind !== "string") return { expected: "a string in quotes" };
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
        value.bytes,
      );
      return { value: text, text };
    }
    case "bytes":
      return value.kind === "string"
        ? { value: value.bytes, text: escapedText(value.bytes) }
        : { expected: "a string in quotes" };
    case "float":
    case "double": {
      const number = numberOf(value);
      if (number === undefined) return { expected: "a number" };
      return type === "float"
        ? { value: Math.fround(number), text: floatText(number) }
        : { value: number, text: doubleText(number) };
    }
    default: {
      const read = integerValue(type, value);
      const [expected, help] = integerWords(type);
      return read?.kind === "scalar"
        ? { value: read.value, text: String(read.value) }
        : { expected, help };
    }
  }
}

function numberOf(value: ast.OptionValue): number | undefined {
  if (value.kind === "float") return value.value;
  if (value.kind === "integer")
    return value.negative && value.value === 0n ? -0 : Number(value.value);
  if (value.kind !== "identifier") return undefined;
  if (value.text === "nan") return NaN;
  if (value.text !== "inf") return undefined;
  return value.negative ? -Infinity : Infinity;
}
