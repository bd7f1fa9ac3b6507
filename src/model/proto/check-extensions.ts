import type { LinkProblems } from "./codes.ts";
import type {
  ExtensionRange,
  FieldDescriptor,
  OptionData,
  Options,
} from "./descriptor.ts";
import type { FieldWork, FileDraft, FileWork, MessageDraft } from "./drafts.ts";
import { isMessageSet } from "./check-numbers.ts";
import { clip } from "./names.ts";
import { scalarOf } from "./scalars.ts";
import type { ExtensionIndex } from "./symbols.ts";

/** What of the options messages may be extended in proto3. */
const optionsMessage =
  /^google\.protobuf\.(?:File|Message|Field|Oneof|ExtensionRange|Enum|EnumValue|Service|Method|Stream)Options$/;

/** Checks that extensions are where their message has room for them. */
export class ExtensionChecks {
  readonly #file: FileDraft;
  readonly #index: ExtensionIndex;
  readonly #isVisible: (file: FileDraft) => boolean;
  readonly #problems: LinkProblems;

  /** @param isVisible Whether a file is among those that this one builds on. */
  constructor(
    file: FileDraft,
    index: ExtensionIndex,
    isVisible: (file: FileDraft) => boolean,
    problems: LinkProblems,
  ) {
    this.#file = file;
    this.#index = index;
    this.#isVisible = isVisible;
    this.#problems = problems;
  }

  check({ draft, node, extend }: FieldWork): void {
    const { extendee } = draft;
    if (extendee === undefined || extend === undefined || draft.number === 0)
      return;
    if (
      this.#file.syntax === "proto3" &&
      !optionsMessage.test(extendee.fullName)
    ) {
      this.#problems.error("proto/extension", extend.extendee.span, () => ({
        message: "proto3 has extensions for options only",
        help: "extend one of the options messages of google/protobuf/descriptor.proto, or use an `Any`",
      }));
      return;
    }
    const range = extendee.extensionRanges.find(
      ({ start, end }) => draft.number >= start && draft.number < end,
    );
    const { span } = node.number;
    if (range === undefined) {
      this.#problems.error("proto/extension-number", span, () => ({
        message: `\`${clip(extendee.fullName)}\` does not declare ${draft.number} as an extension number`,
        help: rangesOf(extendee.extensionRanges),
      }));
      return;
    }
    const taken = this.#index
      .others(extendee, draft)
      .find(({ file }) => file === this.#file || this.#isVisible(file));
    if (taken !== undefined)
      this.#problems.error("proto/duplicate-number", span, () => ({
        message: `the extension number ${draft.number} of \`${clip(extendee.fullName)}\` is that of \`${clip(taken.of.fullName)}\` already`,
        ...(taken.file === this.#file && {
          related: [
            { span: taken.of.span, message: "the first is this field" },
          ],
        }),
      }));
    if (
      isMessageSet(extendee as MessageDraft) &&
      (draft.label !== "optional" || draft.type !== "message")
    )
      this.#problems.error("proto/message-set", node.name.span, () => ({
        message: "extensions of a message set must be optional messages",
      }));
    this.#declared({ draft, node }, range);
  }

  /** A range can say beforehand what its extensions are. */
  #declared(
    { draft, node }: Pick<FieldWork, "draft" | "node">,
    range: ExtensionRange,
  ): void {
    const declarations = range.options.get("declaration");
    const state = range.options.get("verification");
    const must = state?.kind === "enum" && state.name === "DECLARATION";
    if (declarations?.kind !== "list" && !must) return;
    const all = declarations?.kind === "list" ? declarations.elements : [];
    const own = all
      .map(fieldsOf)
      .find((one) => scalar(one, "number") === draft.number);
    const wrong = (message: string): void =>
      this.#problems.error("proto/extension-number", node.number.span, () => ({
        message,
      }));
    const number = `the extension number ${draft.number}`;
    if (own === undefined)
      return wrong(
        `${number} is not declared in its range, which declares its extensions`,
      );
    if (scalar(own, "reserved") === true) return wrong(`${number} is reserved`);
    const name = scalar(own, "full_name");
    if (typeof name === "string" && name !== `.${draft.fullName}`)
      return wrong(`${number} is declared for \`${clip(name)}\``);
    const type = scalar(own, "type");
    if (typeof type === "string" && type !== typeOf(draft))
      return wrong(`${number} is declared with the type \`${clip(type)}\``);
    if ((scalar(own, "repeated") === true) !== (draft.label === "repeated"))
      return wrong(
        `${number} is declared ${draft.label === "repeated" ? "not " : ""}to be repeated`,
      );
    return undefined;
  }
}

/** Checks what ranges say of their extensions beforehand. */
export function checkDeclarations(
  { messages, ranges }: FileWork,
  problems: LinkProblems,
): void {
  for (const { draft } of messages) {
    const names = new Set<unknown>();
    for (const range of draft.extensionRanges) {
      const declarations = range.options.get("declaration");
      if (declarations?.kind !== "list") continue;
      const wrong = (message: string): void =>
        problems.error(
          "proto/extension-range",
          ranges.get(range) ?? draft.span,
          () => ({ message }),
        );
      const state = range.options.get("verification");
      if (state?.kind === "enum" && state.name === "UNVERIFIED")
        wrong("a range that declares its extensions cannot be unverified");
      const numbers = new Set<unknown>();
      for (const one of declarations.elements.map(fieldsOf))
        checkDeclaration(one, range, numbers, names, wrong);
    }
  }
}

function checkDeclaration(
  one: Options,
  range: ExtensionRange,
  numbers: Set<unknown>,
  names: Set<unknown>,
  wrong: (message: string) => void,
): void {
  const number = Number(scalar(one, "number") ?? 0);
  if (number < range.start || number >= range.end)
    wrong(`the extension ${number} is declared outside its range`);
  if (numbers.has(number)) wrong(`the extension ${number} is declared twice`);
  numbers.add(number);
  const name = scalar(one, "full_name");
  const type = scalar(one, "type");
  if (
    scalar(one, "reserved") !== true ||
    name !== undefined ||
    type !== undefined
  ) {
    if (name === undefined || type === undefined)
      return wrong(
        `the extension ${number} must be declared with both \`full_name\` and \`type\``,
      );
  }
  if (typeof name !== "string" || typeof type !== "string") return undefined;
  if (names.has(name))
    wrong(`the extension \`${clip(name)}\` is declared twice`);
  names.add(name);
  for (const text of [name, type]) {
    if (scalarOf(text) === undefined && !text.startsWith("."))
      wrong(`\`${clip(text)}\` must be a full name with a leading dot`);
  }
  return undefined;
}

function fieldsOf(data: OptionData): Options {
  return data.kind === "message" ? data.fields : new Map();
}

function scalar(options: Options, name: string): unknown {
  const value = options.get(name);
  return value?.kind === "scalar" ? value.value : undefined;
}

function typeOf(field: FieldDescriptor): string {
  const named = field.message ?? field.enum;
  return named === undefined ? field.type : `.${named.fullName}`;
}

function rangesOf(ranges: readonly ExtensionRange[]): string {
  if (ranges.length === 0) return "it declares none: it cannot be extended";
  const told = ranges
    .slice(0, 5)
    .map(({ start, end }) =>
      start === end - 1 ? `${start}` : `${start} to ${end - 1}`,
    );
  return `it declares ${told.join(", ")}${ranges.length > 5 ? ", …" : ""}`;
}
