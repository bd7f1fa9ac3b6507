import type * as ast from "../../../grammar/proto/ast.ts";
import { nearest } from "../../../grammar/source/nearest.ts";
import { AggregateReader } from "./aggregates.ts";
import type { LinkProblems } from "./codes.ts";
import type { FieldDescriptor, MessageDescriptor } from "./descriptor.ts";
import type {
  FileDraft,
  FileWork,
  OptionTarget,
  OptionWork,
} from "./drafts.ts";
import { clip } from "./names.ts";
import { fieldNamed, type OptionsDraft, put, keyOf } from "./option-drafts.ts";
import { readOptionValue } from "./option-values.ts";
import { isFound, type Scope } from "./symbols.ts";

const optionsMessages: Readonly<Record<OptionTarget, string>> = {
  FILE: "FileOptions",
  EXTENSION_RANGE: "ExtensionRangeOptions",
  MESSAGE: "MessageOptions",
  FIELD: "FieldOptions",
  ONEOF: "OneofOptions",
  ENUM: "EnumOptions",
  ENUM_ENTRY: "EnumValueOptions",
  SERVICE: "ServiceOptions",
  METHOD: "MethodOptions",
};

const targetWords: Readonly<Record<OptionTarget, string>> = {
  FILE: "a file",
  EXTENSION_RANGE: "an extension range",
  MESSAGE: "a message",
  FIELD: "a field",
  ONEOF: "a oneof",
  ENUM: "an enum",
  ENUM_ENTRY: "an enum value",
  SERVICE: "a service",
  METHOD: "a method",
};

/**
 * Finds what options mean: the fields of descriptor.proto's options messages, and
 * extensions of them, of any depth; their values are checked against those types
 * (`OptionInterpreter` in descriptor.cc).
 */
export class OptionReader {
  readonly #work: FileWork;
  readonly #scope: Scope;
  readonly #problems: LinkProblems;
  readonly #descriptor: FileDraft;
  readonly #isWhole: boolean;
  readonly #own: ReadonlySet<FieldDescriptor>;
  readonly #extensions = new Map<string, FieldDescriptor>();
  readonly #later: (() => void)[] = [];

