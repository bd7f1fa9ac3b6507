import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Service } from "../../../src/model/api.ts";
import {
  bindEnvelope,
  parseEnvelopeConfig,
} from "../../../src/model/proto/envelope.ts";
import { parseProto } from "../../../src/model/proto.ts";
import { plainText, readDocument } from "../markdown/document.ts";
import { homesIn } from "./document.ts";
import {
  documentOf,
  libraryService,
  miniService,
  withDocs,
} from "./support.ts";

/** Nothing that an interface file says is lost: every paragraph of its docs is in the document, word by word. */

/** The words of a text, without what Markdown marks up. */
function wordsOf(text: string): string {
  const words = text
    .replaceAll(/\]\(\s*(?:[^()\s]|\([^()]*\))*\s*\)/g, "] ")
    .match(/[\p{L}\p{N}]+/gu);
  return ` ${(words ?? []).join(" ")} `;
}

/** Paragraphs of the docs of the model: of the service, its commands, types and their parts. */
function docsOf(service: Service): string[] {
  const { envelope } = service;
  const homes = homesIn(service);
  const isCommand = (name: string): boolean =>
    service.methods.some((method) => method.name === name);
  return [
    service.docs,
    ...service.methods.map(({ docs }) => docs),
    ...(service.rpcServices ?? []).flatMap(({ docs, methods }) => [
      docs,
      ...methods.map((method) => method.docs),
    ]),
    ...(service.extensions ?? []).map(({ field }) => field.docs),
    ...service.types.flatMap((type) => {
      if (type.kind === "enum")
        return [type.docs, ...type.values.map(({ docs }) => docs)];
      const key = type.path.join(".");
      const isRequest = key === envelope?.request.join(".");
      const isResponse = key === envelope?.response.join(".");
      return [
        homes.has(type) ? beyondPlace(type.docs) : type.docs,
        ...type.fields
          .filter(({ name }) => {
            if (!isCommand(name)) return true;
            // The docs of a command are its field's, told above.
            return isResponse || !isRequest;
          })
          .map(({ name, docs }) =>
            isResponse && isCommand(name) ? beyondPlace(docs) : docs,
          ),
        ...(type.oneofs ?? []).map(({ docs }) => docs),
      ];
    }),
  ]
    .flatMap((docs) => docs.split(/\n\s*\n/))
    .filter((docs) => docs.trim() !== "");
}

/** What is said beside `Result of [Run](#Run).`, which its place in `Run` says. */
function beyondPlace(docs: string): string {
  return docs.replace(/^(?:Input|Result) of \[(\w+)\]\(#\1\)\.\s*/, "");
}

function missing(service: Service): string[] {
  const { root } = readDocument(documentOf(service));
  const text = root.children
    .flatMap((node) =>
      node.type === "list" ||
      node.type === "table" ||
      node.type === "blockquote"
        ? leaves(node)
        : [plainText(node)],
    )
    .join(" ");
  const words = wordsOf(text);
  return docsOf(service).filter((docs) => !words.includes(wordsOf(docs)));
}

/** Texts of cells and paragraphs: no words of two of them become one. */
function leaves(node: object): string[] {
  if (!("children" in node) || !Array.isArray(node.children))
    return [plainText(node)];
  const isLeaf =
    "type" in node && (node.type === "paragraph" || node.type === "tableCell");
  return isLeaf
    ? [plainText(node)]
    : node.children.flatMap((child: object) => leaves(child));
}

const interfaces = new URL("../../../interfaces/", import.meta.url);
const known = new URL(
  "../../../node_modules/protoc/include/google/protobuf/",
  import.meta.url,
);

function read(text: string, path: string): Service {
  const { service } = parseProto(text, { path });
  if (service === undefined) throw new Error(`${path} is wrong`);
  return service;
}

test("of Porto, in clearly less than 200 kB", () => {
  const text = readFileSync(new URL("porto.proto", interfaces), "utf8");
  const config = new URL("porto.envelope.json", interfaces);
  const service = bindEnvelope(
    read(text, "porto.proto"),
    parseEnvelopeConfig(readFileSync(config, "utf8"), "porto.envelope.json"),
  );
  expect(documentOf(service).length).toBeLessThan(180_000);
  expect(missing(service)).toEqual([]);
});

test.each([
  ["an envelope", miniService()],
  ["messages, services and extensions", libraryService()],
])("of %s, whatever stands where", (_, example) => {
  let at = 0;
  const service = withDocs(example, () => {
    at += 1;
    return `First ${at} words.\n\nAnd ${at} more.`;
  });
  expect(missing(service)).toEqual([]);
});

describe("of the files that come with protoc", () => {
  const names = readdirSync(known).filter((name) => name.endsWith(".proto"));
  test.each(names)("%s", (name) => {
    const text = readFileSync(new URL(name, known), "utf8");
    expect(missing(read(text, name))).toEqual([]);
  });
});
