import { PodmanFailure, quoted, TypeFailure } from "./problem.ts";
import { type Scanner, word } from "./scanner.ts";

/** A field, parameter or result. */
export interface Field {
  readonly name: string;
  /** As the document shows it: `[]string`; empty where it shows nothing. */
  readonly type: string;
}

/** What becomes of a type. */
export interface ShownType {
  readonly kind: "alias" | "builtin" | "enum" | "list" | "nullable" | "struct";
  /** As the document shows it; empty where it shows nothing. */
  readonly text: string;
  /** Of a struct itself: what stands below it is shown nowhere. */
  readonly fields: readonly Field[];
}

/**
 * How deep parentheses may nest in parentheses, as for all files of Varlink. With
 * a limit the recursion is safe; `?` and `[]` may be any number.
 */
export const nestingLimit = 256;

const builtins: ReadonlyMap<string, string> = new Map([
  ["bool", "bool"],
  ["int", "int"],
  ["float", "float"],
  ["string", "string"],
  // It has no name in the documents.
  ["object", ""],
]);

const HELP =
  "types are `bool`, `int`, `float`, `string`, `object`, `(…)` and names that begin with an upper-case letter or a digit, with `?`, `[]` or `[string]` directly before them";

/**
 * Reads a type, and how the document shows it.
 *
 * @throws TypeFailure if there is none; the scanner is then where Podman's
 * generator would go on.
 * @throws PodmanFailure if the file ends in a comment or nests too deep here.
 */
export function readType(scanner: Scanner, depth = 0): ShownType {
  const start = scanner.offset;
  const modifiers: Modifier[] = [];
  for (;;) {
    const modifier = readModifier(scanner);
    if (modifier === undefined) break;
    modifiers.push(modifier);
  }
  let type = readPlainType(scanner, depth);
  for (const modifier of modifiers.toReversed()) {
    if (modifier === "?" && type.kind === "nullable") {
      throw new TypeFailure(
        scanner.since(start),
        "a type has two `?` in a row",
        "one `?` says that the value may be missing: take the other out",
      );
    }
    type = modified(modifier, type);
  }
  return type;
}

type Modifier = "?" | "[]" | "[string]";

/** Lists lose their brackets before the name of a type, and maps the type of their values. */
function modified(modifier: Modifier, type: ShownType): ShownType {
  if (modifier === "?")
    return { kind: "nullable", text: `?${type.text}`, fields: [] };
  if (modifier === "[string]")
    return { kind: "list", text: "map[string]", fields: [] };
  const text = type.kind === "alias" ? type.text : `[]${type.text}`;
  return { kind: "list", text, fields: [] };
}

function readModifier(scanner: Scanner): Modifier | undefined {
  if (scanner.take("?")) return "?";
  if (!scanner.take("[")) return undefined;
  const { offset } = scanner;
  const key = scanner.word(word.keyword, "the key of a map");
  if (key !== "" && key !== "string") {
    throw new TypeFailure(
      scanner.spanAt(offset),
      `the keys of a map are \`string\`, not ${quoted(key)}`,
      "write `[string]` before the type of the values",
    );
  }
  const behind = scanner.offset;
  if (scanner.next() !== "]") {
    throw new TypeFailure(
      scanner.spanAt(behind),
      `expected \`]\`, found ${scanner.foundAt(behind)}`,
      "write `[]` or `[string]`, without blanks",
    );
  }
  return key === "" ? "[]" : "[string]";
}

function readPlainType(scanner: Scanner, depth: number): ShownType {
  const { offset } = scanner;
  const keyword = scanner.word(word.keyword, "a type");
  if (keyword !== "") {
    const text = builtins.get(keyword);
    if (text === undefined) {
      throw new TypeFailure(
        scanner.spanAt(offset),
        `${scanner.foundAt(offset)} is not a type`,
        HELP,
      );
    }
    return { kind: "builtin", text, fields: [] };
  }
  const name = scanner.word(word.member, "a type");
  if (name !== "") return { kind: "alias", text: name, fields: [] };
  if (!scanner.take("(")) {
    throw new TypeFailure(
      scanner.spanAt(offset),
      `expected a type, found ${scanner.foundAt(offset)}`,
      HELP,
    );
  }
  if (depth >= nestingLimit) {
    throw new PodmanFailure({
      ...scanner.spanAt(offset),
      code: "podman/nesting-too-deep",
      message: `types nest deeper than ${nestingLimit} levels here`,
      help: "declare the inner type with a name of its own",
    });
  }
  return readFields(scanner, depth);
}

/** What stands in parentheses: an enum as soon as one field has no type. */
function readFields(scanner: Scanner, depth: number): ShownType {
  const fields: Field[] = [];
  let kind: "enum" | "struct" = "struct";
  // Only these two together: with a blank between them a field must come.
  if (scanner.take(")")) return { kind, text: "", fields };
  for (;;) {
    scanner.skip();
    const { offset } = scanner;
    const name = scanner.fieldName();
    if (name === "") {
      const found = scanner.foundAt(offset);
      throw new TypeFailure(
        scanner.spanAt(offset),
        `expected the name of a field, found ${found}`,
        found === "`)`"
          ? "empty parentheses have no blank in them, and no comma stands before `)`"
          : "names of fields begin with a lower-case letter",
      );
    }
    scanner.skip();
    let type = "";
    const colon = scanner.offset;
    if (!scanner.take(":")) kind = "enum";
    else if (kind === "enum") {
      throw new TypeFailure(
        scanner.spanAt(colon),
        `${quoted(name)} has a type, and a name before it has none`,
        "either all have a type, or none",
      );
    } else {
      scanner.skip();
      type = readType(scanner, depth + 1).text;
    }
    fields.push({ name, type });
    scanner.skip();
    const behind = scanner.offset;
    const next = scanner.next();
    if (next === ")") return { kind, text: "", fields };
    if (next !== ",") {
      throw new TypeFailure(
        scanner.spanAt(behind),
        `expected \`,\` or \`)\` after ${quoted(name)}, found ${scanner.foundAt(behind)}`,
      );
    }
  }
}
