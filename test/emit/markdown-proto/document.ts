import { expect } from "vitest";
import type {
  EnumDeclaration,
  Field,
  Method,
  Service,
  StructDeclaration,
  Type,
  TypeDeclaration,
} from "../../../src/model/api.ts";
import {
  checkHtml,
  checkLinks,
  checkTables,
  type Document,
  plainText,
  readDocument,
} from "../markdown/document.ts";

/**
 * Reads a document of Protocol Buffers back, with a Markdown parser that is not
 * ours, and compares it with its service.
 */

/** What the document has of one member. */
export interface Part {
  /** The section it stands in: `Messages`. */
  readonly section: string;
  readonly name: string;
  readonly anchor: string;
  readonly nodes: readonly RootContent[];
}

type RootContent = Document["root"]["children"][number];
type Table = Extract<RootContent, { type: "table" }>;

/** Everything that holds of every document, whatever the docs say. */
export function checkDocument(service: Service, text: string): readonly Part[] {
  expect(text).toMatch(/[^\n]\n$/);
  expect(text).not.toMatch(/[ \t]$/m);
  expect(text.replaceAll("\n", "")).not.toMatch(
    /[\p{Control}\u2028\u2029\ufeff]/u,
  );
  const document = readDocument(text);
  checkHtml(document);
  checkLinks(document);
  checkTables(document);
  const parts = partsOf(document);
  const expected = outlineOf(service);
  expect(parts.map(({ section, name }) => [section, name])).toEqual(
    expected.map(({ section, name }) => [section, name]),
  );
  const anchors = new Map(
    expected.flatMap(({ type }, at) =>
      type === undefined
        ? []
        : [[type.path.join("."), parts[at]?.anchor ?? ""] as const],
    ),
  );
  for (const [at, { type, method }] of expected.entries()) {
    const nodes = parts[at]?.nodes ?? [];
    if (type?.kind === "enum") checkEnum(type, nodes);
    if (type?.kind === "struct") checkMessage(service, type, nodes, anchors);
    if (method !== undefined) checkCommand(service, method, nodes, anchors);
  }
  checkIndex(document, parts, service);
  return parts;
}

interface Expected {
  readonly section: string;
  readonly name: string;
  readonly type?: TypeDeclaration;
  readonly method?: Method;
}

function outlineOf(service: Service): Expected[] {
  const codes = service.envelope?.error.enum.join(".");
  const isCodes = (type: TypeDeclaration): boolean =>
    type.path.join(".") === codes;
  const of = (section: string, types: readonly TypeDeclaration[]): Expected[] =>
    types.map((type) => ({ section, name: shownName(service, type), type }));
  const structs = service.types.filter(({ kind }) => kind === "struct");
  const enums = service.types.filter(({ kind }) => kind === "enum");
  return [
    ...service.methods.map((method) => ({
      section: "Commands",
      name: method.name,
      method,
    })),
    ...of("Error codes", enums.filter(isCodes)),
    ...of("Messages", structs),
    ...of(
      "Enums",
      enums.filter((type) => !isCodes(type)),
    ),
  ];
}

/**
 * Without the package of the file, whose types come first; a full name that is
 * also the short one of another has a full stop in front.
 */
function shownName(service: Service, type: TypeDeclaration): string {
  const [first] = service.types;
  const scope = first?.package ?? "";
  const isOurs = (one: TypeDeclaration): boolean =>
    scope !== "" && one.package === scope;
  const short = (one: TypeDeclaration): string =>
    one.path.join(".").slice(scope.length + 1);
  if (isOurs(type)) return short(type);
  const full = type.path.join(".");
  const isTaken = service.types.some(
    (one) => isOurs(one) && short(one) === full,
  );
  return isTaken ? `.${full}` : full;
}

/** What stands below each heading of the third level that has an anchor. */
function partsOf({ root, text, headings }: Document): Part[] {
  const parts: {
    section: string;
    name: string;
    anchor: string;
    nodes: RootContent[];
  }[] = [];
  const index = headings.findLastIndex(
    ({ level, text: title }) => level === 2 && title === "Index",
  );
  let heading = -1;
  let section = "";
  for (const node of root.children) {
    if (node.type !== "heading") {
      if (heading > index) parts.at(-1)?.nodes.push(node);
      continue;
    }
    heading += 1;
    const { id } = headings[heading] ?? {};
    if (node.depth === 2) section = plainText(node);
    if (id !== undefined)
      parts.push({ section, name: plainText(node), anchor: id, nodes: [] });
    else if (heading > index && node.depth > 2) parts.at(-1)?.nodes.push(node);
  }
  expect(text).not.toBe("");
  return parts;
}

