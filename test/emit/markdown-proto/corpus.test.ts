import { readFileSync, readdirSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import type { Service } from "../../../src/model/api.ts";
import {
  bindEnvelope,
  parseEnvelopeConfig,
} from "../../../src/model/proto/envelope.ts";
import { parseProto } from "../../../src/model/proto.ts";
import { describeCorpus, seed } from "../../support/corpus.ts";
import { checkDocument } from "./document.ts";
import { documentOf } from "./support.ts";

const interfaces = new URL("../../../interfaces/", import.meta.url);
const known = new URL(
  "../../../node_modules/protoc/include/google/protobuf/",
  import.meta.url,
);

function readService(text: string, path: string): Service {
  const { service, diagnostics } = parseProto(text, { path });
  if (service !== undefined) return service;
  throw new Error(diagnostics.map(({ message }) => message).join("\n"));
}

async function checkFile(service: Service): Promise<void> {
  const text = documentOf(service);
  checkDocument(service, text);
  expect(await format(text, { parser: "markdown" })).toBe(text);
}

const porto = (text: string): Service =>
  bindEnvelope(
    readService(text, "porto.proto"),
    parseEnvelopeConfig(
      readFileSync(new URL("porto.envelope.json", interfaces), "utf8"),
      "porto.envelope.json",
    ),
  );

/** A document of 290 kB, which other programs than ours read for seconds. */
const LONG = 120_000;

test(
  "porto.proto",
  async () => {
    const text = readFileSync(new URL("porto.proto", interfaces), "utf8");
    await checkFile(porto(text));
    // As a file of messages, without its envelope.
    const messages = readService(text, "porto.proto");
    expect(documentOf(messages)).not.toMatch(/^## (?:Commands|Error codes)$/m);
  },
  LONG,
);

describe("the files that come with protoc", () => {
  const names = readdirSync(known).filter((name) => name.endsWith(".proto"));
  test.each(names)("%s", async (name) => {
    const text = readFileSync(new URL(name, known), "utf8");
    await checkFile(readService(text, `google/protobuf/${name}`));
  });
});

describeCorpus("the file the project started from", () => {
  test(
    "rpc.proto",
    () => {
      const service = porto(readFileSync(seed("rpc.proto"), "utf8"));
      checkDocument(service, documentOf(service));
    },
    LONG,
  );
});
