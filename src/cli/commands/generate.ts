import path from "node:path";
import {
  GenerateError,
  planFiles,
  type GenerateOptions,
  type GeneratePlan,
  type SourceFile,
} from "../../emit/generate.ts";
import { EmitError } from "../../emit/typescript/emit.ts";
import { applyPlan, isStale } from "../../emit/write.ts";
import { EnvelopeError } from "../../model/proto/envelope.ts";
import {
  type ConfigFlags,
  fromHere,
  settingsOf,
  templatesOf,
} from "../configured.ts";
import { exit, UsageError, type ExitCode } from "../exit.ts";
import { assertOneEnvelope, importsFrom, readSource } from "../input.ts";
import type { Io } from "../io.ts";
import { sayPlan, withOutputErrors } from "../output.ts";
import { hasErrors, reportsAsJson, writeReports } from "../report.ts";

export interface GenerateFlags extends ConfigFlags {
  /** Default: the configuration's. */
  readonly output?: string;
  readonly client?: boolean;
  readonly server?: boolean;
  readonly docs?: boolean;
  readonly inputs?: "exact" | "partial";
  readonly importExtension?: ".js" | ".ts";
  readonly sections?: "file" | "sorted";
  readonly name?: string;
  readonly int64?: "bigint" | "number" | "string";
  readonly check?: boolean;
  readonly json?: boolean;
}

/** `portolan generate`: what the command line says, and behind it a configuration. */
export async function generate(
  given: readonly string[],
  ownFlags: GenerateFlags,
  io: Io,
): Promise<ExitCode> {
  if (given.includes("-")) {
    throw new UsageError(
      "generate needs files, for their names become those of the output",
    );
  }
  const { names, flags, config } = await settingsOf(given, ownFlags, io);
  const output =
    flags.output ?? (config?.output && fromHere(config.output, io));
  if (output === undefined) {
    throw new UsageError(
      config === undefined
        ? "generate needs a folder for its output: -o DIR"
        : `generate needs a folder for its output: -o DIR, or "output" in "${fromHere(config.file, io)}"`,
    );
  }
  assertOneEnvelope(names, flags);
  const sources: SourceFile[] = [];
  for (const name of names) {
    const location = path.resolve(io.cwd, name);
    const configured = flags.configured?.get(location)?.options;
    sources.push({
      ...(await readSource(name, flags, io)),
      location,
      // What the command line says holds for all files.
      options: { ...configured, ...selected(flags) },
    });
  }
  assertOptionsFit(sources, flags);
  const root = path.resolve(io.cwd, output);
  const importExtension = flags.importExtension ?? config?.importExtension;
  const templates = await templatesOf(flags, io);
  const { files, reports } = plan(
    sources,
    {
      root,
      load: importsFrom(flags.protoPath ?? [], names, io),
      ...(importExtension && { importExtension }),
      ...(templates && { templates }),
      ...(flags.name !== undefined && { name: flags.name }),
    },
    flags,
    io,
  );
  if (hasErrors(reports)) {
    if (flags.json === true) io.stdout.write(reportsAsJson(reports));
    else writeReports(reports, io);
    return exit.problems;
  }
  const check = flags.check === true;
  const outcome = await withOutputErrors(() =>
    applyPlan(files, { root, check }),
  );
  if (flags.json === true) {
    io.stdout.write(reportsAsJson(reports, { files: outcome }));
  } else {
    writeReports(reports, io);
    sayPlan(outcome, { output, check, io });
  }
  return check && isStale(outcome) ? exit.problems : exit.ok;
}

/** An option that changes nothing is a mistake, and silence would hide it. */
function assertOptionsFit(
  sources: readonly SourceFile[],
  flags: GenerateFlags,
): void {
  const { client, server, name, inputs, int64, configured } = flags;
  const protos = sources.filter(({ language }) => language === "proto");
  if (inputs === "partial" && protos.length === sources.length) {
    throw new UsageError(
      "--inputs partial means nothing for .proto files: what may be left out is in the file",
    );
  }
  if (int64 === "string" && protos.length === 0) {
    throw new UsageError(
      "--int64 string means nothing for .varlink files: their integers are number or bigint",
    );
  }
  const messages = protos.filter(({ envelope }) => envelope === undefined);
  // One name for several files is another mistake, which is told of later.
  const fitsOne = name === undefined || sources.length === 1;
  const named = messages.find(
    ({ options }) => fitsOne && options?.name !== undefined,
  );
  // Where a configuration names several files, others have their use for a selection.
  const isOneOfMany = configured !== undefined && sources.length > 1;
  const idle = named ?? (isOneOfMany ? undefined : messages[0]);
  const [option] = [
    client === true ? ["--client"] : [],
    server === true ? ["--server"] : [],
    named === undefined ? [] : [name === undefined ? '"name"' : "--name"],
  ].flat();
  if (option === undefined || idle === undefined) return;
  const beside = idle.path.replace(/\.proto$/, ".envelope.json");
  throw new UsageError(
    `${option} means nothing for "${idle.path}": it has messages, but nothing says how they carry calls. Describe that in "${beside}", or name a file that does with --envelope`,
  );
}

/** What the command line says of files; a selection leaves out what it does not name. */
function selected(flags: GenerateFlags): SourceFile["options"] & object {
  const { client, server, docs, inputs, int64, name, sections } = flags;
  const isSelection = [client, server, docs].includes(true);
  return {
    ...(isSelection && {
      client: client === true,
      server: server === true,
      docs: docs === true,
    }),
    ...(inputs && { inputs }),
    ...(int64 && { int64 }),
    ...(sections && { sections }),
    ...(name !== undefined && { name }),
  };
}

function plan(
  sources: readonly SourceFile[],
  options: GenerateOptions,
  flags: GenerateFlags,
  io: Io,
): GeneratePlan {
  try {
    return planFiles(sources, options);
  } catch (error) {
    const isOurs = error instanceof GenerateError || error instanceof EmitError;
    if (!isOurs) throw error;
    if (flags.json === true && error.cause instanceof EnvelopeError)
      io.stdout.write(reportsAsJson([], {}, [error.cause]));
    throw new UsageError(error.message, { cause: error });
  }
}
