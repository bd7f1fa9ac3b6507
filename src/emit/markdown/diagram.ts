import type {
  Field,
  Method,
  Service,
  Type,
  TypeDeclaration,
} from "../../model/api.ts";
import { referenceOf } from "../../model/references.ts";
import { cleanText } from "./escape.ts";
import { type Types, writtenType } from "./notation.ts";

/**
 * Types of one method, its own messages among them. A column of so many is as
 * high as a large window; what would not fit is counted.
 */
const MOST_TYPES = 18;
/** Types behind one another. With more, a page's width makes the text too small. */
const MOST_STEPS = 3;
/** Fields of one type that mention the same other one; of more, the last are counted. */
const MOST_FIELDS = 3;
/** Characters of a name, and of a field with the way to it. */
const LONGEST_NAME = 40;

/** A box: a side of the method, or a type. */
interface Box {
  readonly id: string;
  readonly kind: "side" | "struct" | "enum";
  /** What it says: its name, and what is left out behind it. */
  readonly lines: string[];
  /** How many types stand before it. */
  readonly steps: number;
  readonly mentions: ReadonlyMap<string, Mention>;
}

/** A type that is mentioned, with the fields that do, as `containers[]`. */
interface Mention {
  readonly path: readonly string[];
  readonly fields: readonly string[];
}

interface Arrow {
  readonly from: Box;
  readonly to: Box;
  readonly fields: readonly string[];
}

/**
 * Draws what a method reaches as a fenced Mermaid diagram: its parameters and
 * its reply, the types that these mention, the types that those mention, and so
 * on. Inline types are no boxes: what they mention, the type around them mentions.
 *
 * Empty where no type that is drawn mentions another one: then the tables of
 * the method say all that a diagram could. Where more types are reached than can
 * be taken in at a glance, those that are farther away are counted, not drawn.
 *
 * @param scope - The service, and its types as they are found by path.
 * @param nameOf - How a type is called in the document.
 */
export function methodDiagram(
  { service, types }: { readonly service: Service; readonly types: Types },
  method: Method,
  nameOf: (path: readonly string[]) => string,
): string {
  const hasNull = service.wire === "varlink";
  const boxes: Box[] = [];
  const drawn = new Map<string, Box>();
  const arrows: Arrow[] = [];

  const addSide = ({ side, title, path }: Side): void => {
    const mentions = mentionsIn(method[side].fields, types, hasNull);
    if (mentions.size === 0) return;
    const lines = [title, ...(path === undefined ? [] : [nameOf(path)])];
    const box: Box = { id: side, kind: "side", lines, steps: 0, mentions };
    boxes.push(box);
    if (path !== undefined) drawn.set(keyOf(path), box);
  };
  const addType = (path: readonly string[], steps: number): void => {
    const declaration = types(path);
    const box: Box = {
      id: `type${drawn.size}`,
      kind: declaration?.kind === "enum" ? "enum" : "struct",
      lines: [nameOf(path)],
      steps,
      mentions: mentionsIn(fieldsOf(declaration), types, hasNull),
    };
    boxes.push(box);
    drawn.set(keyOf(path), box);
  };

  sidesOf(method).forEach(addSide);
  // Nearer types before farther ones. The nearest, which are what a picture is
  // for, get in by themselves; of those behind them all or none do.
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const row = boxes.filter((box) => box.steps === steps);
    const all = row.flatMap(({ mentions }) => [...mentions.keys()]);
    for (const { mentions } of row) {
      const wanted = new Set(steps < 2 ? mentions.keys() : all);
      const fresh = [...wanted].filter((key) => !drawn.has(key)).length;
      if (drawn.size + fresh > MOST_TYPES) continue;
      for (const [key, { path }] of mentions)
        if (!drawn.has(key)) addType(path, steps + 1);
    }
  }
  for (const from of boxes) {
    let left = 0;
    for (const [key, { fields }] of from.mentions) {
      const to = drawn.get(key);
      if (to === undefined) left += 1;
      else arrows.push({ from, to, fields });
    }
    if (left > 0)
      from.lines.push(`→ ${left} more ${left === 1 ? "type" : "types"}`);
  }
  const hasChain = arrows.some(({ from }) => from.kind !== "side");
  return hasChain ? flowchart(method.name, boxes, arrows) : "";
}

function fieldsOf(declaration: TypeDeclaration | undefined): readonly Field[] {
  return declaration?.kind === "struct" ? declaration.fields : [];
}

/** Where a diagram begins. */
interface Side {
  readonly side: "input" | "output";
  readonly title: string;
  /** The message, where it is one. */
  readonly path: readonly string[] | undefined;
}

