import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseProto } from "../../../src/model/proto.ts";
import { accepted } from "./accepted.ts";
import { rejected } from "./rejected.ts";

const parse = (text: string) => parseProto(text, { path: "hostile.proto" });
const head = 'syntax = "proto2";\n';

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}

/**
 * What grows faster than its text would not end within a test's time: each of
 * these is a hundred thousand of something.
 */
describe("large files", () => {
  const many = 100_000;

  it.each<[string, string]>([
    [
      "messages",
      lines(
        10_000,
        (index) =>
          `message M${index} { optional M${(index * 7) % 10_000} m = 1; }`,
      ),
    ],
    [
      "fields",
      `message M {\n${lines(many, (index) => `optional int32 f${index} = ${index + 20_000};`)}\n}`,
    ],
    [
      "values",
      `enum E {\n${lines(many, (index) => `V${index} = ${index};`)}\n}`,
    ],
    [
      "reserved numbers",
      `message M { reserved ${lines(many, (index) => String(index * 2 + 1)).replaceAll("\n", ", ")}; }`,
    ],
    [
      "extensions",
      `message M { extensions 20000 to max; }\nextend M {\n${lines(many / 2, (index) => `optional int32 e${index} = ${index + 20_000};`)}\n}`,
    ],
    [
      "oneof members",
      `message M { oneof o {\n${lines(many / 2, (index) => `int32 f${index} = ${index + 20_000};`)}\n} }`,
    ],
    [
      "list elements in an option",
      `import "google/protobuf/descriptor.proto"; extend google.protobuf.FileOptions { optional L l = 50000; }
       message L { repeated int32 n = 1; } option (l) = { n: [${lines(many, String).replaceAll("\n", ", ")}] };`,
    ],
  ])("%s", (_, text) => {
    const { diagnostics, file } = parse(head + text);
    expect(diagnostics).toEqual([]);
    expect(file).toBeDefined();
  });

  it("of nothing but errors are told of in a few", () => {
    const { diagnostics } = parse(
      `${head}message M {\n${lines(20_000, () => "optional Nowhere x = 1;")}\n}`,
    );
    expect(diagnostics).toHaveLength(101);
    expect(diagnostics.at(-1)?.code).toBe("proto/too-many-problems");
  });
});

describe("nesting", () => {
  it("of messages, groups and options has an end", () => {
    const deep = (open: string, close: string) =>
      head + open.repeat(5000) + close.repeat(5000);
    for (const text of [
      deep("message M {", "}"),
      deep("message M { optional group G = 1 {", "} }"),
      `${head}option (x) = ${"{ a ".repeat(5000)}${"}".repeat(5000)};`,
    ]) {
      const { diagnostics, file } = parse(text);
      expect(diagnostics.length).toBeGreaterThan(0);
      expect(file).toBeUndefined();
    }
  });
});

/** Pieces of real files, so that what is made of them is often nearly right. */
const pieces = [...rejected.map(({ text }) => text), ...accepted]
  .flatMap((text) => text.split(/(?<=[;{}])|\s+/))
  .filter((text) => text !== "");

describe("any text", () => {
  it("never throws, and makes a descriptor exactly if there is no error", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 60 }),
        (words) => {
          const { diagnostics, file, service } = parse(words.join(" "));
          const isRight = diagnostics.every(
            ({ severity }) => severity !== "error",
          );
          expect(file !== undefined).toBe(isRight);
          expect(service !== undefined).toBe(isRight);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("gives spans within the text, by place", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...rejected.map(({ text }) => text)),
        fc.nat(),
        fc.constantFrom("", "}", ";", "= 1", "message", "[", '"'),
        (text, at, put) => {
          const place = at % (text.length + 1);
          const mutated = text.slice(0, place) + put + text.slice(place + 1);
          const { diagnostics } = parse(mutated);
          let last = 0;
          for (const { span, related = [] } of diagnostics) {
            expect(span.start).toBeGreaterThanOrEqual(last);
            last = span.start;
            for (const one of [span, ...related.map((each) => each.span)]) {
              expect(one.end).toBeGreaterThanOrEqual(one.start);
              expect(one.end).toBeLessThanOrEqual(mutated.length);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
