import { describe, expect, test } from "vitest";
import { anchorsOf } from "../../../src/emit/markdown/anchors.ts";
import {
  docCell,
  docItem,
  docParts,
  openingParts,
} from "../../../src/emit/markdown/docs.ts";
import { serviceOf } from "./support.ts";

const anchors = anchorsOf(
  serviceOf([
    { kind: "method", name: "GetContainer" },
    { kind: "error", name: "ContainerNotFound" },
    { kind: "struct", name: "GetID" },
    { kind: "struct", name: "GetId" },
  ]),
  "",
);

/** An interface's doc, below a heading of level 3. */
function printed(...lines: string[]): string {
  const { lead, chapters } = openingParts(lines.join("\n"), anchors, 4);
  return [lead, chapters].filter((part) => part !== "").join("\n\n");
}

function cell(...lines: string[]): string {
  return docCell(lines.join("\n"), anchors);
}

describe("links", () => {
  test.each([
    [
      "Podman's style",
      "[GetContainer](#GetContainer)",
      "[GetContainer](#GetContainer)",
    ],
    [
      "without its hash",
      "[GetContainer](GetContainer)",
      "[GetContainer](#GetContainer)",
    ],
    [
      "the wrong way round",
      "a (ContainerNotFound)[#ContainerNotFound] error",
      "a [ContainerNotFound](#ContainerNotFound) error",
    ],
    ["by slug", "[it](#getcontainer)", "[it](#GetContainer)"],
    [
      "by full name",
      "[it](#org.example.test.GetContainer)",
      "[it](#GetContainer)",
    ],
    ["by reference", "[it][x]\n\n[x]: #GetContainer", "[it](#GetContainer)"],
    [
      "inside what would be a link",
      "[a [b](#GetId) c](#GetID)",
      "\\[a [b](#GetId) c](#GetID)",
    ],
    ["case and all", "[a](#GetId), [b](#GetID)", "[a](#GetId), [b](#GetID)"],
    [
      "with markup inside",
      "[`Get`*Container*](#GetContainer)",
      "[`Get`_Container_](#GetContainer)",
    ],
  ])("to members are kept or mended: %s", (_, docs, expected) => {
    expect(printed(docs)).toBe(expected);
  });

  test.each([
    ["a missing member", "see [Missing](#Missing) there", "see Missing there"],
    [
      "a missing member without a hash",
      "see [Missing](Missing)",
      "see Missing",
    ],
    ["an ambiguous slug", "[it](#getid)", "it"],
    ["a script", "[x](javascript:alert(1))", "x"],
    ["data", "[x](data:text/html,x)", "x"],
    [
      "a missing one the wrong way round",
      "(Missing)[#Missing]",
      "(Missing)\\[#Missing]",
    ],
    ["nothing to click on", "a [](#GetContainer) b", "a \\[](#GetContainer) b"],
  ])("that lead nowhere are text: %s", (_, docs, expected) => {
    expect(printed(docs)).toBe(expected);
  });

  test.each([
    ["[API.md](https://example.org/API.md)"],
    ["<https://example.org/a_b>"],
    ["https://example.org/a_b_c, www.example.org and a@b.example"],
    ["[mail](mailto:a@b.example)"],
    ["[beside](other/API.md)"],
    ['[titled](https://example.org "A title")'],
    ["![image](https://example.org/a.png)"],
    ["[![badge](https://example.org/a.png)](https://example.org)"],
  ])("that lead outside stay: %s", (docs) => {
    expect(printed(docs)).toBe(docs);
  });

  test("a definition serves its own doc and is seen by no other", () => {
    expect(printed("[x]: https://example.org", "", "see [x]")).toBe(
      "see [x](https://example.org)",
    );
    expect(printed("see [x]")).toBe("see \\[x]");
  });

  test("an address ends where it ended, whatever follows", () => {
    expect(printed("www.example.org</b>")).toBe(
      "[www.example.org](http://www.example.org)&lt;/b>",
    );
    expect(printed("https://example.org[a]")).toBe(
      "<https://example.org>\\[a]",
    );
  });
});

