import fc from "fast-check";
import * as prettier from "prettier";
import { describe, expect, test } from "vitest";
import {
  classHeading,
  type CommentedData,
  constObject,
  type Data,
  type DataObject,
  exportNames,
  functionHeading,
  importNames,
  importNamespace,
  interfaceHeading,
  interfaceMember,
  returnCall,
  staticProperty,
  typeAlias,
} from "../../../src/emit/layout/forms.ts";
import { type TypeTerm, union } from "../../../src/emit/layout/type-term.ts";

/**
 * Each form against Prettier: what we lay out is what Prettier makes of it,
 * from any input. Many samples go through Prettier in one text, for its start
 * costs more than its work.
 */

const letters = (count: number): string =>
  "abcdefghijklmnopqrstuvwxyz".repeat(4).slice(0, count);
/** Identifiers of 1 to 60 characters. */
const name = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom("", "$"))
  .map(([length, end]) => `N${letters(length - 1)}${end}`);
const text = fc.oneof(
  fc.integer({ min: 0, max: 60 }).map(letters),
  fc.string({ unit: "binary", maxLength: 70 }),
  fc.string({ unit: "grapheme", maxLength: 70 }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      "'",
      "\\",
      "`",
      "${",
      "\n",
      "\u2028",
      "中",
      "é",
      "👍🏽",
      "1️⃣",
      "</script>",
      "<!--",
      "\0",
      "\t",
      "a",
      "-",
    ),
    maxLength: 40,
  }),
);

const term: fc.Arbitrary<TypeTerm> = fc.letrec<{ term: TypeTerm }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 5, depthIdentifier: "term" },
    fc.constantFrom<TypeTerm>(
      { kind: "keyword", name: "string" },
      { kind: "keyword", name: "number" },
    ),
    name.map((named): TypeTerm => ({ kind: "reference", name: named })),
    tie("term").map((element): TypeTerm => ({ kind: "list", element })),
    tie("term").map((argument): TypeTerm => ({
      kind: "reference",
      name: "$.Dict",
      argument,
    })),
    name.map((named): TypeTerm => ({
      kind: "reference",
      name: "$.Open",
      argument: { kind: "reference", name: named },
    })),
    tie("term").map((member) =>
      union(member, { kind: "keyword", name: "null" }),
    ),
    tie("term").map((member) =>
      union(
        member,
        { kind: "keyword", name: "null" },
        { kind: "keyword", name: "undefined" },
      ),
    ),
    tie("term").map((member) =>
      union(member, { kind: "keyword", name: "undefined" }),
    ),
  ),
})).term;

/** Lays out many samples and holds all of them against Prettier at once. */
async function agrees<T>(
  sample: fc.Arbitrary<T>,
  lay: (value: T, index: number) => string,
): Promise<void> {
  const samples = fc.sample(sample, { numRuns: 400, seed: 20 });
  const ours = samples
    .map((value, index) => `${lay(value, index)}\n`)
    .join("\n");
  const theirs = await prettier.format(ours, { parser: "typescript" });
  if (theirs !== ours) {
    // Line by line, for a readable difference.
    expect(ours.split("\n")).toEqual(theirs.split("\n"));
  }
  expect(theirs).toBe(ours);
}

