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
  /** 3, or 4 for what stands with a command. */
  readonly level: number;
  readonly name: string;
  readonly anchor: string;
  readonly nodes: readonly RootContent[];
}

type RootContent = Document["root"]["children"][number];
type Table = Extract<RootContent, { type: "table" }>;
type List = Extract<RootContent, { type: "list" }>;

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
  const outline = ({ section, level, name }: Part | Expected): unknown[] => [
    section,
    level,
    name,
  ];
  expect(parts.map(outline)).toEqual(expected.map(outline));
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
  checkIndex(document, parts);
  return parts;
}

interface Expected {
  readonly section: string;
  readonly level: number;
  readonly name: string;
  readonly type?: TypeDeclaration;
  readonly method?: Method;
}

function outlineOf(service: Service): Expected[] {
  const codes = service.envelope?.error.enum.join(".");
  const isCodes = (type: TypeDeclaration): boolean =>
    keyOf(type.path) === codes;
  const homes = homesIn(service);
  const of = (
    section: string,
    level: number,
    types: readonly TypeDeclaration[],
  ): Expected[] =>
    types.map((type) => ({
      section,
      level,
      name: shownName(service, type),
      type,
    }));
  const apart = service.types.filter((type) => !homes.has(type));
  const structs = apart.filter(({ kind }) => kind === "struct");
  const enums = apart.filter(({ kind }) => kind === "enum");
  return [
    ...service.methods.flatMap((method) => {
      const own = service.types.filter((type) => homes.get(type) === method);
      const order = [method.envelope?.input, method.envelope?.output].map(
        (path) => own.find((type) => keyOf(type.path) === path?.join(".")),
      );
      const sides = order.filter((type) => type !== undefined);
      return [
        { section: "Commands", level: 3, name: method.name, method },
        ...of("Commands", 4, [...new Set([...sides, ...own])]),
      ];
    }),
    ...(service.rpcServices ?? []).map(({ name }) => ({
      section: "Services",
      level: 3,
      name,
    })),
    ...of("Error codes", 3, enums.filter(isCodes)),
    ...of("Messages", 3, structs),
    ...of(
      "Enums",
      3,
      enums.filter((type) => !isCodes(type)),
    ),
  ];
}

/**
 * The types that only one command has to do with, found by asking of every type
 * and every field, again and again until nothing changes.
 */
export function homesIn(service: Service): Map<TypeDeclaration, Method> {
  const { envelope, types, methods } = service;
  const homes = new Map<TypeDeclaration, Method>();
  if (envelope === undefined) return homes;
  const carriers = [keyOf(envelope.request), keyOf(envelope.response)];
  const sides = (method: Method): string[] =>
    [method.envelope?.input, method.envelope?.output].map((path) =>
      keyOf(path ?? []),
    );
  for (const type of types.toSorted((a, b) => a.path.length - b.path.length)) {
    const key = keyOf(type.path);
    if ([...carriers, keyOf(envelope.error.enum)].includes(key)) continue;
    const users = methods.filter((method) => sides(method).includes(key));
    const around = types.find(
      (other) => keyOf(other.path) === keyOf(type.path.slice(0, -1)),
    );
    const home = users[0] ?? (around && homes.get(around));
    if (home !== undefined && users.length < 2) homes.set(type, home);
  }
  const isAlone = (type: TypeDeclaration, home: Method): boolean => {
    const key = keyOf(type.path);
    const around = types.find(
      (other) => keyOf(other.path) === keyOf(type.path.slice(0, -1)),
    );
    if (!sides(home).includes(key) && (!around || homes.get(around) !== home))
      return false;
    return types.every(
      (user) =>
        user.kind === "enum" ||
        user.fields.every(
          (field) =>
            keyOf(referenced(field.type)) !== key ||
            homes.get(user) === home ||
            (carriers.includes(keyOf(user.path)) && field.name === home.name),
        ),
    );
  };
  for (let size = -1; size !== homes.size;) {
    size = homes.size;
    for (const [type, home] of homes)
      if (!isAlone(type, home)) homes.delete(type);
  }
  return homes;
}

