import { describe, expect, test } from "vitest";
import { declaration, declared, emit, members } from "./emitted.ts";

/** What the types of an interface become: the rules of variants, one small case each. */

const header = "interface com.example.demo\n";

describe("types", () => {
  test("every type of Varlink", () => {
    const { types } = emit(
      `${header}type T (a: bool, b: int, c: float, d: string, e: object, f: any, g: U, h: V)\ntype U ()\ntype V (x, y)`,
    );
    expect(members(types, "T")).toEqual([
      "readonly a: boolean;",
      "readonly b: number;",
      "readonly c: number;",
      "readonly d: string;",
      "readonly e: $.JsonObject;",
      "readonly f: $.Any;",
      "readonly g: U;",
      "readonly h: V;",
    ]);
    expect(declaration(types, "U")).toBe("export type U = $.Empty;");
    expect(declaration(types, "V")).toBe(
      `export const V = {\n  x: "x",\n  y: "y",\n} as const;`,
    );
    expect(types).toContain(`\nexport type V = "x" | "y";\n`);
  });

  test("what has no declared inside, where ints are bigints", () => {
    const { types } = emit(
      `${header}type T (a: object, b: any, c: ?[]any, d: [string]?object)\n` +
        "method Get(a: any) -> (b: object)\nerror Bad (c: ?any)",
      { int: "bigint" },
    );
    expect(members(types, "T")).toEqual([
      "readonly a: $.ExactObject;",
      "readonly b: $.ExactAny;",
      "readonly c?: readonly $.ExactAny[] | null | undefined;",
      "readonly d: $.Dict<$.ExactObject | null>;",
    ]);
    expect(types).not.toMatch(/\$\.(?:JsonObject|Any)\b/);
    expect(types).toContain("readonly c?: $.ExactAny | null | undefined;");
  });

  test("nullable, lists and maps, nested", () => {
    const { types } = emit(
      `${header}type T (a: ?int, b: []int, c: [string]int, d: ?[]int, e: []?int, f: [string]?int, g: ?[]?[string]?[]T, h: ?any)`,
    );
    expect(members(types, "T")).toEqual([
      "readonly a?: number | null | undefined;",
      "readonly b: readonly number[];",
      "readonly c: $.Dict<number>;",
      "readonly d?: readonly number[] | null | undefined;",
      "readonly e: readonly (number | null)[];",
      "readonly f: $.Dict<number | null>;",
      "readonly g?:",
      "readonly ($.Dict<readonly T[] | null> | null)[] | null | undefined;",
      "readonly h?: $.Any | null | undefined;",
    ]);
  });

  test("inline types are named by their path", () => {
    const { types } = emit(
      `${header}type MyType (struct: (x: int, deep_er: (y: int)), list: [](on, off))\n` +
        "method Test06(struct: (a: int)) -> (struct: (b: int))\nerror Bad (why: (c: int))",
    );
    expect(declared(types)).toEqual([
      "MyType",
      "MyTypeStruct",
      "MyTypeStructDeepEr",
      "MyTypeList",
      "MyTypeList",
      "Test06Input",
      "Test06Output",
      "Test06",
      "Test06InputStruct",
      "Test06OutputStruct",
      "BadParameters",
      "Bad",
      "BadWhy",
      "demoDescriptor",
    ]);
    expect(members(types, "MyType")).toEqual([
      "readonly struct: MyTypeStruct;",
      "readonly list: readonly MyTypeList[];",
    ]);
  });

  test("a method ties its types together", () => {
    const { types } = emit(
      `${header}method Ping() -> ()\nmethod Get(name: string) -> (value: int)`,
    );
    expect(declaration(types, "PingInput")).toBe(
      "export type PingInput = $.Empty;",
    );
    expect(members(types, "Ping")).toEqual([
      "readonly input: PingInput;",
      "readonly output: PingOutput;",
    ]);
    expect(members(types, "Get")).toEqual([
      "readonly input: GetInput;",
      "readonly output: GetOutput;",
    ]);
  });

  test("an error is a class", () => {
    const { types } = emit(`${header}error Gone (name: string)\nerror Busy ()`);
    expect(types).toContain(
      `export class Gone extends $.DeclaredError<GoneParameters> {\n  static override readonly error = "com.example.demo.Gone";\n}\n`,
    );
    expect(declaration(types, "BusyParameters")).toBe(
      "export type BusyParameters = $.Empty;",
    );
  });
});