describe("each form is what Prettier makes of it", () => {
  test("import of a namespace", () =>
    agrees(
      fc.record({ from: text, typeOnly: fc.boolean() }),
      ({ from, typeOnly }, index) =>
        importNamespace({ alias: `n${index}`, from, typeOnly }),
    ));

  const list = fc.record({
    names: fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
    from: fc.constantFrom("./types.js", "./types.ts"),
    typeOnly: fc.boolean(),
  });
  test("import of names", () => agrees(list, importNames));
  test("export of names", () => agrees(list, exportNames));

  test("members of an interface", () =>
    agrees(
      fc.array(fc.record({ name, optional: fc.boolean(), type: term }), {
        minLength: 1,
        maxLength: 5,
      }),
      (members) =>
        `interface I {\n${members.map((member) => interfaceMember({ ...member, level: 1 })).join("\n")}\n}`,
    ));

  test("interfaces that extend another", () =>
    agrees(
      fc.record({
        name,
        base: fc.constantFrom("$.Message", "$.A", undefined),
        empty: fc.boolean(),
      }),
      ({ base, ...heading }) =>
        interfaceHeading(base === undefined ? heading : { ...heading, base }) +
        (heading.empty ? "" : "\n  readonly a: string;\n}"),
    ));

  const above = fc.constantFrom([], ["/** A */"], ["/**", " * A", " */"]);
  const object = fc
    .array(
      fc.record({ name, optional: fc.boolean(), type: term, comment: above }),
      {
        maxLength: 3,
      },
    )
    .map((members): TypeTerm => ({ kind: "object", members }));
  test("type aliases of objects", () =>
    agrees(
      fc.record({
        name,
        objects: fc.array(object, { minLength: 1, maxLength: 3 }),
      }),
      ({ name: alias, objects }) => typeAlias(alias, union(...objects)),
    ));

  test("type aliases of a constant's values", () =>
    agrees(fc.record({ name, of: name }), ({ name: alias, of }) =>
      typeAlias(alias, { kind: "values", name: of }),
    ));

  test("type aliases", () =>
    agrees(fc.record({ name, type: term }), ({ name: alias, type }) =>
      typeAlias(alias, type),
    ));

  test("type aliases of literals", () =>
    agrees(
      fc.record({
        name,
        values: fc.array(text, { minLength: 1, maxLength: 6 }),
      }),
      ({ name: alias, values }) =>
        typeAlias(
          alias,
          union(
            ...values.map((value): TypeTerm => ({ kind: "literal", value })),
          ),
        ),
    ));

  const fields = fc.dictionary(name, text, {
    maxKeys: 6,
    noNullPrototype: true,
  });
  const data: fc.Arbitrary<DataObject> = fc
    .record({
      text,
      lines: fc.array(text, { maxLength: 4 }),
      short: fc.array(fc.constantFrom("a", "中", "é", '"'), { maxLength: 24 }),
      fields: fc.array(fields, { maxLength: 3 }),
      types: fc.dictionary(name, fields, { maxKeys: 3, noNullPrototype: true }),
      commented: fc.array(fc.tuple(name, text), { maxLength: 3 }),
    })
    .map(
      (value): DataObject =>
        new Map<
          string,
          DataObject extends ReadonlyMap<string, infer V> ? V : never
        >([
          ["interface", value.text],
          ["name", value.text],
          ["description", value.lines],
          ["short", value.short],
          [
            "commented",
            new Map(
              value.commented.map(([key, comment]) => [
                key,
                { comment: ["/** x */"], value: comment },
              ]),
            ),
          ],
          ...value.fields.map((entries, index): [string, DataObject] => [
            `f${index}`,
            new Map(Object.entries(entries)),
          ]),
          [
            "types",
            new Map(
              Object.entries(value.types).map(([key, entries]) => [
                key,
                new Map(Object.entries(entries)),
              ]),
            ),
          ],
        ]),
    );
  const datum = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    text,
    name.map((reference) => ({ reference })),
    fc.tuple(name, name).map(([of, member]) => ({
      reference: `${of}.${member}`,
    })),
    fc.array(text, { maxLength: 3 }),
  );
  const values = fc
    .array(fc.tuple(name, datum), { maxLength: 5 })
    .map((entries) => new Map(entries));
  test("constants with numbers and names", () =>
    agrees(
      fc.record({
        name,
        short: fc.tuple(fc.constantFrom("a", "abcd", "abcde"), datum),
        first: values,
        inner: fc.array(fc.tuple(name, values), { maxLength: 3 }),
        table: fc.array(values, { maxLength: 3 }),
        lists: fc.array(fc.array(text, { maxLength: 3 }), { maxLength: 3 }),
        commented: fc.array(fc.tuple(name, fc.integer()), { maxLength: 3 }),
      }),
      ({ name: constant, short, first, inner, table, lists, commented }) =>
        constObject({
          name: constant,
          type: "$.EnvelopeDescriptor",
          value: new Map<string, Data | CommentedData>([
            ...first,
            short,
            ["nested", new Map([["inner", new Map(inner)]])],
            ["table", table],
            ["lists", lists],
            ...commented.map(([key, number]): [string, CommentedData] => [
              key,
              { comment: ["/** x */"], value: number },
            ]),
          ]),
        }),
    ));

  test("constants with an object", () =>
    agrees(
      fc.record({
        name,
        type: fc.option(name, { nil: undefined }),
        value: data,
      }),
      constObject,
    ));

  test("classes and their static properties", () =>
    agrees(
      fc.record({
        name,
        base: fc.constantFrom("$.Client", "$.DeclaredError"),
        named: fc.option(fc.array(name, { minLength: 1, maxLength: 3 }), {
          nil: undefined,
        }),
        value: text,
        identifier: name,
        type: fc.constantFrom("$.InterfaceDescriptor", "string"),
      }),
      ({ name: className, base, named, value, identifier, type }) =>
        [
          classHeading({
            name: className,
            base,
            ...(named === undefined ? {} : { arguments: named }),
          }),
          staticProperty({ name: "error", value: { text: value } }),
          staticProperty({ name: "descriptor", type, value: { identifier } }),
          staticProperty({
            name: "codes",
            type: `typeof ${identifier}`,
            value: { identifier },
          }),
          "}",
        ].join("\n"),
    ));

  test("functions and the call they return", () =>
    agrees(
      fc.record({ name, type: name, argument: name }),
      ({ name: functionName, type, argument }) =>
        [
          functionHeading({
            name: functionName,
            parameter: "handlers",
            type,
            result: "$.Service",
          }),
          returnCall("$.service", [argument, "handlers"]),
          "}",
        ].join("\n"),
    ));
});
