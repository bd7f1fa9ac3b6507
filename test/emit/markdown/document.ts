import GithubSlugger from "github-slugger";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { visit } from "unist-util-visit";
import { expect } from "vitest";
import type { Field, Member, Service, Type } from "../../../src/model/api.ts";

/** Reads a document back, with a Markdown parser that is not ours, and compares it with its service. */

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root["children"][number];
type ListItem = Extract<Node, { type: "list" }>["children"][number];

/** A document in parts. */
export interface Document {
  readonly text: string;
  readonly root: Root;
  readonly headings: readonly Heading[];
  /** All anchors that are ours, of headings and others. */
  readonly ids: readonly string[];
  /** What stands below each member's heading, by name. */
  readonly sections: ReadonlyMap<string, readonly Node[]>;
}

export interface Heading {
  readonly level: number;
  readonly text: string;
  /** The anchor in it, if it is one of ours. */
  readonly id: string | undefined;
}

/** Parses a document as GitHub Flavored Markdown. */
export function readDocument(text: string): Document {
  const root = fromMarkdown(text, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  const headings: Heading[] = [];
  const sections = new Map<string, Node[]>();
  let section: Node[] = [];
  for (const node of root.children) {
    if (node.type !== "heading") {
      section.push(node);
      continue;
    }
    const id = /<a id="([^"]*)">/.exec(sourceOf(node, text))?.[1];
    const heading = { level: node.depth, text: plainText(node), id };
    headings.push(heading);
    if (heading.level <= 3) section = [];
    else section.push(node);
    if (id !== undefined) sections.set(heading.text, section);
  }
  const ids: string[] = [];
  visit(root, "html", ({ value }) => {
    const id = /^<a id="([^"]*)">$/.exec(value)?.[1];
    if (id !== undefined) ids.push(id);
  });
  return { text, root, headings, ids, sections };
}

function sourceOf(node: Root | Node, text: string): string {
  return text.slice(
    node.position?.start.offset ?? 0,
    node.position?.end.offset ?? 0,
  );
}

/** The text that a reader sees, without markup. */
export function plainText(node: object): string {
  if ("type" in node && node.type === "html") {
    return "value" in node && node.value === "<br>" ? "\n" : "";
  }
  if ("type" in node && node.type === "break") return "\n";
  if ("value" in node && typeof node.value === "string") return node.value;
  if (!("children" in node) || !Array.isArray(node.children)) return "";
  return node.children.map((child: object) => plainText(child)).join("");
}

/** Everything that holds of every document, whatever the docs say. */
export function checkDocument(service: Service, text: string): Document {
  expect(
    text.endsWith("\n") && !text.endsWith("\n\n"),
    "ends with one newline",
  ).toBe(true);
  expect(text).not.toMatch(/[ \t]$/m);
  // Code may have tabs.
  expect(text.replaceAll(/[\n\t]/g, "")).not.toMatch(
    /[\p{Control}\u2028\u2029\ufeff]/u,
  );
  const document = readDocument(text);
  checkOutline(service, document);
  checkIndex(service, document);
  checkHtml(document);
  checkLinks(document);
  checkTables(document);
  for (const member of service.members) checkMember(service, member, document);
  return document;
}

function checkOutline(service: Service, { headings }: Document): void {
  expect(headings[0]).toMatchObject({ level: 1, text: service.name });
  expect(headings.filter(({ level }) => level === 1)).toHaveLength(1);
  const groups: [string, Member[]][] = [
    ["Methods", service.members.filter(({ kind }) => kind === "method")],
    [
      "Types",
      service.members.filter(
        ({ kind }) => kind === "struct" || kind === "enum",
      ),
    ],
    ["Errors", service.members.filter(({ kind }) => kind === "error")],
  ];
  const hasMethods = service.members.some(({ kind }) => kind === "method");
  const sections = groups.filter(
    ([title, members]) =>
      members.length > 0 ||
      // The standard errors are any method's.
      (title === "Errors" && hasMethods),
  );
  const expected = [
    ...(sections.length > 0 ? ["Index"] : []),
    ...sections.flatMap(([title, members]) =>
      [title].concat(members.map(({ name }) => name)),
    ),
  ];
  const index = headings.findLastIndex(
    ({ level, text }) => level === 2 && text === "Index",
  );
  const ours = headings.slice(index < 0 ? headings.length : index);
  expect(
    ours.filter(({ level }) => level <= 3).map(({ text }) => text),
  ).toEqual(expected);
  for (const { level, id } of ours) expect(level === 3).toBe(id !== undefined);
  for (const [at, { level }] of headings.entries()) {
    expect(level).toBeLessThanOrEqual((headings[at - 1]?.level ?? 0) + 1);
  }
}

const ANCHOR = /^<(?:a id="[\w.-]+"|\/a)>$/;

