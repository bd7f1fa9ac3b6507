/**
 * Functions that run in the page: Playwright sends their source text, so each
 * stands alone and uses nothing from outside of itself.
 */

/** What they use of the DOM. */
interface PageElement {
  readonly localName: string;
  readonly textContent: string;
  readonly childNodes: Iterable<PageElement>;
  readonly content?: PageElement;
  readonly parentElement: PageElement | null;
  readonly scrollWidth: number;
  readonly clientWidth: number;
  innerHTML: string;
  id: string;
  className: string;
  querySelectorAll(selector: string): Iterable<PageElement>;
  getAttribute(name: string): string | null;
  getAttributeNames(): readonly string[];
  removeAttribute(name: string): void;
  getBoundingClientRect(): DOMRectangle;
  replaceWith(...nodes: readonly PageElement[]): void;
  remove(): void;
  append(...nodes: readonly PageElement[]): void;
}
interface PagePicture extends PageElement {
  readonly complete: boolean;
  readonly naturalWidth: number;
  addEventListener(type: "load" | "error", listener: () => void): void;
}
interface DOMRectangle {
  readonly top: number;
  readonly bottom: number;
}
interface PageGlobals {
  readonly innerHeight: number;
  readonly document: PageElement & {
    readonly documentElement: PageElement;
    readonly images: Iterable<PagePicture>;
    createElement(name: string): PageElement;
    getElementById(id: string): PageElement | null;
  };
  readonly mermaid: {
    initialize(config: object): void;
    render(id: string, source: string): Promise<{ readonly svg: string }>;
  };
}

/**
 * Puts HTML into the page's article as GitHub does, without what GitHub takes
 * out, and says what that was: `<script>`, `onclick`.
 */
export function fillArticle(html: string): string[] {
  const { document } = globalThis as unknown as PageGlobals;
  // The allowlist that GitHub publishes with its HTML pipeline.
  const tags = new Set(
    (
      "h1 h2 h3 h4 h5 h6 h7 h8 br b i strong em a pre code img tt div ins del sup sub p ol ul " +
      "table thead tbody tfoot blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s " +
      "strike summary details caption figure figcaption abbr bdo cite dfn mark small span time wbr"
    ).split(" "),
  );
  const attributes = new Set(
    (
      "abbr align alt border checked colspan datetime dir headers height hspace id itemprop label lang " +
      "name open rowspan scope span start title type valign value vspace width href src"
    ).split(" "),
  );
  const taken: string[] = [];
  // What stands in a template is inert: nothing of it runs or loads.
  const template = document.createElement("template");
  template.innerHTML = html;
  const { content } = template;
  if (content === undefined) throw new Error("a template has a content");
  for (const element of content.querySelectorAll("*")) {
    // The check boxes of task lists are GitHub's own.
    const isBox =
      element.localName === "input" &&
      element.getAttribute("type") === "checkbox" &&
      element.getAttribute("disabled") !== null;
    if (!tags.has(element.localName) && !isBox) {
      taken.push(`<${element.localName}>`);
      if (element.localName === "script") element.remove();
      else element.replaceWith(...element.childNodes);
      continue;
    }
    for (const name of element.getAttributeNames()) {
      const isLanguage =
        name === "class" &&
        element.localName === "code" &&
        element.className.startsWith("language-");
      const isLink =
        name !== "href" ||
        !/^\s*(?!https?:|mailto:)[a-z][a-z0-9+.-]*:/i.test(
          element.getAttribute(name) ?? "",
        );
      if ((attributes.has(name) && isLink) || isLanguage || isBox) continue;
      taken.push(name);
      element.removeAttribute(name);
    }
  }
  for (const article of document.querySelectorAll("article"))
    article.append(content);
  return taken;
}

/** The text of the headings, in order. */
export function headingTexts(): string[] {
  const { document } = globalThis as unknown as PageGlobals;
  return [
    ...document.querySelectorAll("article :is(h1, h2, h3, h4, h5, h6)"),
  ].map(({ textContent }) => textContent);
}

/** Gives headings their `id`, in order. */
export function nameHeadings(slugs: readonly string[]): void {
  const { document } = globalThis as unknown as PageGlobals;
  const headings = document.querySelectorAll(
    "article :is(h1, h2, h3, h4, h5, h6)",
  );
  let at = 0;
  for (const heading of headings) {
    heading.id = slugs[at] ?? "";
    at += 1;
  }
}

/** Waits for the pictures; says how many there are to see, and the addresses of the others. */
export async function loadPictures(): Promise<{
  readonly loaded: number;
  readonly broken: readonly string[];
}> {
  const { document } = globalThis as unknown as PageGlobals;
  const broken: string[] = [];
  let loaded = 0;
  for (const picture of document.images) {
    await new Promise<void>((resolve) => {
      if (picture.complete) return resolve();
      picture.addEventListener("load", resolve);
      picture.addEventListener("error", resolve);
    });
    if (picture.naturalWidth > 0) loaded += 1;
    else broken.push(picture.getAttribute("src") ?? "");
  }
  return { loaded, broken };
}

/** A diagram that Mermaid refused. */
export interface DiagramFailure {
  readonly source: string;
  readonly message: string;
}

/** Draws every Mermaid block in its place; says how many, and which it could not. */
export async function drawDiagrams(
  theme: string,
): Promise<{ readonly drawn: number; readonly failures: DiagramFailure[] }> {
  const { document, mermaid } = globalThis as unknown as PageGlobals;
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    theme: theme === "dark" ? "dark" : "default",
  });
  let drawn = 0;
  const failures: DiagramFailure[] = [];
  for (const code of document.querySelectorAll("pre > code.language-mermaid")) {
    const source = code.textContent;
    try {
      const { svg } = await mermaid.render(`diagram-${drawn}`, source);
      const place = document.createElement("div");
      place.className = "mermaid";
      place.innerHTML = svg;
      code.parentElement?.replaceWith(place);
      drawn += 1;
    } catch (error) {
      failures.push({ source, message: String(error) });
    }
  }
  return { drawn, failures };
}

/** Links within the page: where they lead, and whether something is there. */
export function innerLinks(): {
  readonly href: string;
  readonly leads: boolean;
}[] {
  const { document } = globalThis as unknown as PageGlobals;
  return [...document.querySelectorAll('article a[href^="#"]')].map((link) => {
    const href = link.getAttribute("href") ?? "";
    const id = decodeURIComponent(href.slice(1));
    return { href, leads: document.getElementById(id) !== null };
  });
}

/** Ids that more than one element has. */
export function doubleIds(): string[] {
  const { document } = globalThis as unknown as PageGlobals;
  const seen = new Set<string>();
  const double = new Set<string>();
  for (const { id } of document.querySelectorAll("article [id]:not(svg *)")) {
    if (seen.has(id)) double.add(id);
    seen.add(id);
  }
  return [...double];
}

/** How many pixels the page as a whole can be scrolled sideways. */
export function sidewaysScroll(): number {
  const { document } = globalThis as unknown as PageGlobals;
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth - clientWidth;
}

/**
 * How far below the window's upper edge an element is, in pixels, and whether
 * the page is scrolled to its end; undefined where there is no such element.
 */
export function placeOf(
  id: string,
): { readonly top: number; readonly isAtEnd: boolean } | undefined {
  const { document, innerHeight } = globalThis as unknown as PageGlobals;
  const { bottom } = document.documentElement.getBoundingClientRect();
  const element = document.getElementById(id);
  if (element === null) return undefined;
  const { top } = element.getBoundingClientRect();
  return { top, isAtEnd: bottom <= innerHeight + 1 };
}
