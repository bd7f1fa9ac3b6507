import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bundle, stripTypes } from "./bundle.ts";
import { emptyFolder, loadFile, packageFile, run, versionOf } from "./cache.ts";
import { type Contender, load } from "./contender.ts";
import { interfaceFile } from "./wire.ts";

const folderOfInterface = path.dirname(interfaceFile);
const nameOfInterface = path.basename(interfaceFile);

/** Runs protoc with a plugin of a package. */
function protocPlugin(plugin: string, parameters: readonly string[]): void {
  run(packageFile("protoc", "protoc.cjs"), [
    `-I${folderOfInterface}`,
    `--plugin=${plugin}`,
    ...parameters,
    nameOfInterface,
  ]);
}

interface Writer {
  finish(): Uint8Array;
}

interface StaticType {
  decode(bytes: Uint8Array): unknown;
  encode(message: unknown): Writer;
}

async function protobufjs(): Promise<Contender> {
  const file = path.join(emptyFolder("protobufjs"), "porto.js");
  run(packageFile("protobufjs-cli", "bin/pbjs"), [
    "--target=static-module",
    "--wrap=esm",
    "--keep-case",
    "--no-comments",
    `--out=${file}`,
    interfaceFile,
  ]);
  const { Porto } = await loadFile<{
    readonly Porto: Readonly<Record<string, StaticType>>;
  }>(file);
  return {
    name: `protobufjs ${versionOf("protobufjs")} (static)`,
    int64: "Long",
    codec(name) {
      const type = typeOf(Porto, name);
      return {
        decode: (bytes) => type.decode(bytes),
        encode: (message) => type.encode(message).finish(),
      };
    },
  };
}

async function tsProto(): Promise<Contender> {
  const folder = emptyFolder("ts-proto");
  protocPlugin(
    `protoc-gen-ts_proto=${packageFile("ts-proto", "protoc-gen-ts_proto")}`,
    [
      `--ts_proto_out=${folder}`,
      `--ts_proto_opt=${[
        "forceLong=bigint",
        "unknownFields=true",
        "noDefaultsForOptionals=true",
        "outputJsonMethods=false",
        "outputPartialMethods=false",
        "snakeToCamel=false",
        "importSuffix=.js",
      ].join(",")}`,
    ],
  );
  const file = path.join(folder, "porto.js");
  await stripTypes(path.join(folder, "porto.ts"), file);
  const types = await loadFile<Readonly<Record<string, StaticType>>>(file);
  return {
    name: `ts-proto ${versionOf("ts-proto")}`,
    int64: "bigint",
    codec(name) {
      const type = typeOf(types, name);
      return {
        decode: (bytes) => type.decode(bytes),
        encode: (message) => type.encode(message).finish(),
      };
    },
  };
}

async function protobufEs(): Promise<Contender> {
  const folder = emptyFolder("protobuf-es");
  protocPlugin(
    `protoc-gen-es=${packageFile("@bufbuild/protoc-gen-es", "bin/protoc-gen-es")}`,
    [`--es_out=${folder}`, "--es_opt=target=js"],
  );
  const schemas = await loadFile<Readonly<Record<string, object>>>(
    path.join(folder, "porto_pb.js"),
  );
  const { fromBinary, toBinary } = await load<{
    readonly fromBinary: (schema: object, bytes: Uint8Array) => unknown;
    readonly toBinary: (schema: object, message: unknown) => Uint8Array;
  }>("@bufbuild/protobuf");
  return {
    name: `@bufbuild/protobuf ${versionOf("@bufbuild/protobuf")}`,
    int64: "bigint",
    codec(name) {
      const schema = typeOf(schemas, `${name}Schema`);
      return {
        decode: (bytes) => fromBinary(schema, bytes),
        encode: (message) => toBinary(schema, message),
      };
    },
  };
}

async function pbf(): Promise<Contender> {
  const file = path.join(emptyFolder("pbf"), "porto.js");
  writeFileSync(file, run(packageFile("pbf", "bin/pbf"), [interfaceFile]));
  const functions =
    await loadFile<Readonly<Record<string, (...values: unknown[]) => unknown>>>(
      file,
    );
  const { PbfReader, PbfWriter } = await load<{
    readonly PbfReader: new (bytes: Uint8Array) => object;
    readonly PbfWriter: new () => Writer;
  }>("pbf");
  return {
    name: `pbf ${versionOf("pbf")}`,
    int64: "number",
    codec(name) {
      const read = typeOf(functions, `read${name}`);
      const write = typeOf(functions, `write${name}`);
      return {
        decode: (bytes) => read(new PbfReader(bytes)),
        encode(message) {
          const writer = new PbfWriter();
          write(message, writer);
          return writer.finish();
        },
      };
    },
  };
}

interface OurType {
  decode(bytes: Uint8Array): unknown;
  encode(message: unknown): Uint8Array;
}

/**
 * Our own codec.
 *
 * @param source The generated module; undefined where there is none.
 */
export async function ours(source: string): Promise<Contender | undefined> {
  if (!existsSync(source)) return undefined;
  const file = path.join(emptyFolder("portolan"), "porto.js");
  await bundle(source, file);
  const types = await loadFile<Readonly<Record<string, OurType>>>(file);
  return {
    name: "Portolan",
    int64: "bigint",
    codec(name) {
      const type = typeOf(types, name);
      return {
        decode: (bytes) => type.decode(bytes),
        encode: (message) => type.encode(message),
      };
    },
  };
}

/** The others, their code generated anew from the interface. */
export async function peers(): Promise<readonly Contender[]> {
  return [await protobufjs(), await tsProto(), await protobufEs(), await pbf()];
}

function typeOf<T>(types: Readonly<Record<string, T>>, name: string): T {
  const type = types[name];
  if (type === undefined)
    throw new Error(`the generated module has no ${name}`);
  return type;
}
