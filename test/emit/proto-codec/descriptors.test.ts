import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { protocDescriptors } from "../../support/protoc.ts";
import { type Data, loadCodecs, serviceOf } from "./support.ts";

/**
 * The largest messages that protoc itself writes: descriptors, which have groups of
 * every form, and options that are extensions and so unknown here.
 */
const known = fileURLToPath(
  new URL("../../../node_modules/protoc/include", import.meta.url),
);
const own = fileURLToPath(new URL("../../../interfaces", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));

test("protoc's own descriptors are read, and written as the same bytes", async () => {
  const name = "google/protobuf/descriptor.proto";
  const text = readFileSync(`${known}/${name}`, "utf8");
  const codecs = await loadCodecs(serviceOf(text, name));
  const files = ["porto.proto", "all.proto", "three.proto", name];
  const { bytes, set } = protocDescriptors(files, {
    includes: [known, own, here],
  });
  const codec = codecs("FileDescriptorSet");
  const read = codec.decode(bytes) as { readonly file: readonly Data[] };
  expect(read.file.map((file) => file["name"])).toEqual(
    set.file.map((file) => file.name),
  );
  expect(Buffer.compare(codec.encode(read), bytes)).toBe(0);
});
