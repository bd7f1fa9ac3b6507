import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Service, StructDeclaration } from "../../../src/model/api.ts";
import { chooseProtoNames } from "../../../src/emit/typescript/proto/names.ts";
import { ProtobufError } from "../../../src/runtime/protobuf/error.ts";
import { rawFields } from "../../../src/runtime/protobuf/raw-fields.ts";
import { describeCorpus, seed } from "../../support/corpus.ts";
import { runProtoc } from "../../support/protoc.ts";
import { RandomMessages } from "./random.ts";
import { type Codecs, type Data, loadCodecs, serviceOf } from "./support.ts";
import { textOf } from "./text-format.ts";

/** protoc is the judge: random messages of every type have the bytes that it gives them. */

interface Sample {
  readonly type: StructDeclaration;
  readonly codec: string;
  readonly data: Data;
}

/** Samples of each message of a service. */
function samplesOf(service: Service, count: number, entries: number): Sample[] {
  const random = new RandomMessages(service, 20_261, entries);
  const names = chooseProtoNames(service, "Demo");
  return service.types.flatMap((type) =>
    type.kind === "struct"
      ? Array.from({ length: count }, () => ({
          type,
          codec: names.type(type.path),
          data: random.message(type),
        }))
      : [],
  );
}

/** Runs protoc on a message that has a field for each of the samples. */
function withWrapper(
  file: string,
  types: readonly StructDeclaration[],
  verb: "encode" | "decode",
  input: Uint8Array,
): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-wrapper-"));
  try {
    const fields = types.map(
      (type, index) =>
        `optional .${type.path.join(".")} f${index} = ${index + 1};`,
    );
    writeFileSync(
      path.join(folder, "wrapper.proto"),
      [
        'syntax = "proto2";',
        `import "${path.basename(file)}";`,
        `message Wrapper { ${fields.join("\n")} }`,
      ].join("\n"),
    );
    return runProtoc(
      [
        `-I${path.dirname(file)}`,
        `-I${folder}`,
        `--${verb}=Wrapper`,
        "wrapper.proto",
      ],
      input,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The bytes that protoc gives each of the samples. */
function protocBytes(
  file: string,
  service: Service,
  samples: readonly Sample[],
): Uint8Array[] {
  const text = samples
    .map(
      ({ type, data }, index) =>
        `f${index} {\n${textOf(service, type, data)}}\n`,
    )
    .join("");
  const types = samples.map(({ type }) => type);
  return split(withWrapper(file, types, "encode", Buffer.from(text)));
}

/** What protoc reads in messages, as text. It fails if it would not read one of them. */
function protocText(
  file: string,
  types: readonly StructDeclaration[],
  messages: readonly Uint8Array[],
): string {
  const wrapped = rawFields(
    messages.map((value, index) => ({
      number: index + 1,
      type: "message",
      value,
    })),
  );
  return withWrapper(file, types, "decode", wrapped).toString();
}

/** Takes a message of delimited fields apart. */
function split(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[position] ?? 0;
      position += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (position < bytes.length) {
    varint();
    const length = varint();
    parts.push(new Uint8Array(bytes.subarray(position, position + length)));
    position += length;
  }
  return parts;
}

async function holds(file: string, count: number): Promise<void> {
  const service = serviceOf(readFileSync(file, "utf8"), path.basename(file));
  const codecs: Codecs = await loadCodecs(service);
  const samples = samplesOf(service, count, 1);
  const expected = protocBytes(file, service, samples);
  expect(expected).toHaveLength(samples.length);
  for (const [index, { codec, data }] of samples.entries()) {
    const bytes = expected[index] as Uint8Array;
    const ours = codecs(codec).encode(data);
    expect(Buffer.from(ours).toString("hex"), codec).toBe(
      Buffer.from(bytes).toString("hex"),
    );
    const read = codecs(codec).decode(bytes);
    expect(read, codec).toStrictEqual(data);
    expect(codecs(codec).encode(read), codec).toStrictEqual(bytes);
  }
}

/** With maps of several entries, whose order is free, what is read is the same. */
async function mapsHold(file: string): Promise<void> {
  const service = serviceOf(readFileSync(file, "utf8"), path.basename(file));
  const codecs = await loadCodecs(service);
  const samples = samplesOf(service, 20, 12);
  const expected = protocBytes(file, service, samples);
  for (const [index, { codec, data }] of samples.entries()) {
    const bytes = expected[index] as Uint8Array;
    const ours = codecs(codec).encode(data);
    expect(ours, codec).toHaveLength(bytes.length);
    expect(codecs(codec).decode(bytes), codec).toStrictEqual(data);
    expect(codecs(codec).decode(ours), codec).toStrictEqual(data);
  }
}

/**
 * Bytes that were changed: what we read, protoc reads too, and the same; and both
 * read the same out of what we write of it.
 */
async function changesHold(file: string): Promise<void> {
  const service = serviceOf(readFileSync(file, "utf8"), path.basename(file));
  const codecs = await loadCodecs(service);
  const changes = fc.sample(
    fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })),
    { numRuns: 2000, seed: 11 },
  );
  const samples = samplesOf(service, 100, 3);
  const read: { type: StructDeclaration; from: Uint8Array; to: Uint8Array }[] =
    [];
  for (const [index, [place, byte]] of changes.entries()) {
    const { type, codec, data } = samples[index % samples.length] as Sample;
    const from = codecs(codec).encode(data);
    if (from.length > 0) from[place % from.length] = byte;
    try {
      const message = codecs(codec).decode(from, { partial: true });
      const to = codecs(codec).encode(message, { partial: true });
      // In proto2 we have text where protoc has whatever bytes there were.
      if (!Buffer.from(to).includes("\ufffd")) read.push({ type, from, to });
    } catch (error) {
      expect(error).toBeInstanceOf(ProtobufError);
    }
  }
  expect(read.length).toBeGreaterThan(500);
  const types = read.map(({ type }) => type);
  const before = read.map(({ from }) => from);
  const after = read.map(({ to }) => to);
  expect(protocText(file, types, after)).toBe(protocText(file, types, before));
}

const fixture = (name: string): string =>
  fileURLToPath(new URL(name, import.meta.url));

describe("random messages have protoc's bytes", () => {
  test("with everything that proto2 has", () =>
    holds(fixture("all.proto"), 40));
  test("with everything that proto3 has", () =>
    holds(fixture("three.proto"), 200));
  test("and large maps, whatever their order", () =>
    mapsHold(fixture("all.proto")));
  test("what is read of changed bytes is what protoc reads", async () => {
    await changesHold(fixture("all.proto"));
    await changesHold(fixture("three.proto"));
  });
});

describeCorpus("messages of Porto have protoc's bytes", () => {
  test("each of them", () => holds(seed("rpc.proto"), 4));
});
