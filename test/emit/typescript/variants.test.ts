import { expect, test } from "vitest";
import type { Field, Service } from "../../../src/model/api.ts";
import { parseVarlink } from "../../../src/model/varlink.ts";
import { findVariants } from "../../../src/emit/typescript/variants.ts";

function read(text: string): Service {
  const { service } = parseVarlink(text, { path: "chain.varlink" });
  if (service === undefined) throw new Error("the text has errors");
  return service;
}

/** Each struct holds the next, so that what the last one holds is known last. */
function chain(length: number): Service {
  const types = Array.from(
    { length },
    (_, index) => `type T${index} (next: ?T${index + 1})`,
  );
  return read(
    [
      "interface com.example.chain",
      ...types,
      `type T${length} (state: (on, off), count: int)`,
      "method Walk(from: T0) -> (to: T0)",
    ].join("\n"),
  );
}

/** How often the fields of structs are looked at. */
function looks(length: number): number {
  const service = chain(length);
  let count = 0;
  const types = service.types.map((type) => {
    if (type.kind !== "struct") return type;
    const { fields } = type;
    return Object.defineProperty({ ...type }, "fields", {
      get(): readonly Field[] {
        count += 1;
        return fields;
      },
    });
  });
  const { open, partial } = findVariants({ ...service, types }, "partial");
  expect(open.size).toBe(length + 1);
  expect(partial.size).toBe(length + 1);
  return count;
}

test("cost grows with the interface, not with its square", () => {
  expect(looks(800) / looks(400)).toBeLessThan(2.5);
});
