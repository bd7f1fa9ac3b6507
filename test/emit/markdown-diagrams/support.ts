import { methodDiagram } from "../../../src/emit/markdown/diagram.ts";
import { typesOf } from "../../../src/emit/markdown/notation.ts";
import type { Service } from "../../../src/model/api.ts";

/** A diagram read back: what its boxes say, and what leads from one to another. */
export interface Diagram {
  /** The text of each box, its lines joined by `/`. */
  readonly boxes: readonly string[];
  /** `Output -containers[]-> Container`, lines joined by `/`. */
  readonly arrows: readonly string[];
  /** What stands at each arrow, by itself. */
  readonly labels: readonly string[];
}

/** The source of a method's diagram, with the fence; empty where it has none. */
export function diagramOf(
  service: Service,
  name: string,
  nameOf = (path: readonly string[]): string => path.join("."),
): string {
  const method = service.methods.find((one) => one.name === name);
  if (method === undefined) throw new Error(`no method ${name}`);
  return methodDiagram({ service, types: typesOf(service) }, method, nameOf);
}

const BOX = /^ {2}(\w+)(?:\(\[|\[|\{\{)"([^"]*)"(?:\]\)|\]|\}\})$/;
const ARROW = /^ {2}(\w+) -->\|"([^"]*)"\| (\w+)$/;

/** Reads a diagram back, line by line; every line has to be one that is known. */
export function readDiagram(source: string): Diagram {
  const lines = source.split("\n");
  const [fence, kind, title, ...body] = lines;
  if (
    fence !== "```mermaid" ||
    kind !== "flowchart LR" ||
    !/^ {2}accTitle: [\w. ]+$/.test(title ?? "") ||
    body.pop() !== "```"
  )
    throw new Error(`not a diagram: ${source}`);
  const boxes = new Map<string, string>();
  const arrows: string[] = [];
  const labels: string[] = [];
  for (const line of body) {
    const box = BOX.exec(line);
    const arrow = ARROW.exec(line);
    if (box !== null) {
      if (boxes.has(box[1] ?? "")) throw new Error(`twice: ${line}`);
      boxes.set(box[1] ?? "", unquoted(box[2] ?? ""));
    } else if (arrow !== null) {
      const ends = [arrow[1], arrow[3]].map((id) => boxes.get(id ?? ""));
      if (ends.includes(undefined)) throw new Error(`leads nowhere: ${line}`);
      const label = unquoted(arrow[2] ?? "");
      labels.push(label);
      arrows.push(`${ends[0]} -${label}-> ${ends[1]}`);
    } else throw new Error(`neither box nor arrow: ${line}`);
  }
  return { boxes: [...boxes.values()], arrows, labels };
}

function unquoted(text: string): string {
  return text
    .replaceAll("<br>", "/")
    .replaceAll(/#(\d+);/g, (_, code: string) =>
      String.fromCodePoint(Number(code)),
    );
}
