import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseCall,
  parseUsual,
  usualBeginning,
} from "../../../src/runtime/varlink/server/message.ts";

// Calls of the usual form are read by a shorter way: it must never read another call
// than the long way would, nor one that the long way refuses.
describe("a call of the usual form", () => {
  const method = "org.example.test.Echo";
  const beginning = usualBeginning(method);

  function read(text: string): unknown {
    try {
      return parseCall(text);
    } catch {
      return "refused";
    }
  }

  it.each([
    [`${beginning}{"a":1}}`, true],
    [`${beginning} {"a":{"b":"}}"}} }`, false],
    [`${beginning} {"a":{"b":"}}"}}}`, true],
    [`${beginning}{}}`, true],
    // More members behind the parameters, which end in a brace as well.
    [`${beginning}{"a":1},"more":true}`, false],
    [`${beginning}{"a":1},"x.y":{}}`, false],
    [`${beginning}{"a":1},"parameters":{"a":2}}`, false],
    [`${beginning}{},"method":{}}`, false],
    [`${beginning}[{}]}`, false],
    [`${beginning}null}`, false],
    [`${beginning}}`, false],
    [`${beginning}{}}}`, false],
    [`{"method":"${method}"}`, false],
  ])("%s: taken %s", (text, taken) => {
    const usual = parseUsual(text, method, beginning);
    expect(usual !== undefined).toBe(taken);
    if (taken) expect(usual).toEqual(read(text));
  });

  it("is what the long way reads, whatever stands in it", () => {
    const piece = fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc.constantFrom(
        "{}",
        "}",
        "{",
        ",",
        '"more":true',
        '"oneway":true',
        '"x.y":{"a":{}}',
        '"parameters":{}',
        '{"__proto__":{}}',
        " ",
        "\n",
      ),
    );
    const middle = fc
      .array(piece, { maxLength: 4 })
      .map((pieces) => pieces.join(""));
    let taken = 0;
    fc.assert(
      fc.property(middle, (inside) => {
        const text = `${beginning}${inside}}`;
        const usual = parseUsual(text, method, beginning);
        if (usual === undefined) return;
        taken += 1;
        expect(usual).toEqual(read(text));
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(10);
  });
});
