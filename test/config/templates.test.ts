import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { emitMarkdown } from "../../src/emit/markdown/emit.ts";
import { TemplateError } from "../../src/emit/templates/error.ts";
import {
  builtInTemplates,
  loadTemplates,
} from "../../src/emit/templates/render.ts";
import { templateTexts } from "../../src/emit/templates/texts.ts";
import { emitTypescript } from "../../src/emit/typescript/emit.ts";
import type { Service } from "../../src/model/api.ts";
import { parseProto } from "../../src/model/proto.ts";
import { parseVarlink } from "../../src/model/varlink.ts";
import { emitProto } from "../../src/emit/typescript/proto/emit.ts";
import { folderWith } from "./folder.ts";

const { service = failed() } = parseVarlink(
  `# Counts things.
interface org.example.counter

type Count (value: int)
method Add(by: int) -> (count: Count)
error TooMuch (limit: int)
`,
  { path: "org.example.counter.varlink" },
);
const { service: messages = failed() } = parseProto(
  'syntax = "proto3"; message A { int64 x = 1; enum E { Z = 0; } E e = 2; }',
  { path: "a.proto" },
);

function failed(): Service {
  throw new Error("the interface is wrong");
}

/** The document that templates make. */
async function documentOf(
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const templates = await loadTemplates("t", folderWith(inFolder(files)));
  return emitMarkdown(service, { path: "API.md", templates }).text;
}

function inFolder(
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`t/${name}`, text]),
  );
}

const plain = emitMarkdown(service, { path: "API.md" }).text;

describe("templates of one's own", () => {
  test("stand in the place of built-in ones, which go on including them", async () => {
    const text = await documentOf({
      "markdown/member.hbs": "MEMBER {{heading}}\n\n",
    });
    expect(text).toContain('MEMBER ### <a id="Add"></a>Add\n');
    expect(text.slice(0, text.indexOf("MEMBER"))).toBe(
      plain.slice(0, plain.indexOf('### <a id="Add"')),
    );
  });

  test("include what they replace, other built-in ones and partials of their own", async () => {
    const text = await documentOf({
      "markdown/member.hbs": "{{> parts/before}}{{> portolan/markdown/member}}",
      "parts/before.hbs": "{{#each blocks}}\n{{> parts/mark}}\n{{/each}}\n",
      "parts/mark.hbs": "[{{@index}}]",
    });
    const at = plain.indexOf("### <a id=");
    expect(text.replaceAll(/\[\d\]\n|\[\d\]/g, "")).toBe(plain);
    expect(text.slice(at, at + 6)).toBe("[0][1]");
  });

  test("that copy all built-in ones change nothing, in either language", async () => {
    const templates = await loadTemplates(
      folderWith(
        Object.fromEntries(
          [...templateTexts].map(([name, text]) => [
            `${name}.hbs`,
            // As an editor on Windows leaves it.
            `\uFEFF${text.replaceAll("\n", "\r\n")}`,
          ]),
        ),
      ),
    );
    const shared = {
      stem: "a",
      client: true,
      server: true,
      inputs: "exact",
      int64: "bigint",
      importExtension: ".js",
    } as const;
    expect(emitMarkdown(service, { path: "API.md", templates }).text).toBe(
      plain,
    );
    expect(emitTypescript(service, { ...shared, templates })).toEqual(
      emitTypescript(service, shared),
    );
    expect(emitProto(messages, { ...shared, templates })).toEqual(
      emitProto(messages, shared),
    );
  });

  test("leave the built-in ones as they are for others", async () => {
    await documentOf({ "markdown/member.hbs": "X" });
    expect(emitMarkdown(service, { path: "API.md" }).text).toBe(plain);
    expect(() => builtInTemplates.render("nothing", {})).toThrow(
      'no template "nothing"',
    );
  });

  test("may be included around a block", async () => {
    const text = await documentOf({
      "markdown/document.hbs":
        "{{#each services}}{{#> parts/frame}}{{heading}}{{/parts/frame}}{{/each}}",
      "parts/frame.hbs": "<{{> @partial-block}}>",
    });
    expect(text).toBe("<# org.example.counter>\n");
  });

  test("are found through links to files, and not through links to folders", async () => {
    const folder = folderWith({ "one.hbs": "M\n", "t/markdown/.keep": "" });
    symlinkSync("../../one.hbs", path.join(folder, at));
    // Followed, the two would lead to more paths than anyone can wait for.
    symlinkSync(".", path.join(folder, "t/a"));
    symlinkSync(".", path.join(folder, "t/b"));
    const templates = await loadTemplates("t", folder);
    expect(templates.render("markdown/member", {})).toBe("M\n");
  });

  test("blocks, `..`, `@` names and inline partials work", async () => {
    const text = await documentOf({
      "markdown/service.hbs": [
        '{{#*inline "one"}}<{{label}}>{{/inline}}',
        "{{#each index}}{{#unless @first}}, {{/unless}}{{> one}}{{../hasIndex}}{{/each}}",
        "{{#with index.[0]}}{{label}}{{/with}}",
        "{{#if hasIndex}}yes{{else if hasIndex}}{{else}}no{{/if}}",
      ].join("\n"),
    });
    expect(text).toBe(
      "<Methods>true, <Types>true, <Errors>true\nMethods\nyes\n",
    );
  });

  test("may test what only some views have", async () => {
    const templates = await loadTemplates(
      folderWith({
        "typescript/types.hbs":
          "{{> typescript/opening}}{{#each declarations}}{{#if isClass}}C{{/if}}{{#if isInterface}}I{{/if}}{{/each}}",
      }),
    );
    const [types] = emitTypescript(service, {
      stem: "a",
      client: false,
      server: false,
      inputs: "exact",
      importExtension: ".js",
      templates,
    });
    expect(types?.text).toMatch(/\n[CI]*C[CI]*$/);
  });

  test("need not be named by their place: other files are left alone", async () => {
    const files = { "markdown/member.hbs": "M\n", "README.md": "{{#if" };
    expect(await documentOf(files)).toContain("M\n");
  });
});

