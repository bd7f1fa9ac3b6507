import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import GithubSlugger from "github-slugger";
import type { Browser, Page } from "playwright-core";
import { ADDRESS, htmlOf, type Look, pageOf } from "./html.ts";
import {
  type DiagramFailure,
  drawDiagrams,
  fillArticle,
  headingTexts,
  loadPictures,
  nameHeadings,
} from "./in-page.ts";
import { pictureAt } from "./pictures.ts";

export type { Look };

const { resolve } = createRequire(import.meta.url);
const mermaid = resolve("mermaid/dist/mermaid.min.js");

/** A document in a browser. */
export interface ShownPage {
  readonly page: Page;
  /** What GitHub would have taken out of it: `<script>`, `onclick`. */
  readonly taken: readonly string[];
  /** How many diagrams there are to see, and which could not be drawn. */
  readonly drawn: number;
  readonly failures: readonly DiagramFailure[];
  /** How many pictures have loaded. Those that have not are in `trouble`. */
  readonly pictures: number;
  /**
   * What went wrong so far and goes wrong later: errors on the console and
   * exceptions, dialogs, pictures that do not load, requests for anything else
   * outside of the page.
   */
  readonly trouble: readonly string[];
}

/**
 * Shows a Markdown document as GitHub does: its HTML cleaned, headings with ids,
 * Mermaid drawn with `securityLevel` `strict`. Nothing is read from a network.
 *
 * GitHub writes `user-content-` before every `id` and has a script that finds it
 * for a link without that; here ids are as they are written.
 *
 * @param isCleaned - False leaves the HTML as it is, so that what GitHub would
 *   take out has its effect. Default true.
 * @param folder - The document's own; pictures in it and below it are shown.
 *   Default: none are.
 */
export async function showDocument(
  browser: Browser,
  markdown: string,
  { theme, width }: Look,
  isCleaned = true,
  folder?: string,
): Promise<ShownPage> {
  const page = await browser.newPage({
    viewport: { width, height: 1000 },
    colorScheme: theme,
  });
  const trouble: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    // A page that was closed meanwhile has no dialog any more.
    dialog.dismiss().catch(() => undefined);
  });
  const html = htmlOf(markdown, isCleaned);
  const css = readFileSync(
    resolve(`github-markdown-css/github-markdown-${theme}.css`),
    "utf8",
  );
  const shell = pageOf(css, theme, isCleaned ? "" : html);
  await page.route("**", async (route) => {
    const request = route.request();
    const url = request.url();
    const picture =
      folder === undefined || request.resourceType() !== "image"
        ? undefined
        : pictureAt(url, folder);
    if (url === ADDRESS) {
      await route.fulfill({ contentType: "text/html", body: shell });
    } else if (picture !== undefined) {
      await route.fulfill(picture);
    } else {
      trouble.push(`request: ${url}`);
      await route.abort();
    }
  });
  await page.goto(ADDRESS);
  // tsx keeps functions' names by calling this, and Playwright sends their source.
  await page.evaluate("globalThis.__name = (value) => value");
  const taken = isCleaned ? await page.evaluate(fillArticle, html) : [];
  const slugger = new GithubSlugger();
  const texts = await page.evaluate(headingTexts);
  await page.evaluate(
    nameHeadings,
    texts.map((text) => slugger.slug(text)),
  );
  // Without cleaning, what a page loads and when is its own affair.
  const pictures = isCleaned
    ? await page.evaluate(loadPictures)
    : { loaded: 0, broken: [] };
  trouble.push(...pictures.broken.map((source) => `picture: ${source}`));
  // Mermaid takes longer to load than most pages to draw.
  const hasDiagrams = html.includes("language-mermaid");
  if (hasDiagrams) await page.addScriptTag({ path: mermaid });
  const diagrams = hasDiagrams
    ? await page.evaluate(drawDiagrams, theme)
    : { drawn: 0, failures: [] };
  return { page, taken, trouble, pictures: pictures.loaded, ...diagrams };
}

/** Writes the page as pictures, each a slice of at most `height` CSS pixels; says how many. */
export async function writeSlices(
  page: Page,
  height: number,
  write: (index: number) => string,
): Promise<number> {
  const total = await page.evaluate<number>(
    "document.documentElement.scrollHeight",
  );
  const width = page.viewportSize()?.width ?? 1280;
  const count = Math.ceil(total / height);
  for (let at = 0; at < count; at += 1) {
    const top = at * height;
    const here = Math.min(height, total - top);
    await page.setViewportSize({ width, height: here });
    await page.evaluate(`scrollTo(0, ${top})`);
    await page.screenshot({ path: write(at) });
  }
  return count;
}
