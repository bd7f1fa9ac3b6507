import fc from "fast-check";
import type { Service } from "../../../src/model/api.ts";
import {
  buildService,
  type FieldSpec,
  type FieldSpecs,
  type MemberSpec,
} from "./build.ts";

/**
 * Random interfaces: names of any length, names that clash with what is
 * generated, types nested and recursive in every way the model allows.
 */

const letters = (count: number): string =>
  "abcdefghijklmnopqrstuvwxyz".repeat(4).slice(0, count);

const memberName = fc.oneof(
  fc.integer({ min: 1, max: 60 }).map((length) => `N${letters(length - 1)}`),
  fc.constantFrom(
    "A",
    "B",
    "C",
    "D",
    "E",
    "AInput",
    "AOutput",
    "AReply",
    "AParameters",
    "BInput",
    "BOutput",
  ),
  fc.constantFrom(
    "Error",
    "Promise",
    "Object",
    "Map",
    "Record",
    "Array",
    "Symbol",
    "String",
    "Function",
    "Readonly",
  ),
  fc.constantFrom(
    "Then",
    "Constructor",
    "ToString",
    "ValueOf",
    "HasOwnProperty",
    "ToJSON",
    "Connect",
    "Descriptor",
  ),
  fc.constantFrom(
    "DemoClient",
    "DemoHandlers",
    "DemoService",
    "DemoDescriptor",
    "Client",
    "Method",
  ),
);
const fieldName = fc.oneof(
  fc.integer({ min: 1, max: 60 }).map((length) => `n${letters(length - 1)}`),
  fc.constantFrom(
    "constructor",
    "then",
    "default",
    "class",
    "input",
    "more",
    "a_b",
    "aB",
    "toString",
    "name",
    "error",
  ),
);

const callForm = fc.constantFrom("unknown", "supported", "required");

const docs = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  fc
    .array(fc.integer({ min: 0, max: 90 }).map(letters), { maxLength: 4 })
    .map((lines) => lines.join("\n")),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      "*",
      "/",
      "@",
      "\n",
      " ",
      "[A](#A)",
      "`",
      "{@link",
      "}",
      "\r",
      "\u2028",
      "x",
    ),
    maxLength: 40,
  }),
);

const prefix = fc
  .array(fc.constantFrom("[]", "[string]", "[]?", "[string]?"), {
    maxLength: 4,
  })
  .chain((parts) =>
    fc.constantFrom("", "?").map((first) => first + parts.join("")),
  );

function fieldSpecs(
  types: readonly string[],
  depth: number,
): fc.Arbitrary<FieldSpecs> {
  const named = fc.constantFrom(
    "bool",
    "int",
    "float",
    "string",
    "object",
    "any",
    ...types,
  );
  const plain: fc.Arbitrary<FieldSpec> = fc
    .tuple(prefix, named)
    .map(([before, name]) => before + name);
  const values = fc.uniqueArray(fieldName, { minLength: 1, maxLength: 6 });
  const inline: fc.Arbitrary<FieldSpec> =
    depth === 0
      ? plain
      : fc.tuple(prefix, fc.oneof(fieldSpecs(types, depth - 1), values));
  return fc
    .uniqueArray(
      fc.tuple(fieldName, fc.oneof({ weight: 4, arbitrary: plain }, inline)),
      {
        maxLength: 5,
        selector: ([name]) => name,
      },
    )
    .map((entries) => Object.fromEntries(entries));
}

/** Services called `com.example.demo`. */
export const randomService: fc.Arbitrary<Service> = fc
  .uniqueArray(
    fc.tuple(memberName, fc.constantFrom("struct", "enum", "method", "error")),
    {
      minLength: 1,
      maxLength: 10,
      selector: ([name]) => name,
    },
  )
  .chain((members) => {
    const types = members
      .filter(([, kind]) => kind === "struct" || kind === "enum")
      .map(([name]) => name);
    const fields = fieldSpecs(types, 2);
    const values = fc.uniqueArray(fieldName, { minLength: 1, maxLength: 8 });
    const common = { docs, fieldDocs: docs, deprecated: fc.boolean() };
    return fc.tuple(
      fc.tuple(
        ...members.map(([name, kind]): fc.Arbitrary<MemberSpec> => {
          switch (kind) {
            case "struct":
              return fc.record({ type: fc.constant(name), fields, ...common });
            case "enum":
              return fc.record({ type: fc.constant(name), values, ...common });
            case "method":
              return fc.record({
                method: fc.constant(name),
                input: fields,
                output: fields,
                more: callForm,
                upgrade: callForm,
                ...common,
              });
            default:
              return fc.record({ error: fc.constant(name), fields, ...common });
          }
        }),
      ),
      docs,
      docs,
    );
  })
  .map(([specs, serviceDocs, text]) =>
    buildService("com.example.demo", specs, { docs: serviceDocs, text }),
  );
