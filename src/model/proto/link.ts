import type * as ast from "../../../grammar/proto/ast.ts";
import { nearest } from "../../../grammar/source/nearest.ts";
import type { LinkProblems } from "./codes.ts";
import type { FieldWork, FileWork, MessageDraft, RpcWork } from "./drafts.ts";
import { clip } from "./names.ts";
import { isFound, type NotFound, type Scope, type Symbol } from "./symbols.ts";

/** Words of other languages for the scalar types. */
const foreignTypes: ReadonlyMap<string, string> = new Map([
  ["int", "int32"],
  ["integer", "int32"],
  ["long", "int64"],
  ["uint", "uint32"],
  ["ulong", "uint64"],
  ["boolean", "bool"],
  ["str", "string"],
  ["byte", "bytes"],
  ["number", "double"],
  ["real", "double"],
]);

/** Finds the types of fields, the messages that are extended, and those of calls. */
export class Linker {
  readonly #work: FileWork;
  readonly #scope: Scope;
  readonly #problems: LinkProblems;
  readonly #isWhole: boolean;

  /**
   * @param isWhole Whether all imports could be read: else a name that is not
   *   found may well be in one of them, and is not told.
   */
  constructor(
    work: FileWork,
    scope: Scope,
    problems: LinkProblems,
    isWhole: boolean,
  ) {
    this.#work = work;
    this.#scope = scope;
    this.#problems = problems;
    this.#isWhole = isWhole;
  }

  run(): void {
    let extend: ast.ExtendDeclaration | undefined;
    let extendee: MessageDraft | undefined;
    for (const field of this.#work.fields) {
      if (field.extend !== undefined) {
        // The fields of one block stand together, but for those inside its groups.
        if (field.extend !== extend) {
          extend = field.extend;
          extendee = this.#message(
            extend.extendee,
            field.draft.fullName,
            "extended",
          );
        }
        field.draft.extendee = extendee;
      }
      if (field.typeName !== undefined) this.#type(field, field.typeName);
    }
    for (const rpc of this.#work.rpcs) this.#rpc(rpc);
  }

  #type({ draft }: FieldWork, name: ast.QualifiedName): void {
    const found = this.#find(name, draft.fullName, "types");
    if (found === undefined) return;
    if (found.kind === "enum") {
      draft.type = "enum";
      draft.enum = found.of;
      return;
    }
    if (found.kind === "message") {
      draft.message = found.of;
      if (found.of.mapEntry)
        this.#problems.error("proto/wrong-kind", name.span, () => ({
          message: `\`${clip(name.text)}\` is made for a map field, and cannot be used by itself`,
        }));
      return;
    }
    this.#wrongKind(name, found, "a message or enum");
  }

  #rpc({ draft, node }: RpcWork): void {
    const input = this.#message(node.input.type, draft.fullName, "taken");
    const output = this.#message(node.output.type, draft.fullName, "returned");
    if (input !== undefined) draft.input = input;
    if (output !== undefined) draft.output = output;
  }

  #message(
    name: ast.QualifiedName,
    from: string,
    purpose: "extended" | "taken" | "returned",
  ): MessageDraft | undefined {
    const found = this.#find(name, from, "all");
    if (found === undefined) return undefined;
    if (found.kind === "message") return found.of;
    this.#wrongKind(name, found, `a message: only messages can be ${purpose}`);
    return undefined;
  }

  #find(
    name: ast.QualifiedName,
    from: string,
    wanted: "types" | "all",
  ): Symbol | { kind: "package" } | undefined {
    // A missing name was told of.
    if (name.text === "") return undefined;
    const result = this.#scope.lookup(name.text, from, wanted);
    if (isFound(result)) return result;
    if (this.#isWhole) this.#notFound(name, result);
    return undefined;
  }

  #wrongKind(
    name: ast.QualifiedName,
    found: Symbol | { kind: "package" },
    wanted: string,
  ): void {
    this.#problems.error("proto/wrong-kind", name.span, () => ({
      message: `\`${clip(name.text)}\` is ${/^[aeiou]/.test(found.kind) ? "an" : "a"} ${found.kind}, not ${wanted}`,
      ...(found.kind !== "package" &&
        found.file === this.#work.draft && {
          related: [{ span: found.span, message: "found here first" }],
        }),
      ...(found.kind !== "package" && {
        help: "names are looked up from the innermost scope outwards; one with a leading dot is looked up from outside",
      }),
    }));
  }

  #notFound(name: ast.QualifiedName, why: NotFound): void {
    const text = clip(name.text);
    if (why.kind === "not-imported") {
      this.#problems.error("proto/not-imported", name.span, () => ({
        message: `\`${text}\` is declared in \`${clip(why.symbol.file.path)}\`, which is not imported`,
        help: `add \`import "${clip(why.symbol.file.path)}";\``,
      }));
      return;
    }
    if (why.kind === "shadowed") {
      this.#problems.error("proto/shadowed-name", name.span, () => ({
        message: `\`${text}\` means \`${clip(why.resolved)}\` here, which does not exist`,
        help: `the innermost scope that has the first part decides; \`.${text}\` is looked up from outside`,
      }));
      return;
    }
    this.#problems.error("proto/undefined-name", name.span, () => {
      const help = this.#suggestion(name.text);
      return {
        message: `there is no type \`${text}\``,
        ...(help !== undefined && { help }),
      };
    });
  }

  #suggestion(name: string): string | undefined {
    const foreign = foreignTypes.get(name.toLowerCase());
    if (foreign !== undefined) return `did you mean \`${foreign}\`?`;
    const simple = name.slice(name.lastIndexOf(".") + 1);
    const bySimple = new Map<string, string>();
    for (const full of this.#scope.candidates())
      bySimple.set(full.slice(full.lastIndexOf(".") + 1), full);
    const found = nearest(simple, bySimple.keys());
    return found === undefined
      ? undefined
      : `did you mean \`${clip(bySimple.get(found) ?? found)}\`?`;
  }
}