function keyOf(path: readonly string[]): string {
  return path.join(".");
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

/** `Request: TGetRequest, field 15 of TPortoRequest`, or `Result: none`. */
const SIDE = /^(?:Request|Result|Push): (?:none$|([^]+?), field \d+ of )/;

/** What stands below each heading that has an anchor, and below a command's own messages. */
function partsOf({ text, root, headings }: Document): Part[] {
  type Open = Part & { readonly nodes: RootContent[] };
  const parts: Open[] = [];
  const index = headings.findLastIndex(
    ({ level, text: title }) => level === 2 && title === "Index",
  );
  let heading = -1;
  let section = "";
  /** A member, and one of its own messages. */
  let member: Open | undefined;
  let side: Open | undefined;
  const open = (level: number, name: string, anchor: string): Open => {
    const part = { section, level, name, anchor, nodes: [] };
    parts.push(part);
    return part;
  };
  for (const node of root.children) {
    if (node.type === "heading") {
      heading += 1;
      const { id } = headings[heading] ?? {};
      if (node.depth === 2) section = plainText(node);
      // What a section says before its first member is nobody's.
      if (node.depth === 2) member = side = undefined;
      if (id !== undefined) {
        member = open(node.depth, plainText(node), id);
        side = undefined;
        continue;
      }
      if (node.depth === 2) continue;
    }
    if (heading <= index) continue;
    const [all, name] = SIDE.exec(oneLine(node)) ?? [];
    if (all !== undefined && section === "Commands") {
      const { start, end } = node.position ?? {};
      const source = text.slice(start?.offset, end?.offset);
      const id = /<a id="([^"]*)">/.exec(source)?.[1];
      side = id === undefined ? undefined : open(4, name ?? "", id);
    } else {
      side?.nodes.push(node);
    }
    member?.nodes.push(node);
  }
  return parts;
}

/** Whether the index leads to every part by its name. */
function checkIndex({ root }: Document, parts: readonly Part[]): void {
  const start = root.children.findLastIndex(
    (node) =>
      node.type === "heading" &&
      node.depth === 2 &&
      plainText(node) === "Index",
  );
  const rest = root.children.slice(start + 1);
  const end = rest.findIndex((node) => node.type === "heading");
  const items = rest
    .slice(0, Math.max(end, 0))
    .flatMap((node) => (node.type === "list" ? node.children : []));
  const links = items.flatMap(({ children: [paragraph] }) =>
    paragraph?.type === "paragraph"
      ? paragraph.children.flatMap((node) =>
          node.type === "link" ? [`${plainText(node)} ${node.url}`] : [],
        )
      : [],
  );
  for (const { name, anchor } of parts)
    expect(links).toContain(`${name} #${anchor}`);
  // One for each that stands by itself, and one for each command with messages of its own.
  const apart = parts.filter(({ level }) => level === 3).length;
  const owners = parts.filter(
    ({ level }, at) => level === 3 && parts[at + 1]?.level === 4,
  ).length;
  expect(items).toHaveLength(apart + owners);
}

/** The rows of a table, or the items of the list that it is where it would be wide. */
interface Row {
  readonly number: string;
  readonly name: string;
  /** The facts about it: a field's type and label, or nothing. */
  readonly facts: string;
  /** Where the type leads. */
  readonly target: string | undefined;
  readonly description: string;
}

/** What is listed below a member's docs, by the first column's title or the list's own. */
function rowsOf(
  nodes: readonly RootContent[],
  column: "Field" | "Value",
): readonly Row[] {
  // Headings in docs come after what is ours, and may look alike.
  const first = nodes.findIndex(({ type }) => type === "heading");
  const own = nodes.slice(0, first < 0 ? nodes.length : first);
  const at = own.findLastIndex(
    (node, place) =>
      (node.type === "table" &&
        plainText(node.children[0]?.children[0] ?? {}) === column) ||
      (node.type === "list" &&
        plainText(own[place - 1] ?? {}) === `${column}s`),
  );
  // A list has a word above it where it is not the first.
  const node = own[Math.max(at, 0)];
  if (node?.type === "table") return tableRows(node);
  return node?.type === "list" ? listRows(node) : [];
}

function tableRows({ children: [header, ...rows] }: Table): Row[] {
  const titles = (header?.children ?? []).map((cell) => plainText(cell));
  return rows.map(({ children }) => {
    const cell = (title: string): object =>
      children[titles.indexOf(title)] ?? {};
    const type = children[titles.indexOf("Type")]?.children[0];
    const [name = "", number = ""] = plainText(children[0] ?? {}).split(" = ");
    return {
      number,
      name,
      facts: plainText(cell("Type")),
      target: type?.type === "link" ? type.url : undefined,
      description: plainText(cell("Description")),
    };
  });
}

function listRows({ children }: List): Row[] {
  return children.map((item) => {
    const [paragraph] = item.children;
    const [name, , type] =
      paragraph?.type === "paragraph" ? paragraph.children : [];
    const text = oneLine(item);
    const label = plainText(name ?? {});
    const [, number = "", rest = ""] =
      /^ = (-?\d+)([^]*)$/.exec(text.slice(label.length)) ?? [];
    return {
      number,
      name: label,
      facts: rest.startsWith(" (") ? rest.slice(2) : "",
      target: type?.type === "link" ? type.url : undefined,
      description: rest,
    };
  });
}

