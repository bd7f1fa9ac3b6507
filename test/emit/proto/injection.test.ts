import fc from "fast-check";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { EmitError } from "../../../src/emit/typescript/emit.ts";
import {
  emitProto,
  type ProtoOptions,
} from "../../../src/emit/typescript/proto/emit.ts";
import type {
  Envelope,
  EnvelopeMethod,
  Field,
  Method,
  Service,
} from "../../../src/model/api.ts";
import { buildMessages, messageOf, withMessage } from "./build.ts";
import { defaults } from "./emitted.ts";
import { demo } from "./inputs.ts";

/**
 * An interface file and its configuration are somebody else's: whatever they, a
 * path or an option say, it must come out as text and never as code.
 */

const attack = "globalThis.injected = true;";
const hostilePieces = [
  `"; ${attack} "`,
  `'; ${attack} '`,
  "`; " + attack + " `",
  `*/ ${attack} /*`,
  `*`,
  `/`,
  `\n${attack}\n`,
  `\r${attack}\r`,
  `\u2028${attack}\u2029`,
  `\\`,
  `\\"`,
  `</script><script>${attack}</script>`,
  `{{${attack}}}`,
  `{{> typescript/types}}`,
  `@ts-nocheck`,
  `\n@deprecated`,
  `{@link globalThis}`,
  `[x */ ${attack}](#A)`,
  `[A](#A)`,
  `//# sourceMappingURL=/etc/hostname`,
  `\0`,
  `\ud800`,
  `\u202e`,
  `\ufeff`,
  ` `,
  `text`,
];
const hostile = fc
  .array(fc.constantFrom(...hostilePieces), { maxLength: 8 })
  .map((pieces) => pieces.join(""));

/** All tokens of a TypeScript text: what is left of it without blanks and comments. */
function tokens(text: string): string[] {
  const scanner = ts.createScanner(
    ts.ScriptTarget.Latest,
    true,
    ts.LanguageVariant.Standard,
    text,
  );
  const found: string[] = [];
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken)
    found.push(scanner.getTokenText());
  return found;
}

function tokensOf(
  service: Service,
  changed: Partial<ProtoOptions> = {},
): string[][] {
  return emitProto(service, { ...defaults, ...changed }).map(({ text }) =>
    tokens(text),
  );
}

const span = { start: 0, end: 0 };
const specs = [
  ["A", { text: "string", list: "[]A", of: "E", map: "[int32]E" }],
  ["E", ["ZERO", "ONE"]],
] as const;

/** A service in which everything that can have docs has these. */
function documented(docs: string): Service {
  const service = withMessage(
    buildMessages(specs, { docs }),
    "A",
    ({ fields }) => ({
      oneofs: [{ name: "choice", docs, span }],
      fields: fields.map((field) =>
        field.name !== "text" || field.wire === undefined
          ? field
          : {
              ...field,
              wire: { ...field.wire, oneof: "choice", default: docs },
            },
      ),
    }),
  );
  return service;
}

const rpc = demo();

/** The RPC with other words in its envelope. */
function worded(text: string): Service {
  if (rpc.envelope === undefined) throw new Error("there is no envelope");
  const envelope: Envelope = {
    ...rpc.envelope,
    address: text,
    failures: { method: { code: rpc.envelope.absent, text } },
  };
  const methods = rpc.methods.map((method) => ({ ...method, docs: text }));
  return { ...rpc, envelope, methods, docs: text };
}

