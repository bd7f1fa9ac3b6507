// What of ours is measured: bundled before it is, see bundle.ts.
import type { Problems } from "../grammar/proto/codes.ts";
import { readProto } from "../grammar/proto/read.ts";
import { DiagnosticCollector } from "../grammar/source/diagnostics.ts";
import { SourceText } from "../grammar/source/source-text.ts";
import type { CorpusFile } from "../scripts/corpora/files.ts";
import { parseProtoFiles } from "../src/model/proto.ts";

/** @throws Error for a file with errors. */
export function syntaxTrees(files: readonly CorpusFile[]): void {
  for (const { path, text } of files) {
    const problems: Problems = new DiagnosticCollector();
    readProto(new SourceText(path, text), problems);
    if (problems.errors > 0) throw new Error(`${path} has errors`);
  }
}

/**
 * The files and all they import, each read once.
 *
 * @throws Error for a file with errors.
 */
export function descriptors(files: readonly CorpusFile[]): void {
  const own = new Map(files.map((file) => [file.name, file]));
  const results = parseProtoFiles([...own.keys()], {
    load: (name) => own.get(name) ?? files[0]?.load(name),
  });
  for (const [index, result] of results.entries())
    if (result?.file === undefined)
      throw new Error(`${files[index]?.path ?? "?"} has errors`);
}
