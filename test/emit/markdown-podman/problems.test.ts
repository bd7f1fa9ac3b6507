import { describe, expect, test } from "vitest";
import { podmanDocument } from "../../../src/emit/markdown/podman/document.ts";
import { sizeLimit } from "../../../src/emit/markdown/podman/print.ts";
import { codes } from "../../../src/emit/markdown/podman/problem.ts";
import { nestingLimit } from "../../../src/emit/markdown/podman/types.ts";
import { frameOf, problemOf } from "./support.ts";

const before = "interface a.b\nmethod M() -> ()\n";
const tooDeep = nestingLimit + 1;

/** Files without a document, and the bytes that the problem names. */
const files: Record<string, (readonly [text: string, at: string])[]> = {
  "podman/missing-interface": [
    ["", ""],
    ["type T ()", "type"],
    ["\u00ef\u00bb\u00bfinterface a.b", "\u00ef"],
    ["interfaces a.b", "interfaces"],
    ["Interface a.b", "Interface"],
  ],
  "podman/invalid-interface-name": [
    ["interface", ""],
    ["interface # a.b", ""],
    ["interface foo", "foo"],
    ["interface A.b", "A"],
    ["interface a.B", "a"],
    ["interface a..b", "a"],
    [`interface a.${"b".repeat(254)}`, "a"],
    [`interface ${"a".repeat(400)}`, "a".repeat(400)],
  ],
  "podman/unknown-keyword": [
    ["interface a.b.C", "."],
    ["interface a.b-", "-"],
    [`${before}foo`, "foo"],
    [`${before}types T ()`, "types"],
    [`${before}type T intX`, "X"],
    [`${before}method N() -> ()\r\n`, "\r"],
    [`${before}\ferror E`, "\f"],
    [`${before}error E\t(a: int)`, "("],
    [`${before}error E\n(a: int)`, "("],
    [`${before}error E_`, "_"],
    [`${before};`, ";"],
    [`${before}error E foo\nbar`, "bar"],
    [`${before}error E method N() -> ()`, "N"],
  ],
  "podman/missing-name": [
    [`${before}type`, ""],
    [`${before}method ()`, "("],
    [`${before}error _E`, "_E"],
  ],
  "podman/invalid-type": [
    [`${before}type T`, ""],
    [`${before}type T foo`, "foo"],
    [`${before}type T integer`, "integer"],
    [`${before}type T ( )`, ")"],
    [`${before}type T (a: int,)`, ")"],
    [`${before}type T (a: int b: int)`, "b"],
    [`${before}type T (a: int`, ""],
    [`${before}type T (A: int)`, "A"],
    [`${before}type T (_a: int)`, "_a"],
    [`${before}type T (a, b: int)`, ":"],
    [`${before}type T ??int`, "??int"],
    [`${before}type T ?[]??int`, "?[]??int"],
    [`${before}type T [int]int`, "int"],
    [`${before}type T constructor`, "constructor"],
    [`${before}type T [ ]int`, " "],
    [`${before}type T [] int`, " "],
    [`${before}type T ? int`, " "],
    [`${before}type T [string ]int`, " "],
    [`${before}type T [Key]int`, "Key"],
    [`${before}method N -> ()`, "-"],
    [`${before}method N() ->`, ""],
    // What was wrong with an error's parameters is told where it is the reason.
    [`${before}error E (a: int,)`, ")"],
    [`${before}error E (a: foo)`, "foo"],
  ],
  "podman/missing-arrow": [
    [`${before}method N()`, ""],
    [`${before}method N() => ()`, "="],
    [`${before}method N() - > ()`, "-"],
    [`${before}method N() # ->`, ""],
  ],
  "podman/duplicate-member": [
    [`${before}method M()->()`, "M"],
    [`${before}type M()`, "M"],
    [`${before}error M`, "M"],
  ],
  "podman/no-method": [
    ["interface a.b", "a.b"],
    ["interface a.b\ntype T ()\nerror E", "a.b"],
    ["interface a.b\n#\nmethod M() -> ()", "a.b"],
  ],
  "podman/enum": [
    [`${before}type E (one, two)`, "(one, two)"],
    [`${before}type E (a: int, b)`, "(a: int, b)"],
    [`${before}method N(one) -> ()`, "(one)"],
    [`${before}method N() -> (one)`, "(one)"],
  ],
  "podman/ends-in-comment": [
    ["#", "#"],
    ["# ", ""],
    [`${before}#`, "#"],
    [`${before}#\n\n`, "#"],
    [`${before}error E (a: int #`, "#"],
    [`${before}type # T`, ""],
    [`${before}type T # int`, ""],
    [`${before}error # E`, ""],
    // Its parameters may be wrong, but not this way: the generator crashes.
    [`${before}error E (a: # int`, ""],
  ],
  "podman/nesting-too-deep": [
    [`${before}type T ${"(a: ".repeat(tooDeep)}`, "("],
    [`${before}error E ${"?[](a: ".repeat(tooDeep)}`, "("],
  ],
};

