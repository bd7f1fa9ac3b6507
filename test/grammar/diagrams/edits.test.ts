import { describe, expect, it } from "vitest";
import { leavesOf } from "../../../scripts/grammar/expression.ts";
import { languages } from "./languages.ts";
import { ofGrammar, ofParser, readTo } from "./recogniser.ts";

describe.each(languages.map((each) => [each.language.id, each] as const))(
  "what is told of %s",
  (_, { language, parser, grammar, tokens, repaired, told }) => {
    const shown = ofGrammar(grammar);
    const read = ofParser(parser.rules, language.start);
    const rejected = language.edits.flatMap((edit) =>
      Object.entries(edit.told).map(
        ([code, example]) =>
          [code, language.frame(edit.in, example ?? "")] as const,
      ),
    );
    const checked = Object.entries(language.checks).flatMap(([rule, codes]) =>
      Object.entries(codes).map(
        ([code, example]) =>
          [code, language.frame(rule, example ?? "")] as const,
      ),
    );

    it.each(rejected)("%s: the pictures do not have `%s`", (code, text) => {
      expect(told(text).map((each) => each.code)).toContain(code);
      const given = repaired(text);
      expect(readTo(read, given)).toBe(given.length);
      const all = tokens(text);
      expect(readTo(shown, all)).not.toBe(all.length);
    });

    it.each(checked)("%s: the pictures have `%s`", (code, text) => {
      expect(told(text).map((each) => each.code)).toContain(code);
      const all = tokens(text);
      expect(readTo(shown, all)).toBe(all.length);
    });

    it("places every code", () => {
      const placed = [
        ...language.edits.flatMap((edit) => Object.keys(edit.told)),
        ...Object.values(language.checks).flatMap((codes) =>
          Object.keys(codes),
        ),
      ];
      // What belongs to a rule is not told elsewhere too.
      expect(
        language.elsewhere.filter((code) => placed.includes(code)),
      ).toEqual([]);
      expect(
        [...new Set([...placed, ...language.elsewhere])].toSorted(),
      ).toEqual(Object.keys(language.codes).toSorted());
    });

    it("says something of every rule, and of no other", () => {
      const names = [...grammar.rules.keys()].toSorted();
      expect(Object.keys(language.prose).toSorted()).toEqual(names);
      expect(names).toEqual(
        expect.arrayContaining(Object.keys(language.checks)),
      );
    });

    it("uses every lexeme", () => {
      const used = [...grammar.rules.values()]
        .flatMap(leavesOf)
        .map((leaf) => (leaf.kind === "token" ? leaf.lexeme : undefined));
      expect(used).toEqual(
        expect.arrayContaining(Object.keys(language.lexemes)),
      );
    });
  },
);