describe("blocks", () => {
  test("fences become backticks, closed and long enough", () => {
    expect(printed("~~~", "$ x", "~~~")).toBe("```console\n$ x\n```");
    expect(printed("text", "```sh", "open")).toBe("text\n\n```sh\nopen\n```");
    expect(printed("~~~", "```", "~~~")).toBe("````\n```\n````");
    expect(printed("````", "a", "```", "b")).toBe("````\na\n```\nb\n````");
  });

  test("code keeps its lines, blank and indented ones too", () => {
    expect(printed("~~~", "{", '  "a": 1', "", "\tb", "}", "~~~")).toBe(
      '```\n{\n  "a": 1\n\n    b\n}\n```',
    );
    expect(printed("~~~", "a\tb", "~~~")).toBe("```\na\tb\n```");
    expect(printed("Say:", "", "    one", "", "      two", "", "done")).toBe(
      "Say:\n\n```\none\n\n  two\n```\n\ndone",
    );
  });

  test("headings move below their place, in order and without gaps", () => {
    expect(printed("# One", "## Two", "# Three")).toBe(
      "#### One\n\n##### Two\n\n#### Three",
    );
    expect(printed("#### Example")).toBe("#### Example");
    expect(printed("### Low", "# High")).toBe("#### Low\n\n#### High");
    expect(printed("# a", "## b", "### c", "#### d", "##### e")).toBe(
      "#### a\n\n##### b\n\n###### c\n\n###### d\n\n###### e",
    );
    expect(printed("#", "## [](#)", "### c")).toBe("#### \\[](#)\n\n##### c");
  });

  test("underlined text is a heading where Markdown says so, and nothing else is one", () => {
    expect(printed("Title", "===")).toBe("#### Title");
    expect(printed("a", "b", "---", "c")).toBe("#### a b\n\nc");
    expect(printed("---", "title: x", "---")).toBe("---\n\n#### title: x");
    expect(printed("===")).toBe("\\===");
    expect(printed("#1 is a number, #tag a word")).toBe(
      "#1 is a number, #tag a word",
    );
  });

  test("lists get Prettier's bullets and stay apart from the text", () => {
    expect(printed("Of:", "* a", "* b", "  - c", "+ d")).toBe(
      "Of:\n\n- a\n- b\n  - c\n- d",
    );
    expect(printed("1) a", "2) b")).toBe("1. a\n2. b");
    expect(printed("9. a", "10. b", "", "    c")).toBe(
      "9. a\n\n10. b\n\n    c",
    );
    expect(printed("- [ ] a", "- [x] b")).toBe("- [ ] a\n- [x] b");
    expect(printed("- a", "", "text")).toBe("- a\n\ntext");
    expect(printed("- ", "- -")).toBe("");
  });

  test("quotes, rules and tables stay what they are", () => {
    expect(printed("> a", "b", "", "c")).toBe("> a\n> b\n\nc");
    expect(printed("a", "", "***", "b")).toBe("a\n\n---\n\nb");
    expect(printed("a|b", "-|:-:", "c|`d\\|e`")).toBe(
      "| a   |   b    |\n| --- | :----: |\n| c   | `d\\|e` |",
    );
  });

  test("a table that is none does not become one", () => {
    expect(printed("text", "a | b", "--- | ---")).toBe(
      "text\na | b\n\\--- | ---",
    );
    expect(printed("a", "|-|")).toBe("a\n\\|-|");
  });
});

describe("text", () => {
  test.each([
    ["<image>:<tag>", "&lt;image>:&lt;tag>"],
    ["<!-- open", "&lt;!-- open"],
    ["</script>", "&lt;/script>"],
    ["[]string and [string]int", "\\[]string and \\[string]int"],
    ["snake_case but _it_ and *it*", "snake_case but _it_ and _it_"],
    ["a__b ___c", "a__b \\_\\_\\_c"],
    ["_open, 2*3 and b_", "_open, 2\\*3 and b_"],
    ["_open, 2*3", "\\_open, 2\\*3"],
    ["__bold__ **bold** in*word*", "**bold** **bold** in*word*"],
    ["&lt; &amp; & &x", "&lt; &amp; & &x"],
    ["back\\slash \\* \\", "back\\slash \\* \\\\"],
    ["a ` b", "a \\` b"],
    ["``a`b``", "``a`b``"],
    ["wow![a](https://x.example)", "wow![a](https://x.example)"],
    ["wow\\![a](https://x.example)", "wow\\![a](https://x.example)"],
    ["two  spaces\tand tab", "two spaces and tab"],
    ["$$ is not mathematics", "\\$\\$ is not mathematics"],
    ["[^1]: no footnote", "\\[^1]: no footnote"],
    ["text\n1986\\. A year", "text\n1986\\. A year"],
    ["a\n\\- b\n\\# c", "a\n\\- b\n\\# c"],
    ["hard  \nbreak\\\nhere", "hard\\\nbreak\\\nhere"],
    ["a\u2028b\u0000c\rd\u001b", "a\nbc\nd"],
    ["a\u202eb \u2066c\u2069", "ab c"],
    ["half \ud800 pair", "half \ufffd pair"],
  ])("%j", (docs, expected) => {
    expect(printed(docs)).toBe(expected);
  });

  test("nested without end is text in the end", () => {
    expect(printed(">".repeat(2_000))).toMatch(/^> > /);
    expect(
      printed("[".repeat(5_000) + "](#GetContainer)".repeat(5_000)).length,
    ).toBeGreaterThan(0);
    expect(
      printed("*a ".repeat(5_000) + "b*".repeat(5_000)).length,
    ).toBeGreaterThan(0);
  });
});