describe("enums are open where a client reads them", () => {
  test("only where a reply or an error reaches them", () => {
    const { types } = emit(
      `${header}type E (a, b)\ntype Sent (e: E)\ntype Read (e: ?[]E)\ntype Both (read: Read)\ntype Plain (a: int)\n` +
        `method M(sent: Sent, both: Both) -> (both: [string]Both, plain: Plain)\nmethod N(e: E) -> (plain: Plain)\nerror X (e: E, read: Read)`,
    );
    expect(declared(types)).not.toContain("SentOutput");
    expect(declared(types)).not.toContain("PlainOutput");
    expect(members(types, "Read")).toEqual([
      "readonly e?: readonly E[] | null | undefined;",
    ]);
    expect(members(types, "ReadOutput")).toEqual([
      "readonly e?: readonly $.Open<E>[] | null | undefined;",
    ]);
    expect(members(types, "BothOutput")).toEqual([
      "readonly read: ReadOutput;",
    ]);
    expect(members(types, "MOutput")).toEqual([
      "readonly both: $.Dict<BothOutput>;",
      "readonly plain: Plain;",
    ]);
    expect(members(types, "MReply")).toEqual([
      "readonly both: $.Dict<Both>;",
      "readonly plain: Plain;",
    ]);
    expect(members(types, "MInput")).toEqual([
      "readonly sent: Sent;",
      "readonly both: Both;",
    ]);
    expect(members(types, "M")).toEqual([
      "readonly input: MInput;",
      "readonly output: MOutput;",
      "readonly reply: MReply;",
    ]);
    // Nothing to open: the server sends what the client reads.
    expect(members(types, "N")).toEqual([
      "readonly input: NInput;",
      "readonly output: NOutput;",
    ]);
    expect(members(types, "NInput")).toEqual(["readonly e: E;"]);
    expect(members(types, "XParameters")).toEqual([
      "readonly e: $.Open<E>;",
      "readonly read: ReadOutput;",
    ]);
  });

  test("through recursion and mutual recursion", () => {
    const { types } = emit(
      `${header}type A (b: ?B)\ntype B (c: []C)\ntype C (a: [string]A, e: ?E)\ntype E (x)\ntype Loop (loop: ?Loop)\n` +
        `method M() -> (a: A, loop: Loop)`,
    );
    expect(declared(types)).toEqual(
      expect.arrayContaining(["AOutput", "BOutput", "COutput"]),
    );
    expect(declared(types)).not.toContain("LoopOutput");
    expect(members(types, "COutput")).toEqual([
      "readonly a: $.Dict<AOutput>;",
      "readonly e?: $.Open<E> | null | undefined;",
    ]);
  });
});

