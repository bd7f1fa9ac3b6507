import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  joinWords,
  quoteWord,
  splitWords,
} from "../../../src/runtime/transport/words.ts";

describe("words of a command line", () => {
  it.each<[string, string[] | undefined]>([
    ["", []],
    [" \t\n ", []],
    ["a b\tc\nd", ["a", "b", "c", "d"]],
    ["''", [""]],
    [`a"b c"'d e'`, ["ab cd e"]],
    [String.raw`a\ b \" "\"" '\'`, ["a b", '"', '"', "\\"]],
    ["$HOME *;|&`x` ~", ["$HOME", "*;|&`x`", "~"]],
    ["'a", undefined],
    ['"a', undefined],
    ["a\\", undefined],
  ])("splits %j", (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  it("come back from a line that was joined of them", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
        expect(splitWords(joinWords(words))).toEqual(words);
      }),
    );
  });

  it("come back from a shell, all of them", () => {
    const words = Array.from({ length: 127 }, (_, index) =>
      String.fromCharCode(index + 1),
    ).concat(["", "a'b", "-n", "$(x)", "FOO=1", "~", "{a,b}", "é", "'", "''"]);
    const out = execFileSync("/bin/sh", [
      "-c",
      `printf '%s\\0' ${joinWords(words)}`,
    ]);
    expect(String(out).split("\0").slice(0, -1)).toEqual(words);
  });

  it("are quoted only where that is needed", () => {
    expect(quoteWord("/usr/bin/x-1.2:@%+,_")).toBe("/usr/bin/x-1.2:@%+,_");
    expect(quoteWord("A=1")).toBe("'A=1'");
  });
});
