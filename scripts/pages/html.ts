import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

/**
 * Markdown as the HTML that GitHub makes of it before it takes out what may not
 * be shown, raw HTML included.
 *
 * @param isFiltered - Whether tags as `<script>` become text, as GFM says.
 *   Without it a document that lets such a tag through really runs it.
 */
export function htmlOf(markdown: string, isFiltered: boolean): string {
  const { exit, ...html } = gfmHtml();
  // The filter is GFM's only say in raw HTML.
  const { htmlFlowData: _flow, htmlTextData: _text, ...rest } = exit ?? {};
  return micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [{ ...html, exit: isFiltered ? (exit ?? {}) : rest }],
  });
}

/** Where a document has its address; nothing there is ever asked for over a network. */
export const ADDRESS = "https://pages.invalid/API.md";

/** How a page is shown. */
export interface Look {
  readonly theme: "light" | "dark";
  /** Of the window, in CSS pixels. */
  readonly width: number;
}

/**
 * The whole page of a document.
 *
 * @param css - GitHub's style sheet for Markdown.
 * @param body - HTML that the page begins with; it is as trustworthy as it is made.
 */
export function pageOf(css: string, theme: Look["theme"], body = ""): string {
  const background = theme === "light" ? "#ffffff" : "#0d1117";
  return `<!doctype html>
<html lang="en" data-theme="${theme}">
<head>
<meta charset="utf-8">
<title>API</title>
<link rel="icon" href="data:,">
<style>${css}</style>
<style>
body { margin: 0; background: ${background}; }
/* As wide as the text of a file or README on GitHub. */
.markdown-body { box-sizing: border-box; max-width: 978px; margin: 0 auto; padding: 32px; }
@media (max-width: 767px) { .markdown-body { padding: 16px; } }
.mermaid svg { display: block; margin: 0 auto 16px; }
</style>
</head>
<body><article class="markdown-body">${body}</article></body>
</html>
`;
}
