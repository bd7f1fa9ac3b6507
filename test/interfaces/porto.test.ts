import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { parseProto } from "../../src/model/proto.ts";
import { describeCorpus, seed } from "../support/corpus.ts";
import {
  declarationsOf,
  readProtoFile,
  runsOf,
  tokensOf,
  wordsOf,
} from "./read-proto.ts";

/**
 * The file is read with a few lines that share nothing with our parser: they
 * judge the file, and must not share a fault with what reads it.
 */
const text = readFileSync(
  new URL("../../interfaces/porto.proto", import.meta.url),
  "utf8",
);
const file = readProtoFile(text);

/** A comment without the space that follows `//`. */
function linesOf(comment: string | undefined): string[] {
  const lines = comment?.split("\n") ?? [];
  return lines.slice(0, -1).map((line) => line.slice(1));
}

describe("porto.proto", () => {
  it("declares what it is meant to declare", () => {
    const kinds = file.declarations.map(({ kind }) => kind);
    const count = (kind: string): number =>
      kinds.filter((one) => one === kind).length;
    expect({
      messages: count("message"),
      enums: count("enum"),
      values: count("value"),
    }).toEqual({ messages: 134, enums: 1, values: 41 });
    const hash = createHash("sha256").update(tokensOf(text).join(" "));
    expect(hash.digest("hex")).toBe(
      "159cb8f538f1c9a51539287c654f47e23a84a1b1690ec308007a4c58ae916108",
    );
  });

  it("is laid out in one way", () => {
    for (const [index, line] of text.split("\n").entries()) {
      const at = `line ${index + 1}`;
      expect(line.length, at).toBeLessThanOrEqual(80);
      expect(line, at).toMatch(/^$|^(?: {2})*[!-~](?:[ -~]*[!-~])?$/);
    }
    expect(text).not.toMatch(/\n\n\n|\n\n *\}|^\n|\n\n$/);
    // A statement or a comment a line: what is inside stands two columns further in.
    let depth = 0;
    for (const line of text.split("\n")) {
      if (/^ *\}/.test(line)) depth -= 1;
      if (line !== "") expect(line.search(/\S/), line).toBe(2 * depth);
      if (line.endsWith("{")) depth += 1;
    }
    expect(depth).toBe(0);
  });

  it("documents itself, and everything that it declares", () => {
    expect(file.docs.length).toBeGreaterThan(10);
    expect(
      file.declarations
        .filter(({ docs }) => docs.length === 0)
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it("has docs that belong to what stands below them, by the rules of the language", () => {
    const parsed = parseProto(text, { path: "porto.proto" });
    expect(parsed.diagnostics).toEqual([]);
    if (parsed.file === undefined) return;
    expect(linesOf(parsed.file.docs.leading)).toEqual(file.docs);
    const found = new Map(file.declarations.map((one) => [one.path, one.docs]));
    const declared = declarationsOf(parsed.file);
    expect(declared.map(({ path }) => path).toSorted()).toEqual(
      [...found.keys()].toSorted(),
    );
    for (const { path, docs } of declared) {
      expect(linesOf(docs.leading), path).toEqual(found.get(path));
      expect(docs.trailing, path).toBeUndefined();
    }
  });

  it("links to what it declares, by its names", () => {
    // Commands, and what stands for itself; nested messages are told of by their users.
    const known = new Set(
      file.declarations.flatMap(({ kind, path, name }) =>
        kind === "message" || kind === "enum"
          ? path === name
            ? [name]
            : []
          : path === `TPortoRequest.${name}`
            ? [name]
            : [],
      ),
    );
    expect(known.size).toBeGreaterThan(180);
    for (const { of, docs } of file.blocks) {
      const prose = docs.join("\n");
      const links = [...prose.matchAll(/\[([^\]]*)\]\(([^)]*)\)/g)];
      for (const [link, label, target] of links) {
        expect(target, `${link} at ${of}`).toBe(`#${label}`);
        expect(known, `${link} at ${of}`).toContain(label);
      }
      // Outside code, every bracket belongs to such a link: none is half written.
      const bare = prose.replaceAll(/`[^`]*`/g, "");
      expect(bare.match(/\]|#/g)?.length ?? 0, of).toBe(2 * links.length);
    }
  });

  it("has docs that Prettier leaves as they are, with code and links whole on a line", async () => {
    // One document for all: a check each would take long.
    const documents = file.blocks.map(({ docs }) => docs.join("\n"));
    const markdown = `${documents.join("\n\n---\n\n")}\n`;
    expect(await format(markdown, { parser: "markdown" })).toBe(markdown);
    for (const { of, docs } of file.blocks) {
      expect(docs[0], of).not.toBe("");
      expect(docs.at(-1), of).not.toBe("");
      for (const line of docs) {
        expect(line.split("`").length % 2, `${of}: ${line}`).toBe(1);
        expect(line.split("[").length, `${of}: ${line}`).toBe(
          line.split("]").length,
        );
      }
    }
  });
});

describe("what the comparison with the seed rests on", () => {
  it("sees a changed name, number, label, type, default or order, and no comment or layout", () => {
    const one =
      'message A { // b\n  optional string a = 1 [default = "x//y"]; }';
    expect(tokensOf(one)).toEqual(
      tokensOf(
        '/* c */ message  A {\noptional string\na=1[ default = "x//y" ];}//',
      ),
    );
    for (const other of [
      'message A { required string a = 1 [default = "x//y"]; }',
      'message A { optional string b = 1 [default = "x//y"]; }',
      'message A { optional string a = 2 [default = "x//y"]; }',
      'message A { optional bytes a = 1 [default = "x//y"]; }',
      'message A { optional string a = 1 [default = "x//z"]; }',
    ])
      expect(tokensOf(other)).not.toEqual(tokensOf(one));
  });

  it("sees runs of words across lines, in either kind of comment", () => {
    const words = wordsOf("// One two\n/* three,\n * Four */ five();\n");
    expect(words).toEqual(["one", "two", "three", "four"]);
    expect([...runsOf(3, words)]).toEqual(["one two three", "two three four"]);
  });
});

describeCorpus("against the file the project started from", () => {
  const source = (): string => readFileSync(seed("rpc.proto"), "utf8");

  it("declares what its seed declares, in the same order", () => {
    expect(tokensOf(text)).toEqual(tokensOf(source()));
  });

  it("is written in words of our own", () => {
    const theirs = runsOf(8, wordsOf(source()));
    expect(theirs.size).toBeGreaterThan(500);
    expect(
      [...runsOf(8, wordsOf(text))].filter((run) => theirs.has(run)),
    ).toEqual([]);
  });
});
