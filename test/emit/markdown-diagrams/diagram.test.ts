import { describe, expect, test } from "vitest";
import { emitMarkdown } from "../../../src/emit/markdown/emit.ts";
import type { Service } from "../../../src/model/api.ts";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import {
  MINI,
  MINI_CONFIG,
  serviceOf as messages,
} from "../../model/proto-envelope/support.ts";
import { serviceOf as modelled } from "../markdown/support.ts";
import { serviceOf as parsed } from "../../support/varlink.ts";
import { diagramOf, readDiagram, type Diagram } from "./support.ts";

function read(members: string): Diagram {
  return readDiagram(diagramOf(serviceOf(members), "M"));
}

function serviceOf(members: string): Service {
  return parsed(`interface org.example\n${members}\n`);
}

describe("a method has a diagram", () => {
  test("where a type that it mentions mentions another one", () => {
    const members = `
      method M(id: string) -> (pods: []Pod)
      type Pod (containers: ?[]Container)
      type Container (id: string)`;
    expect(diagramOf(serviceOf(members), "M")).toBe(`\`\`\`mermaid
flowchart LR
  accTitle: Types that M takes and gives
  output(["Output"])
  type0["Pod"]
  type1["Container"]
  output -->|"pods[]"| type0
  type0 -->|"containers?[]"| type1
\`\`\``);
  });

  test.each([
    ["it mentions no type", "method M(id: string) -> ()"],
    [
      "its types mention none",
      "method M(a: A) -> (b: B)\ntype A ()\ntype B ()",
    ],
    [
      "the chain is another method's",
      "method M() -> (b: B)\nmethod N() -> (a: A)\ntype A (b: B)\ntype B ()",
    ],
    [
      "only inline types lie between",
      "method M() -> (a: (b: (c: B)))\ntype B (d: (e: int), f: (on, off))",
    ],
  ])("but not where %s", (_, members) => {
    expect(diagramOf(serviceOf(members), "M")).toBe("");
  });

  test("in the document, unless none are wanted", () => {
    const service = serviceOf(
      "method M() -> (a: A)\ntype A (b: B)\ntype B (c: int)",
    );
    const source = diagramOf(service, "M");
    const path = "API.md";
    expect(emitMarkdown(service, { path }).text).toContain(`\n\n${source}\n\n`);
    expect(emitMarkdown(service, { path, diagrams: false }).text).not.toContain(
      "mermaid",
    );
  });
});

describe("what is drawn", () => {
  test("both sides, and a type once, whoever mentions it", () => {
    const { boxes, arrows } = read(`
      method M(a: A, x: X) -> (a: ?A, b: B)
      type A (b: B)
      type B (kind: Kind)
      type Kind (big, small)
      type X ()
      type Unreached (a: A)`);
    expect(boxes).toEqual(["Input", "Output", "A", "X", "B", "Kind"]);
    expect(arrows).toEqual([
      "Input -a-> A",
      "Input -x-> X",
      "Output -a?-> A",
      "Output -b-> B",
      "A -b-> B",
      "B -kind-> Kind",
    ]);
  });

  test("enums in a shape of their own", () => {
    const source = diagramOf(
      serviceOf("method M() -> (a: A)\ntype A (k: K)\ntype K (on, off)"),
      "M",
    );
    expect(source).toContain('type1{{"K"}}');
  });

  test("how many there are of it", () => {
    const { arrows } = read(`
      method M() -> (a: ?[]A)
      type A (list: []B, map: [string]B, maps: ?[string][]?B, one: ?A)
      type B ()`);
    expect(arrows).toEqual([
      "Output -a?[]-> A",
      "A -list[]/map[string]/maps?[string][]?-> B",
      "A -one?-> A",
    ]);
  });

  test("recursion, also through others, without end", () => {
    const { boxes, arrows } = read(`
      method M(tree: Tree) -> ()
      type Tree (branches: []Branch, trees: []Tree)
      type Branch (tree: ?Tree)`);
    expect(boxes).toEqual(["Input", "Tree", "Branch"]);
    expect(arrows).toEqual([
      "Input -tree-> Tree",
      "Tree -branches[]-> Branch",
      "Tree -trees[]-> Tree",
      "Branch -tree?-> Tree",
    ]);
  });

  test("what inline types mention, as the types' around them", () => {
    const { boxes, arrows } = read(`
      method M() -> (outer: [](inner: ?(a: A), flag: (on, off)))
      type A (deep: [string](b: []B))
      type B (x: int)`);
    expect(boxes).toEqual(["Output", "A", "B"]);
    expect(arrows).toEqual([
      "Output -outer[].inner?.a-> A",
      "A -deep[string].b[]-> B",
    ]);
  });

  test("three fields; of more the last are counted", () => {
    const fields = (count: number): string =>
      Array.from({ length: count }, (_, at) => `f${at}: B`).join(", ");
    const label = (count: number): string | undefined =>
      read(`method M() -> (a: A)\ntype A (${fields(count)})\ntype B ()`)
        .arrows[1];
    expect(label(3)).toBe("A -f0/f1/f2-> B");
    expect(label(4)).toBe("A -f0/f1/2 more-> B");
    expect(label(40)).toBe("A -f0/f1/38 more-> B");
  });

  test("names of 40 characters; of longer ones the end is left out", () => {
    const name = (length: number): string => "N".repeat(length);
    const { boxes } = read(`
      method M() -> (a: ${name(40)})
      type ${name(40)} (b: ${name(41)})
      type ${name(41)} ()`);
    expect(boxes).toEqual(["Output", name(40), `${name(39)}…`]);
  });

  test("words that Mermaid has a meaning for", () => {
    const { boxes, arrows } = read(`
      method M(end: End, o: O, x: X) -> (class: Class)
      type End (subgraph: Subgraph, style: Class)
      type O (click: Class)
      type X ()
      type Subgraph (direction: string)
      type Class ()`);
    expect(boxes).toContain("End");
    expect(arrows).toContain("End -subgraph-> Subgraph");
  });
});

