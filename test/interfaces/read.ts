/**
 * A reader of Varlink interface files for the tests of `interfaces/`. It shares
 * no code with our parser, so that a mistake there cannot hide one in a file,
 * and it prints what it read in the one layout that our files are kept in.
 */

/** Lines of documentation, without `#` and the one space after it. */
export type Docs = readonly string[];

/** A field or parameter; an enum's value has no type. */
export interface Field {
  readonly docs: Docs;
  readonly name: string;
  readonly type?: FieldType;
}

/** Modifiers (`?`, `[]`, `[string]`) before the name of a type or an inline one. */
export interface FieldType {
  readonly modifiers: string;
  readonly element: string | readonly Field[];
}

export interface Member {
  readonly docs: Docs;
  readonly kind: "error" | "method" | "type";
  readonly name: string;
  /** Of a method its input. */
  readonly fields: readonly Field[];
  readonly output?: readonly Field[];
}

export interface InterfaceFile {
  readonly docs: Docs;
  readonly name: string;
  readonly members: readonly Member[];
}

interface Token {
  readonly text: string;
  /** The comment block directly above; none if a blank line detaches it. */
  readonly docs: Docs;
}

const tokenPattern =
  /->|\[string\]|\[\]|[?():,]|[A-Za-z0-9_.-]+?(?=->|[^A-Za-z0-9_.-]|$)/g;

function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let docs: string[] = [];
  for (const line of text.split("\n")) {
    const comment = /^\s*#(?: ?)(.*)$/.exec(line);
    if (comment !== null) {
      docs.push(comment[1] ?? "");
      continue;
    }
    const code = line.trim();
    const found = code.match(tokenPattern) ?? [];
    if (found.join("") !== code.replaceAll(/\s/g, ""))
      throw new Error(`cannot read this line: ${line}`);
    for (const [index, token] of found.entries())
      tokens.push({ text: token, docs: index === 0 ? docs : [] });
    docs = [];
  }
  if (docs.length > 0)
    throw new Error(`a comment documents nothing: ${docs.join(" ")}`);
  return tokens;
}

/** Reads a file that is laid out as ours are: nothing but docs in comments. */
export function readInterface(text: string): InterfaceFile {
  const tokens = scan(text);
  let position = 0;
  const next = (): Token => {
    const token = tokens[position];
    if (token === undefined) throw new Error("the file ends too early");
    position += 1;
    return token;
  };
  const isNext = (wanted: string): boolean => tokens[position]?.text === wanted;
  const expect = (wanted: string): void => {
    const token = next();
    if (token.text !== wanted)
      throw new Error(`${wanted} expected, not ${token.text}`);
  };

  const readType = (): FieldType => {
    let modifiers = "";
    while (isNext("?") || isNext("[]") || isNext("[string]"))
      modifiers += next().text;
    return { modifiers, element: isNext("(") ? readFields() : next().text };
  };
  const readFields = (): Field[] => {
    expect("(");
    const fields: Field[] = [];
    while (!isNext(")")) {
      if (fields.length > 0) expect(",");
      const { text: name, docs } = next();
      if (isNext(":")) {
        expect(":");
        fields.push({ docs, name, type: readType() });
      } else {
        fields.push({ docs, name });
      }
    }
    expect(")");
    return fields;
  };

  const head = next();
  if (head.text !== "interface")
    throw new Error(`interface expected, not ${head.text}`);
  const name = next().text;
  const members: Member[] = [];
  while (position < tokens.length) {
    const { text: kind, docs } = next();
    const member = { docs, name: next().text, fields: readFields() };
    if (kind === "method") {
      expect("->");
      members.push({ ...member, kind, output: readFields() });
    } else if (kind === "type" || kind === "error") {
      members.push({ ...member, kind });
    } else {
      throw new Error(`type, method or error expected, not ${kind}`);
    }
  }
  return { docs: head.docs, name, members };
}

/** A member in one line and without docs: what it is, whatever its layout. */
export function signature(member: Member): string {
  if (member.output !== undefined)
    return `method ${member.name}${onOneLine(member.fields)} -> ${onOneLine(member.output)}`;
  return `${member.kind} ${member.name} ${onOneLine(member.fields)}`;
}

function onOneLine(fields: readonly Field[]): string {
  const parts = fields.map(({ name, type }) =>
    type === undefined ? name : `${name}: ${typeText(type)}`,
  );
  return `(${parts.join(", ")})`;
}

function typeText({ modifiers, element }: FieldType): string {
  return (
    modifiers + (typeof element === "string" ? element : onOneLine(element))
  );
}

/** The fields at every depth, each with its path: `Create.resources`. */
export function allFields(member: Member): { path: string; field: Field }[] {
  const found: { path: string; field: Field }[] = [];
  const visit = (path: string, fields: readonly Field[]): void => {
    for (const field of fields) {
      const fieldPath = `${path}.${field.name}`;
      found.push({ path: fieldPath, field });
      const element = field.type?.element;
      if (element !== undefined && typeof element !== "string")
        visit(fieldPath, element);
    }
  };
  visit(member.name, member.fields);
  visit(`${member.name}()`, member.output ?? []);
  return found;
}

const width = 80;

/** The file in our layout; its docs are taken as they are. */
export function printInterface(file: InterfaceFile): string {
  const blocks = [
    [...printDocs(file.docs, ""), `interface ${file.name}`].join("\n"),
    ...file.members.map((member) =>
      [...printDocs(member.docs, ""), printMember(member)].join("\n"),
    ),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function printMember(member: Member): string {
  const line = signature(member);
  const { kind, name, fields, output } = member;
  if (output !== undefined) {
    const splitInput =
      hasDocs(fields) || line.indexOf("-> (") + "-> (".length > width;
    const input = splitInput ? onLines(fields) : onOneLine(fields);
    const short = `${splitInput ? ")" : `method ${name}${input}`} -> ${onOneLine(output)}`;
    const splitOutput = hasDocs(output) || short.length > width;
    return `method ${name}${input} -> ${splitOutput ? onLines(output) : onOneLine(output)}`;
  }
  const isShortError =
    kind === "error" && !hasDocs(fields) && line.length <= width;
  return isShortError ? line : `${kind} ${name} ${onLines(fields)}`;
}

const hasDocs = (fields: readonly Field[]): boolean =>
  fields.some((field) => field.docs.length > 0);

function onLines(fields: readonly Field[]): string {
  if (fields.length === 0) return "()";
  const items = fields.map((field, index) => {
    const line = onOneLine([field]).slice(1, -1);
    const comma = index === fields.length - 1 ? "" : ",";
    return [...printDocs(field.docs, "  "), `  ${line}${comma}`].join("\n");
  });
  return `(\n${items.join("\n")}\n)`;
}

function printDocs(docs: Docs, indent: string): string[] {
  return docs.map((line) =>
    line === "" ? `${indent}#` : `${indent}# ${line}`,
  );
}
