import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import GithubSlugger from "github-slugger";
import { visit } from "unist-util-visit";
import { describe, expect, test } from "vitest";
import { plainText, readDocument } from "../emit/markdown/document.ts";
import { repository } from "../support/portolan.ts";

/** Links of all documents lead to a file, and to a place in it, that is there. Budget: 15 s. */

function markdownIn(folder: string): string[] {
  return readdirSync(path.join(repository, folder), { recursive: true })
    .map((name) => path.posix.join(folder, String(name)))
    .filter((name) => /^(?!.*node_modules\/).*\.md$/.test(name))
    .toSorted();
}

const documents = [
  "README.md",
  ...["docs", "generated", "bench", "examples"].flatMap(markdownIn),
];

interface Link {
  readonly line: number;
  readonly url: string;
}

/** What a document refers to, and what in it can be referred to. */
interface Places {
  readonly links: readonly Link[];
  readonly anchors: ReadonlySet<string>;
}

function placesIn(text: string): Places {
  const links: Link[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  visit(readDocument(text).root, (node) => {
    const line = node.position?.start.line ?? 0;
    if (
      node.type === "link" ||
      node.type === "image" ||
      node.type === "definition"
    )
      links.push({ line, url: node.url });
    else if (node.type === "heading")
      anchors.add(slugger.slug(plainText(node)));
    else if (node.type === "html") {
      for (const [, url = ""] of node.value.matchAll(
        /<[^>]+\s(?:href|src)="([^"]*)"/g,
      ))
        links.push({ line, url });
      for (const [, id = ""] of node.value.matchAll(
        /<[^>]+\s(?:id|name)="([^"]*)"/g,
      ))
        anchors.add(id);
    }
  });
  return { links, anchors };
}

const read = new Map<string, Places>();

function places(file: string): Places {
  const known = read.get(file);
  if (known !== undefined) return known;
  const found = placesIn(readFileSync(file, "utf8"));
  read.set(file, found);
  return found;
}

/** What is wrong with the links of a document. */
function broken(document: string, { links }: Places): string[] {
  const file = path.join(repository, document);
  return links.flatMap(({ line, url }) => {
    if (/^(?:https?|mailto):/.test(url)) return [];
    const [target = "", anchor] = decodeURI(url).split("#", 2);
    const led = target === "" ? file : path.resolve(path.dirname(file), target);
    const complain = (why: string): string[] => [
      `${document}:${line}: "${url}" ${why}`,
    ];
    if (target.startsWith("/") || /^\w+:/.test(target))
      return complain("is not relative");
    const place = path.relative(repository, led);
    if (/^(?:\.\.|node_modules|dist|\.tmp)(?:\/|$)/.test(place))
      return complain("leads out of the repository");
    if (!existsSync(led)) return complain("leads to no file");
    if (anchor === undefined) return [];
    if (!led.endsWith(".md")) return complain("has an anchor in no document");
    return places(led).anchors.has(anchor)
      ? []
      : complain("leads to no heading");
  });
}

test.each(documents)("%s", (document) => {
  const found = broken(document, places(path.join(repository, document)));
  expect(found.join("\n")).toBe("");
});

describe("a link", () => {
  test.each([
    ["[x](docs/nothing.md)", "no file"],
    ["[x](/docs/serve.md)", "not relative"],
    ["[x](file:docs/serve.md)", "not relative"],
    ["[x](../../x.md)", "out of the repository"],
    ["[x](docs/serve.md#nothing)", "no heading"],
    ["[x](#nothing)", "no heading"],
    ["[x]\n\n[x]: nothing.md", "no file"],
    ["![x](nothing.png)", "no file"],
    ['<img src="nothing.png">', "no file"],
    ["[x](LICENSE#mit)", "no document"],
  ])("%j is found broken", (text, why) => {
    const found = broken("README.md", placesIn(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(why);
  });

  test("leads to a heading, the second of a name, or an anchor in HTML", () => {
    expect([
      ...placesIn('# `A` & b\n\n## Two\n\n## Two\n\n### <a id="X"></a>Y\n')
        .anchors,
    ]).toEqual(["a--b", "two", "two-1", "y", "X"]);
    const found = broken(
      "docs/README.md",
      placesIn(
        "[a](../README.md#see-it-run) [b](../generated/io.podman/API.md#Ping) [c](https://example.org/x) `[d](e)`",
      ),
    );
    expect(found).toEqual([]);
  });
});

test("docs/README.md leads to every document of its folder", () => {
  const index = placesIn(
    readFileSync(path.join(repository, "docs/README.md"), "utf8"),
  );
  const led = new Set(
    index.links.map(({ url }) =>
      path.posix.join("docs", url.split("#")[0] ?? ""),
    ),
  );
  const missing = markdownIn("docs").filter(
    (name) => name !== "docs/README.md" && !led.has(name),
  );
  expect(missing).toEqual([]);
});
