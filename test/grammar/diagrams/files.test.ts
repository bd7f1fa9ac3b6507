import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { leavesOf } from "../../../scripts/grammar/expression.ts";
import { diagramFiles } from "../../../scripts/grammar/files.ts";
import { languages } from "./languages.ts";

const folder = fileURLToPath(
  new URL("../../../docs/grammar/", import.meta.url),
);
const files = diagramFiles();
const readme = readFileSync(path.join(folder, "README.md"), "utf8");
const pages = [...files, ["README.md", readme] as const].filter(([name]) =>
  name.endsWith(".md"),
);
const pictures = [...files].filter(([name]) => name.endsWith(".svg"));

/** What a picture shows, as its reader sees it. */
function textsOf(svg: string): readonly string[] {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(
    ([, text = ""]) =>
      text
        .replaceAll(/&#(\d+);/g, (_, code: string) =>
          String.fromCodePoint(Number(code)),
        )
        .replaceAll("&lt;", "<")
        .replaceAll("&amp;", "&"),
  );
}

describe("docs/grammar", () => {
  it("is fresh", () => {
    const present = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => name.split(path.sep).join("/"))
      .filter((name) => /\.\w+$/.test(name) && name !== "README.md");
    expect(present.toSorted()).toEqual([...files.keys()].toSorted());
    const stale = [...files].filter(
      ([name, text]) => readFileSync(path.join(folder, name), "utf8") !== text,
    );
    expect(stale.map(([name]) => name)).toEqual([]);
  });

  it("is made the same each time", () => {
    expect([...diagramFiles()]).toEqual([...files]);
  });

  it("is small", () => {
    const size = [...files.values()].reduce(
      (sum, text) => sum + text.length,
      0,
    );
    expect(size).toBeLessThan(400_000);
  });

  it.each(pages)("%s is as Prettier leaves it", async (_, text) => {
    expect(await format(text, { parser: "markdown" })).toBe(text);
  });

  it.each(pages)("%s has links that lead somewhere", (_, text) => {
    const code = /```[^]*?```|`[^`\n]*`/g;
    const prose = text.replaceAll(code, "");
    const targets = [...prose.matchAll(/\]\(([^)]*)\)/g)].map(
      ([, target = ""]) => target,
    );
    expect(targets.length).toBeGreaterThan(2);
    const anchors = [...text.matchAll(/^#+ (\w+)$/gm)].map(
      ([, heading = ""]) => `#${heading}`,
    );
    const repository = path.join(folder, "../..");
    for (const target of targets) {
      if (target.startsWith("https://")) continue;
      if (target.startsWith("#")) expect(anchors).toContain(target);
      else if (!files.has(target)) {
        const file = path.join(folder, target);
        expect(file.startsWith(repository)).toBe(true);
        expect(readFileSync(file, "utf8")).not.toBe("");
      }
    }
    // Files are named as code too.
    for (const [, file = ""] of text.matchAll(
      /`((?:grammar|src|scripts)\/[^`]*\.ts)`/g,
    ))
      expect(readFileSync(path.join(repository, file), "utf8")).not.toBe("");
  });
});

describe.each(languages.map((each) => [each.language.id, each] as const))(
  "the pictures of %s",
  (id, { grammar }) => {
    it.each([...grammar.rules])("%s: shows all of the rule", (name, rule) => {
      const svg = files.get(`${id}/${name}.svg`) ?? "";
      const wanted = leavesOf(rule).flatMap((leaf) => {
        if (leaf.kind === "rule") return [leaf.rule];
        return leaf.lexeme ?? grammar.literals.get(leaf.type) ?? [];
      });
      expect(textsOf(svg).toSorted()).toEqual(wanted.toSorted());
      expect(svg).toContain(`<title>${name}</title>`);
    });
  },
);

describe("a picture", () => {
  it.each(pictures)("%s fits a page, and is one element", (_, svg) => {
    const [, width, height] =
      /^<svg [^>]*width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
    expect(Number(width)).toBeGreaterThan(100);
    expect(Number(width)).toBeLessThan(800);
    expect(Number(height)).toBeGreaterThan(30);
    const open: string[] = [];
    for (const [, end, name = "", empty] of svg.matchAll(
      /<(\/?)(\w+)[^<>]*?(\/?)>/g,
    )) {
      if (end === "/") expect(open.pop()).toBe(name);
      else if (empty === "") open.push(name);
    }
    expect(open).toEqual([]);
  });

  it.each(pictures)("%s needs nothing from elsewhere", (_, svg) => {
    expect(svg).not.toMatch(/<script|@import|url\(|href|<image|<foreignObject/);
    expect(svg.match(/https?:[^"]*/g)).toEqual(["http://www.w3.org/2000/svg"]);
  });
});
