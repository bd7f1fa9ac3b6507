import { expect, test } from "vitest";
import { showDocument } from "../../scripts/pages/page.ts";
import { emitMarkdown } from "../../src/emit/markdown/emit.ts";
import type { Service } from "../../src/model/api.ts";
import { miniService, withDocs } from "../emit/markdown-proto/support.ts";
import { serviceOf } from "../emit/markdown/support.ts";
import {
  MINI,
  serviceOf as messages,
} from "../model/proto-envelope/support.ts";
import { describePages, expectHarmless, LOOK, SCRIPT } from "./support.ts";

/** Ways out of a document's places; each has a word that has to be seen. */
const ATTACKS: readonly ((word: string) => string)[] = [
  (word) => `<script>${SCRIPT}; "${word}"</script>`,
  (word) => `<img src="x" onerror="${SCRIPT}" alt="${word}">`,
  (word) => `\n\n<div>\n<script>\n${SCRIPT}\n</script>\n${word}\n</div>\n`,
  (word) => `</code></td></tr></table><script>${SCRIPT}</script>${word}`,
  (word) => `--> <script>${SCRIPT}</script> ${word} <!--`,
  (word) => `<!-- ${word} --> <svg onload="${SCRIPT}">`,
  (word) => `\`\`\`\n</code></pre><script>${SCRIPT}</script>\n${word}`,
  (word) => `~~~ html\n\`\`\`\n<script>${SCRIPT}</script>\n${word}`,
  (word) => `\`</code><script>${SCRIPT}</script>${word}\``,
  (word) =>
    `| ${word} | <script>${SCRIPT}</script> |\n| --- | --- |\n| a | b |`,
  (word) => `a \\| | \\\\| <script>${SCRIPT}</script> | ${word}`,
  (word) => `[${word}](javascript:${SCRIPT.replaceAll(" ", "")})`,
  (word) => `[${word}](<data:text/html,<script>${SCRIPT}</script>>)`,
  (word) => `[${word}]: javascript:${SCRIPT}\n\n[${word}]`,
  (word) => `<a href="javascript:${SCRIPT}" id="Get">${word}</a>`,
  (word) => `<iframe srcdoc="<script>parent.attacked = true</script>">${word}`,
  (word) => `&lt;script>${SCRIPT}&lt;/script> &#60;b> ${word}`,
  (word) => `<style>* { display: none }</style>${word}`,
  (word) => `<details><summary>${word}`,
  (word) =>
    `\`\`\`mermaid\nflowchart LR\n  a["${word}"]\n  click a "javascript:${SCRIPT}"\n\`\`\``,
];

/** Every attack, as the docs of whatever asks next. */
function attacks(): { next: () => string; words: string[] } {
  const words: string[] = [];
  return {
    words,
    next: () => {
      const word = `Seen${words.length}x`;
      const attack = ATTACKS[words.length % ATTACKS.length];
      words.push(word);
      return attack?.(word) ?? "";
    },
  };
}

describePages("hostile docs", (browser) => {
  test("would run something here, which GitHub takes out", async () => {
    const attack = `<b onclick="x">Bold</b> <blink>So <i>is</i> this</blink>\n\n<script>${SCRIPT}</script>\n\n<img src="https://example.org/x">`;
    const open = await showDocument(browser(), attack, LOOK, false);
    expect(await open.page.evaluate("globalThis.attacked")).toBe(true);
    expect(open.trouble[0]).toBe("request: https://example.org/x");
    await open.page.close();
    const clean = await showDocument(browser(), attack, LOOK);
    expect(await clean.page.evaluate("globalThis.attacked")).toBeUndefined();
    expect(clean.taken).toEqual(["onclick", "<blink>"]);
    expect(await clean.page.locator("article > p > i").innerText()).toBe("is");
    await clean.page.close();
  });

  test("of Varlink run nothing and are shown", async () => {
    const { next, words } = attacks();
    const service = varlinkWith(next);
    const { text } = emitMarkdown(service, { path: "API.md" });
    const shown = await showDocument(browser(), text, LOOK, false);
    expect(words.length).toBeGreaterThan(5 * ATTACKS.length);
    await expectHarmless(shown, words);
    await shown.page.close();
  });

  test("of Protocol Buffers run nothing and are shown", async () => {
    const { next, words } = attacks();
    const service = withDocs(messages(MINI), next);
    const { text } = emitMarkdown(service, { path: "API.md" });
    const shown = await showDocument(browser(), text, LOOK, false);
    expect(words.length).toBeGreaterThan(3 * ATTACKS.length);
    await expectHarmless(shown, words);
    await shown.page.close();
  });

  test("of an envelope's commands run nothing", async () => {
    const { next } = attacks();
    const service = withDocs(miniService(), next);
    const { text } = emitMarkdown(service, { path: "API.md" });
    const shown = await showDocument(browser(), text, LOOK, false);
    // A command's docs are its field's: of two that differ one is shown.
    await expectHarmless(shown, []);
    await shown.page.close();
  });
});

/** Nine places for docs a round, and twenty attacks: in as many rounds each comes to each place. */
function varlinkWith(docs: () => string): Service {
  const numbers = ATTACKS.map((_, at) => at);
  const members = numbers.flatMap((at) => {
    const part = (name: string): { name: string; docs: string } => ({
      name,
      docs: docs(),
    });
    const field = (
      name: string,
    ): { name: string; docs: string; type: string } => ({
      ...part(name),
      type: "string",
    });
    return [
      {
        ...part(`Method${at}`),
        kind: "method" as const,
        input: [field("a")],
        output: [field("b")],
      },
      { ...part(`Struct${at}`), kind: "struct" as const, fields: [field("c")] },
      { ...part(`Enum${at}`), kind: "enum" as const, values: [part("d")] },
      { ...part(`Error${at}`), kind: "error" as const, fields: [field("e")] },
    ];
  });
  return serviceOf(members, { docs: docs() });
}