/** In an envelope a side is a message, and is called as the document calls it. */
function sidesOf({ envelope }: Method): readonly Side[] {
  if (envelope === undefined)
    return [
      { side: "input", title: "Input", path: undefined },
      { side: "output", title: "Output", path: undefined },
    ];
  const { input, output } = envelope;
  if (output !== undefined && keyOf(input) === keyOf(output))
    return [{ side: "input", title: "Request and result", path: input }];
  return [
    { side: "input", title: "Request", path: input },
    { side: "output", title: "Result", path: output },
  ];
}

/** The declared types that fields mention, in order, with the fields that do. */
function mentionsIn(
  fields: readonly Field[],
  types: Types,
  hasNull: boolean,
): ReadonlyMap<string, Mention> {
  const found = new Map<
    string,
    { path: readonly string[]; fields: string[] }
  >();
  const add = (all: readonly Field[], prefix: string): void => {
    for (const field of all) {
      const path = referenceOf(field.type);
      if (path === undefined) continue;
      const label = prefix + field.name + marksOf(field, hasNull);
      const declaration = types(path);
      if (declaration?.inline === true) {
        if (declaration.kind === "struct") add(declaration.fields, `${label}.`);
        continue;
      }
      const mention = found.get(keyOf(path));
      if (mention === undefined)
        found.set(keyOf(path), { path, fields: [label] });
      else mention.fields.push(label);
    }
  };
  add(fields, "");
  return found;
}

/**
 * How many a field holds, as Varlink writes it before the type: `?`, `[]`,
 * `[string]`. In Protocol Buffers nearly every field may be absent, so that a
 * `?` would say nothing there.
 */
function marksOf(field: Field, hasNull: boolean): string {
  const write = (type: Type): string => {
    switch (type.kind) {
      case "primitive":
      case "reference":
        return "";
      case "list":
        return `[]${write(type.element)}`;
      case "map":
        return `[${field.wire?.key ?? "string"}]${write(type.value)}`;
      case "nullable":
        return `?${write(type.type)}`;
      default:
        return type satisfies never;
    }
  };
  return write(hasNull ? writtenType(field) : field.type);
}

const SHAPES = {
  side: ["([", "])"],
  struct: ["[", "]"],
  enum: ["{{", "}}"],
} as const;

function flowchart(
  name: string,
  boxes: readonly Box[],
  arrows: readonly Arrow[],
): string {
  const nodes = boxes.map(({ id, kind, lines }) => {
    const [open, close] = SHAPES[kind];
    return `${id}${open}${quotedLabel(lines)}${close}`;
  });
  const edges = arrows.map(({ from, to, fields }) => {
    const shown =
      fields.length <= MOST_FIELDS ? fields : fields.slice(0, MOST_FIELDS - 1);
    const left = fields.length - shown.length;
    const lines = left > 0 ? [...shown, `${left} more`] : shown;
    return `${from.id} -->|${quotedLabel(lines)}| ${to.id}`;
  });
  return [
    "```mermaid",
    "flowchart LR",
    `  accTitle: Types that ${plain(shortened(name))} takes and gives`,
    ...[...nodes, ...edges].map((line) => `  ${line}`),
    "```",
  ].join("\n");
}

function quotedLabel(lines: readonly string[]): string {
  const text = lines
    .map((line) => quoted(shortened(line)))
    .filter((line) => line.trim() !== "")
    .join("<br>");
  // Mermaid has no empty label, and finds no place for one of line breaks alone.
  return `"${text || " "}"`;
}

function shortened(text: string): string {
  const clean = cleanText(text);
  const characters = Array.from(clean);
  return characters.length > LONGEST_NAME
    ? `${characters.slice(0, LONGEST_NAME - 1).join("")}…`
    : clean;
}

/**
 * Text that means itself in a quoted label: Mermaid reads `#35;` as the
 * character of this number. Nothing else than letters, digits and what types
 * are written with stands for itself, so that no name is a quote's end, HTML, a
 * directive (which Mermaid looks for in the whole text), or the fence's end.
 */
function quoted(text: string): string {
  return text.replaceAll(
    /[^A-Za-z0-9_.[\]? ]/gu,
    (character) => `#${(character.codePointAt(0) ?? 0).toString()};`,
  );
}

/** Text for a line that Mermaid reads as it is: it has no way to write other characters there. */
function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_.]/gu, "_");
}

// A line end is in no name.
function keyOf(path: readonly string[]): string {
  return path.join("\n");
}