describe("what files and options say stays text", () => {
  test("documentation changes comments only", () => {
    const plain = tokensOf(documented(""));
    fc.assert(
      fc.property(hostile, (docs) => {
        expect(tokensOf(documented(docs))).toEqual(plain);
        for (const { text } of emitProto(documented(docs), defaults)) {
          expect(text).not.toMatch(
            /[\u2028\u2029\u202a-\u202e\u2066-\u2069\r\0\ufeff\ufffd]/,
          );
          expect(text).not.toMatch(/[#@]\s*source(?:Mapping)?URL/);
          expect(text).not.toMatch(/^\s*(?:\/\*\*|\*|\/\/)\s*@ts-/m);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("so do the header and the runtime's module", () => {
    const service = documented("");
    const plain = tokensOf(service);
    fc.assert(
      fc.property(hostile, hostile, (header, codegenModule) => {
        expect(tokensOf(service, { header })).toEqual(plain);
        const changed = tokensOf(service, { codegenModule }).flat();
        const expected = plain.flat();
        expect(changed.length).toBe(expected.length);
        for (const [index, token] of changed.entries()) {
          if (expected[index] !== `"portolan/codegen/v1"`)
            expect(token).toBe(expected[index]);
          else expect(stringValue(token)).toBe(codegenModule);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("words of an envelope are strings", () => {
    // Where text is long, a list is opened and has a comma at its end.
    const tokensOfWords = (text: string): string[] =>
      tokensOf(worded(text))
        .flat()
        .filter((token) => token !== ",");
    const plain = tokensOfWords("w");
    fc.assert(
      fc.property(hostile, (text) => {
        const changed = tokensOfWords(text);
        expect(changed.length).toBe(plain.length);
        for (const [index, token] of changed.entries()) {
          if (plain[index] === `"w"`) expect(stringValue(token)).toBe(text);
          else expect(token).toBe(plain[index]);
        }
      }),
      { numRuns: 20 },
    );
  });
});

/** What a string literal means. */
function stringValue(token: string): string {
  const file = ts.createSourceFile("a.ts", token, ts.ScriptTarget.Latest);
  const [statement] = file.statements;
  if (
    file.statements.length !== 1 ||
    statement === undefined ||
    !ts.isExpressionStatement(statement) ||
    !ts.isStringLiteral(statement.expression)
  )
    throw new Error(`${token} is no string`);
  return statement.expression.text;
}

/** Changes the first field of the message `A`. */
function firstField(change: (field: Field) => Partial<Field>): Service {
  return withMessage(buildMessages(specs), "A", ({ fields }) => ({
    fields: fields.map((field, index) =>
      index === 0 ? { ...field, ...change(field) } : field,
    ),
  }));
}

describe("names that are no names are refused", () => {
  const bad = fc.oneof(
    fc.constantFrom("", "a-b", "a b", "a;", "1a", "$", "a$", "ä", "a\n"),
    fc.constantFrom(...hostilePieces.filter((piece) => piece !== "text")),
    fc
      .string({ unit: "binary" })
      .filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)),
  );
  const places: { readonly [place: string]: (name: string) => Service } = {
    message: (name) => rename(buildMessages(specs), [name]),
    "message inside": (name) => rename(buildMessages(specs), ["B", name]),
    field: (name) => firstField(() => ({ name })),
    oneof: (name) =>
      withMessage(buildMessages(specs), "A", () => ({
        oneofs: [{ name, docs: "", span }],
      })),
    value: (name) => buildMessages([["E", [name]]]),
    method: (name) => {
      const methods = rpc.methods.map((method, index): Method =>
        index === 0 ? { ...method, name } : method,
      );
      return { ...rpc, methods };
    },
  };
  test.for(Object.entries(places))("%s", ([, make]) => {
    fc.assert(
      fc.property(bad, (name) => {
        expect(() => emitProto(make(name), defaults)).toThrow(EmitError);
      }),
      { numRuns: 30 },
    );
  });

  test("client", () => {
    fc.assert(
      fc.property(bad, (name) => {
        expect(() => emitProto(rpc, { ...defaults, name })).toThrow(EmitError);
      }),
      { numRuns: 30 },
    );
  });

  test("folder", () => {
    for (const stem of ["", ".", "..", "a/b", "a\\b", "../a", "a\0"]) {
      const options = { ...defaults, stem };
      expect(() => emitProto(documented(""), options), stem).toThrow(EmitError);
    }
  });
});

/** The same service, its message `A` at another path. */
function rename(service: Service, path: readonly string[]): Service {
  return withMessage(service, "A", () => ({ path, name: path.at(-1) ?? "" }));
}

/** The RPC with another envelope. */
function inEnvelope(
  change: (envelope: Envelope) => Partial<Envelope>,
): Service {
  if (rpc.envelope === undefined) throw new Error("there is no envelope");
  return { ...rpc, envelope: { ...rpc.envelope, ...change(rpc.envelope) } };
}

/** The RPC with one method in its envelope in another way. */
function inMethod(name: string, change: Partial<EnvelopeMethod>): Service {
  const methods = rpc.methods.map((method) =>
    method.name === name && method.envelope !== undefined
      ? { ...method, envelope: { ...method.envelope, ...change } }
      : method,
  );
  return { ...rpc, methods };
}

describe("what cannot be generated is refused", () => {
  const wire = (change: object): Service =>
    firstField((field) => ({
      wire: { ...(field.wire as NonNullable<Field["wire"]>), ...change },
    }));
  const service = buildMessages(specs);
  const messageA = messageOf(service, "A");
  const cases: readonly (readonly [string, () => Service, RegExp])[] = [
    [
      "a Varlink interface",
      () => ({ ...service, wire: "varlink" }),
      /Varlink interface/,
    ],
    [
      "a type twice",
      () => ({ ...service, types: [...service.types, messageA] }),
      /"A" is there twice/,
    ],
    [
      "a type outside of its package",
      () => withMessage(service, "A", () => ({ package: "other" })),
      /"A" is not in its package "other"/,
    ],
    [
      "a field twice",
      () => firstField(() => ({ name: "list" })),
      /list is there twice/,
    ],
    ["a number twice", () => wire({ number: 2 }), /2 is there twice/],
    ["no number", () => wire({ number: 0 }), /A.text has no number/],
    [
      "a number too large",
      () => wire({ number: 2 ** 29 }),
      /A.text has no number/,
    ],
    ["a wire type that does not fit", () => wire({ type: "int32" }), /fit/],
    ["a oneof that is not there", () => wire({ oneof: "no" }), /not there/],
    [
      "an unknown type",
      () => firstField(() => ({ type: { kind: "reference", path: ["No"] } })),
      /refers to the type "No"/,
    ],
    [
      "a type of Varlink",
      () => firstField(() => ({ type: { kind: "primitive", name: "any" } })),
      /fit/,
    ],
    [
      "null",
      () => firstField(({ type }) => ({ type: { kind: "nullable", type } })),
      /has not/,
    ],
    [
      "a list in a list",
      () =>
        firstField(({ type }) => ({
          presence: "implicit",
          type: { kind: "list", element: { kind: "list", element: type } },
        })),
      /has not/,
    ],
    [
      "a list that may be absent",
      () =>
        firstField(({ type }) => ({ type: { kind: "list", element: type } })),
      /never absent/,
    ],
    ["keys without a map", () => wire({ key: "string" }), /type of keys/],
    ["an enum without values", () => buildMessages([["E", []]]), /no values/],
    [
      "an envelope of other messages",
      () => inEnvelope(() => ({ request: ["No"] })),
      /"No", no message/,
    ],
    [
      "an envelope with an unknown field",
      () => inEnvelope(() => ({ timestamp: "no" })),
      /Response.no, no field/,
    ],
    [
      "an error that is no enum's",
      () =>
        inEnvelope(({ response }) => ({
          error: { field: "text", enum: response },
        })),
      /not of an enum/,
    ],
    [
      "an error that the enum has not",
      () =>
        inEnvelope(({ success }) => ({ absent: { ...success, name: "No" } })),
      /no value No/,
    ],
    [
      "a priority of what is no method",
      () => inEnvelope(() => ({ priority: ["No"] })),
      /no method No/,
    ],
    [
      "a failure that the enum has not",
      () =>
        inEnvelope(({ success }) => ({
          failures: {
            internal: { code: { ...success, name: "No" }, text: undefined },
          },
        })),
      /no value No/,
    ],
    [
      "a subscription that an unknown method ends",
      () => inMethod("Watch", { push: { stop: "No" } }),
      /no method No/,
    ],
    [
      "a way that leads nowhere",
      () =>
        inMethod("Put", { bound: { name: ["unit", "no"], when: undefined } }),
      /Unit.no, no field/,
    ],
    [
      "a way through what is no message",
      () =>
        inMethod("Get", { bound: { name: ["name", "no"], when: undefined } }),
      /no message/,
    ],
    [
      "a time that is none",
      () => inMethod("Get", { extraTime: -1 }),
      /no number of milliseconds/,
    ],
    [
      "a push that ends by an unknown field",
      () =>
        inMethod("Watch", {
          push: { stop: undefined, ends: [new Map([["no", 1]])] },
        }),
      /Event.no, no field/,
    ],
    [
      "a way of unbinding that leads nowhere",
      () =>
        inMethod("Get", {
          unbound: { name: ["name"], where: new Map([["a.b", true]]) },
        }),
      /GetCommand.a, no field/,
    ],
    [
      "a value beyond 32 bits",
      () => {
        const [of] = buildMessages([["E", ["ONE"]]]).types;
        if (of?.kind !== "enum") throw new Error("no enum");
        const values = of.values.map((value) => ({
          ...value,
          number: 2 ** 31,
        }));
        return { ...service, types: [{ ...of, values }] };
      },
      /32 bits/,
    ],
  ];
  test.for(cases)("%s", ([, make, message]) => {
    expect(() => emitProto(make(), defaults)).toThrow(message);
    expect(() => emitProto(make(), defaults)).toThrow(EmitError);
  });
});
