// The files that come with Protocol Buffers: ours have to mean what protoc's mean.
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inlinedWellKnownTexts } from "../../../scripts/build/well-known-texts.ts";
import {
  wellKnownFile,
  wellKnownPaths,
} from "../../../src/model/proto/well-known.ts";
import { runProtoc } from "../../support/protoc.ts";

const protocs = fileURLToPath(
  new URL("../../../node_modules/protoc/include/", import.meta.url),
);
const paths = readdirSync(path.join(protocs, "google/protobuf"), {
  recursive: true,
  encoding: "utf8",
})
  .filter((name) => name.endsWith(".proto"))
  .map((name) => `google/protobuf/${name.replaceAll("\\", "/")}`)
  .toSorted();

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "portolan-well-known-"));
  for (const name of paths) {
    const file = path.join(folder, "ours", name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, wellKnownFile(name) ?? "");
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything protoc tells of the files in a folder, options for the source alone included. */
function descriptors(
  include: string,
): ReadonlyMap<string, FileDescriptorProto> {
  const output = path.join(folder, "set.bin");
  runProtoc([
    `-I${include}`,
    `--descriptor_set_out=${output}`,
    "--include_source_info",
    "--retain_options",
    ...paths,
  ]);
  const { file } = fromBinary(FileDescriptorSetSchema, readFileSync(output));
  return new Map(file.map((one) => [one.name, one]));
}

/**
 * A descriptor without what may differ: places and comments, and the sentences
 * that compilers say when a feature is used too late, which are ours.
 */
function meaning(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(meaning);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "sourceCodeInfo")
      .map(([name, one]) =>
        name === "deprecationWarning" || name === "removalError"
          ? [name, one !== ""]
          : [name, meaning(one)],
      ),
  );
}

/** Every run of eight words in the comments and sentences of a file. */
function runs(text: string): ReadonlySet<string> {
  const words =
    text
      .replaceAll(/^\s*(?:\/\/|")/gm, "")
      .toLowerCase()
      .match(/[a-z0-9']+/g) ?? [];
  return new Set(
    words.map((_, index) => words.slice(index, index + 8).join(" ")),
  );
}

/** What stands in comments and in the sentences of a file, and nothing else of it. */
function prose(text: string): string {
  return text
    .split("\n")
    .filter((line) => /^\s*(?:\/\/|")|\/\/ /.test(line))
    .map((line) => line.replace(/^.*?(?=\/\/|")/, ""))
    .join("\n");
}

describe("the files that come with Protocol Buffers", () => {
  it("are all those that protoc has", () => {
    expect(wellKnownPaths()).toEqual(paths);
  });

  it("are found by the path of their import alone", () => {
    expect(wellKnownFile("google/protobuf/any.proto")).toContain("message Any");
    for (const wrong of [
      "any.proto",
      "google/protobuf/none.proto",
      "google/protobuf/../protobuf/any.proto",
      "/google/protobuf/any.proto",
      "google\\protobuf\\any.proto",
      "",
    ])
      expect(wellKnownFile(wrong)).toBeUndefined();
  });

  it("have protoc's descriptors", () => {
    const ours = descriptors(path.join(folder, "ours"));
    const theirs = descriptors(protocs);
    for (const name of paths) {
      // Not protoc's own file by way of its default folder.
      expect(ours.get(name)?.sourceCodeInfo).not.toEqual(
        theirs.get(name)?.sourceCodeInfo,
      );
      expect(meaning(ours.get(name)), name).toEqual(meaning(theirs.get(name)));
    }
  });

  it("document every message and enum", () => {
    // message_type, enum_type, and nested_type and enum_type of a message.
    const types = new Set(["4", "5", "4,3", "4,4", "4,3,3", "4,3,4"]);
    const undocumented: string[] = [];
    for (const [name, { sourceCodeInfo }] of descriptors(
      path.join(folder, "ours"),
    ))
      for (const location of sourceCodeInfo?.location ?? []) {
        const fields = location.path.filter((_, index) => index % 2 === 0);
        if (
          location.path.length === 2 * fields.length &&
          types.has(String(fields)) &&
          location.leadingComments === ""
        )
          undocumented.push(`${name}: ${String(location.path)}`);
      }
    expect(undocumented).toEqual([]);
  });

  it("say it in words of our own", () => {
    for (const name of paths) {
      const theirs = runs(
        prose(readFileSync(path.join(protocs, name), "utf8")),
      );
      const shared = [...runs(prose(wellKnownFile(name) ?? ""))].filter(
        (run) => run.split(" ").length === 8 && theirs.has(run),
      );
      expect(shared, name).toEqual([]);
    }
  });

  it("are the same in a build", async () => {
    const inlined = (await import(
      `data:text/javascript,${encodeURIComponent(inlinedWellKnownTexts())}`
    )) as { wellKnownTexts(): ReadonlyMap<string, string> };
    expect([...inlined.wellKnownTexts()]).toEqual(
      paths.map((name) => [name, wellKnownFile(name)]),
    );
  });
});
