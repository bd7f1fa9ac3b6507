/**
 * A small printer for text that wraps. Forms (see `forms.ts`) build a `Doc`;
 * `print` decides which groups fit on their line and which break. The rules
 * are those of Prettier's document printer, so that what we write is what
 * Prettier would leave alone.
 */

/** The column that no line should pass. */
export const PRINT_WIDTH = 80;

/** Text with the places where it may break. */
export type Doc = string | readonly Doc[] | Indent | Line | Group | IfBreak;

interface Indent {
  readonly kind: "indent";
  readonly contents: Doc;
}

interface Line {
  readonly kind: "line";
  /** `space` is a blank when flat, `soft` is nothing when flat, `hard` always breaks. */
  readonly style: "space" | "soft" | "hard";
}

interface Group {
  readonly kind: "group";
  readonly contents: Doc;
  /** Whether a hard line inside forces it to break. */
  readonly broken: boolean;
  readonly id: symbol | undefined;
}

interface IfBreak {
  readonly kind: "ifBreak";
  readonly broken: Doc;
  readonly flat: Doc;
  /** The group that is asked; without one, the enclosing group. */
  readonly group: symbol | undefined;
}

export const line: Doc = { kind: "line", style: "space" };
export const softline: Doc = { kind: "line", style: "soft" };
export const hardline: Doc = { kind: "line", style: "hard" };

/** Two columns further in after each line break inside. */
export function indent(contents: Doc): Doc {
  return { kind: "indent", contents };
}

/** Breaks at all of its lines, or at none. */
export function group(contents: Doc, id?: symbol): Doc {
  return { kind: "group", contents, broken: breaks(contents), id };
}

/** One text when the (named, else enclosing) group breaks, another when it does not. */
export function ifBreak(broken: Doc, flat: Doc = "", id?: symbol): Doc {
  return { kind: "ifBreak", broken, flat, group: id };
}

/** The docs with a separator between every two. */
export function join(separator: Doc, docs: readonly Doc[]): Doc {
  return docs.map((doc, index) => (index === 0 ? doc : [separator, doc]));
}

function isConcat(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc);
}

function breaks(doc: Doc): boolean {
  if (typeof doc === "string") return false;
  if (isConcat(doc)) return doc.some(breaks);
  switch (doc.kind) {
    case "line":
      return doc.style === "hard";
    case "indent":
      return breaks(doc.contents);
    case "group":
      return doc.broken;
    default:
      return breaks(doc.broken) || breaks(doc.flat);
  }
}

interface Command {
  readonly indent: number;
  readonly flat: boolean;
  readonly doc: Doc;
}

/** Puts the parts of a concatenation on the stack, the first on top. */
function pushParts(
  stack: Command[],
  { indent: depth, flat }: Command,
  parts: readonly Doc[],
): void {
  for (let index = parts.length - 1; index >= 0; index -= 1) {
    const doc = parts[index];
    if (doc !== undefined) stack.push({ indent: depth, flat, doc });
  }
}

/**
 * Lays out a doc.
 *
 * @param level - Indentation that the first line stands at, in steps of two
 * columns. It is not part of the result.
 * @param width - Measures a text in columns.
 */
export function print(
  doc: Doc,
  level: number,
  width: (text: string) => number,
): string {
  const modes = new Map<symbol, boolean>();
  const stack: Command[] = [{ indent: level * 2, flat: false, doc }];
  const text: string[] = [];
  let column = level * 2;
  for (
    let command = stack.pop();
    command !== undefined;
    command = stack.pop()
  ) {
    const { indent: depth, flat, doc: current } = command;
    if (typeof current === "string") {
      text.push(current);
      column += width(current);
    } else if (isConcat(current)) {
      pushParts(stack, command, current);
    } else if (current.kind === "indent") {
      stack.push({ indent: depth + 2, flat, doc: current.contents });
    } else if (current.kind === "ifBreak") {
      const chosen = chooseByBreak(current, flat, modes);
      stack.push({ indent: depth, flat, doc: chosen });
    } else if (current.kind === "group") {
      const next = { indent: depth, flat: true, doc: current.contents };
      const stays =
        !current.broken &&
        (flat || fits(next, stack, PRINT_WIDTH - column, modes, width));
      if (current.id !== undefined) modes.set(current.id, stays);
      stack.push({ indent: depth, flat: stays, doc: current.contents });
    } else if (flat && current.style !== "hard") {
      const blank = current.style === "space" ? " " : "";
      text.push(blank);
      column += blank.length;
    } else {
      trimEnd(text);
      text.push("\n", " ".repeat(depth));
      column = depth;
    }
  }
  return text.join("");
}

/** Takes away the blanks at the end of a line. */
function trimEnd(text: string[]): void {
  for (let last = text.pop(); last !== undefined; last = text.pop()) {
    const trimmed = last.trimEnd();
    if (trimmed === "" && last !== "\n") continue;
    text.push(last === "\n" ? last : trimmed);
    return;
  }
}

function chooseByBreak(
  doc: IfBreak,
  flat: boolean,
  modes: ReadonlyMap<symbol, boolean>,
): Doc {
  const stays = doc.group === undefined ? flat : (modes.get(doc.group) ?? true);
  return stays ? doc.flat : doc.broken;
}

/** Whether what comes next, up to the next line break that is sure, stays within `room` columns. */
function fits(
  next: Command,
  rest: readonly Command[],
  room: number,
  modes: ReadonlyMap<symbol, boolean>,
  width: (text: string) => number,
): boolean {
  const stack: Command[] = [next];
  let left = room;
  let remaining = rest.length;
  while (left >= 0) {
    let command = stack.pop();
    if (command === undefined) {
      remaining -= 1;
      command = rest[remaining];
      if (command === undefined) return true;
    }
    const { indent: depth, flat, doc: current } = command;
    if (typeof current === "string") left -= width(current);
    else if (isConcat(current)) pushParts(stack, command, current);
    else if (current.kind === "indent") {
      stack.push({ indent: depth, flat, doc: current.contents });
    } else if (current.kind === "group") {
      stack.push({
        indent: depth,
        flat: flat && !current.broken,
        doc: current.contents,
      });
    } else if (current.kind === "ifBreak") {
      stack.push({
        indent: depth,
        flat,
        doc: chooseByBreak(current, flat, modes),
      });
    } else if (!flat || current.style === "hard") return true;
    else if (current.style === "space") left -= 1;
  }
  return false;
}
