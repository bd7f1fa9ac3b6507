import * as fc from "fast-check";
import { expect } from "vitest";
import { parseVarlink } from "../../src/model/varlink.ts";
import {
  listCodes,
  parse,
  parseMembers,
  serviceOf,
} from "../support/varlink.ts";
import { conform } from "./conform.ts";
import { full, meet, serveSpecimen } from "./support.ts";

const isRight = (text: string): boolean => parse(text).service !== undefined;
const areRight = (members: string): boolean =>
  parseMembers(members).service !== undefined;

/** What is wrong with members, by codes. */
const wrongs = (members: string): string[] =>
  listCodes(parseMembers(members).diagnostics);

conform("interface.first", "reader", () => {
  expect(isRight("interface org.example\ntype A ()\n")).toBe(true);
  expect(isRight("# About it.\n\ninterface org.example\ntype A ()\n")).toBe(
    true,
  );
  expect(
    listCodes(parse("type A ()\ninterface org.example\n").diagnostics),
  ).toContain("misplaced-interface");
  expect(listCodes(parse("type A ()\n").diagnostics)).toContain(
    "missing-interface",
  );
  expect(listCodes(parse("interface\ntype A ()\n").diagnostics)).toContain(
    "missing-name",
  );
});

conform("interface.unique-names", "reader", () => {
  const members = [
    "type A ()",
    "type A (a, b)",
    "method A () -> ()",
    "error A ()",
  ];
  for (const one of members)
    for (const other of members)
      expect(wrongs(`${one}\n${other}\n`), `${one} ${other}`).toEqual([
        "duplicate-member",
      ]);
  expect(areRight("type A ()\nmethod B () -> ()\nerror C ()\n")).toBe(true);
  expect(areRight("type A ()\ntype a ()\n")).toBe(false);
});

conform("interface.qualified-names", "client", async () => {
  await using met = await meet();
  const reply = met.method("nothing")();
  expect((await met.connection.call()).method).toBe(full("Nothing"));
  met.connection.send({ error: full("Silent") });
  await expect(reply).rejects.toMatchObject({ error: full("Silent") });
  // A name alone is nobody's.
  await expect(met.client.call("Nothing")).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
});

conform("interface.qualified-names", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  expect(await peer.send({ method: full("Nothing") }).next()).toEqual({});
  expect(await peer.send({ method: "Nothing" }).next()).toHaveProperty("error");
  expect(
    await peer.send({ method: "org.example.other.Nothing" }).next(),
  ).toHaveProperty("error");
});

conform("interface.file-name", "reader", () => {
  for (const path of [
    "org.example.varlink",
    "other.name.varlink",
    "notes.txt",
  ]) {
    const { service, diagnostics } = parseVarlink(
      "interface org.example\ntype A ()\n",
      { path },
    );
    expect(service?.name, path).toBe("org.example");
    expect(diagnostics, path).toEqual([]);
  }
});

const INTERFACE_NAME =
  /^[A-Za-z]([-]*[A-Za-z0-9])*(\.[A-Za-z0-9]([-]*[A-Za-z0-9])*)+$/;
const MEMBER_NAME = /^[A-Z][A-Za-z0-9]*$/;
const FIELD_NAME = /^[A-Za-z](_?[A-Za-z0-9])*$/;

/** Names and what is nearly one: of each character that a rule speaks of, some. */
function names(alphabet: string): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...alphabet.split("")), {
      minLength: 1,
      maxLength: 8,
    })
    .map((letters) => letters.join(""));
}

conform("interface.name", "reader", () => {
  fc.assert(
    fc.property(names("aZ0-."), (name) => {
      expect(isRight(`interface ${name}\ntype A ()\n`)).toBe(
        INTERFACE_NAME.test(name),
      );
    }),
    {
      numRuns: 500,
      examples: [
        ["a.b"],
        ["a"],
        ["a.0"],
        ["0.a"],
        ["a.b-"],
        ["a.-b"],
        ["a.b--c"],
        ["a..b"],
        ["a.xn--1"],
      ],
    },
  );
  expect(isRight("interface org.exämple\ntype A ()\n")).toBe(false);
  expect(isRight("interface org.ex_ample\ntype A ()\n")).toBe(false);
});

conform("interface.member-name", "reader", () => {
  fc.assert(
    fc.property(names("aZ0_-"), (name) => {
      const right = MEMBER_NAME.test(name);
      for (const member of [
        `type ${name} ()`,
        `error ${name} ()`,
        `method ${name} () -> ()`,
      ])
        expect(areRight(`${member}\n`), member).toBe(right);
    }),
    { numRuns: 300, examples: [["A"], ["a"], ["A0"], ["A_B"], ["0A"]] },
  );
});

conform("interface.field-name", "reader", () => {
  fc.assert(
    fc.property(names("aZ0_-"), (name) => {
      const right = FIELD_NAME.test(name);
      for (const member of [
        `type T (${name}: int)`,
        `type T (${name})`,
        `method M (${name}: int) -> ()`,
      ])
        expect(areRight(`${member}\n`), member).toBe(right);
    }),
    {
      numRuns: 300,
      examples: [
        ["a"],
        ["a_b"],
        ["a__b"],
        ["_a"],
        ["a_"],
        ["A"],
        ["0a"],
        ["a_0"],
      ],
    },
  );
});

