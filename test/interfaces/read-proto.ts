import type {
  Docs,
  FileDescriptor,
  MessageDescriptor,
} from "../../src/model/proto/descriptor.ts";

/**
 * A reader of Protocol Buffers files that are laid out as ours are, for the tests
 * of `interfaces/`. It shares no code with our parser.
 */

export interface ProtoFile {
  /** Of the file: what stands above `syntax`. */
  readonly docs: readonly string[];
  readonly declarations: readonly Declaration[];
  /** Every comment block, those of no declaration included. */
  readonly blocks: readonly {
    readonly of: string;
    readonly docs: readonly string[];
  }[];
}

export interface Declaration {
  readonly kind: "message" | "enum" | "field" | "value";
  readonly name: string;
  /** Names from the outermost message on, with full stops. */
  readonly path: string;
  /** The comment block directly above, without `//` and the space after it. */
  readonly docs: readonly string[];
}

const FIELD =
  /^(?:optional|required|repeated) [\w.]+ (\w+) = |^map<.*> (\w+) = /;

/** Reads a file with one statement or comment a line. */
export function readProtoFile(text: string): ProtoFile {
  const declarations: Declaration[] = [];
  const blocks: { of: string; docs: readonly string[] }[] = [];
  const scope: { kind: string; name: string }[] = [];
  let fileDocs: readonly string[] = [];
  let docs: string[] = [];
  const declare = (kind: Declaration["kind"], name: string): void => {
    const path = [...scope.map((one) => one.name), name].join(".");
    declarations.push({ kind, name, path, docs });
  };
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    const comment = /^\/\/(?: (.*)|)$/.exec(line);
    if (comment !== null) {
      docs.push(comment[1] ?? "");
      continue;
    }
    if (docs.length > 0) blocks.push({ of: line || "nothing", docs });
    const [, kind, name = "", empty] =
      /^(message|enum) (\w+) \{(\})?$/.exec(line) ?? [];
    if (kind === "message" || kind === "enum") {
      declare(kind, name);
      if (empty === undefined) scope.push({ kind, name });
    } else if (line === "}") {
      scope.pop();
    } else if (line.startsWith("syntax")) {
      fileDocs = docs;
    } else if (line !== "" && scope.length > 0) {
      const found =
        scope.at(-1)?.kind === "enum"
          ? /^(\w+) = /.exec(line)
          : FIELD.exec(line);
      if (found === null) throw new Error(`cannot read this line: ${line}`);
      const isValue = scope.at(-1)?.kind === "enum";
      declare(isValue ? "value" : "field", found[1] ?? found[2] ?? "");
    }
    docs = [];
  }
  if (scope.length > 0) throw new Error("the file ends too early");
  return { docs: fileDocs, declarations, blocks };
}

/** The same of descriptors: paths without the package. */
export function declarationsOf(
  file: FileDescriptor,
): { readonly path: string; readonly docs: Docs }[] {
  const own = (fullName: string): string =>
    file.package === "" ? fullName : fullName.slice(file.package.length + 1);
  const inside = (message: MessageDescriptor): MessageDescriptor[] =>
    message.mapEntry ? [] : [message, ...message.messages.flatMap(inside)];
  const messages = file.messages.flatMap(inside);
  const enums = [file, ...messages].flatMap((scope) => scope.enums);
  return [
    ...messages.flatMap((message) => [
      { path: own(message.fullName), docs: message.docs },
      ...message.fields.map(({ name, docs }) => ({
        path: `${own(message.fullName)}.${name}`,
        docs,
      })),
    ]),
    ...enums.flatMap((one) => [
      { path: own(one.fullName), docs: one.docs },
      ...one.values.map(({ name, docs }) => ({
        path: `${own(one.fullName)}.${name}`,
        docs,
      })),
    ]),
  ];
}

const TOKEN =
  /(?<comment>\/\/.*|\/\*[^]*?\*\/)|"(?:[^"\\\n]|\\.)*"|[\w.]+|[^\s\w]/g;

/** The tokens of a file, without its comments. */
export function tokensOf(text: string): string[] {
  return [...text.matchAll(TOKEN)]
    .filter((match) => match.groups?.["comment"] === undefined)
    .map(([token]) => token);
}

/** The words of all comments in lower case; a link counts as its label. */
export function wordsOf(text: string): string[] {
  return [...text.matchAll(TOKEN)].flatMap(
    (match) =>
      match.groups?.["comment"]
        ?.replaceAll(/\[([^\]]*)\]\(#[^)]*\)/g, "$1")
        .toLowerCase()
        .match(/[a-z0-9]+/g) ?? [],
  );
}

/** Every run of so many words. */
export function runsOf(length: number, words: readonly string[]): Set<string> {
  return new Set(
    words
      .slice(length - 1)
      .map((_, start) => words.slice(start, start + length).join(" ")),
  );
}
