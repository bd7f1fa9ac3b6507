import * as fc from "fast-check";
import { format, getSupportInfo } from "prettier";
import { describe, expect, test } from "vitest";
import { anchorsOf } from "../../../src/emit/markdown/anchors.ts";
import { docCell, docParts } from "../../../src/emit/markdown/docs.ts";
import { exampleAt, languageOf } from "../../../src/emit/markdown/examples.ts";
import { serviceOf } from "./support.ts";

const anchors = anchorsOf(serviceOf([]), "");

function printed(...lines: string[]): string {
  const { lead, chapters } = docParts(lines.join("\n"), anchors, 4);
  return [lead, chapters].filter((part) => part !== "").join("\n\n");
}

describe("a code block that names no language", () => {
  test.each([
    ["a session", ["$ podman ps", "CONTAINER ID"], "console"],
    [
      "a tool's call without a prompt",
      ["varlink call -m unix:/run/x/a.b.C '{\"a\": 1}'", "{", "}"],
      "console",
    ],
    ["JSON", ["", '{ "a": [1] }'], "json"],
    ["a whole interface", ["interface a.b", "", "method A() -> ()"], "varlink"],
    ["a member", ["type T (", "  a: int", ")"], "varlink"],
    ["what is almost JSON", ["{ a: 1 }"], ""],
    ["a shell's variable", ["$HOME is set"], ""],
    ["prose", ["type T is good"], ""],
    ["nothing", [], ""],
  ])("gets it from what it holds: %s", (_, lines, language) => {
    expect(languageOf(lines)).toBe(language);
  });

  test("however it is set off", () => {
    expect(printed("~~~", "$ x", "~~~")).toBe("```console\n$ x\n```");
    expect(printed("Say:", "", '    {"a":1}')).toBe(
      'Say:\n\n```json\n{ "a": 1 }\n```',
    );
    expect(printed("~~~ sh", "$ x", "~~~")).toBe("```sh\n$ x\n```");
  });
});

test("code in a language that Prettier lays out is not marked so that it would", async () => {
  const { languages } = await getSupportInfo();
  const marks = languages.flatMap(({ name, aliases, extensions }) => [
    name.toLowerCase(),
    ...(aliases ?? []),
    ...(extensions ?? []).map((extension) => extension.slice(1)),
  ]);
  expect(marks.length).toBeGreaterThan(50);
  for (const mark of new Set([...marks, "mermaid"])) {
    const text = printed(`~~~${mark}`, "a:   1", "~~~");
    expect(text).toMatch(/^```[\w+#.-]*\na: {3}1\n```$/);
    expect(await format(text, { parser: "markdown" })).toBe(`${text}\n`);
    expect(text).not.toContain("mermaid");
  }
  expect(printed("~~~yaml", "a", "~~~")).toBe("```YAML\na\n```");
  expect(printed("~~~sh", "a", "~~~")).toBe("```sh\na\n```");
});

describe("code without a mark", () => {
  test("is a command with its prompt, and the JSON that it printed", () => {
    expect(
      printed(
        "Asks for a lamp.",
        "$ varlink call unix:/run/lamp/org.example.lamp.Get '{\"id\": 1}'",
        "{",
        '  "lamp": "red",',
        "}",
        "",
        "$ varlinkctl call \\",
        "    /run/lamp org.example.lamp.Get {}",
        "Then it is on.",
      ),
    ).toBe(
      [
        "Asks for a lamp.",
        "",
        "```console",
        "$ varlink call unix:/run/lamp/org.example.lamp.Get '{\"id\": 1}'",
        "{",
        '  "lamp": "red",',
        "}",
        "",
        "$ varlinkctl call \\",
        "    /run/lamp org.example.lamp.Get {}",
        "```",
        "",
        "Then it is on.",
      ].join("\n"),
    );
  });

  test("is JSON below a line of text, laid out anew", () => {
    expect(printed("Example:", '{"a":1}', "More.")).toBe(
      'Example:\n\n```json\n{ "a": 1 }\n```\n\nMore.',
    );
    expect(printed("Example:", "{", '   "a": {"b": []}', "}")).toBe(
      'Example:\n\n```json\n{\n  "a": { "b": [] }\n}\n```',
    );
  });

  test("that only looks like JSON stays as it was written", () => {
    // GitHub reads the language whatever its case, and Prettier leaves it alone.
    expect(printed("~~~json", '{"a": ...}', "~~~")).toBe(
      '```JSON\n{"a": ...}\n```',
    );
    expect(printed("Example:", "{", '  "a": ...', "}")).toBe(
      'Example:\n\n```\n{\n  "a": ...\n}\n```',
    );
  });

  test("keeps its layout in a list and a quote, where lines are shorter", () => {
    expect(printed("- a", "", "  ~~~json", '  {"a":1}', "  ~~~")).toBe(
      '- a\n\n  ```JSON\n  {"a":1}\n  ```',
    );
    expect(printed("> ~~~json", '> {"a":1}', "> ~~~")).toBe(
      '> ```JSON\n> {"a":1}\n> ```',
    );
  });

  test("stands in code spans in a cell", () => {
    expect(docCell('As in\n{"a": "x|y"}', anchors)).toBe(
      'As in<br>`{"a": "x\\|y"}`',
    );
  });

  test.each([
    ["a price", "$ 5 is the price"],
    ["a variable", "$HOME is a folder"],
    ["a tool in a sentence", "varlink call is what sends it"],
    [
      "a tool with an address in a sentence",
      "varlink call unix:/run/x does it",
    ],
    ["a tool's name", "varlinkctl introspect"],
    ["a set", "{a, b} are two"],
    ["JSON in a sentence", 'Sends {"a": 1} at once'],
    ["JSON that goes on as a sentence", '{"a": 1} is sent'],
    ["JSON that does not end", '{"a": 1'],
    ["a footnote's mark", "[1]"],
    ["JSON that is too deep", `${'{"a":'.repeat(33)}1${"}".repeat(33)}`],
    ["a placeholder", "{name}"],
  ])("is not %s", (_, text) => {
    expect(exampleAt([text], 0)).toBeUndefined();
  });

  test("is JSON up to the depth that is laid out", () => {
    const deep = `${'{"a":'.repeat(32)}1${"}".repeat(32)}`;
    expect(exampleAt([deep], 0)?.language).toBe("json");
  });

  test("can be longer than a call takes arguments", () => {
    const lines = Array.from({ length: 200_000 }, () => "$ a");
    expect(exampleAt(lines, 0)?.lines).toHaveLength(200_000);
  });

  test("is found in linear time, whatever the lines", () => {
    const piece = fc.constantFrom(
      "{",
      '{"',
      "[",
      '"a": {',
      "varlink call -a.b -a.b -a.b -a.b -a.b -a.b -a.b -a.b -a.b -a.b -a.b -a.b !",
      "$ A=1 B=2 C=3 !",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (lines) => {
        const found = exampleAt(lines, 0);
        expect(found === undefined || found.lines.length > 0).toBe(true);
      }),
    );
  });
});