  /** @param descriptor The descriptor.proto that has the options messages. */
  constructor(
    work: FileWork,
    scope: Scope,
    problems: LinkProblems,
    descriptor: FileDraft,
    isWhole: boolean,
  ) {
    this.#work = work;
    this.#scope = scope;
    this.#problems = problems;
    this.#descriptor = descriptor;
    this.#isWhole = isWhole;
    this.#own = new Set(
      work.fields.flatMap(({ draft, extend }) =>
        extend === undefined ? [] : [draft],
      ),
    );
  }

  /** Reads all options; those that are {@link finish}ed need the file's features. */
  run(): void {
    for (const work of this.#work.options) {
      const name = optionsMessages[work.target];
      const message = this.#descriptor.messages.find(
        (one) => one.name === name,
      );
      if (message === undefined) continue;
      const options: OptionsDraft = new Map();
      for (const assignment of work.assignments)
        this.#assign(assignment, message, options, work);
      for (const holder of work.holders)
        holder.options =
          holder.options.size === 0
            ? options
            : new Map([...holder.options, ...options]);
    }
  }

  /** Packs messages into `Any`s, once it is known how their fields are written. */
  finish(): void {
    for (const one of this.#later) one();
  }

  #assign(
    { name, value }: ast.OptionAssignment,
    root: MessageDescriptor,
    options: OptionsDraft,
    { target, scope }: OptionWork,
  ): void {
    let message = root;
    let fields = options;
    const last = name.parts.length - 1;
    for (const [index, part] of name.parts.entries()) {
      const field = this.#part(part, message, name, scope, target);
      if (field === undefined) return;
      if (!this.#fits(field, part, name, target)) return;
      if (index < last) {
        const next = this.#enter(field, part, fields);
        if (next === undefined) return;
        ({ message, fields } = next);
        continue;
      }
      if (field.label !== "repeated" && fields.has(keyOf(field))) {
        this.#problems.error("proto/duplicate-option", name.span, () => ({
          message: `the option \`${this.#spell(name)}\` is set already`,
        }));
        return;
      }
      if (value.kind === "missing") return;
      const read =
        value.kind === "aggregate" && field.message !== undefined
          ? this.#aggregates(scope, target).read(value, field.message)
          : readOptionValue(field, value, this.#problems);
      if (read !== undefined) put(fields, message, field, read);
    }
  }

  #aggregates(scope: string, target: OptionTarget): AggregateReader {
    return new AggregateReader(this.#scope, this.#problems, {
      from: scope,
      isWhole: this.#isWhole,
      extensions: this.#extensions,
      later: this.#later,
      fits: (field, span) =>
        this.#isSupported(field, span) && this.#isTarget(field, span, target),
    });
  }

  /** The message in an option whose field is set. */
  #enter(
    field: FieldDescriptor,
    part: ast.OptionNamePart,
    fields: OptionsDraft,
  ): { message: MessageDescriptor; fields: OptionsDraft } | undefined {
    const { message } = field;
    if (message === undefined || field.label === "repeated") {
      this.#problems.error("proto/option-value", part.span, () =>
        message === undefined
          ? {
              message: `\`${clip(part.text)}\` is no message: it has no fields`,
            }
          : {
              message: `\`${clip(part.text)}\` is a list of messages, of which no field can be set`,
              help: "give each message as a whole, in braces",
            },
      );
      return undefined;
    }
    const key = keyOf(field);
    const there = fields.get(key);
    if (there?.kind === "message") return { message, fields: there.fields };
    const inside: OptionsDraft = new Map();
    fields.set(key, { kind: "message", fields: inside });
    return { message, fields: inside };
  }

  #part(
    part: ast.OptionNamePart,
    message: MessageDescriptor,
    name: ast.OptionName,
    scope: string,
    target: OptionTarget,
  ): FieldDescriptor | undefined {
    // A missing name was told of.
    if (part.text === "") return undefined;
    if (!part.extension) {
      const field = fieldNamed(message, part.text);
      if (field === undefined)
        this.#problems.error("proto/unknown-option", part.span, () =>
          this.#unknown(part, message, name, target),
        );
      return field;
    }
    const found = this.#scope.lookup(part.text, scope, "all");
    if (isFound(found)) {
      if (
        (found.kind === "extension" || found.kind === "field") &&
        (found.of.extendee ?? undefined) === message
      )
        return found.of;
      const what =
        found.kind === "extension"
          ? `an extension of \`${clip(found.of.extendee?.fullName ?? "")}\``
          : `a ${found.kind}`;
      // An extension of what could not be found was told of.
      if (found.kind !== "extension" || found.of.extendee !== undefined)
        this.#problems.error("proto/unknown-option", part.span, () => ({
          message: `\`${clip(part.text)}\` is ${what}, not an extension of \`${clip(message.fullName)}\``,
        }));
      return undefined;
    }
    if (!this.#isWhole) return undefined;
    this.#problems.error("proto/unknown-option", part.span, () => ({
      message:
        found.kind === "shadowed"
          ? `\`${clip(part.text)}\` means \`${clip(found.resolved)}\` here, which does not exist`
          : `there is no option \`(${clip(part.text)})\``,
      help:
        found.kind === "not-imported"
          ? `add \`import "${clip(found.symbol.file.path)}";\``
          : found.kind === "shadowed"
            ? `the innermost scope that has the first part decides; \`(.${clip(part.text)})\` is looked up from outside`
            : `an option in parentheses is an extension of \`${clip(message.fullName)}\`, declared in this file or one that it imports`,
    }));
    return undefined;
  }

  #unknown(
    part: ast.OptionNamePart,
    message: MessageDescriptor,
    { parts }: ast.OptionName,
    target: OptionTarget,
  ): { message: string; help?: string } {
    const isFirst = parts[0] === part;
    const similar = nearest(
      part.text,
      message.fields.map(({ name }) => name),
    );
    const text = clip(part.text);
    return {
      message: isFirst
        ? `${targetWords[target]} has no option \`${text}\``
        : `\`${clip(message.fullName)}\` has no field \`${text}\``,
      ...(similar !== undefined
        ? { help: `did you mean \`${similar}\`?` }
        : isFirst && {
            help: `options of one's own are written in parentheses: \`(${text})\``,
          }),
    };
  }

  #fits(
    field: FieldDescriptor,
    part: ast.OptionNamePart,
    name: ast.OptionName,
    target: OptionTarget,
  ): boolean {
    const [first] = name.parts;
    if (field.name === "uninterpreted_option" && !part.extension) {
      this.#problems.error("proto/misplaced-option", part.span, () => ({
        message: "`uninterpreted_option` is protoc's own",
      }));
      return false;
    }
    if (field.fullName === "google.protobuf.MessageOptions.map_entry") {
      this.#problems.error("proto/misplaced-option", part.span, () => ({
        message: "`map_entry` cannot be set",
        help: "write a field of type `map<K, V>`",
      }));
      return false;
    }
    if (
      this.#own.has(field) &&
      first?.text === "features" &&
      !first.extension
    ) {
      this.#problems.error("proto/feature", part.span, () => ({
        message: "a feature cannot be used in the file that declares it",
      }));
      return false;
    }
    return (
      this.#isSupported(field, part.span) &&
      this.#isTarget(field, part.span, target)
    );
  }

  /** Options come and go with editions. */
  #isSupported(field: FieldDescriptor, span: ast.OptionName["span"]): boolean {
    const support = field.options.get("feature_support");
    if (support?.kind !== "message") return true;
    const edition = editionNumber(this.#work.draft);
    const of = (name: string): number | undefined => {
      const value = support.fields.get(name);
      return value?.kind === "enum" ? value.number : undefined;
    };
    const introduced = of("edition_introduced");
    const removed = of("edition_removed");
    const isEarly = introduced !== undefined && edition < introduced;
    if (!isEarly && (removed === undefined || edition < removed)) return true;
    this.#problems.error("proto/feature", span, () => ({
      message: isEarly
        ? `\`${clip(field.name)}\` is for edition ${yearOf(introduced)} and later`
        : `\`${clip(field.name)}\` is not for edition ${yearOf(removed ?? 0)} and later`,
    }));
    return false;
  }

  /** An option may say what it can be set on. */
  #isTarget(
    field: FieldDescriptor,
    span: ast.OptionName["span"],
    target: OptionTarget,
  ): boolean {
    const targets = field.options.get("targets");
    if (targets?.kind !== "list" || targets.elements.length === 0) return true;
    const allowed = targets.elements.flatMap((one) =>
      one.kind === "enum" ? [one.name.replace("TARGET_TYPE_", "")] : [],
    );
    if (allowed.includes(target)) return true;
    this.#problems.error("proto/misplaced-option", span, () => ({
      message: `the option \`${clip(field.name)}\` cannot be set on ${targetWords[target]}`,
      help: `it is for ${allowed.map((one) => one.toLowerCase().replaceAll("_", " ")).join(", ")}`,
    }));
    return false;
  }

  #spell({ parts }: ast.OptionName): string {
    return clip(
      parts
        .map(({ text, extension }) => (extension ? `(${text})` : text))
        .join("."),
    );
  }
}

/** The numbers of descriptor.proto's `Edition`. */
const editionNumbers: ReadonlyMap<string, number> = new Map([
  ["proto2", 998],
  ["proto3", 999],
  ["2023", 1000],
  ["2024", 1001],
  ["2026", 1002],
]);

function editionNumber({ syntax, edition = syntax }: FileDraft): number {
  return editionNumbers.get(edition) ?? 1000;
}

function yearOf(number: number): string {
  for (const [name, one] of editionNumbers) if (one === number) return name;
  return String(number);
}
