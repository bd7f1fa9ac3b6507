// Reading .proto files, beside two peers.
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type CorpusFile, corpusFiles } from "../scripts/corpora/files.ts";
import { bundle } from "./bundle.ts";
import { emptyFolder, loadFile, root, versionOf } from "./cache.ts";
import { load } from "./contender.ts";
import { type Cell, type Measured, clockOf, measure } from "./measure.ts";
import { ratio, table } from "./table.ts";
import { interfaceFile } from "./wire.ts";

const { values: flags } = parseArgs({
  options: {
    // All 8,051 files of google-proto-files as well.
    all: { type: "boolean", default: false },
    rounds: { type: "string", default: "7" },
    // `cpu` on a machine that has other work to do.
    clock: { type: "string", default: "wall" },
  },
});

interface Parser {
  readonly name: string;
  /** The parser whose time is the unit of this one's. */
  readonly base: string;
  /** For one file that imports nothing only. */
  readonly single?: boolean;
  /** @throws Error for a file that it does not take. */
  readonly parse: (files: readonly CorpusFile[]) => unknown;
}

interface Root {
  resolveAll(): unknown;
}

async function parsers(): Promise<readonly Parser[]> {
  const output = path.join(emptyFolder("portolan-parse"), "parse.js");
  await bundle(path.join(root, "bench/parse-entry.ts"), output);
  const ours = await loadFile<typeof import("./parse-entry.ts")>(output);
  const { default: protobufjs } = await load<{
    readonly default: {
      readonly parse: (text: string) => { readonly root: Root };
    };
  }>("protobufjs");
  const { default: schema } = await load<{
    readonly default: { readonly parse: (text: string) => unknown };
  }>("protocol-buffers-schema");

  const peer = `protobufjs ${versionOf("protobufjs")}`;
  const syntax = `${peer}: parse`;
  const resolved = `${peer}: parse and resolveAll`;
  return [
    { name: "Portolan: syntax trees", base: syntax, parse: ours.syntaxTrees },
    {
      name: syntax,
      base: syntax,
      parse: each(({ text }) => protobufjs.parse(text)),
    },
    {
      name: `protocol-buffers-schema ${versionOf("protocol-buffers-schema")}`,
      base: syntax,
      parse: each(({ text }) => schema.parse(text)),
    },
    {
      name: "Portolan: linked and checked",
      base: resolved,
      parse: ours.descriptors,
    },
    {
      name: resolved,
      base: resolved,
      single: true,
      parse: each(({ text }) => protobufjs.parse(text).root.resolveAll()),
    },
  ];
}

function each(parse: (file: CorpusFile) => unknown): Parser["parse"] {
  return (files) => {
    for (const file of files) parse(file);
  };
}

interface Input {
  readonly name: string;
  readonly files: readonly CorpusFile[];
}

function inputs(): readonly Input[] {
  // Where the project began: the same messages as in our interface file, with
  // other comments.
  const seed = path.join(root, "../shared/seeds/rpc.proto");
  return [
    single(interfaceFile),
    ...(existsSync(seed) ? [single(seed)] : []),
    ...[
      "steam-user",
      "hbase-rpc-client",
      ...(flags.all ? ["google-proto-files"] : []),
    ].map((name) => ({ name, files: corpusFiles(name) })),
  ].filter(({ files }) => files.length > 0);
}

function single(file: string): Input {
  const name = path.basename(file);
  const text = readFileSync(file, "utf8");
  return { name, files: [{ path: file, name, text, load: () => undefined }] };
}

interface Outcome {
  readonly refused: readonly string[];
  readonly measured: readonly Measured[];
}

function measureInput(
  { name, files }: Input,
  contenders: readonly Parser[],
): Outcome {
  const refused: string[] = [];
  const cells = contenders
    .filter((one) => files.length === 1 || one.single !== true)
    .map(({ name: contender, parse }): Cell => {
      const taken = files.filter((file) => takes(parse, file));
      const rest = files.length - taken.length;
      if (rest > 0) refused.push(`${contender}: refuses ${rest} of ${name}`);
      return { contender, run: () => parse(taken) };
    });
  const measured = measure(cells, {
    rounds: Number(flags.rounds),
    slice: 300,
    warmUp: 2000,
    clock: clockOf(flags.clock),
  });
  return { refused, measured };
}

function takes(parse: Parser["parse"], file: CorpusFile): boolean {
  try {
    parse([file]);
    return true;
  } catch {
    return false;
  }
}

/** Time, and how many times as fast as its base. */
function cell(
  measured: readonly Measured[],
  name: string,
  base: string,
): string {
  const rateOf = (wanted: string): number =>
    measured.find(({ contender }) => contender === wanted)?.perSecond ??
    Number.NaN;
  const time = 1000 / rateOf(name);
  if (!Number.isFinite(time)) return "–";
  const text = time >= 100 ? time.toFixed(0) : time.toPrecision(3);
  const times = rateOf(name) / rateOf(base);
  return Number.isFinite(times) ? `${text} (${ratio(times)}×)` : text;
}

function title({ name, files }: Input): string {
  const size = files.reduce((sum, { text }) => sum + text.length, 0) / 1000;
  const kilobytes = `${Math.round(size).toLocaleString("en")} kB`;
  return files.length === 1
    ? `${name} (${kilobytes})`
    : `${name} (${files.length} files, ${kilobytes})`;
}

async function main(): Promise<void> {
  const contenders = await parsers();
  const head = ["milliseconds"];
  const rows = contenders.map(({ name }) => [name]);
  const remarks: string[] = [];
  for (const input of inputs()) {
    const { measured, refused } = measureInput(input, contenders);
    remarks.push(...refused);
    head.push(title(input));
    for (const [index, { name, base }] of contenders.entries())
      rows[index]?.push(cell(measured, name, base));
    console.error(`${input.name}: done`);
  }
  const machine = `Node ${process.versions.node}, ${cpus()[0]?.model.trim() ?? "?"}, ${process.platform}, ${flags.clock} time`;
  console.log(
    [
      `${machine}; median of ${flags.rounds} rounds; in parentheses how many times as fast as protobufjs.`,
      "",
      table(head, rows),
      ...(remarks.length === 0
        ? []
        : ["", ...remarks.map((one) => `- ${one}`)]),
    ].join("\n"),
  );
}

await main();
