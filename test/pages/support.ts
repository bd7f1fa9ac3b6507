import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Browser } from "playwright-core";
import { findChromium, openBrowser } from "../../scripts/pages/browser.ts";
import type { Look, ShownPage } from "../../scripts/pages/page.ts";
import type { Service } from "../../src/model/api.ts";
import { readInterface } from "../../src/model/read.ts";

/**
 * Tests of documents as readers see them, in a real browser: Debian's Chromium,
 * or what `PORTOLAN_CHROMIUM` names. Without one they are skipped, and counted as
 * such. All of them together take at most 60 s on two cores.
 */
const chromium = findChromium();

/** `describe` for tests that need a browser; they get it by the function they are given. */
export function describePages(
  title: string,
  define: (browser: () => Browser) => void,
): void {
  describe.skipIf(chromium === undefined)(title, { timeout: 120_000 }, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await openBrowser(chromium ?? "");
    });
    afterAll(async () => {
      await browser?.close();
    });
    define(() => {
      if (browser === undefined) throw new Error("the browser has not started");
      return browser;
    });
  });
}

const interfaces = new URL("../../interfaces/", import.meta.url);

/** One of the repository's own interfaces, by its file's name. */
export function ownService(file: string): Service {
  const read = (name: string): { path: string; text: string } => ({
    path: name,
    text: readFileSync(new URL(name, interfaces), "utf8"),
  });
  const { service, reports } = readInterface({
    ...read(file),
    ...(file === "porto.proto"
      ? { envelope: read("porto.envelope.json") }
      : {}),
  });
  if (service !== undefined) return service;
  throw new Error(
    reports
      .flatMap(({ diagnostics }) => diagnostics.map(({ message }) => message))
      .join("\n"),
  );
}

export const LOOK: Look = { theme: "light", width: 1280 };

/** What an attack tries to run; {@link expectHarmless} sees whether it did. */
export const SCRIPT = "globalThis.attacked = true";

/**
 * Nothing of the document has run or could be started by a click, and it shows
 * the words. To be asked of pages that nothing was taken out of.
 */
export async function expectHarmless(
  { page, trouble }: ShownPage,
  words: readonly string[],
): Promise<void> {
  expect(await page.evaluate("globalThis.attacked")).toBeUndefined();
  expect(trouble).toEqual([]);
  const text = await page.locator("article").innerText();
  expect(words.filter((word) => !text.includes(word))).toEqual([]);
  // What has not run yet, and would on a click.
  const active = await page.evaluate<string[]>(`
    [...document.querySelectorAll("article *")]
      .filter((element) =>
        ["script", "iframe", "object", "embed", "form", "base", "img"].includes(element.localName) ||
        [...element.attributes].some(({ name }) => name.startsWith("on")) ||
        ["href", "xlink:href"].some((name) => /^\\s*(?:javascript|data|vbscript):/i.test(element.getAttribute(name) ?? "")))
      .map((element) => element.outerHTML)`);
  expect(active).toEqual([]);
}
