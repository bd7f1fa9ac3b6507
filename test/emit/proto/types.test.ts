import { describe, expect, test } from "vitest";
import type { Field, Service, WireValue } from "../../../src/model/api.ts";
import { sourceOfGenerated } from "../../../src/emit/header.ts";
import { emitProto } from "../../../src/emit/typescript/proto/emit.ts";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import { serviceOf } from "../../model/proto-envelope/support.ts";
import { declaration, declared, members } from "../typescript/emitted.ts";
import { buildMessages, withMessage } from "./build.ts";
import { defaults, emit, emitFile } from "./emitted.ts";
import { clash, messages } from "./inputs.ts";

/** Services that fields of `A` are put into. */
function fieldOf(
  spec: string,
  change: (field: Field) => Partial<Field> = () => ({}),
): Service {
  return withMessage(
    buildMessages([
      ["A", { a: spec }],
      ["M", {}],
      ["E", ["ZERO", "ONE"]],
    ]),
    "A",
    ({ fields }) => ({
      fields: fields.map((field) => ({ ...field, ...change(field) })),
    }),
  );
}

function withDefault(spec: string, value: WireValue): Service {
  return fieldOf(spec, ({ wire }) =>
    wire === undefined ? {} : { wire: { ...wire, default: value } },
  );
}

describe("fields", () => {
  test.for([
    ["bool", "boolean"],
    ["bytes", "globalThis.Uint8Array"],
    ["double", "number"],
    ["int32", "number"],
    ["sint64", "bigint"],
    ["fixed64", "bigint"],
    ["string", "string"],
    ["M", "M"],
    ["E", "E"],
  ] as const)("%s is %s", ([spec, type]) => {
    const text = emitFile(fieldOf(spec), "types");
    expect(members(text, "A")).toEqual([`readonly a?: ${type} | undefined;`]);
  });

  test.for([
    ["[]string", "readonly string[]"],
    ["[]sint64", "readonly bigint[]"],
    ["[]M", "readonly M[]"],
    ["[string]E", "$.Dict<E>"],
    ["[string]bytes", "$.Dict<globalThis.Uint8Array>"],
  ] as const)("%s is always there, and may be left out", ([spec, type]) => {
    const text = emitFile(fieldOf(spec), "types");
    expect(members(text, "A")).toEqual([`readonly a: ${type};`]);
    expect(members(text, "AInput")).toEqual([
      `readonly a?: ${type} | undefined;`,
    ]);
  });

  test("that are required are there, in input too", () => {
    const required = fieldOf("string", () => ({ presence: "required" }));
    const text = emitFile(required, "types");
    expect(members(text, "A")).toEqual(["readonly a: string;"]);
    expect(text).not.toContain("AInput");
  });

  test("without presence are there, and may be left out", () => {
    const implicit = fieldOf("int32", () => ({ presence: "implicit" }));
    const text = emitFile(implicit, "types");
    expect(members(text, "A")).toEqual(["readonly a: number;"]);
    expect(members(text, "AInput")).toEqual([
      "readonly a?: number | undefined;",
    ]);
  });

  test.for(["bigint", "number", "string"] as const)(
    "of 64 bits are %s when told so",
    (int64) => {
      const text = emitFile(fieldOf("[]fixed64"), "types", { int64 });
      expect(members(text, "A")).toEqual([`readonly a: readonly ${int64}[];`]);
    },
  );

  test.for([
    ["int32", -5, "-5"],
    ["sint64", 2n ** 60n, "1152921504606846976"],
    ["double", -0, "-0"],
    ["bool", true, "true"],
    ["string", "web", '"web"'],
    ["E", 1, "ONE"],
  ] as const)("say their default: %s", ([spec, value, text]) => {
    const service = withDefault(spec, value);
    expect(emitFile(service, "types")).toContain(
      `  /** Default: \`${text}\`. */\n  readonly a?`,
    );
  });

  test("do not say a default that could be anything", () => {
    const service = withDefault("string", "*/ alert(1) /* `");
    expect(emitFile(service, "types")).not.toContain("alert");
  });

  test("say what a map's keys are, unless they are text", () => {
    expect(emitFile(fieldOf("[uint32]bool"), "types")).toContain(
      "Keys are the text of `uint32` values.",
    );
    expect(emitFile(fieldOf("[string]bool"), "types")).not.toContain("Keys");
  });
});

describe("enums", () => {
  test("are a constant and the union of its values", () => {
    const text = emitFile(messages("values.proto"), "types");
    expect(declaration(text, "Level")).toBe(
      [
        "export const Level = {",
        "  /** Not at all. */",
        "  SILENT: 0,",
        "  QUIET: 1,",
        "  WHISPER: 1,",
        "  /** @deprecated */",
        "  LOUD: 100,",
        "} as const;",
      ].join("\n"),
    );
    expect(text).toContain(
      "export type Level = (typeof Level)[keyof typeof Level];\n",
    );
  });

  test("that are open may have other numbers", () => {
    const text = emitFile(messages("values.proto"), "types");
    expect(members(text, "Present")).toContain(
      "readonly level?: $.OpenEnum<Level> | undefined;",
    );
    expect(members(text, "Several")).toContain(
      "readonly flags: $.Dict<$.OpenEnum<Level>>;",
    );
  });

  test("keep values whose names every object has", () => {
    const text = emitFile(clash(), "types");
    expect(declaration(text, "TResponse_Code")).toContain(
      "\n  __proto__$: 1,\n  constructor$: -2,\n",
    );
  });
});

