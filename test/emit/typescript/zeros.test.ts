import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type Descriptor,
  describe as describeService,
} from "../../../src/emit/typescript/descriptor.ts";
import { chooseNames } from "../../../src/emit/typescript/names.ts";
import { Zeros } from "../../../src/emit/typescript/zeros.ts";
import type { Service } from "../../../src/model/api.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import { parseDeclarations } from "../../../src/runtime/varlink/schema/type.ts";
import { Zeros as RuntimeZeros } from "../../../src/runtime/varlink/schema/zero.ts";
import { parse } from "./inputs.ts";
import { randomService } from "./random.ts";

/** Struct types that may be left out: by our types, and by the runtime. */
function zeros(service: Service): {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
} {
  const names = chooseNames(service, "Demo");
  const structs = service.types.filter((type) => type.kind === "struct");
  const ours = new Zeros(structs);
  const theirs = new RuntimeZeros(
    parseDeclarations(describeService(service, names, "partial")),
  );
  const named = (has: (path: readonly string[]) => boolean): string[] =>
    structs.filter(({ path }) => has(path)).map(({ path }) => names.type(path));
  return {
    ours: named((path) => ours.has({ kind: "reference", path })),
    theirs: named(
      (path) =>
        theirs.of({ kind: "reference", name: names.type(path) }) !== undefined,
    ),
  };
}

describe("what has a zero for the types has one for the runtime", () => {
  test("in any interface", () => {
    fc.assert(
      fc.property(randomService, (service) => {
        const { ours, theirs } = zeros(service);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 200 },
    );
  });

  test("where structs double in size, nest deep or never end", () => {
    const doubling = Array.from(
      { length: 20 },
      (_, index) => `type D${index} (a: D${index + 1}, b: D${index + 1})`,
    );
    const chain = Array.from(
      { length: 130 },
      (_, index) => `type C${index} (a: C${index + 1})`,
    );
    const { ours, theirs } = zeros(
      parse(
        [
          "interface com.example.zeros",
          ...doubling,
          "type D20 (a: int)",
          ...chain,
          "type C130 (a: int)",
          "type Endless (a: Other)",
          "type Other (a: Endless)",
          "type Fine (a: ?Endless, b: []Other, c: [string]Endless)",
          "type WithEnum (a: (b, c))",
          "type WithAny (a: any)",
        ].join("\n"),
      ),
    );
    expect(ours).toEqual(theirs);
    expect(ours).toContain("Fine");
    expect(ours).toContain("D20");
    expect(ours).not.toContain("D0");
    expect(ours).not.toContain("Endless");
    expect(ours).not.toContain("WithEnum");
    expect(ours).not.toContain("WithAny");
  });
});

test("the descriptor is the runtime's", () => {
  expectTypeOf<Descriptor>().toExtend<InterfaceDescriptor>();
});
