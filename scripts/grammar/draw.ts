import railroad, { type Element } from "railroad-diagrams";
import type { Grammar } from "./edit.ts";
import { type Expression, isEqual, nothing } from "./expression.ts";

/** Pixels that a picture's content may take; a document on GitHub has some 800. */
const widest = 700;

const radius = railroad.Diagram.ARC_RADIUS;
const gap = railroad.Diagram.VERTICAL_SEPARATION;
/** Of the line before and behind a part. */
const space = 10;

// An `<img>` has no styles but its own. What the page is like is not known to it,
// so it brings its own ground.
const style = `
svg { --ground: #f6f8fa; --line: #57606a; --text: #1f2328; --literal: #dafbe1; --lexeme: #fff8c5; --rule: #ddf4ff; }
@media (prefers-color-scheme: dark) {
svg { --ground: #161b22; --line: #8b949e; --text: #e6edf3; --literal: #12391f; --lexeme: #453a08; --rule: #0c2d57; }
}
path { fill: none; stroke: var(--line); stroke-width: 2; }
rect { fill: var(--literal); stroke: var(--line); }
rect.ground { fill: var(--ground); stroke: none; }
.lexeme rect { fill: var(--lexeme); }
.rule rect { fill: var(--rule); }
text { fill: var(--text); font: bold 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; text-anchor: middle; }
.lexeme text { font-style: italic; }
.rule text { font-weight: normal; }
`;

/**
 * The railroad diagram of a rule, as a picture that needs nothing else.
 *
 * @param title What the picture is called.
 * @param description What it shows, in words.
 */
export function draw(
  expression: Expression,
  grammar: Grammar,
  { title, description }: { title: string; description: string },
): string {
  const picture = railroad.ComplexDiagram(
    element(expression, grammar, widest - 2 * space),
  );
  picture.format(space);
  Object.assign(picture.attrs, {
    xmlns: "http://www.w3.org/2000/svg",
    role: "img",
  });
  picture.children.unshift(
    `<title>${escaped(title)}</title>\n`,
    `<desc>${escaped(description)}</desc>\n`,
    `<style>${style}</style>\n`,
    `<rect class="ground" width="100%" height="100%" rx="6"/>\n`,
  );
  return picture.toString();
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** @param width Pixels it should fit into, if it can be broken. */
function element(
  expression: Expression,
  grammar: Grammar,
  width: number,
): Element {
  switch (expression.kind) {
    case "token": {
      const literals = grammar.literals.get(expression.type);
      if (expression.lexeme !== undefined)
        return styled(railroad.Terminal(expression.lexeme), "lexeme");
      const [first = literal(expression.type), ...others] = (
        literals ?? []
      ).map(literal);
      return others.length === 0 ? first : railroad.Choice(0, first, ...others);
    }
    case "rule":
      return styled(railroad.NonTerminal(expression.rule), "rule");
    case "sequence":
      return wrapped(
        expression.items.map((item) =>
          // Room for what a broken line takes at its sides.
          element(item, grammar, width - 6 * radius),
        ),
        width,
      );
    case "choice":
      return railroad.Choice(
        0,
        ...expression.items.map((item) =>
          element(item, grammar, width - 4 * radius),
        ),
      );
    case "optional":
      return railroad.Optional(
        element(expression.item, grammar, width - 4 * radius),
      );
    case "repeat":
    default: {
      const inside = width - 2 * radius;
      const item = element(expression.item, grammar, inside);
      return isEqual(expression.separator, nothing)
        ? railroad.OneOrMore(item)
        : railroad.OneOrMore(
            item,
            element(expression.separator, grammar, inside),
          );
    }
  }
}

function literal(text: string): Element {
  return railroad.Terminal(text);
}

function styled(part: Element, name: string): Element {
  part.attrs["class"] = name;
  return part;
}

function widthOf(part: Element): number {
  return part.width + (part.needsSpace === true ? 2 * space : 0);
}

/** Parts in a row, or in several where one would be too wide. */
function wrapped(parts: readonly Element[], width: number): Element {
  const rows: Element[][] = [];
  let used = Infinity;
  const total = parts.reduce((sum, part) => sum + widthOf(part), 0);
  const limit = total <= width ? width : width - 6 * radius;
  for (const part of parts) {
    const row = rows.at(-1);
    if (row !== undefined && used + widthOf(part) <= limit) {
      row.push(part);
      used += widthOf(part);
    } else {
      rows.push([part]);
      used = widthOf(part);
    }
  }
  const lines = rows.map((row) => railroad.Sequence(...row));
  const [only] = lines;
  return lines.length === 1 && only !== undefined ? only : stack(lines);
}

/**
 * Rows below each other with the line led from each to the next, and from the
 * last one back up, for in this library a part is left at the height at which it
 * is entered.
 */
function stack(rows: readonly Element[]): Element {
  const all = railroad.Skip();
  const inner = Math.max(...rows.map((row) => row.width));
  // The line's place below the first one's, by row.
  const places: number[] = [];
  let y = 0;
  for (const [index, row] of rows.entries()) {
    const above = rows[index - 1];
    if (above !== undefined) y += drop(above, row).height;
    places.push(y);
  }
  const last = rows.at(-1);
  all.width = inner + 6 * radius;
  all.up = rows[0]?.up ?? 0;
  all.down = y + (last?.down ?? 0);
  all.format = (x, top, width) => {
    const spare = (width - all.width) / 2;
    const left = x + spare + radius;
    const right = left + inner;
    line(all, `M${x} ${top}h${spare + radius}`);
    for (const [index, row] of rows.entries()) {
      const at = top + (places[index] ?? 0);
      // Every row begins at the left, where its reader comes from.
      row.format(left, at, row.width).addTo(all);
      line(all, `M${left + row.width} ${at}H${right}`);
      const below = rows[index + 1];
      if (below !== undefined) {
        const { first, second } = drop(row, below);
        line(
          all,
          `M${right} ${at}${curve(1, 1, 1)}v${first}${curve(-1, 1, 1)}h${-inner}${curve(-1, 1, 0)}v${second}${curve(1, 1, 0)}`,
        );
      }
    }
    const up = y - 2 * radius;
    line(
      all,
      `M${right} ${top + y}h${2 * radius}${curve(1, -1, 0)}v${-up}${curve(1, -1, 1)}h${radius + spare}`,
    );
    return all;
  };
  return all;
}

/** How far the line goes down from one row to the next, in straight parts. */
function drop(
  above: Element,
  below: Element,
): { readonly first: number; readonly second: number; height: number } {
  const first = Math.max(0, above.down + gap - 2 * radius);
  const second = Math.max(0, below.up + gap - 2 * radius);
  return { first, second, height: first + second + 4 * radius };
}

/** A quarter of a circle. */
function curve(right: 1 | -1, down: 1 | -1, sweep: 0 | 1): string {
  return `a${radius} ${radius} 0 0 ${sweep} ${right * radius} ${down * radius}`;
}

function line(parent: Element, path: string): void {
  parent.children.push(`<path d="${path}"></path>\n`);
}
