import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  createFileRegistry,
  type DescMessage,
  fromBinary,
  toBinary,
} from "@bufbuild/protobuf";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { StructDeclaration } from "../../../src/model/api.ts";
import { chooseProtoNames } from "../../../src/emit/typescript/proto/names.ts";
import { protocDescriptors } from "../../support/protoc.ts";
import { RandomMessages } from "./random.ts";
import { type Codecs, type Data, loadCodecs, serviceOf } from "./support.ts";

/**
 * @bufbuild/protobuf reads the same out of odd bytes: fields out of order, twice,
 * of other wire types, cut and mixed. What both have read is compared by writing it
 * with theirs.
 */

const files = ["all.proto", "three.proto"] as const;

interface Case {
  readonly codec: string;
  readonly theirs: DescMessage;
  readonly samples: readonly Uint8Array[];
}

let codecs: ReadonlyMap<string, Codecs>;
const cases: (Case & { readonly file: string })[] = [];

beforeAll(async () => {
  const loaded = new Map<string, Codecs>();
  for (const file of files) {
    const url = new URL(file, import.meta.url);
    const folder = path.dirname(fileURLToPath(url));
    const { set } = protocDescriptors([file], { includes: [folder] });
    const registry = createFileRegistry(set);
    const service = serviceOf(readFileSync(url, "utf8"), file);
    const names = chooseProtoNames(service, "Demo");
    const own = await loadCodecs(service);
    loaded.set(file, own);
    const random = new RandomMessages(service, 99, 2);
    const messages = service.types.filter(
      (type): type is StructDeclaration => type.kind === "struct",
    );
    for (const type of messages) {
      const theirs = registry.getMessage(type.path.join("."));
      if (theirs === undefined) throw new Error(`they have no ${type.name}`);
      const codec = names.type(type.path);
      cases.push({
        file,
        codec,
        theirs,
        samples: Array.from({ length: 12 }, () =>
          own(codec).encode(random.message(type)),
        ),
      });
    }
  }
  codecs = loaded;
});

/** What they make of bytes, written by them; undefined where they refuse. */
function theirReading(
  theirs: DescMessage,
  bytes: Uint8Array,
): string | undefined {
  try {
    return hexOf(toBinary(theirs, fromBinary(theirs, bytes)));
  } catch {
    return undefined;
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Holds what we make of bytes against what they make of them. */
function agrees(
  { file, codec, theirs }: Case & { readonly file: string },
  bytes: Uint8Array,
): void {
  const ours = (codecs.get(file) as Codecs)(codec);
  const expected = theirReading(theirs, bytes);
  // They do not look for required fields when reading, and refuse to write without.
  let message: Data;
  try {
    message = ours.decode(bytes);
  } catch {
    return;
  }
  if (expected === undefined) return;
  const again = theirReading(theirs, ours.encode(message));
  if (again !== expected) { console.log("IN", hexOf(bytes)); console.log("OUT", hexOf(ours.encode(message))); try { fromBinary(theirs, ours.encode(message)) } catch (e) { console.log(e) } }
  expect(again, codec).toBe(expected);
}

test("two messages one after the other are merged alike", () => {
  let compared = 0;
  for (const one of cases) {
    for (const [index, bytes] of one.samples.entries()) {
      const other = one.samples[(index + 5) % one.samples.length] as Uint8Array;
      agrees(one, Buffer.concat([bytes, other]));
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(100);
});

test("what each message has is unknown to the others, or known otherwise", () => {
  for (const one of cases) {
    for (const other of cases) {
      const bytes = other.samples[0] as Uint8Array;
      agrees(one, bytes);
    }
  }
});

test("bytes that were changed are read alike", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(11),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      (which, sample, place, byte) => {
        const one = cases[which % cases.length] as (typeof cases)[number];
        const bytes = Uint8Array.from(one.samples[sample] as Uint8Array);
        if (bytes.length === 0) return;
        bytes[place % bytes.length] = byte;
        agrees(one, bytes);
      },
    ),
    { numRuns: 3000 },
  );
});
