import type { Anchors } from "./anchors.ts";
import { codeSpan, escapeBars, escapeText } from "./escape.ts";
import {
  parseInline,
  type Definitions,
  type Inline,
  type Target,
} from "./inline.ts";

/** What printing a doc needs to know. */
export interface PrintContext {
  readonly anchors: Anchors;
  readonly definitions: Definitions;
  /** Whether the blocks stand in a list. */
  readonly inList?: true;
  /** Whether they stand in a quote. */
  readonly inQuote?: true;
}

/** Running text on one line. */
export function inlineText(
  text: string,
  context: PrintContext,
  inCell: boolean,
): string {
  return onOneLine(
    printInline(parseInline(text, context.definitions), context, inCell),
  );
}

/** Running text on one line, all of it bold. */
export function boldText(
  text: string,
  context: PrintContext,
  inCell: boolean,
): string {
  const inlines = withoutStrong(parseInline(text, context.definitions));
  return mark("**", onOneLine(printInline(inlines, context, inCell)));
}

/** Inlines with what is strong in them as the rest: bold in bold is nothing more. */
function withoutStrong(inlines: readonly Inline[]): Inline[] {
  return inlines.flatMap((inline): Inline[] => {
    if (!("children" in inline)) return [inline];
    const children = withoutStrong(inline.children);
    return inline.kind === "strong" ? children : [{ ...inline, children }];
  });
}

function onOneLine(printed: string): string {
  return printed.replaceAll(/\\?\n/g, " ").trim();
}

/** What stands around an inline. */
interface Surroundings {
  readonly inCell: boolean;
  readonly inLink: boolean;
  readonly inEmphasis: boolean;
}

/** Prints running text; in a table's cell on one line, with its bars escaped. */
export function printInline(
  inlines: readonly Inline[],
  context: PrintContext,
  inCell: boolean,
): string {
  return printChildren(inlines, context, {
    inCell,
    inLink: false,
    inEmphasis: false,
  });
}

function printChildren(
  inlines: readonly Inline[],
  context: PrintContext,
  around: Surroundings,
): string {
  let text = "";
  const settled = settle(inlines, context, around);
  for (const [at, inline] of settled.entries()) {
    const previous = settled[at - 1];
    const printed = printOne(inline, context, around, [
      previous,
      settled[at + 1],
    ]);
    if (previous?.kind === "address" && /^[\\&]/.test(printed)) {
      // What follows an address directly would be read as a part of it.
      text =
        text.slice(0, -previous.value.length) +
        printAddress(previous.value, around);
    }
    // An exclamation mark would make an image of the link behind it.
    if (printed.startsWith("[") && text.endsWith("!"))
      text = `${text.slice(0, -1)}\\!`;
    text += printed;
  }
  return text;
}

/**
 * The inlines as they can be printed: links that lead nowhere are their text,
 * and neighbours of one kind are one, for no delimiter would be understood
 * between two emphases.
 */
function settle(
  inlines: readonly Inline[],
  context: PrintContext,
  around: Surroundings,
): Inline[] {
  const settled: Inline[] = [];
  let children: Inline[] = [];
  for (const inline of inlines.flatMap((each) =>
    settleOne(each, context, around),
  )) {
    const last = settled.at(-1);
    if (inline.kind === "text" && last?.kind === "text") {
      settled[settled.length - 1] = {
        kind: "text",
        value: last.value + inline.value,
      };
    } else if (!isMark(inline)) {
      settled.push(inline);
    } else if (last?.kind === inline.kind) {
      // One by one: there may be more than a call takes arguments.
      for (const child of inline.children) children.push(child);
    } else {
      children = [...inline.children];
      settled.push({ kind: inline.kind, children });
    }
  }
  return settled;
}

function isMark(
  inline: Inline,
): inline is Extract<Inline, { kind: "emphasis" | "strong" }> {
  return inline.kind === "emphasis" || inline.kind === "strong";
}

function settleOne(
  inline: Inline,
  context: PrintContext,
  around: Surroundings,
): Inline[] {
  if (inline.kind === "swapped") {
    const destination = `#${inline.name}`;
    const children: Inline[] = [{ kind: "text", value: inline.name }];
    return around.inLink || context.anchors.find(destination) === undefined
      ? [{ kind: "text", value: `(${inline.name})[${destination}]` }]
      : [{ kind: "link", target: { destination, title: "" }, children }];
  }
  if (inline.kind === "code") return [linkedName(inline, context, around)];
  if (inline.kind !== "link" && inline.kind !== "image") return [inline];
  const { destination } = inline.target;
  if (inline.kind === "link" && inline.children.length === 0) {
    // Without text there is nothing to click on.
    return [{ kind: "text", value: `[](${destination})` }];
  }
  const isLost =
    resolve(inline.kind, destination, context.anchors) === undefined ||
    (inline.kind === "link" && around.inLink);
  return isLost
    ? inline.children.flatMap((child) => settleOne(child, context, around))
    : [inline];
}

