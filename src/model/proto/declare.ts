import type * as ast from "../../../grammar/proto/ast.ts";
import type { LinkProblems } from "./codes.ts";
import { DeclareFields } from "./declare-fields.ts";
import type { ImportDescriptor, MessageDescriptor } from "./descriptor.ts";
import {
  type EnumDraft,
  type ExtensionRangeDraft,
  type FieldWork,
  type FileDraft,
  type FileWork,
  type MessageDraft,
  NO_DOCS,
  NO_OPTIONS,
  type OptionTarget,
  type RpcDraft,
  type ServiceDraft,
} from "./drafts.ts";
import { asciiLower, clip, join } from "./names.ts";
import { enumRange, messageRange } from "./ranges.ts";
import type { Symbol, SymbolPool } from "./symbols.ts";

/** What of a file is known before it is read. */
export interface FileHead {
  readonly path: string;
  readonly syntax: FileDraft["syntax"];
  readonly edition: string | undefined;
  readonly imports: ImportDescriptor[];
}

/** Stands for a message until its name is looked up; files with it left in have errors. */
const unresolved: MessageDescriptor = Object.freeze<MessageDescriptor>({
  name: "",
  fullName: "",
  span: { start: 0, end: 0 },
  docs: NO_DOCS,
  options: NO_OPTIONS,
  file: {
    path: "",
    syntax: "proto2",
    edition: undefined,
    package: "",
    imports: [],
    messages: [],
    enums: [],
    extensions: [],
    services: [],
    options: NO_OPTIONS,
    docs: NO_DOCS,
  },
  fields: [],
  oneofs: [],
  messages: [],
  enums: [],
  extensions: [],
  extensionRanges: [],
  reservedRanges: [],
  reservedNames: [],
  mapEntry: false,
});

/**
 * Makes descriptors of a file's declarations and enters their names; types and
 * options wait for {@link FileWork} to be gone through.
 */
export function declareFile(
  file: ast.ProtoFile,
  head: FileHead,
  pool: SymbolPool,
  problems: LinkProblems,
): FileWork {
  return new Declarer(file, head, pool, problems).run();
}

/** Enters names, and knows where each stands. */
export class Declarer {
  readonly work: FileWork;
  readonly problems: LinkProblems;
  readonly #pool: SymbolPool;
  readonly #fields: DeclareFields;

  constructor(
    file: ast.ProtoFile,
    head: FileHead,
    pool: SymbolPool,
    problems: LinkProblems,
  ) {
    const declared = file.items.find((item) => item.kind === "package");
    const draft: FileDraft = {
      ...head,
      package: declared?.name.text ?? "",
      messages: [],
      enums: [],
      extensions: [],
      services: [],
      options: NO_OPTIONS,
      docs: (file.syntax ?? declared)?.documentation ?? NO_DOCS,
    };
    this.work = {
      draft,
      ast: file,
      messages: [],
      fields: [],
      enums: [],
      rpcs: [],
      options: [],
      ranges: new Map(),
    };
    this.problems = problems;
    this.#pool = pool;
    this.#fields = new DeclareFields(this);
  }