/** Types as the grammar makes them. */
const { type } = fc.letrec<{ element: string; type: string }>((tie) => ({
  element: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      "bool",
      "int",
      "float",
      "string",
      "object",
      "any",
      "Named",
      "()",
      "(one, two)",
    ),
    tie("type").map((field) => `(first: ${field}, second: string)`),
  ),
  type: fc.oneof(
    { depthSize: "small" },
    tie("element"),
    fc
      .tuple(
        fc.constantFrom("", "?"),
        fc.constantFrom("[]", "[string]"),
        tie("type"),
      )
      .map((parts) => parts.join("")),
    tie("element").map((element) => `?${element}`),
  ),
}));

conform("interface.types", "reader", () => {
  fc.assert(
    fc.property(type, (text) => {
      const members = `type Named (field: ${text})\nmethod M (a: ${text}) -> (b: ${text})\nerror E (c: ${text})\n`;
      // A struct that always holds itself has no value: legal, and warned of.
      expect(
        wrongs(members).filter((code) => code !== "infinite-type"),
      ).toEqual([]);
    }),
    {
      examples: [
        ["[]?int"],
        ["[][]?[string]()"],
        ["[string][]Named"],
        ["?object"],
        ["?any"],
      ],
    },
  );
  for (const text of [
    "str",
    "Other",
    "int32",
    "null",
    "[int]",
    "[] ",
    "",
    "(int)",
    "(a: int b: int)",
  ])
    expect(areRight(`type Named (field: ${text})\n`), text).toBe(
      text === "(int)",
    );
});

conform("interface.nullable", "reader", () => {
  for (const text of [
    "?int",
    "?[]int",
    "?[string]int",
    "?(a, b)",
    "?()",
    "[]?int",
    "?[]?int",
    "[string]?[]int",
  ])
    expect(wrongs(`type T (a: ${text})\n`), text).toEqual([]);
  for (const text of ["??int", "??[]int", "[]??int", "?"])
    expect(areRight(`type T (a: ${text})\n`), text).toBe(false);
  expect(wrongs("type T (a: ??int)\n")).toEqual(["nested-nullable"]);
});

conform("interface.enum-or-struct", "reader", () => {
  const { types } = serviceOf(
    "interface org.example\ntype A (one, two)\ntype B (one: int)\ntype C ()\ntype D (only)\n",
  );
  expect(types.map(({ name, kind }) => [name, kind])).toEqual([
    ["A", "enum"],
    ["B", "struct"],
    ["C", "struct"],
    ["D", "enum"],
  ]);
  expect(wrongs("type T (one, two: int)\n")).toEqual(["mixed-fields"]);
  expect(wrongs("type T (a: int, b)\n")).toEqual(["mixed-fields"]);
  // What a call or an error carries is a struct.
  expect(areRight("method M (a, b) -> ()\n")).toBe(false);
  expect(areRight("error E (a, b)\n")).toBe(false);
});

conform("interface.map-key", "reader", () => {
  expect(wrongs("type T (a: [string]int)\n")).toEqual([]);
  for (const key of ["int", "Named", "bool"])
    expect(wrongs(`type Named ()\ntype T (a: [${key}]int)\n`), key).toEqual([
      "invalid-map-key",
    ]);
  expect(areRight("type T (a: [?string]int)\n")).toBe(false);
});

conform("interface.type-alias", "reader", () => {
  expect(wrongs("type A (a: int)\ntype B (a, b)\n")).toEqual([]);
  for (const body of ["int", "[]int", "?(a: int)", "[string]string", "B"])
    expect(wrongs(`type B ()\ntype A ${body}\n`), body).toContain(
      "expected-struct",
    );
});

conform("interface.empty-parameters", "reader", () => {
  for (const method of [
    "M () -> ()",
    "M (a: int) -> ()",
    "M () -> (a: int)",
    "M()->()",
  ])
    expect(wrongs(`method ${method}\n`), method).toEqual([]);
  for (const method of ["M -> ()", "M ()", "M () ->", "M () -> -> ()"])
    expect(areRight(`method ${method}\n`), method).toBe(false);
});

conform("interface.line-breaks", "reader", () => {
  expect(wrongs("type A ()\ntype B ()\n")).toEqual([]);
  for (const text of [
    "interface org.example type A ()\n",
    "interface org.example\ntype A () type B ()\n",
    "interface org.example\nmethod M () -> () error E ()\n",
  ])
    expect(listCodes(parse(text).diagnostics), text).toEqual(["same-line"]);
  // What is long may have line ends everywhere inside.
  expect(wrongs("method\nM\n(\na\n:\nint\n)\n->\n(\n)\n")).toEqual([]);
});

const BLANKS = [
  " ",
  "\t",
  "\u00a0",
  "\ufeff",
  "\u1680",
  "\u180e",
  "\u2000",
  "\u200a",
  "\u202f",
  "\u205f",
  "\u3000",
];
const LINE_ENDS = ["\n", "\r\n", "\r", "\u2028", "\u2029"];