describe("a table's cell", () => {
  test.each([
    ["lines are one line", "a\nb", "a b"],
    ["paragraphs stand below each other", "a\n\nb", "a<br>b"],
    ["a hard break stays", "a\\\nb", "a<br>b"],
    [
      "bars are escaped, in code as well",
      "a|b `c|d` [x|y](https://x.example/a|b)",
      "a\\|b `c\\|d` [x\\|y](https://x.example/a%7Cb)",
    ],
    [
      "a backslash before a bar",
      "`a\\|b` c\\\\|d",
      "<code>a&#92;&#124;b</code> c\\\\\\|d",
    ],
    ["lists", "Of:\n- a\n- b\n\n1. c", "Of:<br>- a<br>- b<br>1. c"],
    ["code", "```\na | b\n\n  c\n```", "`a \\| b`<br>`  c`"],
    ["headings", "# Title\ntext", "**Title**<br>text"],
    ["quotes", "> a\n> b", "a b"],
    ["tables", "a|b\n-|-\nc|d", "a / b<br>c / d"],
    ["rules", "a\n\n---\n\nb", "a<br>b"],
    ["HTML", "<br> <b>", "&lt;br> &lt;b>"],
    ["links", "[GetContainer](GetContainer)", "[GetContainer](#GetContainer)"],
    ["nothing", "\n \n", ""],
  ])("%s", (_, docs, expected) => {
    expect(cell(docs)).toBe(expected);
  });
});

describe("the lead of a member's docs", () => {
  test.each([
    ["a heading", "# Put things\nText.", "**Put things**\n\nText."],
    ["an underlined one", "Put\nthings\n---\nText.", "**Put things**\n\nText."],
    [
      "several",
      "# Put\n\n## Summary\n\nText.",
      "**Put**\n\n**Summary**\n\nText.",
    ],
    ["no text but a heading", "# Put", "**Put**"],
    ["an empty heading", "#\nText.", "Text."],
    [
      "bold in it",
      "# **Put** it ***all***\nText.",
      "**Put it _all_**\n\nText.",
    ],
    ["bold in a link", "# [**it**](GetId)", "**[it](#GetId)**"],
    ["stars in it", "# *a** b\nText.", "**_a_\\* b**\n\nText."],
    ["blanks around it", "# \u00a0a\u00a0\nText.", "**a**\n\nText."],
  ])("begins with a title: %s", (_, docs, expected) => {
    expect(docParts(docs, anchors, 4)).toEqual({
      lead: expected,
      chapters: "",
    });
  });

  test("ends with the next heading, whose level is the first", () => {
    expect(
      docParts("# Put\nText.\n\n- a\n\n### Example\nb\n# More", anchors, 4),
    ).toEqual({
      lead: "**Put**\n\nText.\n\n- a",
      chapters: "#### Example\n\nb\n\n#### More",
    });
  });

  test("has no title where text stands first, nor for an interface", () => {
    const docs = "Text.\n# Example\nb";
    const parts = { lead: "Text.", chapters: "#### Example\n\nb" };
    expect(docParts(docs, anchors, 4)).toEqual(parts);
    expect(openingParts("# A\nb", anchors, 4)).toEqual({
      lead: "",
      chapters: "#### A\n\nb",
    });
  });

  test("has bold once in lists and cells", () => {
    expect(docItem("# **a** b", anchors).rest).toEqual(["**a b**"]);
    expect(cell("# **a** b")).toBe("**a b**");
  });
});