/** Text as it is read, wherever its lines are broken. */
function oneLine(node: object): string {
  return plainText(node).replaceAll(/\s+/g, " ");
}

function checkEnum(type: EnumDeclaration, nodes: readonly RootContent[]): void {
  const rows = rowsOf(nodes, "Value");
  expect(rows.map(({ number, name }) => [number, name])).toEqual(
    type.values.map(({ name, number }) => [String(number), name]),
  );
  for (const [at, { number }] of type.values.entries()) {
    const first = type.values.find((value) => value.number === number);
    if (first !== type.values[at])
      expect(rows[at]?.description).toContain(`Alias of ${first?.name}.`);
  }
}

function checkMessage(
  service: Service,
  message: StructDeclaration,
  nodes: readonly RootContent[],
  anchors: ReadonlyMap<string, string>,
): void {
  const commands = commandsIn(service, message);
  checkCommands(service, commands, nodes);
  const fields = message.fields.filter((field) => !commands.includes(field));
  const demanded = service.envelope?.required.get(message.path.join("."));
  const rows = rowsOf(nodes, "Field");
  if (fields.length === 0) return;
  expect(rows.map(({ number, name }) => [number, name])).toEqual(
    fields.map(({ name, wire }) => [String(wire?.number), name]),
  );
  for (const [at, field] of fields.entries()) {
    const { facts = "", target } = rows[at] ?? {};
    const type = typeText(service, field);
    expect(facts.slice(0, type.length)).toBe(type);
    const anchor = anchors.get(referenced(field.type).join("."));
    expect(target).toBe(anchor === undefined ? undefined : `#${anchor}`);
    const label = facts.slice(type.length);
    expect(/^, demanded(?![^,])/.test(label.split(")")[0] ?? "")).toBe(
      demanded?.has(field.name) ?? false,
    );
    if (field.type.kind === "list") expect(label).toMatch(/^, repeated/);
    if (field.wire?.default !== undefined) expect(label).toContain("default ");
  }
  for (const { name } of message.oneofs ?? []) {
    const members = message.fields.filter(({ wire }) => wire?.oneof === name);
    const list = members.map((field) => field.name).join(", ");
    expect(nodes.map(oneLine)).toContain(
      `One of ${name}: at most one of ${list} is there.`,
    );
  }
}

function commandsIn(service: Service, message: StructDeclaration): Field[] {
  const { envelope, methods } = service;
  const isCarrier = [envelope?.request, envelope?.response].some(
    (path) => path !== undefined && keyOf(path) === keyOf(message.path),
  );
  return message.fields.filter(
    ({ name, type }) =>
      isCarrier &&
      type.kind === "reference" &&
      methods.some((method) => method.name === name),
  );
}

function checkCommands(
  service: Service,
  commands: readonly Field[],
  nodes: readonly RootContent[],
): void {
  const table = nodes.findLast(
    (node): node is Table =>
      node.type === "table" &&
      plainText(node.children[0]?.children[1] ?? {}) === "Command",
  );
  const rows = (table?.children.slice(1) ?? []).map(({ children }) =>
    children.map((cell) => plainText(cell)),
  );
  expect(rows).toEqual(
    commands.map((field) => [
      String(field.wire?.number),
      field.name,
      typeText(service, field),
    ]),
  );
}

function checkCommand(
  service: Service,
  { envelope }: Method,
  nodes: readonly RootContent[],
  anchors: ReadonlyMap<string, string>,
): void {
  const label = envelope?.push === undefined ? "Result" : "Push";
  for (const [title, path, number] of [
    ["Request", envelope?.input, envelope?.requestField],
    [label, envelope?.output, envelope?.responseField],
  ] as const) {
    const line = nodes.findLast(
      (node) =>
        node.type === "paragraph" &&
        node.children[0]?.type === "strong" &&
        plainText(node.children[0]) === `${title}:`,
    );
    const message = service.types.find(
      (type) => keyOf(type.path) === path?.join("."),
    );
    if (message === undefined) {
      expect(oneLine(line ?? {})).toBe("Result: none");
      continue;
    }
    const children = line?.type === "paragraph" ? line.children : [];
    // It leads there, or is there.
    const targets = children.flatMap((node) => {
      if (node.type === "link") return node.url.slice(1);
      const value = node.type === "html" ? node.value : "";
      return /^<a id="(.*)">$/.exec(value)?.[1] ?? [];
    });
    expect(targets[0]).toBe(anchors.get(keyOf(message.path)));
    const text = oneLine(line ?? {});
    expect(text.indexOf(`${title}: ${shownName(service, message)}`)).toBe(0);
    expect(text).toContain(`, field ${number} of `);
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
