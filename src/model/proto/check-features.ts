import type { Span } from "../../../grammar/source/span.ts";
import type { LinkProblems } from "./codes.ts";
import { type FieldWork, type FileWork, simpleOption } from "./drafts.ts";
import type { Features } from "./features.ts";
import type { Options } from "./descriptor.ts";
import { isPackable } from "./scalars.ts";
import type { OptionAssignment } from "../../../grammar/proto/ast.ts";

/** Checks that features are set where there are any, and mean something there. */
export class FeatureChecks {
  readonly #work: FileWork;
  readonly #problems: LinkProblems;

  constructor(work: FileWork, problems: LinkProblems) {
    this.#work = work;
    this.#problems = problems;
  }

  run(): void {
    for (const { assignments, holders } of this.#work.options) {
      const [holder] = holders;
      if (holder === undefined || !holder.options.has("features")) continue;
      const own = assignments.filter(isFeature);
      if (this.#work.draft.syntax === "editions")
        this.#unknown(holder.options, own);
      // Those that set any were told of.
      else if (own.some(isEmpty))
        for (const { name } of own)
          this.#error(name.span, "features are for editions only");
    }
    if (this.#work.draft.syntax !== "editions") return;
    this.#file();
  }

  #error(span: Span, message: string, help?: string): void {
    this.#problems.error("proto/feature", span, () => ({
      message,
      ...(help !== undefined && { help }),
    }));
  }

  #unknown(options: Options, own: readonly OptionAssignment[]): void {
    const features = options.get("features");
    if (features?.kind !== "message") return;
    for (const [name, value] of features.fields) {
      if (value.kind !== "enum" || value.number !== 0 || name.startsWith("["))
        continue;
      const at =
        own.find(({ name: { parts } }) => parts[1]?.text === name) ?? own[0];
      if (at !== undefined)
        this.#error(
          at.name.span,
          `the feature \`${name}\` cannot be set to unknown`,
        );
    }
  }

  #file(): void {
    const features = this.#work.draft.options.get("features");
    if (features?.kind !== "message") return;
    const presence = features.fields.get("field_presence");
    if (presence?.kind === "enum" && presence.name === "LEGACY_REQUIRED") {
      const at = this.#work.ast.items.find(
        (item) => item.kind === "option" && isFeature(item.option),
      );
      if (at !== undefined)
        this.#error(at.span, "required fields cannot be the rule of a file");
    }
  }

  /** @param has All features of the field, those from around it included. */
  field(work: FieldWork, has: Features): void {
    const { draft, node, role } = work;
    if (this.#work.draft.syntax !== "editions" || role !== "field") return;
    const at = simpleFeature(node.options) ?? node.name.span;
    const own = draft.options.get("features");
    const fields = own?.kind === "message" ? own.fields : new Map();
    if (fields.has("field_presence")) {
      if (work.oneof !== undefined)
        this.#error(at, "fields of a oneof have no presence of their own");
      else if (draft.label === "repeated")
        this.#error(at, "lists have no presence");
      else if (work.extend !== undefined && has.field_presence !== "EXPLICIT")
        this.#error(at, "extensions are always explicit");
      else if (draft.message !== undefined && has.field_presence === "IMPLICIT")
        this.#error(at, "messages are never implicit");
    }
    if (draft.presence === "implicit" && draft.label !== "repeated") {
      const value = simpleOption(node.options, "default");
      if (value !== undefined)
        this.#error(
          value.span,
          "a field of implicit presence has no default of its own",
        );
      if (draft.enum?.closed === true)
        this.#error(at, "a field of implicit presence must be of an open enum");
    }
    if (
      fields.has("repeated_field_encoding") &&
      (draft.label !== "repeated" || draft.message?.mapEntry === true)
    )
      this.#error(at, "`repeated_field_encoding` is for lists");
    else if (
      fields.has("repeated_field_encoding") &&
      has.repeated_field_encoding === "PACKED" &&
      !isPackable(draft.type)
    )
      this.#error(at, "only lists of numbers, bool or enums can be packed");
    if (
      fields.has("utf8_validation") &&
      draft.type !== "string" &&
      !mapHasString(draft)
    )
      this.#error(at, "`utf8_validation` is for strings");
    if (
      fields.has("message_encoding") &&
      (draft.message === undefined || draft.message.mapEntry)
    )
      this.#error(at, "`message_encoding` is for messages");
  }
}

function mapHasString({ message }: FieldWork["draft"]): boolean {
  return (
    message?.mapEntry === true &&
    message.fields.some(({ type }) => type === "string")
  );
}

function isEmpty({ value }: OptionAssignment): boolean {
  return value.kind === "aggregate" && value.fields.length === 0;
}

function isFeature({ name: { parts } }: OptionAssignment): boolean {
  return parts[0]?.text === "features" && !parts[0].extension;
}

function simpleFeature(options: readonly OptionAssignment[]): Span | undefined {
  return options.find(isFeature)?.name.span;
}