describe("a oneof", () => {
  const text = emitFile(messages("values.proto"), "types");

  test("is one property in the place of its first field", () => {
    expect(members(text, "Choice")).toEqual([
      "/** What it is. */",
      "readonly kind?: Choice_kind | undefined;",
      "readonly before: string;",
      "readonly single?: Choice_single | undefined;",
    ]);
  });

  test("has its docs on the type as well", () => {
    expect(text).toContain(
      "/**\n * What it is.\n *\n * One field of {@link Choice}, with its name as `case`.\n */\nexport type Choice_kind =",
    );
  });

  test("is a union of cases with their docs", () => {
    const type = declaration(text, "Choice_kind");
    expect(type).toContain(
      [
        "  | {",
        '      readonly case: "text";',
        "      /** In words. */",
        "      readonly value: string;",
        "    }",
      ].join("\n"),
    );
    expect(type).toContain(
      '      readonly case: "several";\n      /** Several at once. */\n      readonly value: Several;\n',
    );
    expect(type).toContain("/** @deprecated */\n      readonly value: bigint;");
  });

  test("has a variant for input where a case has one", () => {
    expect(declaration(text, "Choice_kindInput")).toContain(
      "readonly value: SeveralInput;",
    );
    expect(members(text, "ChoiceInput")).toContain(
      "readonly single?: Choice_single | undefined;",
    );
  });
});

describe("files", () => {
  test("of messages have no client and no server", () => {
    expect([...emit(messages("values.proto")).keys()]).toEqual([
      "types",
      "codec",
      "index",
    ]);
  });

  test("of an RPC have what was asked for", () => {
    expect([...emit(clash()).keys()]).toEqual([
      "types",
      "codec",
      "descriptor",
      "client",
      "server",
      "index",
    ]);
    const without = { client: false, server: false };
    expect([...emit(clash(), without).keys()]).toEqual([
      "types",
      "codec",
      "index",
    ]);
    expect(emitFile(clash(), "index", without)).not.toMatch(
      /from "\.\/(?:client|server|descriptor)/,
    );
  });

  test("of enums alone have no codec, and import nothing", () => {
    const enums = buildMessages([["E", ["ZERO"]]]);
    expect([...emit(enums).keys()]).toEqual(["types", "index"]);
    expect(emitFile(enums, "types")).not.toContain("import");
  });

  test("of nothing are modules all the same", () => {
    for (const text of emit(buildMessages([])).values())
      expect(text).toMatch(/\n\nexport \{\};\n$/);
  });

  test("are equal for equal input", () => {
    expect(emit(clash())).toEqual(emit(clash()));
  });

  test("the index exports a message once, with its codec", () => {
    const index = emitFile(messages("values.proto"), "index");
    expect(index).toContain(
      'export { Plain, Present, Several, Choice } from "./codec.js";\n',
    );
    expect(index).toContain('export { Level } from "./types.js";\n');
    expect(index).toContain(
      [
        "export type {",
        "  PlainInput,",
        "  SeveralInput,",
        "  ChoiceInput,",
        "  Choice_kind,",
        "  Choice_kindInput,",
        "  Choice_single,",
        '} from "./types.js";',
      ].join("\n"),
    );
  });
});

describe("methods", () => {
  const text = emitFile(clash(), "types");

  test("say both sides where these differ, and void where there is no result", () => {
    expect(members(text, "Create$$")).toEqual([
      "readonly input: CreateInput;",
      "readonly parameters: Create;",
      "readonly output: CreateResult;",
      "readonly reply: CreateResultInput;",
      "readonly response: TResponse;",
    ]);
    expect(members(text, "Then")).toEqual([
      "readonly input: Empty;",
      "readonly output: void;",
      "readonly response: TResponse;",
    ]);
  });

  test("have a class for the errors they are answered with", () => {
    expect(declaration(text, "DemoError$")).toBe(
      [
        "export class DemoError$ extends $.EnvelopeError<TResponse_Code, TResponse> {",
        '  static override readonly service = "demo";',
        "  static override readonly codes: typeof TResponse_Code = TResponse_Code;",
        "}",
      ].join("\n"),
    );
    // A class that reads a constant must come after it.
    const order = declared(text);
    expect(order.indexOf("DemoError$")).toBe(order.length - 1);
  });
});

test("what may be given says what may be left out, and what that means", () => {
  const text = emitFile(fieldOf("[]string"), "types");
  expect(text).toContain(
    "As it may be given: lists, maps and fields without presence may be left out,",
  );
  expect(text).toContain("Optional fields that are left out are absent.");
});

test("without a header files are known by the name of their interface file", () => {
  const { header: _, ...options } = defaults;
  const service = {
    ...fieldOf("bool"),
    source: { path: "a/b/x.proto", text: "" },
  };
  for (const { text } of emitProto(service, options))
    expect(sourceOfGenerated(text)).toBe("x.proto");
});

test("commands whose names the language would give one name have two", () => {
  const text = `syntax = "proto2"; enum E { OK = 0; } message Q { optional Q then = 1; optional Q Then = 6; } message A { optional E e = 1; }`;
  const service = bindEnvelope(serviceOf(text), {
    label: "x",
    request: "Q",
    response: "A",
    error: { field: "e", success: "OK", absent: "OK" },
  });
  const client = emitFile(service, "client");
  expect(members(client, "XClient")).toEqual([
    "readonly then$: $.Command<Then>;",
    "readonly Then: $.Command<Then$>;",
  ]);
});
