// Descriptors as protoc writes them: the oracle of what we make of a file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorSet,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

const executable = fileURLToPath(
  new URL("../../node_modules/protoc/protoc.cjs", import.meta.url),
);

/**
 * Compiles files with protoc: source info and imports included, options read.
 *
 * @throws Error with what protoc says when it refuses them.
 */
export function protocDescriptors(
  files: readonly string[],
  options: { readonly includes: readonly string[] },
): { readonly set: FileDescriptorSet; readonly bytes: Uint8Array } {
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-protoc-"));
  const output = path.join(folder, "set.bin");
  try {
    runProtoc([
      ...options.includes.map((include) => `-I${include}`),
      `--descriptor_set_out=${output}`,
      "--include_imports",
      "--include_source_info",
      ...files,
    ]);
    const bytes = readFileSync(output);
    return { set: fromBinary(FileDescriptorSetSchema, bytes), bytes };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs protoc, with bytes for its standard input.
 *
 * @throws Error with what it says when it fails.
 */
export function runProtoc(
  parameters: readonly string[],
  input?: Uint8Array,
): Buffer {
  const result = spawnSync(process.execPath, [executable, ...parameters], {
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });
  if (result.status !== 0)
    throw new Error(`protoc: ${result.stderr.toString()}`);
  return result.stdout;
}