/** A code span; with a link around it where all of it is the name of another member. */
function linkedName(
  code: Extract<Inline, { kind: "code" }>,
  { anchors }: PrintContext,
  around: Surroundings,
): Inline {
  const destination = code.value.replace(/\(\)$/, "");
  // A name in small letters is a word as well.
  const isName = /^[\w.-]*[A-Z][\w.-]*$/.test(destination);
  const anchor =
    isName && !around.inLink ? anchors.find(destination) : undefined;
  return anchor === undefined || anchor === anchors.own
    ? code
    : { kind: "link", target: { destination, title: "" }, children: [code] };
}

function printOne(
  inline: Inline,
  context: PrintContext,
  around: Surroundings,
  neighbours: readonly [Inline | undefined, Inline | undefined],
): string {
  switch (inline.kind) {
    case "text":
      return printText(inline.value, around);
    case "reference":
    case "address":
      return inline.value;
    case "code":
      return codeSpan(inline.value, around.inCell);
    case "newline":
      return around.inCell
        ? inline.hard
          ? "<br>"
          : " "
        : inline.hard
          ? "\\\n"
          : "\n";
    case "autolink":
      return `<${inline.address}>`;
    case "swapped":
      // Settled: a link or text by now.
      return printText(inline.name, around);
    case "strong":
      return mark("**", printChildren(inline.children, context, around));
    case "emphasis": {
      const [previous, next] = neighbours;
      const inWord = endsInWord(previous) || beginsInWord(next);
      const star = around.inEmphasis || inWord ? "*" : "_";
      return mark(
        star,
        printChildren(inline.children, context, {
          ...around,
          inEmphasis: true,
        }),
      );
    }
    case "image":
    case "link":
      return printLink(
        inline.kind,
        inline.target,
        inline.children,
        context,
        around,
      );
    default:
      return inline satisfies never;
  }
}

/** An address as a link with a definite end, or where no link can be, as text. */
function printAddress(address: string, around: Surroundings): string {
  if (around.inLink) return address.replace(/[:.]/, "\\$&");
  return /^www\./i.test(address)
    ? `[${printText(address, { ...around, inLink: true })}](http://${encodeDestination(address)})`
    : `<${address}>`;
}

function mark(delimiter: string, text: string): string {
  return text === "" ? "" : delimiter + text + delimiter;
}

// Where versions of CommonMark differ (a symbol such as `€` beside an underscore), a star is sure.
function endsInWord(inline: Inline | undefined): boolean {
  return inline?.kind === "text" && /[^\s\p{P}$+<=>^`|~]$/u.test(inline.value);
}

function beginsInWord(inline: Inline | undefined): boolean {
  return inline?.kind === "text" && /^[^\s\p{P}$+<=>^`|~]/u.test(inline.value);
}

function printText(value: string, around: Surroundings): string {
  let text = escapeText(value.replaceAll(/[\t\n ]+/g, " "));
  if (around.inLink) text = text.replaceAll("]", "\\]");
  return around.inCell ? escapeBars(text) : text;
}

/** What a link may lead to, other than members: the web, mail, and files beside the document. */
const OUTSIDE = /^(?:https?:\/\/|mailto:|(?![a-z][a-z0-9+.-]*:)[^#]*[./])/i;

function printLink(
  kind: "link" | "image",
  target: Target,
  children: readonly Inline[],
  context: PrintContext,
  around: Surroundings,
): string {
  const destination = resolve(kind, target.destination, context.anchors) ?? "";
  const text = printChildren(children, context, { ...around, inLink: true });
  const title =
    target.title.trim() === "" ? "" : ` ${printTitle(target.title, around)}`;
  return `${kind === "image" ? "!" : ""}[${text}](${destination}${title})`;
}

function resolve(
  kind: "link" | "image",
  destination: string,
  anchors: Anchors,
): string | undefined {
  const anchor = kind === "link" ? anchors.find(destination) : undefined;
  if (anchor !== undefined) return `#${anchor}`;
  if (!OUTSIDE.test(destination)) return undefined;
  return encodeDestination(destination);
}

/** An address as it can stand in round brackets, in a table's cell as well. */
function encodeDestination(address: string): string {
  return address.replaceAll(/[^!#$%&'*+,\-./0-9:;=?@A-Z_a-z~]/gu, (character) =>
    encodeURIComponent(character).replaceAll(/[()]/g, percentOf),
  );
}

function percentOf(character: string): string {
  return `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;
}

function printTitle(title: string, around: Surroundings): string {
  const text = printText(
    title.replaceAll(/\s+/g, " ").replaceAll('"', "'"),
    around,
  );
  return `"${text}"`;
}
