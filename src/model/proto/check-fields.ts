import type * as ast from "../../../grammar/proto/ast.ts";
import type { Span } from "../../../grammar/source/span.ts";
import type { LinkCode, LinkProblems } from "./codes.ts";
import {
  type FieldWork,
  type FileDraft,
  type MessageDraft,
  simpleOption,
} from "./drafts.ts";
import { isMessageSet } from "./check-numbers.ts";
import { clip } from "./names.ts";
import { isPackable } from "./scalars.ts";

/** Checks one field: its label, its kind in this place, and its options. */
export class FieldChecks {
  readonly #file: FileDraft;
  readonly #problems: LinkProblems;

  constructor(file: FileDraft, problems: LinkProblems) {
    this.#file = file;
    this.#problems = problems;
  }

  check(work: FieldWork): void {
    if (work.role !== "field") {
      this.#mapPart(work);
      return;
    }
    const { node } = work;
    if (node.kind === "map") this.#map(work, node);
    else this.#label(work, node);
    if (node.kind === "group") this.#group(node);
    this.#enum(work);
    if (work.draft.options.size > 0) this.#options(work);
    if (work.parent !== undefined && work.extend === undefined)
      this.#inMessage(work, work.parent);
  }

  #error(code: LinkCode, span: Span, message: string, help?: string): void {
    this.#problems.error(code, span, () => ({
      message,
      ...(help !== undefined && { help }),
    }));
  }

  #label(
    { oneof, extend }: FieldWork,
    { label, name, kind }: ast.FieldDeclaration | ast.GroupDeclaration,
  ): void {
    const { syntax } = this.#file;
    if (oneof !== undefined) {
      if (label !== undefined)
        this.#error(
          "proto/oneof",
          label.span,
          "fields of a oneof have no label",
          "at most one of them is there: each is optional",
        );
      return;
    }
    if (label === undefined) {
      if (syntax === "proto2")
        this.#error(
          "proto/field-label",
          name.span,
          `\`${clip(name.text)}\` lacks its label`,
          "in proto2 every field is `optional`, `required` or `repeated`",
        );
      return;
    }
    const { text, span } = label;
    if (text === "required" && extend !== undefined)
      this.#error("proto/extension", span, "an extension cannot be required");
    else if (text === "required" && syntax === "proto3")
      this.#error(
        "proto/field-label",
        span,
        "proto3 has no required fields",
        "write `optional`, or nothing",
      );
    else if (text !== "repeated" && syntax === "editions" && kind !== "group")
      this.#error(
        "proto/field-label",
        span,
        `editions have no label \`${text}\``,
        text === "required"
          ? "write `[features.field_presence = LEGACY_REQUIRED]`"
          : "fields are optional unless a feature says otherwise",
      );
  }

  #group({ name, span }: ast.GroupDeclaration): void {
    const { syntax } = this.#file;
    if (syntax !== "proto2") {
      this.#error(
        "proto/group",
        { start: span.start, end: name.span.end },
        `there are no groups in ${syntax}`,
        syntax === "proto3"
          ? "declare a message, and a field of it"
          : "declare a message, and a field of it with `[features.message_encoding = DELIMITED]`",
      );
      return;
    }
    if (name.text !== "" && !/^[A-Z]/.test(name.text))
      this.#error(
        "proto/group",
        name.span,
        `the group \`${clip(name.text)}\` must begin with a capital letter`,
        "the message has this name, and the field the same in lower case",
      );
  }

  #map(
    { oneof, extend }: FieldWork,
    { label, name, span }: ast.MapFieldDeclaration,
  ): void {
    if (label !== undefined)
      this.#error("proto/map", label.span, "a map has no label");
    const at = { start: span.start, end: name.span.end };
    if (oneof !== undefined)
      this.#error(
        "proto/map",
        at,
        "a map cannot be in a oneof",
        "declare a message with the map, and a field of it here",
      );
    if (extend !== undefined)
      this.#error("proto/map", at, "a map cannot be an extension");
  }

  #mapPart({ draft, node, role }: FieldWork): void {
    if (node.kind !== "map") return;
    const { type } = draft;
    if (role === "value") {
      const first = draft.enum?.values[0];
      if (draft.enum?.file.syntax === "proto2" && first?.number !== 0)
        this.#error(
          "proto/map",
          node.valueType.span,
          `an enum in a map must have 0 as its first value, and \`${clip(draft.enum.fullName)}\` has not`,
        );
      return;
    }
    const { text, span } = node.keyType;
    const isKey =
      isPackable(type) && !["float", "double", "enum"].includes(type);
    if (isKey || type === "string" || text === "") return;
    // A name that was not found was told of.
    if (type === "message" && draft.message === undefined) return;
    this.#error(
      "proto/map",
      span,
      `\`${clip(text)}\` cannot be the type of a map's keys`,
      "keys are integers, bool or string",
    );
  }

  #enum({ draft, node }: FieldWork): void {
    if (
      this.#file.syntax !== "proto3" ||
      draft.enum === undefined ||
      !draft.enum.closed ||
      node.kind !== "field"
    )
      return;
    this.#error(
      "proto/closed-enum",
      node.type.span,
      `the enum \`${clip(draft.enum.fullName)}\` is closed, and proto3 has open enums only`,
      "it is declared in a file of proto2, or says so",
    );
  }

  #options({ draft, node }: FieldWork): void {
    const at = (name: string): Span =>
      simpleOption(node.options, name)?.span ?? node.name.span;
    const isOn = (name: string): boolean => {
      const option = draft.options.get(name);
      return option?.kind === "scalar" && option.value === true;
    };
    const isUnresolved =
      draft.type === "message" && draft.message === undefined;
    if (isUnresolved) return;
    if (draft.options.has("packed") && this.#file.syntax === "editions")
      this.#error(
        "proto/misplaced-option",
        at("packed"),
        "editions have no option `packed`",
        "write `[features.repeated_field_encoding = PACKED]`",
      );
    else if (
      isOn("packed") &&
      (draft.label !== "repeated" || !isPackable(draft.type))
    )
      this.#error(
        "proto/misplaced-option",
        at("packed"),
        "`packed` is for lists of numbers, bool or enums",
      );
    for (const lazy of ["lazy", "unverified_lazy"])
      if (isOn(lazy) && draft.message === undefined)
        this.#error(
          "proto/misplaced-option",
          at(lazy),
          `\`${lazy}\` is for messages`,
        );
    const jsType = draft.options.get("jstype");
    if (
      jsType?.kind === "enum" &&
      jsType.number !== 0 &&
      !draft.type.endsWith("64")
    )
      this.#error(
        "proto/misplaced-option",
        at("jstype"),
        "`jstype` is for integers of 64 bits",
      );
  }

  #inMessage({ node }: FieldWork, parent: MessageDraft): void {
    if (isMessageSet(parent))
      this.#error(
        "proto/message-set",
        node.name.span,
        "a message set has extensions only, no fields",
      );
  }
}
