import * as fc from "fast-check";
import { expect, test } from "vitest";
import { showDocument } from "../../scripts/pages/page.ts";
import { methodDiagram } from "../../src/emit/markdown/diagram.ts";
import { typesOf } from "../../src/emit/markdown/notation.ts";
import { hostileText } from "../emit/markdown/arbitraries.ts";
import { readDiagram } from "../emit/markdown-diagrams/support.ts";
import { serviceOf } from "../emit/markdown/support.ts";
import { describePages, expectHarmless, LOOK, SCRIPT } from "./support.ts";

/** What Mermaid gives a meaning to. */
const MERMAID = fc.constantFrom(
  ...'end|class|o|x|subgraph|graph|default|style|click|"]|"|`|```|~~~|`**b**`|_a_|__a__|*a*|$$x^2$$'.split(
    "|",
  ),
  "1. one",
  "- one",
  "# one",
  "> one",
  "| one |",
  "#35;",
  "#quot;",
  "#lt;b#gt;",
  "&lt;b&gt;",
  "&amp;",
  "<b>bold</b>",
  `<img src=x onerror="${SCRIPT}">`,
  `<script>${SCRIPT}</script>`,
  '%%{init: {"securityLevel": "loose"}}%%',
  "%% comment",
  "---\ntitle: x\n---",
  'a"]\nclick type0 call attack()',
  `click type0 "javascript:${SCRIPT}"`,
  "fa:fa-car",
  ":::red",
  "type0@{ shape: circle }",
  "style type0 fill:#f00;",
  "classDef default fill:#f00;",
  "linkStyle 0 stroke:#f00;",
  "A & B --> C",
  "",
);

const name = fc
  .array(fc.oneof(MERMAID, hostileText, fc.string({ unit: "grapheme" })), {
    minLength: 0,
    maxLength: 3,
  })
  .map((parts) => parts.join(""));

const diagram = fc
  .record({
    types: fc.tuple(name, name, name),
    fields: fc.array(name, { minLength: 1, maxLength: 5 }),
  })
  .map(({ types: [first, second, third], fields }) => {
    const service = serviceOf([
      {
        kind: "method",
        name: third,
        output: fields.map((field) => ({ name: field, type: `S${first}` })),
      },
      {
        kind: "struct",
        name: `S${first}`,
        fields: fields.map((field, at) => ({
          name: field,
          type: at % 2 === 0 ? { list: `E${second}` } : `T${third}`,
        })),
      },
      { kind: "enum", name: `E${second}`, values: [{ name: "on" }] },
      { kind: "struct", name: `T${third}` },
    ]);
    const [method] = service.methods;
    if (method === undefined) throw new Error("it has one");
    return methodDiagram(
      { service, types: typesOf(service) },
      method,
      ([path = ""]) => path.slice(1),
    );
  });

describePages("names of all kinds", (browser) => {
  test("are drawn by Mermaid as they are, and do nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(diagram, { minLength: 8, maxLength: 8 }),
        async (sources) => {
          const shown = await showDocument(
            browser(),
            sources.join("\n\n"),
            LOOK,
            false,
          );
          try {
            expect(shown.failures).toEqual([]);
            expect(shown.drawn).toBe(sources.length);
            await expectHarmless(shown, []);
            const drawn = await shown.page.evaluate<
              { boxes: string[]; labels: string[] }[]
            >(`[...document.querySelectorAll("article > *")].map((place) => {
              const texts = (selector) => [...place.querySelectorAll(selector)].map((one) => one.textContent);
              return { boxes: texts(".node"), labels: texts(".edgeLabels > .edgeLabel") };
            })`);
            expect(drawn.map(normal)).toEqual(
              sources.map((source) => normal(readDiagram(source))),
            );
          } finally {
            await shown.page.close();
          }
        },
      ),
      { numRuns: 3, endOnFailure: true },
    );
  });
});

/** White space and order apart: a browser has its own. */
function normal(texts: {
  readonly boxes: readonly string[];
  readonly labels: readonly string[];
}): object {
  const clean = (all: readonly string[]): string[] =>
    all.map((text) => text.replaceAll(/[\s/]+/g, "")).toSorted();
  return { boxes: clean(texts.boxes), labels: clean(texts.labels) };
}
