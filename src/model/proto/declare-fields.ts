import type * as ast from "../../../grammar/proto/ast.ts";
import type { Declarer } from "./declare.ts";
import {
  type FieldDraft,
  type FieldNode,
  type FieldWork,
  type MessageDraft,
  NO_DOCS,
  NO_OPTIONS,
  type OneofDraft,
} from "./drafts.ts";
import { fieldNumber } from "./field-numbers.ts";
import {
  asciiLower,
  clip,
  join,
  jsonNameOf,
  mapEntryName,
  syntheticOneofName,
} from "./names.ts";
import { scalarOf } from "./scalars.ts";

interface Place {
  readonly scope: string;
  readonly parent: MessageDraft | undefined;
  readonly extend: ast.ExtendDeclaration | undefined;
  readonly oneof: ast.OneofDeclaration | undefined;
  readonly oneofDraft: OneofDraft | undefined;
}

/** Makes the fields of messages, oneofs and `extend` blocks. */
export class DeclareFields {
  readonly #declarer: Declarer;

  constructor(declarer: Declarer) {
    this.#declarer = declarer;
  }

  field(node: FieldNode, message: MessageDraft): FieldWork {
    return this.#field(node, {
      scope: message.fullName,
      parent: message,
      extend: undefined,
      oneof: undefined,
      oneofDraft: undefined,
    });
  }

  oneof(node: ast.OneofDeclaration, message: MessageDraft): FieldWork[] {
    const draft = this.#oneofDraft(node, node.name.text, message, false);
    draft.docs = node.documentation;
    const assignments: ast.OptionAssignment[] = [];
    const fields: FieldWork[] = [];
    for (const item of node.body) {
      if (item.kind === "option") assignments.push(item.option);
      else if (item.kind !== "empty")
        fields.push(
          this.#field(item, {
            scope: message.fullName,
            parent: message,
            extend: undefined,
            oneof: node,
            oneofDraft: draft,
          }),
        );
    }
    this.#declarer.options("ONEOF", assignments, draft.fullName, [draft]);
    return fields;
  }

  #oneofDraft(
    node: ast.Node & { readonly name: ast.Name },
    name: string,
    message: MessageDraft,
    synthetic: boolean,
  ): OneofDraft & { docs: ast.Documentation } {
    const fullName = join(message.fullName, name);
    const draft = {
      name,
      fullName,
      span: node.span,
      docs: NO_DOCS,
      options: NO_OPTIONS,
      synthetic,
    };
    message.oneofs.push(draft);
    const { span } = node.name;
    const file = this.#declarer.work.draft;
    this.#declarer.enter(
      { kind: "oneof", of: draft, fullName, file, span },
      name,
    );
    return draft;
  }

  /** A proto3 `optional` is, to those who know nothing of it, a oneof of one. */
  syntheticOneofs(message: MessageDraft, fields: readonly FieldWork[]): void {
    const optional = fields.filter(({ draft }) => draft.proto3Optional);
    if (optional.length === 0) return;
    const taken = new Set(
      [...message.fields, ...message.oneofs].map(({ name }) => name),
    );
    for (const { draft, node } of optional) {
      const name = syntheticOneofName(draft.name, taken);
      taken.add(name);
      draft.oneof = this.#oneofDraft(node, name, message, true);
    }
  }

  extend(
    node: ast.ExtendDeclaration,
    scope: string,
    parent: MessageDraft | undefined,
  ): void {
    for (const item of node.body) {
      if (item.kind === "empty") continue;
      this.#field(item, {
        scope,
        parent,
        extend: node,
        oneof: undefined,
        oneofDraft: undefined,
      });
    }
  }

  #field(node: FieldNode, place: Place): FieldWork {
    const { work, problems } = this.#declarer;
    const { scope, parent, extend, oneof } = place;
    const isGroup = node.kind === "group";
    const name = isGroup ? asciiLower(node.name.text) : node.name.text;
    const draft = this.#draft(node, name, join(scope, name));
    const number = fieldNumber(node.number, problems);
    const named: FieldDraft = {
      ...draft,
      number,
      label:
        node.kind === "map" ? "repeated" : (node.label?.text ?? "optional"),
      // For a group protoc has the comments at its message.
      docs: isGroup ? NO_DOCS : node.documentation,
      oneof: place.oneofDraft,
      proto3Optional:
        work.draft.syntax === "proto3" &&
        node.label?.text === "optional" &&
        oneof === undefined,
    };
    (extend === undefined
      ? parent?.fields
      : (parent?.extensions ?? work.draft.extensions)
    )?.push(named);
    this.#enter(named, node, extend !== undefined);
    const typeName = this.#type(named, node, scope, parent);
    const made: FieldWork = {
      draft: named,
      node,
      role: "field",
      typeName,
      parent,
      extend,
      oneof,
    };
    work.fields.push(made);
    const assignments = node.options.filter(
      ({ name: { parts } }) => !isPseudoOption(parts),
    );
    this.#declarer.options("FIELD", assignments, named.fullName, [named]);
    return made;
  }

  #enter(draft: FieldDraft, node: FieldNode, isExtension: boolean): void {
    const { fullName, name } = draft;
    this.#declarer.enter(
      {
        kind: isExtension ? "extension" : "field",
        of: draft,
        fullName,
        file: this.#declarer.work.draft,
        span: node.name.span,
      },
      name,
    );
  }

  /** Decides the type as far as it can be without looking up names. */
  #type(
    draft: FieldDraft,
    node: FieldNode,
    scope: string,
    parent: MessageDraft | undefined,
  ): ast.QualifiedName | undefined {
    if (node.kind === "field") {
      const scalar = scalarOf(node.type.text);
      if (scalar === undefined) return node.type;
      draft.type = scalar;
      return undefined;
    }
    const { work } = this.#declarer;
    const siblings = parent?.messages ?? work.draft.messages;
    if (node.kind === "group") {
      draft.type = "group";
      const message = this.#declarer.message(node, scope, parent);
      draft.message = message;
      siblings.push(message);
      return undefined;
    }
    draft.type = "message";
    const entry = this.#mapEntry(node, scope);
    draft.message = entry;
    siblings.push(entry);
    return undefined;
  }

  #mapEntry(node: ast.MapFieldDeclaration, scope: string): MessageDraft {
    const { work } = this.#declarer;
    const name = mapEntryName(node.name.text);
    const fullName = join(scope, name);
    const entry = this.#declarer.emptyMessage(node, name, fullName, true);
    this.#declarer.enter(
      {
        kind: "message",
        of: entry,
        fullName,
        file: work.draft,
        span: node.name.span,
      },
      node.name.text === "" ? "" : name,
      `the map \`${clip(node.name.text)}\` needs a message \`${clip(name)}\` for its entries`,
    );
    entry.options = new Map([["map_entry", { kind: "scalar", value: true }]]);
    for (const role of ["key", "value"] as const) {
      const type = role === "key" ? node.keyType : node.valueType;
      const scalar = scalarOf(type.text);
      const draft: FieldDraft = {
        ...this.#draft(node, role, join(fullName, role)),
        number: role === "key" ? 1 : 2,
        type: scalar ?? "message",
      };
      entry.fields.push(draft);
      this.#enter(draft, node, false);
      work.fields.push({
        draft,
        node,
        role,
        typeName: scalar === undefined ? type : undefined,
        parent: entry,
        extend: undefined,
        oneof: undefined,
      });
    }
    return entry;
  }

  #draft(node: FieldNode, name: string, fullName: string): FieldDraft {
    return {
      name,
      fullName,
      span: node.span,
      docs: NO_DOCS,
      options: NO_OPTIONS,
      number: 0,
      label: "optional",
      type: "message",
      message: undefined,
      enum: undefined,
      extendee: undefined,
      jsonName: jsonNameOf(name),
      default: undefined,
      defaultText: undefined,
      oneof: undefined,
      proto3Optional: false,
      presence: "explicit",
      packed: false,
      utf8: false,
    };
  }
}

/** `default` and `json_name` look like options, and are not. */
export function isPseudoOption(parts: readonly ast.OptionNamePart[]): boolean {
  const [first] = parts;
  return (
    parts.length === 1 &&
    first !== undefined &&
    !first.extension &&
    (first.text === "default" || first.text === "json_name")
  );
}
