import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Service, StructDeclaration } from "../../../src/model/api.ts";
import { chooseProtoNames } from "../../../src/emit/typescript/proto/names.ts";
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

/** What protoc encodes: all samples at once, in a message that has a field for each of their types. */
function protocBytes(
  file: string,
  service: Service,
  samples: readonly Sample[],
): Uint8Array[] {
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-wrapper-"));
  try {
    const fields = samples.map(
      ({ type }, index) =>
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
    const text = samples
      .map(
        ({ type, data }, index) =>
          `f${index} {\n${textOf(service, type, data)}}\n`,
      )
      .join("");
    const bytes = runProtoc(
      [
        `-I${path.dirname(file)}`,
        `-I${folder}`,
        "--encode=Wrapper",
        "wrapper.proto",
      ],
      Buffer.from(text),
    );
    return split(bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

const fixture = (name: string): string =>
  fileURLToPath(new URL(name, import.meta.url));

describe("random messages have protoc's bytes", () => {
  test("with everything that proto2 has", () =>
    holds(fixture("all.proto"), 40));
  test("with everything that proto3 has", () =>
    holds(fixture("three.proto"), 200));
  test("and large maps, whatever their order", () =>
    mapsHold(fixture("all.proto")));
});

describeCorpus("messages of Porto have protoc's bytes", () => {
  test("each of them", () => holds(seed("rpc.proto"), 4));
});
