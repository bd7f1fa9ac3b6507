import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  createFileRegistry,
  type DescMessage,
  fromBinary,
  type Message,
} from "@bufbuild/protobuf";
import { beforeAll, expect, test } from "vitest";
import type { StructDeclaration } from "../../../src/model/api.ts";
import { chooseProtoNames } from "../../../src/emit/typescript/proto/names.ts";
import { protocDescriptors } from "../../support/protoc.ts";
import { RandomMessages } from "./random.ts";
import { type Codecs, loadCodecs, serviceOf } from "./support.ts";

/**
 * @bufbuild/protobuf merges what comes twice as we do. (It does not look at wire types
 * and ends as strictly as protoc does, which judges changed bytes in
 * `protoc.test.ts`.)
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

/** What they make of bytes; undefined where they refuse. */
function theirReading(
  theirs: DescMessage,
  bytes: Uint8Array,
): Message | undefined {
  try {
    return fromBinary(theirs, bytes);
  } catch {
    return undefined;
  }
}

/** Holds what we make of bytes against what they make of them. */
function agrees(
  { file, codec, theirs }: Case & { readonly file: string },
  bytes: Uint8Array,
): boolean {
  const ours = (codecs.get(file) as Codecs)(codec);
  const expected = theirReading(theirs, bytes);
  if (expected === undefined) return false;
  // They do not look for required fields when reading.
  const message = ours.decode(bytes, { partial: true });
  const again = theirReading(theirs, ours.encode(message, { partial: true }));
  // Values, for no machine keeps the bits of every NaN.
  expect(again, codec).toEqual(expected);
  return true;
}

test("two messages one after the other are merged alike", () => {
  let compared = 0;
  for (const one of cases) {
    for (const [index, bytes] of one.samples.entries()) {
      const other = one.samples[(index + 5) % one.samples.length] as Uint8Array;
      const both = new Uint8Array(Buffer.concat([bytes, other]));
      if (agrees(one, both)) compared += 1;
    }
  }
  expect(compared).toBe(cases.length * 12);
});