/** Whether raw HTML is ours alone. */
export function checkHtml({ root }: Document): void {
  visit(root, (node, at, parent) => {
    expect(node.type).not.toMatch(/definition|footnote|Reference/i);
    if (node.type !== "html") return;
    if (parent?.type === "root") expect(at).toBe(0);
    else if (parent?.type === "heading") expect(node.value).toMatch(ANCHOR);
    else if (isSide(parent) && !/^<\/?code>$/.test(node.value))
      expect(node.value).toMatch(ANCHOR);
    else if (parent?.type === "tableCell")
      expect(node.value).toMatch(/^<(?:br|\/?code)>$/);
    else expect(node.value).toMatch(/^<\/?code>$/);
  });
}

/** Whether it tells of a message that a command of Protocol Buffers takes or gives. */
function isSide(node: object | undefined): boolean {
  return /^(?:Request|Result|Push):\s[^]*,\sfield \d+ of\s/.test(
    plainText(node ?? {}),
  );
}

/** Whether links lead to what is there, and each anchor is found once. */
export function checkLinks({ root, headings, ids }: Document): void {
  const slugger = new GithubSlugger();
  const targets = new Set(
    headings.map(({ text }) => slugger.slug(text)).concat(ids),
  );
  expect(new Set(ids).size).toBe(ids.length);
  const slugs = new GithubSlugger();
  const own = new Set(headings.map(({ text }) => slugs.slug(text)));
  // An anchor that is a slug as well could lead elsewhere.
  for (const id of ids) expect(own.has(id)).toBe(false);
  visit(root, "link", (node) => {
    if (node.url.startsWith("#")) expect(targets).toContain(node.url.slice(1));
    else expect(node.url).toMatch(/^(?:https?:|mailto:)|^[^:#]*[./]/i);
  });
}

/** Whether all rows of a table are as long as its first. */
export function checkTables({ root }: Document): void {
  visit(root, "table", (node) => {
    const columns = node.children[0]?.children.length;
    for (const row of node.children) expect(row.children.length).toBe(columns);
  });
}

/** Whether every member stands in the index with its signature, and what it names is linked. */
function checkIndex(service: Service, { root }: Document): void {
  const start = root.children.findLastIndex(
    (node) =>
      node.type === "heading" &&
      node.depth === 2 &&
      plainText(node) === "Index",
  );
  const items = root.children
    .slice(start + 1)
    .flatMap((node) => (node.type === "list" ? node.children : []));
  for (const [at, member] of [
    ...service.members.filter(({ kind }) => kind === "method"),
    ...service.members.filter(
      ({ kind }) => kind === "struct" || kind === "enum",
    ),
    ...service.members.filter(({ kind }) => kind === "error"),
  ].entries()) {
    const text = plainText(items[at] ?? {});
    const parts = signatureOf(member, service);
    const [signature] = text.split(/(?<=\)), (?:supports|requires|deprecated)/);
    // One character for the arrow, since browsers break a line inside `->`.
    const shown = parts
      .split(" -> ")
      .map((part) => (part.length > 100 ? "(…)" : part))
      .join(" → ");
    expect(signature).toBe(member.name + shown);
    visit(items[at] ?? root, "link", (link) => {
      expect(link.url).toBe(`#${plainText(link)}`);
    });
  }
}

/** A member as the interface language writes it, from its name on. */
export function signatureOf(member: Member, service: Service): string {
  if (member.kind === "enum")
    return `(${member.values.map(({ name }) => name).join(", ")})`;
  const list = (fields: readonly Field[]): string =>
    `(${fields.map((field) => `${field.name}: ${fieldNotation(field, service)}`).join(", ")})`;
  return member.kind === "method"
    ? `${list(member.input.fields)} -> ${list(member.output.fields)}`
    : list(member.fields);
}

function fieldNotation(field: Field, service: Service): string {
  return (
    (field.presence === "optional" ? "?" : "") + notation(field.type, service)
  );
}

/** The type as the interface language writes it. */
export function notation(type: Type, service: Service): string {
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "list":
      return `[]${notation(type.element, service)}`;
    case "map":
      return `[string]${notation(type.value, service)}`;
    case "nullable":
      return `?${notation(type.type, service)}`;
    case "reference": {
      const found = service.types.find(
        (other) => other.path.join() === type.path.join(),
      );
      if (found?.inline !== true) return type.path.join();
      const parts =
        found.kind === "enum"
          ? found.values.map((value) => value.name)
          : found.fields.map(
              (field) => `${field.name}: ${fieldNotation(field, service)}`,
            );
      return `(${parts.join(", ")})`;
    }
    default:
      return type satisfies never;
  }
}