describe("partial inputs", () => {
  const idl =
    `${header}type E (a, b)\ntype Leaf (n: int, s: ?string)\ntype Strict (e: E)\ntype Null (n: ?int)\n` +
    `type Node (leaf: Leaf, strict: Strict, any: any, e: E, list: []Leaf, map: [string]?Strict, next: ?Node)\n`;

  test("leave out what has a zero, at any depth", () => {
    const { types } = emit(
      `${idl}method M(node: Node, null: Null, strict: Strict, maybe: ?Leaf) -> (leaf: Leaf)`,
      {
        inputs: "partial",
      },
    );
    expect(members(types, "NodeInput")).toEqual([
      "readonly leaf?: LeafInput | undefined;",
      "readonly strict: Strict;",
      "readonly any: $.Any;",
      "readonly e: E;",
      "readonly list?: readonly LeafInput[] | undefined;",
      "readonly map?: $.Dict<Strict | null> | undefined;",
      "readonly next?: NodeInput | null | undefined;",
    ]);
    expect(members(types, "LeafInput")).toEqual([
      "readonly n?: number | undefined;",
      "readonly s?: string | null | undefined;",
    ]);
    // `null` has a zero: nothing in it is required.
    expect(members(types, "MInput")).toEqual([
      "readonly node: NodeInput;",
      "readonly null?: Null | undefined;",
      "readonly strict: Strict;",
      "readonly maybe?: LeafInput | null | undefined;",
    ]);
    expect(members(types, "MParameters")).toEqual([
      "readonly node: Node;",
      "readonly null: Null;",
      "readonly strict: Strict;",
      "readonly maybe?: Leaf | null | undefined;",
    ]);
    expect(members(types, "M")).toEqual([
      "readonly input: MInput;",
      "readonly parameters: MParameters;",
      "readonly output: MOutput;",
    ]);
    expect(declared(types)).not.toContain("StrictInput");
    expect(declared(types)).not.toContain("NullInput");
    // A reply is whole.
    expect(members(types, "MOutput")).toEqual(["readonly leaf: Leaf;"]);
  });

  test("only where an input reaches, and only when asked for", () => {
    const method = "method M(maybe: ?int) -> (leaf: Leaf)";
    const { types } = emit(`${idl}${method}`, { inputs: "partial" });
    expect(declared(types)).not.toContain("LeafInput");
    expect(members(types, "M")).toEqual([
      "readonly input: MInput;",
      "readonly output: MOutput;",
    ]);
    expect(types).toContain(`  inputs: "partial",\n`);
    const exact = emit(`${idl}method M(node: Node) -> ()`);
    expect(declared(exact.types)).not.toContain("NodeInput");
    expect(exact.types).not.toContain("inputs:");
  });

  test("a struct without end has no zero", () => {
    const { types } = emit(
      `${header}type A (b: B)\ntype B (a: A, n: int)\nmethod M(a: A, list: []A) -> ()`,
      { inputs: "partial" },
    );
    expect(members(types, "MInput")).toEqual([
      "readonly a: AInput;",
      "readonly list?: readonly AInput[] | undefined;",
    ]);
    expect(members(types, "BInput")).toEqual([
      "readonly a: AInput;",
      "readonly n?: number | undefined;",
    ]);
  });
});

describe("the descriptor", () => {
  test("says what the interface says", () => {
    const text =
      `${header}type T (a: ?[]?[string]T, b: (x, y))\n` +
      `method Ping() -> ()\n# [Requires 'more' flag]\nmethod Watch(t: T) -> (n: (o: int))\n# [Supports 'more' flag]\n# [Requires 'upgrade' flag]\nmethod Get() -> ()\nerror Gone (t: ?T)\n`;
    const { types } = emit(text, { name: "Some" });
    expect(types.slice(types.indexOf("export const someDescriptor"))).toBe(
      [
        "export const someDescriptor: $.InterfaceDescriptor = {",
        `  interface: "com.example.demo",`,
        "  types: {",
        `    T: { a: "?[]?[string]T", b: "TB" },`,
        `    TB: ["x", "y"],`,
        `    WatchOutputN: { o: "int" },`,
        "  },",
        "  methods: {",
        "    Ping: {",
        "      input: {},",
        "      output: {},",
        "    },",
        "    Watch: {",
        `      input: { t: "T" },`,
        `      output: { n: "WatchOutputN" },`,
        `      more: "required",`,
        "    },",
        "    Get: {",
        "      input: {},",
        "      output: {},",
        `      more: "supported",`,
        `      upgrade: "required",`,
        "    },",
        "  },",
        "  errors: {",
        `    Gone: { t: "?T" },`,
        "  },",
        "  description: [",
        ...text.split("\n").map((line) => `    ${JSON.stringify(line)},`),
        "  ],",
        "};",
        "",
      ].join("\n"),
    );
  });
});
