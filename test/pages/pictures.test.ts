import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { innerLinks } from "../../scripts/pages/in-page.ts";
import { showDocument } from "../../scripts/pages/page.ts";
import { pictureAt } from "../../scripts/pages/pictures.ts";
import { describePages, LOOK } from "./support.ts";

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>';
const grammar = fileURLToPath(new URL("../../docs/grammar/", import.meta.url));

let top = "";
let folder = "";
beforeAll(() => {
  top = mkdtempSync(path.join(tmpdir(), "portolan-pictures-"));
  folder = path.join(top, "docs");
  mkdirSync(path.join(folder, "below"), { recursive: true });
  for (const file of ["docs/below/a b.svg", "out.svg", "docs/text.txt"])
    writeFileSync(path.join(top, file), SVG);
  symlinkSync(path.join(top, "out.svg"), path.join(folder, "link.svg"));
});
afterAll(() => {
  rmSync(top, { recursive: true });
});

test("a picture is a file below the document's folder", () => {
  const picture = pictureAt("https://pages.invalid/below/a%20b.svg", folder);
  expect(picture?.contentType).toBe("image/svg+xml");
  expect(picture?.body.toString()).toBe(SVG);
});

test.each([
  ["above it", "https://pages.invalid/../out.svg"],
  ["above it, in disguise", "https://pages.invalid/..%2fout.svg"],
  ["behind a link that leads out", "https://pages.invalid/link.svg"],
  ["no picture", "https://pages.invalid/text.txt"],
  ["a folder", "https://pages.invalid/below"],
  ["missing", "https://pages.invalid/missing.svg"],
  ["not text", "https://pages.invalid/%ff.svg"],
  ["no name of a file", "https://pages.invalid/%00.svg"],
  ["elsewhere", "https://example.org/below/a%20b.svg"],
])("a file is not shown that is %s", (_, address) => {
  expect(pictureAt(address, folder)).toBeUndefined();
});

describePages("pictures", (browser) => {
  test("that are not there are told of", async () => {
    const markdown = "![a](<below/a b.svg>) ![b](..%2fout.svg)";
    const shown = await showDocument(browser(), markdown, LOOK, true, folder);
    expect(shown.pictures).toBe(1);
    expect(shown.trouble).toContain("picture: ..%2fout.svg");
    expect(shown.trouble.join("\n")).not.toContain("below");
    await shown.page.close();
    const alone = await showDocument(browser(), markdown, LOOK);
    expect(alone.pictures).toBe(0);
    await alone.page.close();
  });

  test.each(["README.md", "varlink.md", "proto.md"])(
    "of docs/grammar/%s load",
    async (name) => {
      const markdown = readFileSync(path.join(grammar, name), "utf8");
      const shown = await showDocument(
        browser(),
        markdown,
        LOOK,
        true,
        grammar,
      );
      expect(shown.trouble).toEqual([]);
      expect(shown.taken).toEqual([]);
      expect(shown.pictures).toBe(markdown.split("![").length - 1);
      const links = await shown.page.evaluate(innerLinks);
      expect(links.filter(({ leads }) => !leads)).toEqual([]);
      await shown.page.close();
    },
  );
});
