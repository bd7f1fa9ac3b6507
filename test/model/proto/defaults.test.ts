import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseProto } from "../../../src/model/proto.ts";
import { runProtoc } from "../../support/protoc.ts";

/** As a literal of the language has it; the sign of NaN means nothing. */
function literal(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function escaped(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) => `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}

it("spells defaults as protoc does, whatever they are", () => {
  const sample = <T>(one: fc.Arbitrary<T>): T[] =>
    fc.sample(one, { numRuns: 300, seed: 20 });
  const declarations = [
    ...sample(fc.double()).map((value) => ["double", literal(value)]),
    ...sample(fc.double()).map((value) => ["float", literal(value)]),
    ...sample(fc.float()).map((value) => ["float", literal(value)]),
    ...sample(fc.float({ min: -1e6, max: 1e6, noNaN: true })).map((value) => [
      "double",
      literal(value),
    ]),
    ...sample(fc.integer()).map((value) => ["int32", String(value)]),
    ...sample(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map((value) => [
      "uint64",
      String(value),
    ]),
    ...sample(fc.uint8Array({ maxLength: 40 })).map((value) => [
      "bytes",
      `"${escaped(value)}"`,
    ]),
    ...sample(fc.string({ unit: "grapheme", maxLength: 20 })).map((value) => [
      "string",
      `"${escaped(new TextEncoder().encode(value))}"`,
    ]),
  ];
  const text = `syntax = "proto2";\nmessage M {\n${declarations
    .map(
      ([type, value], index) =>
        `optional ${type} f${index} = ${index + 1} [default = ${value}];`,
    )
    .join("\n")}\n}\n`;
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-defaults-"));
  try {
    writeFileSync(path.join(folder, "m.proto"), text);
    const output = path.join(folder, "set.bin");
    runProtoc([`-I${folder}`, `--descriptor_set_out=${output}`, "m.proto"]);
    const set = fromBinary(FileDescriptorSetSchema, readFileSync(output));
    const theirs = set.file[0]?.messageType[0]?.field.map((field) => [
      field.name,
      field.defaultValue,
    ]);
    const { file } = parseProto(text, { path: "m.proto" });
    const ours = file?.messages[0]?.fields.map((field) => [
      field.name,
      field.defaultText,
    ]);
    expect(ours).toHaveLength(2400);
    expect(ours).toEqual(theirs);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
