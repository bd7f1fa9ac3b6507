import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  quoteCommand,
  splitCommand,
} from "../../../../src/libpod/serve/porto/command.ts";
import { TreeLocks } from "../../../../src/libpod/serve/porto/locks.ts";
import {
  innerPath,
  joinPaths,
  matches,
  normalPath,
} from "../../../../src/libpod/serve/porto/names.ts";
import {
  formatMap,
  mergeEscaped,
  mergeTuples,
  parseMap,
  parseSize,
  splitEscaped,
  splitTuples,
} from "../../../../src/libpod/serve/porto/text.ts";
import { turns } from "../../../support/peer.ts";

describe("a mask", () => {
  it.each([
    ["abc", "abc", true],
    ["abc", "a*", true],
    ["abc", "a?c", true],
    ["abc", "*b*", true],
    ["abc", "a[bx]c", true],
    ["abc", "a[!b]c", false],
    ["adc", "a[a-d]c", true],
    ["a]c", "a[]]c", true],
    ["a-c", "a[b-]c", true],
    ["a[c", "a[c", true],
    ["a*c", String.raw`a\*c`, true],
    ["abc", String.raw`a\*c`, false],
    ["a/b", "a*", false],
    ["a/b", "a?b", false],
    ["a/b", "*/*", true],
    ["a/b", "***", true],
    ["a/b/c", "a/***", true],
    ["b/c", "a/***", false],
    ["", "", true],
    ["", "*", true],
    ["a", "", false],
  ])("%s and %s: %s", (text, mask, fits) => {
    expect(matches(text, mask)).toBe(fits);
  });

  it("fits what it was made of, and takes no time that matters", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "/") });
    fc.assert(
      fc.property(letters, letters, letters, (start, middle, end) => {
        fc.pre(!middle.includes("/"));
        expect(matches(start + middle + end, `${start}*${end}`)).toBe(true);
        expect(matches(start + middle + end, `${start}***`)).toBe(true);
        const expected = new RegExp(
          `^${start}[^/]*${end.replaceAll("b", ".")}$`.replaceAll(".", "[^/]"),
        );
        const mask = `${start}*${end.replaceAll("b", "?")}`;
        expect(matches(middle, mask)).toBe(expected.test(middle));
      }),
    );
    expect(matches("a".repeat(200), `${"*a".repeat(100)}*b`)).toBe(false);
  });
});

describe("paths", () => {
  it("are normal once, and then stay so", () => {
    const path = fc
      .array(fc.constantFrom("a", "b", ".", "..", ""), { maxLength: 8 })
      .map((parts) => parts.join("/"));
    fc.assert(
      fc.property(path, (given) => {
        const normal = normalPath(given);
        expect(normalPath(normal)).toBe(normal);
        expect(normal.startsWith("/")).toBe(given.startsWith("/"));
        expect(normal).not.toMatch(/\/\/|\/\.(?:\/|$)/);
      }),
    );
    expect(normalPath("/a/../../b")).toBe("/b");
    expect(normalPath("a/..")).toBe(".");
    expect(normalPath("../a")).toBe("../a");
  });

  it("are told from the outside and from the inside", () => {
    expect(joinPaths("/a", "/b/../c")).toBe("/a/c");
    expect(innerPath("/a", "/a/b")).toBe("/b");
    expect(innerPath("/a", "/a")).toBe("/");
    expect(innerPath("/a", "/ab")).toBeUndefined();
    expect(innerPath("/", "/x")).toBe("/x");
  });
});

describe("lists in text", () => {
  const word = fc
    .string({ minLength: 1 })
    .filter((text) => text === text.trim());

  it("are split as they were put together", () => {
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(splitEscaped(mergeEscaped(words, ";"), ";")).toEqual(words);
      }),
    );
    const plain = fc.stringMatching(/^[a-z:/;\\]+$/);
    fc.assert(
      fc.property(fc.array(fc.array(plain, { minLength: 1 })), (tuples) => {
        expect(splitTuples(mergeTuples(tuples))).toEqual(tuples);
      }),
    );
  });

  it("are maps with keys in order", () => {
    const name = fc.stringMatching(/^[A-Za-z.]+$/);
    fc.assert(
      fc.property(fc.dictionary(name, name), (record) => {
        const map = new Map(Object.entries(record));
        const text = formatMap(map);
        expect(parseMap(text)).toEqual(map);
        expect(formatMap(parseMap(text))).toBe(text);
      }),
    );
  });

  it("have sizes with their units", () => {
    for (const [text, bytes] of [
      ["0", 0n],
      ["1", 1n],
      ["1B", 1n],
      ["1k", 1024n],
      ["1 K", 1024n],
      ["1KB", 1024n],
      ["1KiB", 1024n],
      ["1.5M", 1_572_864n],
      ["16E", 0n],
      ["18446744073709551615", 2n ** 64n - 1n],
    ] as const) {
      if (text === "16E") expect(() => parseSize(text)).toThrow("Too big");
      else expect([text, parseSize(text)]).toEqual([text, bytes]);
    }
    for (const text of ["", "x", "1Q", "1KX", "-1", "1BB", "0x10"])
      expect(() => parseSize(text), text).toThrow();
  });
});

describe("a command", () => {
  const env = new Map([
    ["A", "one two"],
    ["E", ""],
  ]);
  it.each([
    ["a b  c", ["a", "b", "c"]],
    ["'a b' c", ["a b", "c"]],
    ['"a b"c', ["a bc"]],
    [String.raw`a\ b \\ \'`, ["a b", "\\", "'"]],
    [String.raw`"\$A \x \""`, ['$A \\x "']],
    ["$A", ["one", "two"]],
    ['"$A"', ["one two"]],
    ["x${A}y", ["xone", "twoy"]],
    ["$NONE a$E", ["a"]],
    ["'' \"\" $E", ["", ""]],
    ["'$A'", ["$A"]],
    ["a$ $1", ["a$", "$1"]],
    ["", []],
  ])("%s", (command, words) => {
    expect(splitCommand(command, env)).toEqual(words);
  });

  it.each([
    "'a",
    '"a',
    "a|b",
    "a;b",
    "a&",
    "(a)",
    "$(a)",
    "`a`",
    '"$(a)"',
    "${a b}",
    "${A",
  ])("%s is none", (command) => {
    expect(() => splitCommand(command, env)).toThrow("wordexp");
  });

  it("is split into the words that it was quoted from", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(splitCommand(quoteCommand(words), env)).toEqual(words);
      }),
    );
  });
});

describe("locks", () => {
  it("let things go on that have nothing to do with each other", async () => {
    const locks = new TreeLocks();
    const order: string[] = [];
    let release = (): void => undefined;
    const held = locks.run("a/b", async () => {
      order.push("a/b");
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    const note = (name: string): Promise<void> =>
      locks.run(name, async () => {
        order.push(name);
      });
    const waiting = [
      note("a"),
      note("a/b/c"),
      note("a/c"),
      note("b"),
      note("a/b"),
    ];
    await turns(3);
    // `a/c` waits for `a`, which came before it.
    expect(order).toEqual(["a/b", "b"]);
    release();
    await Promise.all([held, ...waiting]);
    expect(order).toEqual(["a/b", "b", "a", "a/b/c", "a/c", "a/b"]);
    await expect(
      locks.run("x", () => Promise.reject(new Error("failed"))),
    ).rejects.toThrow("failed");
    await note("x");
  });
});