const at = path.join("t", "markdown", "member.hbs");

describe("what is wrong is told with file and line", () => {
  test.each<[string, string]>([
    [
      "a\n{{headng}}",
      `${at}:2: the view has no "headng"; did you mean "heading"?`,
    ],
    ["\n\n{{blocks.xyzzy}}", `${at}:3: the view has no "xyzzy"`],
    [
      "{{#each block}}{{/each}}",
      `${at}:1: the view has no "block"; did you mean "blocks"?`,
    ],
    [
      "\n{{#if hasIndx}}{{/if}}",
      `${at}:2: the view has no "hasIndx"; did you mean "hasIndex"?`,
    ],
    ["\n{{#unless nope}}{{/unless}}", `${at}:2: the view has no "nope"`],
    ["{{#with nope}}{{/with}}", `${at}:1: the view has no "nope"`],
    [
      "{{#each blocks}}\n{{text}}\n{{/each}}",
      `${at}:2: there is no "text", for what the template is at there is a text: {{this}} shows it`,
    ],
    [
      "{{#if heading}}{{else if nope}}{{/if}}{{#if nope}}{{/if}}",
      `${at}:1: the view has no "nope"`,
    ],
    [
      "a\n{{upper heading}}",
      `${at}:2: "upper" is no helper: there are each, if, unless and with, and everything else is in the view`,
    ],
    [
      "a\n{{#if heading}}\nb",
      `${at}:3: the template ends before all blocks are closed`,
    ],
    ["a\n{{#if heading}}{{/each}}", `${at}:2: if doesn't match each`],
    [
      "\n{ {{heading}}}",
      `${at}:2: "}}}" closes "{{{" only: a "}" that is text needs a space before it`,
    ],
    ["a\n{{heading", `${at}:2: this cannot be read as a template`],
    [
      "\n{{> markdown/membr}}",
      `${at}:2: there is no template "markdown/membr" to include; did you mean "markdown/member"?`,
    ],
    [
      "{{> portolan/nope}}",
      `${at}:1: there is no template "portolan/nope" to include`,
    ],
    ["{{> markdown/member}}", `${at}: it includes itself without end`],
    [
      "\n{{#> parts/layout}}{{/parts/layout}}",
      `${at}:2: there is no template "parts/layout" to include`,
    ],
    [
      "\n{{#each}}{{/each}}",
      `${at}:2: "each" stands for one name of the view: {{#each NAME}} … {{/each}}`,
    ],
    [
      "{{#if blocks heading}}{{/if}}",
      `${at}:1: "if" stands for one name of the view: {{#if NAME}} … {{/if}}`,
    ],
    [
      "\n{{each blocks}}",
      `${at}:2: "each" stands for one name of the view: {{#each NAME}} … {{/each}}`,
    ],
    [
      "a\n{{#each ../bloks}}{{/each}}",
      `${at}:2: there is no "bloks", for nothing is around what the template is at`,
    ],
    ...["log", "helperMissing", "blockHelperMissing"].map(
      (helper): [string, string] => [
        `{{${helper} heading}}`,
        `${at}:1: "${helper}" is no helper: there are each, if, unless and with, and everything else is in the view`,
      ],
    ),
  ])("%j", async (text, message) => {
    const made = documentOf({ "markdown/member.hbs": text });
    await expect(made).rejects.toThrow(TemplateError);
    const error = (await made.catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toBe(message);
  });

  test("in the partial that it stands in", async () => {
    const made = documentOf({
      "markdown/member.hbs": "\n\n{{> parts/note}}",
      "parts/note.hbs": "\n{{nope}}",
    });
    await expect(made).rejects.toThrow(
      `${path.join("t", "parts", "note.hbs")}:2: the view has no "nope"`,
    );
  });

  test("a name that nothing has, and nothing includes", async () => {
    const made = documentOf({
      "markdown/member.hbs": "{{> parts/note}}",
      "parts/note.hbs": "",
      "markdown/membr.hbs": "",
    });
    await expect(made).rejects.toThrow(
      `${path.join("t", "markdown", "membr.hbs")}: there is no built-in template "markdown/membr" that this could replace, and nothing includes it; did you mean "markdown/member"?`,
    );
  });

  test("unless what is included is computed", async () => {
    const text = await documentOf({
      "markdown/member.hbs": '{{> (lookup names "a")}}',
      "markdown/document.hbs":
        '{{#each services}}{{> parts/all names="x"}}{{/each}}',
      "parts/all.hbs": "{{heading}}\n",
      "parts/maybe.hbs": "",
    });
    expect(text).toBe("# org.example.counter\n");
  });

  test("names of built-in ones cannot be taken", async () => {
    const files = { "portolan/markdown/member.hbs": "" };
    await expect(documentOf(files)).rejects.toThrow(
      'names that begin with "portolan/" are those of built-in templates',
    );
  });

  test("what is no text", async () => {
    const folder = folderWith({ "t/markdown/member.hbs": "" });
    const file = path.join(folder, "t/markdown/member.hbs");
    writeFileSync(file, Uint8Array.of(0x61, 0xff));
    await expect(loadTemplates("t", folder)).rejects.toThrow(
      `${at}: it is not UTF-8 text`,
    );
  });

  test("no folder, and none in it", async () => {
    await expect(loadTemplates("nowhere", folderWith({}))).rejects.toThrow(
      "nowhere: there is no such folder of templates",
    );
    await expect(documentOf({ "a.txt": "" })).rejects.toThrow(
      "t: no template (.hbs) is in the folder",
    );
  });
});

test("built-in texts are those of the folder", () => {
  for (const [name, text] of templateTexts) {
    const file = new URL(`../../templates/${name}.hbs`, import.meta.url);
    expect(text).toBe(readFileSync(file, "utf8"));
  }
  expect(templateTexts.size).toBeGreaterThan(9);
});