describe("what would be too much", () => {
  const list = (name: string, count: number, type: string): string =>
    Array.from({ length: count }, (_, at) => `${name}${at}: ${type}${at}`).join(
      ", ",
    );
  const leaves = (type: string, count: number, fields = ""): string =>
    Array.from(
      { length: count },
      (_, at) => `type ${type}${at} (${fields})`,
    ).join("\n");

  test("types behind the third are counted", () => {
    const { boxes, arrows } = read(`
      method M() -> (a: A)
      type A (b: B)
      type B (c: C)
      type C (d: D, e: E)
      type D (f: E)
      type E ()`);
    expect(boxes).toEqual(["Output", "A", "B", "C/→ 2 more types"]);
    expect(arrows).toHaveLength(3);
  });

  test("a type whose own do not fit says how many they are; the next one's may", () => {
    const { boxes, arrows } = read(`
      method M() -> (big: Big, small: Small)
      type Big (${list("f", 19, "Leaf")}, small: Small)
      type Small (leaf: Leaf0, other: Other)
      type Other ()
      ${leaves("Leaf", 19)}`);
    // What is drawn anyway is not counted.
    expect(boxes).toEqual([
      "Output",
      "Big/→ 18 more types",
      "Small",
      "Leaf0",
      "Other",
    ]);
    expect(arrows).toContain("Big/→ 18 more types -small-> Small");
    expect(arrows).toContain("Big/→ 18 more types -f0-> Leaf0");
  });

  test.each([17, 18])("%d types behind one", (count) => {
    const source = diagramOf(
      serviceOf(`
        method M() -> (big: Big)
        type Big (${list("f", count, "Leaf")})
        ${leaves("Leaf", count)}`),
      "M",
    );
    // Eighteen in all are drawn; with none behind the first there is nothing to see.
    if (count === 17) expect(readDiagram(source).boxes).toHaveLength(19);
    else expect(source).toBe("");
  });

  test("the third row is drawn whole or not at all", () => {
    const boxes = (count: number): readonly string[] =>
      read(`
        method M() -> (a: A)
        type A (${list("b", count, "B")})
        type Common ()
        ${leaves("B", count, "common: Common, own: Common")}`).boxes;
    expect(boxes(16)).toHaveLength(1 + 1 + 16 + 1);
    expect(boxes(17)).toHaveLength(1 + 1 + 17);
    expect(boxes(17)).toContain("B0/→ 1 more type");
  });
});

describe("a command of an envelope", () => {
  const service = bindEnvelope(messages(MINI), MINI_CONFIG);

  test("begins at its messages, which have names", () => {
    const { boxes, arrows } = readDiagram(diagramOf(service, "make"));
    // Its result mentions no type. Nearly every field may be absent: no `?` says so.
    expect(boxes).toEqual([
      "Request/example.mini.MakeRequest",
      "example.mini.Thing",
      "example.mini.Values",
      "example.mini.Mode",
      "example.mini.Values.Group",
    ]);
    expect(arrows).toEqual([
      "Request/example.mini.MakeRequest -thing-> example.mini.Thing",
      "example.mini.Thing -parts[]/inner-> example.mini.Thing",
      "example.mini.Thing -values-> example.mini.Values",
      "example.mini.Values -an_enum-> example.mini.Mode",
      "example.mini.Values -group-> example.mini.Values.Group",
    ]);
  });

  test("has none where its messages' types mention none", () => {
    expect(diagramOf(service, "watch")).toBe("");
  });

  test("leads back to its message, where a type mentions that; maps have keys", () => {
    const text = MINI.replace(
      "message MakeResult {",
      "$& map<int64, Part> parts = 2;",
    ).concat("message Part { optional MakeResult whole = 1; }");
    const bound = bindEnvelope(messages(text), MINI_CONFIG);
    const { arrows } = readDiagram(diagramOf(bound, "make"));
    expect(arrows).toContain(
      "Result/example.mini.MakeResult -parts[int64]-> example.mini.Part",
    );
    expect(arrows).toContain(
      "example.mini.Part -whole-> Result/example.mini.MakeResult",
    );
  });

  test("has one beginning where both messages are the same", () => {
    const text = MINI.replace(
      "optional Nothing unknown = 21;",
      "$& optional Thing echo = 22;",
    ).replace("// Makes a thing.", "optional Thing echo = 13;");
    const bound = bindEnvelope(messages(text), MINI_CONFIG);
    expect(readDiagram(diagramOf(bound, "echo")).boxes[0]).toBe(
      "Request and result/example.mini.Thing",
    );
  });
});

test("a label is never of line breaks alone, for which Mermaid finds no place", () => {
  const names = ["", " ", "b"];
  const labels = (count: number): readonly string[] => {
    const output = names.slice(0, count).map((name) => ({ name, type: "A" }));
    const service = modelled([
      { kind: "method", name: "M", output },
      { kind: "struct", name: "A", fields: [{ name: "c", type: "B" }] },
      { kind: "struct", name: "B" },
    ]);
    return readDiagram(diagramOf(service, "M")).labels;
  };
  expect(labels(1)).toEqual([" ", "c"]);
  expect(labels(2)).toEqual([" ", "c"]);
  expect(labels(3)).toEqual(["b", "c"]);
});