function checkMember(
  service: Service,
  member: Member,
  document: Document,
): void {
  const whole = document.sections.get(member.name);
  expect(whole, member.name).toBeDefined();
  // Ours stand before the chapters of the docs, which may look alike.
  const section = (whole ?? []).slice(0, firstHeading(whole ?? []));
  if (member.kind === "enum") {
    const names = listed(section, "Value").map(({ texts }) => texts[0]);
    expect(names).toEqual(member.values.map((value) => value.name));
  } else if (member.kind === "method") {
    checkFields(service, member.input.fields, listedBelow(section, "Input"));
    checkFields(service, member.output.fields, listedBelow(section, "Output"));
  } else if (member.fields.length > 0) {
    checkFields(service, member.fields, listed(section, "Field"));
  }
}

function firstHeading(nodes: readonly Node[]): number {
  const at = nodes.findIndex((node) => node.type === "heading");
  return at < 0 ? nodes.length : at;
}

/** A thing in a table or a list: name, type, description. */
interface Row {
  readonly texts: readonly string[];
  /** Where its type leads, if all of it is a link. */
  readonly target: string | undefined;
}

function rowsOf(node: Node | undefined): Row[] {
  if (node?.type === "list") return node.children.map(itemRow);
  if (node?.type !== "table") return [];
  return node.children.slice(1).map(({ children }) => {
    const [type, ...others] = children[1]?.children ?? [];
    return {
      texts: children.map((cell) => plainText(cell)),
      target:
        type?.type === "link" && others.length === 0 ? type.url : undefined,
    };
  });
}

/** "`name` ([`Type`](#Type)): description", and what is below. */
function itemRow(item: ListItem): Row {
  const [first, ...rest] = item.children;
  const [name, open, type, ...others] =
    first?.type === "paragraph" ? first.children : [];
  expect(name?.type).toBe("inlineCode");
  const below = rest.map((node) => plainText(node));
  const isTyped = plainText(open ?? {}) === " (";
  const told = (isTyped ? others : [open, type, ...others]).map((node) =>
    plainText(node ?? {}),
  );
  const text = [told.join("").replace(/^\)?(?:: ?|$)/, ""), ...below];
  return {
    texts: [
      plainText(name ?? {}),
      ...(isTyped ? [plainText(type ?? {})] : []),
      text.filter(Boolean).join("\n"),
    ],
    target: isTyped && type?.type === "link" ? type.url : undefined,
  };
}

/** What a section lists under a title: in a table with it as header, or in a list below its plural. */
function listed(section: readonly Node[], title: string): Row[] {
  // Docs may hold tables of their own, and stand before ours.
  const at = section.findLastIndex(
    (node, place) =>
      (node.type === "table" &&
        plainText(node.children[0]?.children[0] ?? {}) === title) ||
      (node.type === "list" && isLabel(section[place - 1], `${title}s`)),
  );
  return rowsOf(section[at]);
}

function listedBelow(section: readonly Node[], label: string): Row[] {
  const at = section.findLastIndex(
    (node) => isLabel(node, label) || isLabel(node, `${label}:`),
  );
  expect(at).toBeGreaterThanOrEqual(0);
  const isNone = plainText(section[at] ?? {}) === `${label}: none`;
  return isNone ? [] : rowsOf(section[at + 1]);
}

function isLabel(node: Node | undefined, label: string): boolean {
  const [first] = node?.type === "paragraph" ? node.children : [];
  return first?.type === "strong" && plainText(first) === label;
}

/** Whether the rows are these fields, all of them, in order, each with its whole type. */
function checkFields(
  service: Service,
  fields: readonly Field[],
  rows: readonly Row[],
): void {
  const left = [...rows];
  const take = (prefix: string, field: Field): void => {
    const row = left.shift();
    const [name, type = "", description = ""] = row?.texts ?? [];
    expect(name).toBe(prefix + field.name);
    const whole = fieldNotation(field, service);
    const declared = service.members.find(
      (member) => member.name === innermost(field.type).join(),
    );
    expect(row?.target).toBe(
      declared === undefined ? undefined : `#${declared.name}`,
    );
    if (type === whole) return;
    expect(type).toMatch(/\(…\)$/);
    expect(whole.startsWith(type.slice(0, -"(…)".length))).toBe(true);
    const inline = service.types.find(
      (other) => other.path.join() === innermost(field.type).join(),
    );
    if (inline?.kind === "struct") {
      for (const inner of inline.fields) take(`${prefix}${field.name}.`, inner);
    } else {
      for (const value of inline?.values ?? [])
        expect(description).toContain(value.name);
    }
  };
  for (const field of fields) take("", field);
  expect(left).toEqual([]);
}

function innermost(type: Type): readonly string[] {
  switch (type.kind) {
    case "list":
      return innermost(type.element);
    case "map":
      return innermost(type.value);
    case "nullable":
      return innermost(type.type);
    case "reference":
      return type.path;
    case "primitive":
      return [];
    default:
      return type satisfies never;
  }
}