  run(): FileWork {
    const { draft, ast: file } = this.work;
    this.#pool.addPackage(draft);
    const assignments: ast.OptionAssignment[] = [];
    for (const item of file.items) {
      switch (item.kind) {
        case "message":
          draft.messages.push(this.message(item, draft.package, undefined));
          break;
        case "enum":
          draft.enums.push(this.enum(item, draft.package, undefined));
          break;
        case "extend":
          this.#fields.extend(item, draft.package, undefined);
          break;
        case "service":
          draft.services.push(this.#service(item));
          break;
        case "option":
          assignments.push(item.option);
          break;
        default:
      }
    }
    // One more name, whose parent is the package.
    this.options("FILE", assignments, join(draft.package, "_"), [draft]);
    return this.work;
  }

  options(
    target: OptionTarget,
    assignments: readonly ast.OptionAssignment[],
    scope: string,
    holders: FileWork["options"][number]["holders"],
  ): void {
    if (assignments.length > 0)
      this.work.options.push({ target, assignments, scope, holders });
  }

  /** Enters a name; tells if it is taken. */
  enter(symbol: Symbol, name: string, note?: string): void {
    // A missing name was told of.
    if (name === "") return;
    const first = this.#pool.add(symbol);
    if (first === undefined) return;
    const same = first.kind === symbol.kind;
    this.problems.error("proto/duplicate-name", symbol.span, () => ({
      message: same
        ? `\`${clip(symbol.fullName)}\` is declared twice`
        : `\`${clip(symbol.fullName)}\` is the name of ${article(first.kind)} already`,
      ...(note !== undefined && { help: note }),
      related: [
        { span: first.span, message: `the first is this ${first.kind}` },
      ],
    }));
  }

  message(
    node: ast.MessageDeclaration | ast.GroupDeclaration,
    scope: string,
    parent: MessageDraft | undefined,
  ): MessageDraft {
    const name = node.name.text;
    const draft = this.emptyMessage(node, name, join(scope, name), false);
    const { fullName } = draft;
    const file = this.work.draft;
    const { span } = node.name;
    // A group with the name of its field is told of where fields are checked.
    const isOwnField = node.kind === "group" && asciiLower(name) === name;
    this.enter(
      { kind: "message", of: draft, fullName, file, span },
      isOwnField ? "" : name,
    );
    const fields: FieldWork[] = [];
    this.work.messages.push({ draft, node, parent, fields });
    const assignments: ast.OptionAssignment[] = [];
    for (const item of node.body) {
      switch (item.kind) {
        case "field":
        case "map":
        case "group":
          fields.push(this.#fields.field(item, draft));
          break;
        case "oneof":
          fields.push(...this.#fields.oneof(item, draft));
          break;
        case "message":
          draft.messages.push(this.message(item, draft.fullName, draft));
          break;
        case "enum":
          draft.enums.push(this.enum(item, draft.fullName, draft));
          break;
        case "extend":
          this.#fields.extend(item, draft.fullName, draft);
          break;
        case "extensions":
          this.#extensions(item, draft);
          break;
        case "reserved":
          this.#reserved(item, draft, messageRange);
          break;
        case "option":
          assignments.push(item.option);
          break;
        case "empty":
      }
    }
    this.#fields.syntheticOneofs(draft, fields);
    this.options("MESSAGE", assignments, draft.fullName, [draft]);
    return draft;
  }

  emptyMessage(
    node: ast.Node,
    name: string,
    fullName: string,
    mapEntry: boolean,
  ): MessageDraft {
    return {
      name,
      fullName,
      span: node.span,
      docs: mapEntry ? NO_DOCS : node.documentation,
      options: NO_OPTIONS,
      file: this.work.draft,
      fields: [],
      oneofs: [],
      messages: [],
      enums: [],
      extensions: [],
      extensionRanges: [],
      reservedRanges: [],
      reservedNames: [],
      mapEntry,
    };
  }

  #extensions(node: ast.ExtensionsDeclaration, message: MessageDraft): void {
    const ranges = node.ranges.flatMap((range) => {
      const read = messageRange(range, "extension", this.problems);
      if (read === undefined) return [];
      const made: ExtensionRangeDraft = { ...read, options: NO_OPTIONS };
      this.work.ranges.set(made, range.span);
      return [made];
    });
    message.extensionRanges.push(...ranges);
    this.options("EXTENSION_RANGE", node.options, message.fullName, ranges);
  }

  #reserved(
    node: ast.ReservedDeclaration,
    holder: MessageDraft | EnumDraft,
    read: typeof messageRange,
  ): void {
    for (const range of node.ranges) {
      const numbers = read(range, "reserved", this.problems);
      if (numbers === undefined) continue;
      holder.reservedRanges.push(numbers);
      this.work.ranges.set(numbers, range.span);
    }
    for (const name of node.names) holder.reservedNames.push(nameText(name));
  }

  enum(
    node: ast.EnumDeclaration,
    scope: string,
    parent: MessageDraft | undefined,
  ): EnumDraft {
    const name = node.name.text;
    const draft: EnumDraft = {
      name,
      fullName: join(scope, name),
      span: node.span,
      docs: node.documentation,
      options: NO_OPTIONS,
      file: this.work.draft,
      values: [],
      reservedRanges: [],
      reservedNames: [],
      // Until features are known.
      closed: this.work.draft.syntax === "proto2",
    };
    const { fullName } = draft;
    const file = this.work.draft;
    const { span } = node.name;
    this.enter({ kind: "enum", of: draft, fullName, file, span }, name);
    this.work.enums.push({ draft, node, parent });
    const assignments: ast.OptionAssignment[] = [];
    for (const item of node.body) {
      if (item.kind === "value") this.#value(item, draft, scope);
      else if (item.kind === "option") assignments.push(item.option);
      else if (item.kind === "reserved") this.#reserved(item, draft, enumRange);
    }
    this.options("ENUM", assignments, fullName, [draft]);
    return draft;
  }

  /** Its name is its enum's sibling. */
  #value(
    node: ast.EnumValueDeclaration,
    declared: EnumDraft,
    scope: string,
  ): void {
    const name = node.name.text;
    const { number } = node;
    const draft = {
      name,
      fullName: join(scope, name),
      span: node.span,
      docs: node.documentation,
      options: NO_OPTIONS,
      number: number.kind === "missing" ? 0 : enumNumber(number, this.problems),
    };
    declared.values.push(draft);
    const { fullName } = draft;
    const file = this.work.draft;
    const { span } = node.name;
    this.enter(
      { kind: "enum value", of: draft, fullName, file, span },
      name,
      "an enum's values are siblings of the enum, not inside it, so that those of all enums here share one name space",
    );
    this.options("ENUM_ENTRY", node.options, fullName, [draft]);
  }

