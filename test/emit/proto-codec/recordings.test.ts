import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { MessageType } from "../../../src/runtime/protobuf/message.ts";
import { corpus, describeCorpus, seed } from "../../support/corpus.ts";
import { type Data, hex, loadCodecs, serviceOf, toHex } from "./support.ts";

/** Frames that were recorded between real clients and the real daemon. */

interface Frame {
  readonly dir: "request" | "response" | "push";
  readonly body_hex: string;
  readonly seed_decoded: unknown;
}

interface Exchange {
  readonly method: string;
  readonly exchange: readonly Frame[];
}

describeCorpus("recorded frames of Porto", () => {
  let request: MessageType<Data>;
  let response: MessageType<Data>;
  let exchanges: readonly Exchange[];
  let codes: ReadonlyMap<number | undefined, string>;

  beforeAll(async () => {
    const service = serviceOf(
      readFileSync(seed("rpc.proto"), "utf8"),
      "rpc.proto",
    );
    const codecs = await loadCodecs(service);
    request = codecs("TPortoRequest");
    response = codecs("TPortoResponse");
    exchanges = JSON.parse(
      readFileSync(corpus("porto", "core.json"), "utf8"),
    ) as readonly Exchange[];
    const errors = service.types.find(({ name }) => name === "EError");
    codes = new Map(
      errors?.kind === "enum"
        ? errors.values.map(({ name, number }) => [number, name])
        : [],
    );
  });

  const codecOf = ({ dir }: Frame): MessageType<Data> =>
    dir === "request" ? request : response;

  test("are read and written again, byte for byte", () => {
    let frames = 0;
    for (const { method, exchange } of exchanges) {
      for (const frame of exchange) {
        const codec = codecOf(frame);
        const bytes = hex(frame.body_hex);
        const written = codec.encode(codec.decode(bytes));
        // Entries of maps have no order.
        expect(written, method).toHaveLength(bytes.length);
        if (!hasMap(frame.seed_decoded))
          expect(toHex(written), method).toBe(frame.body_hex);
        expect(codec.decode(written), method).toStrictEqual(
          codec.decode(bytes),
        );
        frames += 1;
      }
    }
    expect(frames).toBeGreaterThan(90);
  });

  test("say what they say to others", () => {
    for (const { method, exchange } of exchanges) {
      for (const frame of exchange) {
        const read = codecOf(frame).decode(hex(frame.body_hex));
        expect(asJson(read, codes), method).toEqual(frame.seed_decoded);
      }
    }
  });
});

/** Whether there is a volume's `properties`, the only map there is. */
function hasMap(value: unknown): boolean {
  return JSON.stringify(value).includes('"properties":{');
}

/** A message as ProtoJSON has it: codes by name, 64 bits and bytes as text, nothing empty. */
function asJson(
  value: unknown,
  codes: ReadonlyMap<number | undefined, string>,
  name = "",
): unknown {
  if (typeof value === "bigint") return String(value);
  if (name === "error" && typeof value === "number") return codes.get(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value))
    return value.map((item: unknown) => asJson(item, codes));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, item]) =>
          key !== "$unknown" &&
          !(Array.isArray(item) && item.length === 0) &&
          !isEmptyMap(key, item),
      )
      .map(([key, item]) => [key, asJson(item, codes, key)]),
  );
}

function isEmptyMap(key: string, value: unknown): boolean {
  return key === "properties" && Object.keys(value as object).length === 0;
}
