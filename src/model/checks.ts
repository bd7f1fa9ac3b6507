import type { Problems } from "../../grammar/varlink/codes.ts";
import { nearest } from "../../grammar/source/nearest.ts";
import type * as ast from "../../grammar/varlink/ast.ts";
import {
  builtinNames,
  clip,
  isAscii,
  isBuiltin,
} from "../../grammar/varlink/names.ts";
import { checkFiniteness } from "./finiteness.ts";

/** Checks what the grammar cannot say: that names are unique, and that types are declared and finite. */
export function checkInterface(
  file: ast.InterfaceFile,
  problems: Problems,
): void {
  const declared = checkMembers(file, problems);
  const references = new ReferenceCheck(file, declared, problems);
  for (const member of file.members) {
    if (member.kind === "type") references.check(member.body);
    else if (member.kind === "error")
      references.checkStruct(member.parameters, "parameter");
    else {
      references.checkStruct(member.input, "parameter");
      references.checkStruct(member.output, "parameter");
    }
  }
  checkFiniteness(declared, problems);
}

/** Types, methods and errors share one name space. The first of a name counts. */
function checkMembers(
  file: ast.InterfaceFile,
  problems: Problems,
): ReadonlyMap<string, ast.Member> {
  const declared = new Map<string, ast.Member>();
  for (const member of file.members) {
    const { text, span } = member.name;
    // A missing name was told of.
    if (text === "") continue;
    const first = declared.get(text);
    if (first === undefined) {
      declared.set(text, member);
      continue;
    }
    problems.error("varlink/duplicate-member", span, () => ({
      message: `\`${clip(text)}\` is declared twice`,
      help: "types, methods and errors share one name space",
      related: [
        { span: first.name.span, message: `the first is this ${first.kind}` },
      ],
    }));
  }
  return declared;
}

/** Words of other languages for the built-in types. */
const foreignTypes: ReadonlyMap<string, ast.BuiltinName> = new Map([
  ...["boolean"].map((word) => [word, "bool"] as const),
  ...["integer", "long", "short", "byte", "number"].map(
    (word) => [word, "int"] as const,
  ),
  ...["double", "real", "decimal"].map((word) => [word, "float"] as const),
  ...["str", "text", "bytes"].map((word) => [word, "string"] as const),
  ...["json", "dict", "map"].map((word) => [word, "object"] as const),
  ...["variant", "unknown"].map((word) => [word, "any"] as const),
]);

/** The built-in type that a word of another language means: `uint32_t`, `f64`, `Boolean`. */
function foreignBuiltin(lower: string): ast.BuiltinName | undefined {
  const [, letter, plain = ""] =
    /^([iuf])\d+$|^(?:u(?=int))?([a-z]+)\d*(?:_t)?$/.exec(lower) ?? [];
  if (letter !== undefined) return letter === "f" ? "float" : "int";
  return isBuiltin(plain) ? plain : foreignTypes.get(plain);
}

/** What an undeclared type may have been meant to be. */
interface Candidates {
  readonly byLowerCase: ReadonlyMap<string, string>;
  /** Of all the names together. */
  readonly letters: number;
}

/**
 * Pairs of letters that are compared for suggestions in one file. Each wrong
 * name is compared with each type, so that a large file with many of both would
 * take minutes; a small one never gets near this.
 */
const suggestionEffort = 20_000_000;

class ReferenceCheck {
  readonly #file: ast.InterfaceFile;
  readonly #declared: ReadonlyMap<string, ast.Member>;
  readonly #problems: Problems;
  #candidates: Candidates | undefined;
  #effortLeft = suggestionEffort;

  constructor(
    file: ast.InterfaceFile,
    declared: ReadonlyMap<string, ast.Member>,
    problems: Problems,
  ) {
    this.#file = file;
    this.#declared = declared;
    this.#problems = problems;
  }

  /** Looks at a type and all types in it; nesting is bounded by the grammar. */
  check(type: ast.Type): void {
    switch (type.kind) {
      case "list":
        return this.check(type.element);
      case "map":
        return this.check(type.value);
      case "nullable":
        return this.check(type.type);
      case "struct":
        return this.checkStruct(type, "field");
      case "enum":
        return this.#checkUnique(type.values, "value");
      case "reference":
        return this.#checkReference(type);
      case "builtin":
      case "missing":
        return undefined;
    }
  }

  checkStruct({ fields }: ast.StructType, what: "field" | "parameter"): void {
    this.#checkUnique(fields, what);
    for (const field of fields) this.check(field.type);
  }

  #checkUnique(
    items: readonly (ast.Field | ast.EnumValue)[],
    what: string,
  ): void {
    const seen = new Map<string, ast.Name>();
    for (const { name } of items) {
      const first = seen.get(name.text);
      if (first === undefined) {
        if (name.text !== "") seen.set(name.text, name);
        continue;
      }
      this.#problems.error("varlink/duplicate-field", name.span, () => ({
        message: `${what} \`${clip(name.text)}\` is declared twice`,
        related: [{ span: first.span, message: "the first is here" }],
      }));
    }
  }

  #checkReference({ name, span }: ast.ReferenceType): void {
    const target = this.#declared.get(name);
    if (target?.kind === "type") return;
    if (target !== undefined) {
      this.#problems.error("varlink/not-a-type", span, () => ({
        message: `\`${clip(name)}\` is ${target.kind === "error" ? "an error" : "a method"}, not a type`,
        related: [{ span: target.name.span, message: "declared here" }],
      }));
      return;
    }
    // What could not be read may declare it.
    if (this.#file.unread.has(name) || !isAscii(name)) return;
    this.#problems.error("varlink/undefined-type", span, () => ({
      message: `type \`${clip(name)}\` is not declared`,
      help: this.#suggestion(name),
    }));
  }

  #suggestion(name: string): string | undefined {
    // Of such a length no name is mistyped.
    if (name.length > 64) return undefined;
    if (name.includes(".")) {
      return "types of other interfaces cannot be used: declare the type here";
    }
    const { byLowerCase, letters } = (this.#candidates ??= this.#collect());
    const lower = name.toLowerCase();
    let meant = byLowerCase.get(lower) ?? foreignBuiltin(lower);
    const effort = name.length * letters;
    if (meant === undefined && effort <= this.#effortLeft) {
      this.#effortLeft -= effort;
      meant = nearest(name, byLowerCase.values());
    }
    return meant === undefined ? undefined : `did you mean \`${clip(meant)}\`?`;
  }

  /** The names of types, the first of those that differ in case alone. */
  #collect(): Candidates {
    const byLowerCase = new Map<string, string>();
    const declared = [...this.#declared.values()]
      .filter((member) => member.kind === "type")
      .map((member) => member.name.text);
    let letters = 0;
    for (const name of [...declared, ...builtinNames]) {
      const lower = name.toLowerCase();
      if (byLowerCase.has(lower)) continue;
      byLowerCase.set(lower, name);
      letters += name.length;
    }
    return { byLowerCase, letters };
  }
}
