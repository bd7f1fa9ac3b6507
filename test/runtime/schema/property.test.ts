import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compile } from "./support.ts";

describe("property: values made for a type", () => {
  interface Made {
    readonly expression: string;
    readonly value: unknown;
  }
  /** A type with a value of it, or with one place in which the value is wrong. */
  function made(wrong: boolean): fc.Arbitrary<Made> {
    const { tree } = fc.letrec<{ tree: Made }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        wrong
          ? fc.constantFrom(
              { expression: "int", value: "x" },
              { expression: "string", value: 1 },
              { expression: "bool", value: {} },
            )
          : fc.oneof(
              fc.integer().map((value) => ({ expression: "int", value })),
              fc.string().map((value) => ({ expression: "string", value })),
              fc.boolean().map((value) => ({ expression: "bool", value })),
              fc
                .double({ noNaN: true, noDefaultInfinity: true })
                .map((value) => ({ expression: "float", value })),
              fc
                .jsonValue({ maxDepth: 3 })
                .filter((value) => value !== null)
                .map((value) => ({ expression: "any", value })),
            ),
        tie("tree").map(({ expression, value }) => ({
          expression: `[]${expression}`,
          value: [value],
        })),
        fc
          .tuple(tie("tree"), fc.string())
          .map(([{ expression, value }, key]) => ({
            expression: `[string]${expression}`,
            value: JSON.parse(
              `{${JSON.stringify(key)}:${JSON.stringify(value)}}`,
            ) as unknown,
          })),
        tie("tree").map(({ expression, value }) => ({
          expression: expression.startsWith("?")
            ? expression
            : `?${expression}`,
          value,
        })),
      ),
    }));
    return tree;
  }
  it("fit, in every check, and survive JSON", () => {
    fc.assert(
      fc.property(made(false), ({ expression, value }) => {
        const method = compile({ value: expression });
        const sent = JSON.parse(JSON.stringify({ value })) as object;
        const before = JSON.stringify(sent);
        expect(method.checkInput({ value })).toBeUndefined();
        expect(method.checkReply({ value })).toBeUndefined();
        expect(method.checkParameters(sent)).toBeUndefined();
        expect(method.normaliseOutput(sent, "strict")).toBeUndefined();
        expect(method.normaliseOutput(sent, "lenient")).toBeUndefined();
        expect(JSON.stringify(sent)).toBe(before);
      }),
    );
  });
  it("do not fit with one wrong leaf, and the path leads to it", () => {
    fc.assert(
      fc.property(made(true), ({ expression, value }) => {
        const problem = compile({ value: expression }).checkInput({ value });
        expect(problem).toBeDefined();
        // Follow the path by its own notation.
        let current: unknown = { value };
        const path = problem?.path ?? "";
        for (const [, quoted, index, name] of path.matchAll(
          /\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]|\.?([A-Za-z_]\w*)/g,
        )) {
          const key: unknown =
            quoted === undefined ? (index ?? name) : JSON.parse(quoted);
          expect(Object.hasOwn(current as object, key as string)).toBe(true);
          current = (current as Record<string, unknown>)[key as string];
        }
        expect(["x", 1]).toContain(typeof current === "object" ? "x" : current);
      }),
    );
  });
});