conform("interface.white-space", "reader", () => {
  const tokens = [
    "method",
    "M",
    "(",
    "a",
    ":",
    "int",
    ",",
    "b",
    ":",
    "string",
    ")",
    "->",
    "(",
    ")",
  ];
  fc.assert(
    fc.property(
      fc.array(
        fc.array(fc.constantFrom(...BLANKS, ...LINE_ENDS), { maxLength: 3 }),
        {
          minLength: tokens.length,
          maxLength: tokens.length,
        },
      ),
      fc.constantFrom(...LINE_ENDS),
      (spaces, end) => {
        const member = tokens
          .map((token, index) => {
            const space = (spaces[index] ?? []).join("");
            // Two words need something between them.
            return token + (token === "method" && space === "" ? " " : space);
          })
          .join("");
        expect(wrongs(`${member}${end}type T ()${end}`)).toEqual([]);
      },
    ),
  );
  // Those were taken out of what the list was made after.
  for (const character of ["\v", "\f"])
    expect(areRight(`type T${character}()\n`)).toBe(false);
});

conform("interface.tight-places", "reader", () => {
  for (const member of [
    "type T (a: int , b: int)",
    "type T (a: ? int, b: [] int, c: [string] ? []\nint)",
    "type T (a: int) # the end",
  ])
    expect(wrongs(member), member).toEqual([]);
});

conform("interface.comments", "reader", () => {
  for (const end of LINE_ENDS) {
    expect(
      wrongs(`type # int ( )${end}T ( # a: int, } "${end}b: int )${end}`),
      JSON.stringify(end),
    ).toEqual([]);
  }
  expect(areRight("type T ( # )\n")).toBe(false);
  expect(areRight("// no comment\ntype T ()\n")).toBe(false);
});

conform("interface.documentation", "reader", () => {
  const { docs, members } = serviceOf(
    "# Licence.\n\n# The interface,\n# on two lines.\ninterface org.example\n# A type.\ntype T ()\n\n# A method.\nmethod M () -> ()\n# An error.\nerror E ()\nerror F ()\n",
  );
  expect(docs).toBe("The interface,\non two lines.");
  expect(members.map((member) => [member.name, member.docs])).toEqual([
    ["T", "A type."],
    ["M", "A method."],
    ["E", "An error."],
    ["F", ""],
  ]);
});

conform("interface.field-documentation", "reader", () => {
  const { methods, types } = serviceOf(
    "interface org.example\nmethod M (\n# First.\na: int,\n# Second,\n# long.\nb: int, c: int) -> (\n# Out.\nd: int)\ntype Colour (\n# Like blood.\nred, green)\n",
  );
  const [method] = methods;
  expect(method?.input.fields.map(({ name, docs }) => [name, docs])).toEqual([
    ["a", "First."],
    ["b", "Second,\nlong."],
    ["c", ""],
  ]);
  expect(method?.output.fields.map(({ docs }) => docs)).toEqual(["Out."]);
  const [colour] = types;
  expect(
    colour?.kind === "enum" &&
      colour.values.map(({ name, docs }) => [name, docs]),
  ).toEqual([
    ["red", "Like blood."],
    ["green", ""],
  ]);
});

conform("interface.comment-blank", "reader", () => {
  const docs = (comment: string): string =>
    serviceOf(`interface org.example\n# first\n${comment}\ntype T ()\n`)
      .types[0]?.docs ?? "";
  expect(docs("# second")).toBe("first\nsecond");
  expect(docs("#second")).toBe("first\nsecond");
  expect(docs("#   indented")).toBe("first\n  indented");
});

conform("interface.a-member", "reader", () => {
  expect(listCodes(parse("interface org.example\n").diagnostics)).toContain(
    "empty-interface",
  );
  for (const member of ["type T ()", "error E ()", "method M () -> ()"])
    expect(wrongs(`${member}\n`), member).toEqual([]);
});

conform("interface.no-reserved-words", "reader", () => {
  const words = [
    "interface",
    "type",
    "method",
    "error",
    "bool",
    "int",
    "float",
    "string",
    "object",
    "any",
  ];
  for (const word of words) {
    expect(wrongs(`type T (${word}: int)\n`), word).toEqual([]);
    expect(wrongs(`type T (${word}, other)\n`), word).toEqual([]);
    expect(
      wrongs(
        `method M (${word}: ${word.length > 4 ? "string" : "bool"}) -> ()\n`,
      ),
      word,
    ).toEqual([]);
  }
});

conform("interface.any-order", "reader", () => {
  const members = [
    "type A (b: B)",
    "type B (a, b)",
    "method M (a: A) -> (b: B)",
    "error E (a: A)",
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(members, { minLength: 4 }), (order) => {
      expect(wrongs(`${order.join("\n")}\n`)).toEqual([]);
    }),
  );
});

conform("older.lower-case-fields", "reader", () => {
  expect(
    wrongs("type T (Upper: int, lower: int)\ntype E (Red, green)\n"),
  ).toEqual([]);
});
