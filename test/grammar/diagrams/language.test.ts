import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkCodes } from "../../../src/model/proto/codes.ts";
import { corpus, describeCorpus, seed } from "../../support/corpus.ts";
import { describeProtoCorpora } from "../../support/proto-corpora.ts";
import { corpusFiles } from "../../../scripts/corpora/files.ts";
import { corpusPackages } from "../../../scripts/corpora/packages.ts";
import { languages, type Tested } from "./languages.ts";
import { ofGrammar, ofParser, readTo } from "./recogniser.ts";
import { isFinite, sentences, type Words } from "./sentences.ts";

const runs = Number(process.env["PORTOLAN_FUZZ_RUNS"] ?? 200);

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const [varlink, proto] = languages;

function filesOf(folder: string, ending: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => path.join(folder, name));
}

/** The words around the first that the pictures do not have; empty where they have all. */
function unread({ grammar, tokens }: Tested, text: string): string {
  const all = tokens(text);
  const end = readTo(ofGrammar(grammar), all);
  if (end === all.length) return "";
  const at = end < 0 ? all.length : end;
  const near = all.slice(Math.max(0, at - 6), at + 4);
  return near.map(({ image }) => image).join(" ") || "(nothing)";
}

/** The codes that are told of what the pictures do not have. */
function refusedCodes({ language }: Tested): ReadonlySet<string> {
  return new Set(language.edits.flatMap((edit) => Object.keys(edit.told)));
}

/** Told of what a text means, whose syntax may be right. */
const ofMeaning: ReadonlySet<string> = new Set([
  ...Object.keys(linkCodes),
  "varlink/duplicate-member",
  "varlink/duplicate-field",
  "varlink/infinite-type",
  "varlink/same-line",
]);

/** Whether the pictures must have a text: nothing is told that would take it out. */
function isRight(tested: Tested, text: string): boolean {
  const refused = refusedCodes(tested);
  return tested
    .told(text)
    .every(({ code }) => ofMeaning.has(code) && !refused.has(code));
}

function expectShown(tested: Tested, files: readonly string[]): void {
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    expect(`${path.basename(file)}: ${unread(tested, text)}`).toBe(
      `${path.basename(file)}: `,
    );
  }
}

describe("the pictures have every file that is right", () => {
  it("our own interfaces", () => {
    const folder = path.join(repository, "interfaces");
    expectShown(varlink, filesOf(folder, ".varlink"));
    expectShown(proto, filesOf(folder, ".proto"));
  });

  it("what protoc brings", () => {
    const folder = path.join(repository, "node_modules/protoc/include");
    expectShown(proto, filesOf(folder, ".proto"));
  });

  describeCorpus("of the corpus", () => {
    it("in Varlink", () => {
      const files = [
        ...filesOf(corpus(), ".varlink"),
        ...filesOf(seed(), ".varlink"),
      ];
      // systemd's own tests have files that are wrong on purpose.
      expectShown(
        varlink,
        files.filter((file) => isRight(varlink, readFileSync(file, "utf8"))),
      );
    });

    it("in Protocol Buffers", () => {
      expectShown(proto, [
        ...filesOf(corpus(), ".proto"),
        ...filesOf(seed(), ".proto"),
      ]);
    });
  });

  describeProtoCorpora("of packages", () => {
    it("in Protocol Buffers, one in twenty", () => {
      const all = corpusPackages.flatMap(({ name }) => corpusFiles(name));
      const some = all.filter((_, index) => index % 20 === 0);
      const wrong = some.filter(
        ({ text }) => unread(proto, text) !== "" && isRight(proto, text),
      );
      expect(some.length).toBeGreaterThan(100);
      expect(wrong.map((file) => file.path)).toEqual([]);
    });
  });

  it("names that are keywords elsewhere", () => {
    const inVarlink = `interface type.method
type Type (type: ?[]Error, method: (error, interface))
type Error ()`;
    expect(unread(varlink, inVarlink)).toBe("");
    const inProto = `edition = "2024";
local message message {
  .message message = 1;
  optional option option = 2;
  map<string, message> map = 3;
  oneof oneof { .group.stream to = 4 [default = max]; }
  reserved to, max, 'reserved' "x";
}
extend .message { repeated group Group = 9 { }; }`;
    expect(unread(proto, inProto)).toContain("group Group = 9");
    expect(unread(proto, inProto.replace("{ };", "{ ; }"))).toBe("");
  });

  it("every value of an option", () => {
    const values = [
      "-inf",
      "-NaN",
      "- 1.5e3",
      "'a' \"b\"",
      "{}",
      "{ a: -1; b { }, c <>, [d.e] { } [f.g/h.i]: [] j [{}, <>] k: [1, 'a' 'b', {}] }",
      "{ [a-1.5~(b/c)/d.e]: x }",
    ];
    for (const value of values)
      expect(unread(proto, `option (.a.b).c.(d) = ${value};`)).toBe("");
  });
});

