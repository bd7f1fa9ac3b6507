import * as fc from "fast-check";
import GithubSlugger from "github-slugger";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { format } from "prettier";
import { visit } from "unist-util-visit";
import { describe, expect, test } from "vitest";
import {
  documentText,
  planDocuments,
  type DocumentSource,
} from "../../../src/emit/documents.ts";
import {
  hostileText,
  membersWith,
  plainDocs,
} from "../markdown/arbitraries.ts";
import { serviceOf, type MemberSpec } from "../markdown/support.ts";

/** Documents of several interfaces: one for all, or one for each with an index. */

function sourceOf(
  stem: string,
  name: string,
  members: readonly MemberSpec[],
  docs = "",
): DocumentSource {
  const path = `interfaces/${stem}.varlink`;
  return {
    service: serviceOf(members, { name, docs }),
    source: { path, text: name },
  };
}

const lamp = sourceOf(
  "org.example.lamp",
  "org.example.lamp",
  [
    { kind: "method", name: "Switch", docs: "Raises [Broken](#Broken)." },
    { kind: "error", name: "Broken" },
  ],
  "Lamps of a house. Each has a name.",
);
const door = sourceOf("org.example.door", "org.example.door", [
  { kind: "method", name: "Switch" },
  { kind: "error", name: "Broken" },
]);

