import * as fc from "fast-check";
import { expect, test } from "vitest";
import { homesOf } from "../../../src/emit/markdown/proto/homes.ts";
import type { Service } from "../../../src/model/api.ts";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import { usesOf } from "../../../src/model/uses.ts";
import { serviceOf } from "../../model/proto-envelope/support.ts";
import { homesIn } from "./document.ts";

function bound(commands: string, results: string, types: string): Service {
  const text = `syntax = "proto2"; package P;
    enum Code { OK = 0; BAD = 1; }
    message Request { ${commands} }
    message Response { optional Code code = 100; ${results} }
    ${types}`;
  return bindEnvelope(serviceOf(text), {
    request: "P.Request",
    response: "P.Response",
    error: { field: "code", success: "OK", absent: "BAD" },
  });
}

/** By a type's name without the package, the command that it stands with. */
function homes(service: Service): Record<string, string> {
  const found = homesOf(service, service.types, usesOf(service));
  return Object.fromEntries(
    service.types.flatMap(({ path }) => {
      const home = found.of(path);
      return home === undefined ? [] : [[path.slice(1).join("."), home.name]];
    }),
  );
}

test.each([
  [
    "a message of one command stands with it, one of two does not",
    bound(
      "optional A a = 1; optional A b = 2; optional B c = 3;",
      "optional C c = 3;",
      "message A {} message B {} message C {}",
    ),
    { B: "c", C: "c" },
  ],
  [
    "one that is request and result of the same command does",
    bound("optional A a = 1;", "optional A a = 1;", "message A {}"),
    { A: "a" },
  ],
  [
    "one that a field of another message has does not",
    bound(
      "optional A a = 1; optional B b = 2;",
      "",
      "message A {} message B { map<string, A> a = 1; }",
    ),
    { B: "b" },
  ],
  [
    "one that refers to itself does",
    bound("optional A a = 1;", "", "message A { repeated A a = 1; }"),
    { A: "a" },
  ],
  [
    "one in the envelope beside the commands does not",
    bound("optional A a = 1; repeated A more = 2;", "", "message A {}"),
    {},
  ],
  [
    "what is declared in a message goes with it",
    bound(
      "optional A a = 1;",
      "",
      "message A { message In { optional E e = 1; enum E { X = 0; } } optional In i = 1; enum Lone { Y = 0; } }",
    ),
    { A: "a", "A.In": "a", "A.In.E": "a", "A.Lone": "a" },
  ],
  [
    "but not where something else refers to it, nor what is in it",
    bound(
      "optional A a = 1; optional B b = 2;",
      "",
      "message A { message In { message Deep {} optional Deep d = 1; } } message B { optional A.In i = 1; }",
    ),
    { A: "a", B: "b" },
  ],
  [
    "a message that is used by its neighbour only has no command",
    bound(
      "optional A a = 1;",
      "",
      "message A { optional B b = 1; } message B {}",
    ),
    { A: "a" },
  ],
])("%s", (_, service, expected) => {
  expect(homes(service)).toEqual(expected);
});

test("a command has its request first, then its result, then what is in them", () => {
  const service = bound(
    "optional Q q = 1;",
    "optional R q = 1;",
    "message R { message In {} optional In i = 1; } message Q { message In {} optional In i = 1; }",
  );
  const found = homesOf(service, service.types, usesOf(service));
  const [method] = service.methods;
  expect(
    method && found.at(method).map(({ path }) => path.slice(1).join(".")),
  ).toEqual(["Q", "R", "R.In", "Q.In"]);
});

test("types stand with a command exactly if nothing else has to do with them", () => {
  // Names of messages, some of which are declared in others.
  const names = ["A", "A.B", "A.B.C", "D", "D.E", "F"];
  const refs = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 });
  const graph = fc.record({
    fields: fc.array(refs, {
      minLength: names.length,
      maxLength: names.length,
    }),
    inputs: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
    outputs: fc.array(fc.option(fc.constantFrom(...names)), {
      minLength: 3,
      maxLength: 3,
    }),
  });
  fc.assert(
    fc.property(graph, ({ fields, inputs, outputs }) => {
      const message = (name: string): string => {
        const inside = names.filter(
          (other) =>
            other.startsWith(`${name}.`) &&
            !other.slice(name.length + 1).includes("."),
        );
        const own = (fields[names.indexOf(name)] ?? []).map(
          (type, at) => `optional P.${type} f${at} = ${at + 1};`,
        );
        return `message ${name.split(".").at(-1)} { ${inside.map(message).join(" ")} ${own.join(" ")} }`;
      };
      const field = (type: string | null | undefined, at: number): string =>
        type == null ? "" : `optional P.${type} c${at} = ${at + 1};`;
      const service = bound(
        inputs.map(field).join(" "),
        outputs.slice(0, inputs.length).map(field).join(" "),
        ["A", "D", "F"].map(message).join(" "),
      );
      const expected = [...homesIn(service)].map(([type, { name }]) => [
        type.path.slice(1).join("."),
        name,
      ]);
      expect(homes(service)).toEqual(Object.fromEntries(expected));
    }),
    { numRuns: 60 },
  );
});