function checkIndex(
  { root }: Document,
  parts: readonly Part[],
  service: Service,
): void {
  const start = root.children.findLastIndex(
    (node) =>
      node.type === "heading" &&
      node.depth === 2 &&
      plainText(node) === "Index",
  );
  const items = root.children
    .slice(start + 1)
    .flatMap((node) => (node.type === "list" ? node.children : []));
  // Error codes are among the enums.
  const listed = parts.toSorted((left, right) => place(left) - place(right));
  for (const [at, { name, anchor }] of listed.entries()) {
    const paragraph = items[at]?.children[0];
    const link =
      paragraph?.type === "paragraph"
        ? paragraph.children.find(({ type }) => type === "link")
        : undefined;
    expect(link?.type === "link" && [plainText(link), link.url]).toEqual([
      name,
      `#${anchor}`,
    ]);
  }
  expect(service.types.length + service.methods.length).toBe(listed.length);
}

function place({ section }: Part): number {
  return section === "Commands" ? 0 : section === "Messages" ? 1 : 2;
}

function checkEnum(type: EnumDeclaration, nodes: readonly RootContent[]): void {
  expect(rowsBelow(nodes, "Value").map((row) => row.slice(0, 2))).toEqual(
    type.values.map(({ name, number }) => [String(number), name]),
  );
}

function checkMessage(
  service: Service,
  type: StructDeclaration,
  nodes: readonly RootContent[],
  anchors: ReadonlyMap<string, string>,
): void {
  const table = ownTables(nodes, "Field").at(-1);
  checkFields(service, type, table, anchors);
}

function checkCommand(
  service: Service,
  { envelope }: Method,
  nodes: readonly RootContent[],
  anchors: ReadonlyMap<string, string>,
): void {
  const label = envelope?.push === undefined ? "Result" : "Push";
  for (const [title, path] of [
    ["Request", envelope?.input],
    [label, envelope?.output],
  ] as const) {
    const at = nodes.findLastIndex(
      (node) =>
        node.type === "paragraph" &&
        node.children[0]?.type === "strong" &&
        plainText(node.children[0]) === `${title}:`,
    );
    expect(at, title).toBeGreaterThanOrEqual(0);
    const message = service.types.find(
      (type) => type.path.join(".") === path?.join("."),
    );
    if (message?.kind !== "struct") {
      expect(plainText(nodes[at] ?? {})).toBe(`${title}: none`);
      continue;
    }
    const below = nodes[at + 1];
    checkFields(
      service,
      message,
      below?.type === "table" ? below : undefined,
      anchors,
    );
  }
}

/** Whether the rows are these fields, all of them, in order. */
function checkFields(
  service: Service,
  message: StructDeclaration,
  table: Table | undefined,
  anchors: ReadonlyMap<string, string>,
): void {
  if (message.fields.length === 0) return;
  const demanded = service.envelope?.required.get(message.path.join("."));
  const rows = table?.children.slice(1) ?? [];
  expect(rows).toHaveLength(message.fields.length);
  for (const [at, field] of message.fields.entries()) {
    const [number, name, type, label] = rows[at]?.children ?? [];
    expect(plainText(number ?? {})).toBe(String(field.wire?.number));
    expect(plainText(name ?? {})).toBe(field.name);
    expect(plainText(type ?? {})).toBe(typeText(service, field));
    const target = anchors.get(referenced(field.type).join("."));
    const [link] = type?.children ?? [];
    expect(link?.type === "link" ? link.url : undefined).toBe(
      target === undefined ? undefined : `#${target}`,
    );
    const words = plainText(label ?? {});
    expect(words.startsWith("demanded, else ")).toBe(
      demanded?.has(field.name) ?? false,
    );
    if (field.type.kind === "list") expect(words).toMatch(/^repeated/);
    expect(words.includes("default ")).toBe(field.wire?.default !== undefined);
  }
}

function referenced(type: Type): readonly string[] {
  switch (type.kind) {
    case "list":
      return referenced(type.element);
    case "map":
      return referenced(type.value);
    case "nullable":
      return referenced(type.type);
    case "reference":
      return type.path;
    case "primitive":
      return [];
    default:
      return type satisfies never;
  }
}

function typeText(service: Service, field: Field): string {
  const path = referenced(field.type).join(".");
  const type = service.types.find((one) => one.path.join(".") === path);
  const name =
    type === undefined ? (field.wire?.type ?? "") : shownName(service, type);
  if (field.type.kind === "map") return `map<${field.wire?.key}, ${name}>`;
  return field.wire?.type === "group" ? `group ${name}` : name;
}

function ownTables(nodes: readonly RootContent[], title: string): Table[] {
  // Headings in docs come after what is ours, and may look alike.
  const first = nodes.findIndex(({ type }) => type === "heading");
  return nodes
    .slice(0, first < 0 ? nodes.length : first)
    .filter(
      (node): node is Table =>
        node.type === "table" &&
        plainText(node.children[0]?.children[1] ?? {}) === title,
    );
}

function rowsBelow(nodes: readonly RootContent[], title: string): string[][] {
  const table = ownTables(nodes, title).at(-1);
  return (table?.children.slice(1) ?? []).map(({ children }) =>
    children.map((cell) => plainText(cell)),
  );
}