/** Links to this file, and what they can lead to. */
function anchorsIn(text: string): {
  links: string[];
  targets: Set<string>;
  ids: string[];
} {
  const root = fromMarkdown(text, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  const links: string[] = [];
  const ids: string[] = [];
  const slugger = new GithubSlugger();
  const slugs: string[] = [];
  visit(root, (node) => {
    if (node.type === "link" && node.url.startsWith("#"))
      links.push(decodeURIComponent(node.url.slice(1)));
    if (node.type === "html")
      for (const [, id = ""] of node.value.matchAll(/<a id="([^"]*)">/g))
        ids.push(id);
    if (node.type === "heading") {
      let words = "";
      visit(node, (part) => {
        if (part.type === "text" || part.type === "inlineCode")
          words += part.value;
      });
      slugs.push(slugger.slug(words));
    }
  });
  return { links, ids, targets: new Set([...ids, ...slugs]) };
}

describe("one document", () => {
  const text = documentText([lamp, door], {});

  test("begins with a list of the interfaces, which leads to them", () => {
    expect(text).toMatch(
      /^# Interfaces\n\n- \[org\.example\.lamp\]\(#org\.example\.lamp\): Lamps of a house\.\n- \[org\.example\.door\]\(#org\.example\.door\)\n/,
    );
    expect(text).toContain(
      '\n## <a id="org.example.door"></a>org.example.door\n',
    );
  });

  test("puts the interface's name in front of its members' anchors", () => {
    expect(text).toContain(
      '\n#### <a id="org.example.lamp.Switch"></a>Switch\n',
    );
    expect(text).toContain(
      '\n#### <a id="org.example.door.Switch"></a>Switch\n',
    );
    expect(text).toContain("Raises [Broken](#org.example.lamp.Broken).");
  });

  test("says once which errors every service has", () => {
    expect(text.split("`ExpectedMore`")).toHaveLength(2);
    expect(text.indexOf("`ExpectedMore`")).toBeLessThan(text.indexOf("\n## "));
    const types = sourceOf("t", "org.example.t", [
      { kind: "struct", name: "T" },
    ]);
    expect(documentText([types, types], {})).not.toContain("ExpectedMore");
  });

  test("is the interface's own document where there is but one", () => {
    const alone = documentText([lamp], {});
    expect(alone).toMatch(/^# org\.example\.lamp\n/);
    expect(alone).toContain('\n### <a id="Switch"></a>Switch\n');
  });

  test("tells two files of one interface apart by their names", () => {
    const old = { ...lamp, source: { path: "old/lamp-1.varlink", text: "" } };
    const both = documentText([lamp, old], {});
    expect(both).toContain('<a id="File.org-example-lamp.Switch"></a>');
    expect(both).toContain('<a id="File.lamp-1.Switch"></a>');
  });

  test("tells them apart where the files' names are the same too", () => {
    const copy = {
      ...lamp,
      source: { path: "b/org.example.lamp.varlink", text: "" },
    };
    const both = documentText([lamp, copy], {});
    expect(both).toContain('<a id="File.org-example-lamp.Switch"></a>');
    expect(both).toContain('<a id="File.org-example-lamp-2.Switch"></a>');
  });

  test("tells an interface from another's member of its name", () => {
    const house = sourceOf("house", "org.example", [
      { kind: "error", name: "Lamp" },
    ]);
    const below = sourceOf("lamp", "org.example.Lamp", []);
    const both = documentText([house, below], {});
    expect(both).toContain('<a id="File.house.Lamp"></a>');
    expect(both.split('<a id="org.example.Lamp"></a>')).toHaveLength(2);
  });

  const stem = fc.constantFrom(
    "org.a",
    "org.b",
    "methods",
    "org.a-1",
    "org-a",
    "org.a.Get",
    'a(b c"<i>#d',
    "<stdin>",
  );
  const name = fc.constantFrom("org.a", "index", "org.a.Get", "File.org-a");
  const services = fc.array(
    fc
      .tuple(stem, name, membersWith(hostileText))
      .map(([file, called, members]) =>
        sourceOf(file, called, [
          { kind: "error", name: "Get" },
          ...members.filter((one) => one.name !== "Get"),
        ]),
      ),
    { minLength: 2, maxLength: 3 },
  );

  test("has no anchor twice and no link to nowhere, whatever the docs hold", () => {
    fc.assert(
      fc.property(services, (all) => {
        const { links, targets, ids } = anchorsIn(documentText(all, {}));
        expect(ids.length).toBe(new Set(ids).size);
        expect(links.filter((link) => !targets.has(link))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a folder of documents", () => {
  const plan = planDocuments([lamp, door], { root: "docs" }, {});

  test("has a document for each file, and an index that leads to every method", () => {
    expect(plan.map(({ path }) => path)).toEqual([
      "org.example.lamp.md",
      "org.example.door.md",
      "README.md",
    ]);
    const index = plan.at(-1)?.text ?? "";
    expect(index).toContain(
      "## [org.example.lamp](org.example.lamp.md)\n\nLamps of a house.\n\n[Switch](org.example.lamp.md#Switch)\n",
    );
  });

  test("says in each where it comes from", () => {
    for (const { text } of plan)
      expect(text).toMatch(
        /^<!-- Generated by Portolan from .* \(sha256 [0-9a-f]{16}\)\. Do not edit\. -->\n/,
      );
    expect(plan[0]?.text).toContain(
      "from ../interfaces/org.example.lamp.varlink (",
    );
    expect(plan[2]?.text).toContain("from 2 interface files (");
  });

  test("changes the index's hash with any of the files", () => {
    const changed = { ...door, source: { ...door.source, text: "other" } };
    const [, , index] = planDocuments([lamp, changed], { root: "docs" }, {});
    expect(index?.text).not.toBe(plan[2]?.text);
  });

  test("leads to files whatever they are called", () => {
    const odd = {
      ...lamp,
      source: { path: "a(b*#c?&amp;d.varlink", text: "" },
    };
    const index = planDocuments([odd], { root: "docs" }, {}).at(-1)?.text ?? "";
    const [link] = fromMarkdown(index.replace(/^.*\n/, "")).children.flatMap(
      (node) =>
        node.type === "heading" && node.depth === 2 ? node.children : [],
    );
    expect(link?.type === "link" && decodeURIComponent(link.url)).toBe(
      "a(b*#c?&amp;d.md",
    );
    expect(link?.type === "link" && link.url).not.toMatch(/[#?]/);
  });

  test("says that a file is named twice", () => {
    const again = {
      ...lamp,
      source: { path: `./${lamp.source.path}`, text: "" },
    };
    expect(() => planDocuments([lamp, again], { root: "docs" }, {})).toThrow(
      '"./interfaces/org.example.lamp.varlink" is named twice',
    );
  });

  test("refuses an index that has the name of a document", () => {
    expect(() =>
      planDocuments([lamp], { root: "docs", index: "ORG.example.lamp.md" }, {}),
    ).toThrow("give the index another name");
  });

  test("is laid out as Prettier would, all of it", async () => {
    await fc.assert(
      fc.asyncProperty(
        membersWith(plainDocs),
        plainDocs,
        async (members, docs) => {
          const all = [lamp, sourceOf("b c", "org.b", members, docs)];
          const made = [
            documentText(all, { frontMatter: { layout: docs } }),
            ...planDocuments(all, { root: "docs" }, {}).map(({ text }) => text),
          ];
          for (const text of made)
            expect(await format(text, { parser: "markdown" })).toBe(text);
        },
      ),
      { numRuns: 20 },
    );
  });
});