  #service(node: ast.ServiceDeclaration): ServiceDraft {
    const name = node.name.text;
    const file = this.work.draft;
    const draft: ServiceDraft = {
      name,
      fullName: join(file.package, name),
      span: node.span,
      docs: node.documentation,
      options: NO_OPTIONS,
      methods: [],
    };
    const { fullName } = draft;
    const { span } = node.name;
    this.enter({ kind: "service", of: draft, fullName, file, span }, name);
    const assignments: ast.OptionAssignment[] = [];
    for (const item of node.body) {
      if (item.kind === "rpc") draft.methods.push(this.#rpc(item, fullName));
      else if (item.kind === "option") assignments.push(item.option);
    }
    this.options("SERVICE", assignments, fullName, [draft]);
    return draft;
  }

  #rpc(node: ast.RpcDeclaration, service: string): RpcDraft {
    const name = node.name.text;
    const file = this.work.draft;
    const draft: RpcDraft = {
      name,
      fullName: join(service, name),
      span: node.span,
      docs: node.documentation,
      options: NO_OPTIONS,
      input: unresolved,
      output: unresolved,
      clientStreaming: node.input.stream,
      serverStreaming: node.output.stream,
    };
    const { fullName } = draft;
    const { span } = node.name;
    this.enter({ kind: "method", of: draft, fullName, file, span }, name);
    this.work.rpcs.push({ draft, node });
    const assignments = node.body.flatMap((item) =>
      item.kind === "option" ? [item.option] : [],
    );
    this.options("METHOD", assignments, fullName, [draft]);
    return draft;
  }
}

const int32Max = 2n ** 31n - 1n;

function enumNumber(
  { value, span }: ast.IntegerLiteral,
  problems: LinkProblems,
): number {
  if (value >= -int32Max - 1n && value <= int32Max) return Number(value);
  problems.error("proto/enum-number", span, () => ({
    message: "an enum value's number must have 32 bits",
    help: "from -2147483648 to 2147483647",
  }));
  return 0;
}

/** Of a reserved name, either form. */
export function nameText(name: ast.StringLiteral | ast.Name): string {
  return "bytes" in name ? new TextDecoder().decode(name.bytes) : name.text;
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