test("every code is among them, or below", () => {
  expect([...Object.keys(files), "podman/too-large"]).toEqual(
    Object.keys(codes),
  );
});

describe.each(Object.entries(files))("%s", (code, cases) => {
  test.each(cases.map(([text, at], index) => [index, text, at] as const))(
    "%i",
    (_, text, at) => {
      const { offset, length, ...problem } = problemOf(text);
      expect(problem.code).toBe(code);
      expect(text.slice(offset, offset + length)).toBe(at);
    },
  );
});

test("a document that repeats itself without end is refused before it is made", () => {
  const errors = Array.from({ length: 10_000 }, (_, at) => `error E${at} # x`);
  const text = `${before}${errors.join("\n")}`;
  expect(problemOf(text).code).toBe("podman/too-large");
  const calm = errors.join("\n\n");
  expect(podmanDocument(Buffer.from(before + calm)).problem).toBeUndefined();
});

test("a file beyond the limit is refused before it is read", () => {
  const { problem } = podmanDocument(new Uint8Array(sizeLimit + 1));
  expect(problem?.code).toBe("podman/too-large");
});

describe("long pieces", () => {
  const million = 1_000_000;

  test.each([
    ["a word", `interface a.b\n${"x".repeat(million)}`],
    ["a name", `${before}type ${"T".repeat(million)} foo`],
    ["blanks", `interface a.b\n${" ".repeat(million)}foo`],
    ["comments", `interface a.b\n${"# x\n".repeat(million / 4)}foo`],
    ["bare comments", `interface a.b\n${"#\n".repeat(million / 2)}foo`],
    ["brackets", `${before}type T ${"[]".repeat(million / 2)}foo`],
    ["question marks", `${before}type T ${"?".repeat(million)}int`],
    ["fields", `${before}type T (${"a: int, ".repeat(million / 8)})`],
  ])("%s: the message stays short", (_, text) => {
    const { message, help = "" } = problemOf(text);
    expect(message.length).toBeLessThan(200);
    expect(help.length).toBeLessThan(200);
  });
});

describe("as the command line shows them", () => {
  test("with a place, a mark and what to do", () => {
    expect(frameOf(Buffer.from(`${before}error E\t(a: int)\n`))).toBe(
      `error[podman/unknown-keyword]: expected \`type\`, \`method\` or \`error\`, found \`(\`
 --> a.varlink:3:9
  |
3 | error E (a: int)
  |         ^
  |
  = help: only spaces may stand between the name of an error and its parameters`,
    );
  });

  test("the first of two members is shown too", () => {
    expect(frameOf(Buffer.from(`${before}type M ()\n`))).toContain(
      `
2 | method M() -> ()
  |        - the first is here
3 | type M ()
  |      ^
`,
    );
  });

  test("what was wrong with parameters before is shown too", () => {
    expect(frameOf(Buffer.from(`${before}error E foo\nbar`))).toContain(
      `
3 | error E foo
  |         --- \`foo\` is not a type
4 | bar
  | ^^^`,
    );
  });

  test.each([
    ["characters of several bytes", "# \u00e9\u{1f600}\n", "3:1"],
    [
      "bytes that are no characters",
      Buffer.from("#\xff\xc3\n", "latin1"),
      "3:1",
    ],
    ["line ends of other kinds, which comments may hold", "# a\rb\n", "4:1"],
  ])("%s before a problem do not move it", (_, comment, place) => {
    const bytes = Buffer.concat([
      Buffer.from(comment),
      Buffer.from("interface a.b\n\u00e9(method M() -> ()"),
    ]);
    expect(frameOf(bytes)).toContain(
      `found the byte 0xC3\n --> a.varlink:${place}\n`,
    );
    expect(frameOf(bytes)).toMatch(/\| \u00e9\(method.*\n {2}\| \^$/m);
  });

  test("nothing from the file drives the terminal", () => {
    const frame = frameOf(Buffer.from("interface a.b\n\u001b[31mred\u202e"));
    expect(frame).toContain("found the byte 0x1B");
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(frame).not.toMatch(/[\u001b\u202e]/);
  });
});
