// Shows Markdown documents in Chromium as GitHub does, and writes what is to be seen:
// `npm run pages -- FOLDER FILE.md …` makes FOLDER/FILE-light-1280/000.png and so on.
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { findChromium, openBrowser } from "./pages/browser.ts";
import { type Look, showDocument, writeSlices } from "./pages/page.ts";

/** CSS pixels of a picture: what a person takes in without losing details. */
const HEIGHT = 1400;

const LOOKS: readonly Look[] = [
  { theme: "light", width: 1280 },
  { theme: "dark", width: 1280 },
  { theme: "light", width: 390 },
];

const [folder, ...files] = process.argv.slice(2);
if (folder === undefined || files.length === 0)
  throw new Error("usage: npm run pages -- FOLDER FILE.md …");
const chromium = findChromium();
if (chromium === undefined)
  throw new Error("no Chromium on PATH; PORTOLAN_CHROMIUM may say where it is");

const browser = await openBrowser(chromium);
try {
  for (const file of files) {
    const markdown = readFileSync(file, "utf8");
    for (const look of LOOKS) {
      const shown = await showDocument(
        browser,
        markdown,
        look,
        true,
        path.dirname(file),
      );
      const { page, taken, drawn, failures, trouble } = shown;
      const name = `${path.basename(file, ".md")}-${look.theme}-${look.width}`;
      const place = path.join(folder, name);
      mkdirSync(place, { recursive: true });
      const count = await writeSlices(page, HEIGHT, (at) =>
        path.join(place, `${String(at).padStart(3, "0")}.png`),
      );
      console.log(`${place}: ${count} pictures, ${drawn} diagrams`);
      for (const { message, source } of failures)
        console.log(`could not draw: ${message}\n${source}`);
      for (const text of [
        ...taken.map((what) => `taken out: ${what}`),
        ...trouble,
      ])
        console.log(text);
      await page.close();
    }
  }
} finally {
  await browser.close();
}
