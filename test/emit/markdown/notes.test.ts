import { describe, expect, test } from "vitest";
import { emitMarkdown } from "../../../src/emit/markdown/emit.ts";
import { aroundNotes } from "../../../src/emit/markdown/notes.ts";
import { serviceOf } from "./support.ts";

const place = {
  level: 1,
  anchor: undefined,
  prefix: "",
  diagrams: false,
} as const;

/** What stands above the index. */
function opening(text: string): string {
  return text.slice(text.indexOf("\n# ") + 1, text.indexOf("\n## Index"));
}

describe("notes", () => {
  test("stand behind the lead where no chapter follows it", () => {
    const docs = { lead: "Lead.", chapters: "" };
    expect(aroundNotes(docs, ["a", "b"], "old", place)).toEqual([
      "Lead.",
      "a",
      "b",
      "old",
    ]);
  });

  test("have a chapter of their own behind the docs' chapters", () => {
    const docs = { lead: "Lead.", chapters: "## Use" };
    const at = (level: 1 | 2): string[] =>
      aroundNotes(docs, ["a", "b"], "old", { ...place, level });
    expect(at(1)).toEqual(["Lead.", "old", "## Use", "## Notation", "a", "b"]);
    expect(at(2)).toContain("### Notation");
  });

  test("have none where there are no notes", () => {
    const docs = { lead: "", chapters: "## Use" };
    expect(aroundNotes(docs, [], "", place)).toEqual(["## Use"]);
  });

  test("of Varlink do not stand in the middle of the docs", () => {
    const service = serviceOf(
      [
        {
          kind: "struct",
          name: "Notation",
          fields: [{ name: "a", type: { list: "int" } }],
        },
      ],
      { docs: "Lead.\n\n# Notation\n\nMine." },
    );
    const { text } = emitMarkdown(service, { path: "API.md" });
    expect(opening(text)).toBe(
      "# org.example.test\n\nLead.\n\n## Notation\n\nMine.\n\n## Notation\n\nHow types read:\n\n- `[]T`: an array of T\n",
    );
    // A slug has no capital: two chapters of the name do not take its place.
    expect(text).toContain('### <a id="Notation"></a>Notation');
    expect(text).toContain("[Notation](#Notation)");
  });
});
