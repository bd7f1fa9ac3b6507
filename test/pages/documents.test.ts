import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import {
  doubleIds,
  innerLinks,
  placeOf,
  sidewaysScroll,
} from "../../scripts/pages/in-page.ts";
import { showDocument, type ShownPage } from "../../scripts/pages/page.ts";
import { emitMarkdown, emitTogether } from "../../src/emit/markdown/emit.ts";
import { describePages, ownService } from "./support.ts";

const path = "API.md";

const FILES = [
  "io.podman.varlink",
  "io.projectatomic.podman.varlink",
  "io.podman-1.9.varlink",
  "org.varlink.service.varlink",
  "org.varlink.certification.varlink",
  "porto.proto",
];

const DOCUMENTS: readonly (readonly [string, string])[] = [
  ...FILES.map((file) => {
    const { text } = emitMarkdown(ownService(file), { path });
    return [file, text] as const;
  }),
  [
    "all in one document",
    emitTogether(
      // Two of one name, both languages, and what stands deepest in headings.
      ["io.podman.varlink", "io.podman-1.9.varlink", "porto.proto"].map(
        (file) => ({
          service: ownService(file),
          stem: file.replace(/\.[a-z]+$/, ""),
        }),
      ),
      // They are drawn above, each in its own document.
      { path, diagrams: false },
    ).text,
  ],
];

/** What GitHub would change, refuse or report. */
function problemsOf({ taken, failures, trouble }: ShownPage): object {
  return { taken, failures, trouble };
}
const NO_PROBLEMS = { taken: [], failures: [], trouble: [] };

const LINKS_CLICKED = 6;

describePages("a page of", (browser) => {
  test.each(DOCUMENTS)("%s", async (_, text) => {
    const shown = await showDocument(browser(), text, {
      theme: "light",
      width: 1280,
    });
    const { page } = shown;
    expect(problemsOf(shown)).toEqual(NO_PROBLEMS);
    expect(shown.drawn).toBe(text.split("```mermaid").length - 1);
    expect(await page.evaluate(sidewaysScroll)).toBe(0);
    expect(await page.evaluate(doubleIds)).toEqual([]);
    const links = await page.evaluate(innerLinks);
    expect(links.filter(({ leads }) => !leads)).toEqual([]);
    for (let at = 0; at < LINKS_CLICKED; at += 1) {
      const link = Math.floor((links.length * at) / LINKS_CLICKED);
      await clickLink(page, link);
    }
    expect(problemsOf(shown)).toEqual(NO_PROBLEMS);
    await page.close();
  });

  test("a diagram of io.podman.varlink, in the dark", async () => {
    const [[, text] = ["", ""]] = DOCUMENTS;
    const [diagram = ""] = /^```mermaid\n[^]*?^```$/m.exec(text) ?? [];
    const shown = await showDocument(browser(), diagram, {
      theme: "dark",
      width: 1280,
    });
    expect(problemsOf(shown)).toEqual(NO_PROBLEMS);
    // Nobody sees a diagram in the colour of the page.
    const colours = await shown.page.evaluate<string[]>(
      "[document.body, document.querySelector('.mermaid .nodeLabel')].map((element, at) => getComputedStyle(element)[at === 0 ? 'backgroundColor' : 'color'])",
    );
    expect(colours).toEqual(["rgb(13, 17, 23)", "rgb(204, 204, 204)"]);
    await shown.page.close();
  });
});

/** Clicks a link as a reader would, and looks whether what it leads to came into view. */
async function clickLink(page: Page, index: number): Promise<void> {
  const link = page.locator('article a[href^="#"]').nth(index);
  const href = (await link.getAttribute("href")) ?? "";
  await link.click();
  expect(new URL(page.url()).hash).toBe(href);
  const place = await page.evaluate(placeOf, decodeURIComponent(href.slice(1)));
  // At the top of the window, unless the page ends before.
  expect(place?.top).toBeGreaterThanOrEqual(-1);
  expect(place?.top).toBeLessThan(place?.isAtEnd === true ? 1000 : 100);
}