const varlinkWords: Words = {
  interface_name: ["org.example.a#", "x.y-z.type"],
  member_name: ["A#", "Ping#"],
  field_name: ["a#", "type_#", "error#x"],
  type_name: ["int", "any", "string"],
  map_key: ["string"],
};

const protoWords: Words = {
  name: ["a#", "Bc#", "_"],
  signed_name: ["inf", "NaN", "infinity"],
  integer: ["1", "0x1F", "017", "0"],
  float: ["1.", ".5", "1e5", "2.5E-3"],
  string: ['"a"', "'b'", '"\\n"', "''"],
  url_character: ["%", "~"],
};

/** Words that may be put into a text: all that the grammar has, and some more. */
function piecesOf({ grammar }: Tested, words: Words): readonly string[] {
  return [
    ...[...grammar.literals.values()].flat(),
    ...Object.values(words).flat(),
  ];
}

/** As protoc reads names in the brackets of an aggregate: over white space, `[a.b c]` is `[a.bc]`. */
function withJoinedNames(text: string): string {
  return text.replaceAll(/\[[^[\]]*\]/g, (brackets) =>
    brackets.replaceAll(/\b[A-Za-z_]\w*(?: [\w.]+)+/g, (name) =>
      name.replaceAll(" ", ""),
    ),
  );
}

interface Written {
  readonly tested: Tested;
  readonly words: Words;
  /** What parts two words. */
  readonly parted: (next: string) => string;
}

const written: readonly (readonly [string, Written])[] = [
  [
    "Varlink",
    {
      tested: varlink,
      words: varlinkWords,
      // Members begin lines; a field's name may be a keyword, but stands in parentheses.
      parted: (next) =>
        /^(?:type|method|error|interface)$/.test(next) ? "\n" : " ",
    },
  ],
  ["Protocol Buffers", { tested: proto, words: protoWords, parted: () => " " }],
];

describe.each(written)("%s", (_, { tested, words, parted }) => {
  const { grammar, parser, language, tokens, told } = tested;
  const refused = refusedCodes(tested);
  const text = (all: readonly string[]): string =>
    all.map((word) => parted(word) + word.replace("#", "7")).join("");

  it("can be written down from every rule", () => {
    expect(isFinite(grammar)).toBe(true);
  });

  it("is drawn from whole: a few sentences have every literal and lexeme", () => {
    const drawn = fc.sample(sentences(grammar, words), {
      numRuns: 400,
      seed: 1,
    });
    const met = new Set(
      drawn.flat().map((word) => word.replace(/\d+(?=\D*$)/, "#")),
    );
    const wanted = [
      ...[...grammar.literals.values()].flat(),
      ...Object.values(words).map(([first = ""]) => first),
    ].map((word) => word.replace(/\d+(?=\D*$)/, "#"));
    expect(wanted.filter((word) => !met.has(word))).toEqual([]);
  });

  it("has nothing in its pictures that the parser does not read", () => {
    const whole = ofParser(parser.rules, language.start);
    fc.assert(
      fc.property(sentences(grammar, words), (all) => {
        const given = tokens(text(all));
        expect(given.map(({ image }) => image)).toEqual(all);
        expect(readTo(whole, given)).toBe(given.length);
      }),
      { numRuns: runs },
    );
  });

  it("has nothing in its pictures that an edit says is told", () => {
    // Some of them are told of what is in the pictures, too.
    const allowed = new Set(
      Object.values(language.checks).flatMap((codes) => Object.keys(codes)),
    );
    fc.assert(
      fc.property(sentences(grammar, words), (all) => {
        const codes = told(text(all)).map(({ code }) => code);
        expect(
          codes.filter((code) => refused.has(code) && !allowed.has(code)),
        ).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it("is shown whole: what none of it is told of is in the pictures", () => {
    const change = fc.record({
      at: fc.nat(),
      length: fc.nat({ max: 2 }),
      words: fc.array(fc.constantFrom(...piecesOf(tested, words)), {
        maxLength: 2,
      }),
    });
    let right = 0;
    fc.assert(
      fc.property(
        sentences(grammar, words),
        fc.array(change, { minLength: 1, maxLength: 2 }),
        (all, changes) => {
          const changed = [...all];
          for (const { at, length, words: put } of changes)
            changed.splice(at % (changed.length + 1), length, ...put);
          const given = text(changed);
          if (!isRight(tested, given)) return;
          right += 1;
          const near = unread(tested, given);
          if (near !== "" && unread(tested, withJoinedNames(given)) !== "")
            expect(near).toBe("");
        },
      ),
      { numRuns: 5 * runs },
    );

    expect(right).toBeGreaterThan(runs / 50);
  });
});
