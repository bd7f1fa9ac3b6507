import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  createFileRegistry,
  type FileRegistry,
  fromBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { renderFrame } from "../../../src/model/diagnostics.ts";
import { parseProtoFiles } from "../../../src/model/proto.ts";
import { describeCorpus, seed } from "../../support/corpus.ts";
import { runProtoc } from "../../support/protoc.ts";
import { formOf } from "./forms.ts";
import { protocFormOf } from "./protoc-forms.ts";

const own = fileURLToPath(new URL("files", import.meta.url));
const includes = fileURLToPath(
  new URL("../../../node_modules/protoc/include", import.meta.url),
);

function protosIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".proto"))
    .map((name) => name.replaceAll("\\", "/"))
    .toSorted();
}

/** What protoc makes of files, nothing left out. */
function protocRegistry(
  names: readonly string[],
  folders: readonly string[],
): FileRegistry {
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-forms-"));
  try {
    const output = path.join(folder, "set.bin");
    runProtoc([
      ...folders.map((one) => `-I${one}`),
      `--descriptor_set_out=${output}`,
      "--include_imports",
      "--include_source_info",
      "--retain_options",
      ...names,
    ]);
    const set = fromBinary(FileDescriptorSetSchema, readFileSync(output));
    return createFileRegistry(set);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function loadFrom(folders: readonly string[]) {
  return (name: string) => {
    for (const folder of folders) {
      try {
        const file = path.join(folder, name);
        return { path: file, text: readFileSync(file, "utf8") };
      } catch {
        // The next one may have it.
      }
    }
    return undefined;
  };
}

function compare(names: readonly string[], folders: readonly string[]): void {
  const registry = protocRegistry(names, folders);
  for (const name of names) {
    it(name, () => {
      const [ours] = parseProtoFiles([name], { load: loadFrom(folders) });
      const errors = ours?.diagnostics
        .filter(({ severity }) => severity === "error")
        .map((each) => renderFrame(each, ours.source));
      expect(errors).toEqual([]);
      const theirs = registry.getFile(name);
      if (ours?.file === undefined || theirs === undefined)
        throw new Error("not made");
      expect(formOf(ours.file, registry)).toEqual(
        protocFormOf(theirs, registry),
      );
    });
  }
}

describe("equals protoc's descriptor", () => {
  describe("of our own files", () => compare(protosIn(own), [own, includes]));

  describe("of the files that come with protoc", () =>
    compare(protosIn(includes), [includes]));

  describeCorpus("of Porto's file", () =>
    compare(["rpc.proto"], [seed(), includes]),
  );
});
