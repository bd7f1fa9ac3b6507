import path from "node:path";
import {
  GenerateError,
  planFiles,
  type GenerateOptions,
  type GeneratePlan,
  type SourceFile,
} from "../../emit/generate.ts";
import { EmitError } from "../../emit/typescript/emit.ts";
import {
  applyPlan,
  isStale,
  OutputError,
  type PlanReport,
} from "../../emit/write.ts";
import { EnvelopeError } from "../../model/proto/envelope.ts";
import { exit, UsageError, type ExitCode } from "../exit.ts";
import { importsFrom, type InputFlags, readSource } from "../input.ts";
import { count, type Io } from "../io.ts";
import { singleLine } from "../../model/diagnostics.ts";
import { hasErrors, reportsAsJson, writeReports } from "../report.ts";

export interface GenerateFlags extends InputFlags {
  readonly output: string;
  readonly client?: boolean;
  readonly server?: boolean;
  readonly docs?: boolean;
  readonly inputs: "exact" | "partial";
  readonly importExtension: ".js" | ".ts";
  readonly sections: "file" | "sorted";
  readonly name?: string;
  readonly int64: "bigint" | "number" | "string";
  readonly check?: boolean;
  readonly json?: boolean;
}

/** `portolan generate`. */
export async function generate(
  names: readonly string[],
  flags: GenerateFlags,
  io: Io,
): Promise<ExitCode> {
  if (names.includes("-")) {
    throw new UsageError(
      "generate needs files, for their names become those of the output",
    );
  }
  if (flags.envelope !== undefined && names.length > 1) {
    throw new UsageError(
      "--envelope fits one interface file, and there are several: put NAME.envelope.json beside each NAME.proto instead",
    );
  }
  const sources: SourceFile[] = [];
  for (const name of names) {
    const location = path.resolve(io.cwd, name);
    sources.push({ ...(await readSource(name, flags, io)), location });
  }
  assertOptionsFit(sources, flags);
  const { files, reports } = plan(sources, flags, io);
  if (hasErrors(reports)) {
    if (flags.json === true) io.stdout.write(reportsAsJson(reports));
    else writeReports(reports, io);
    return exit.problems;
  }
  const check = flags.check === true;
  const root = path.resolve(io.cwd, flags.output);
  const outcome = await apply(files, { root, check });
  if (flags.json === true) {
    io.stdout.write(reportsAsJson(reports, { files: outcome }));
  } else {
    writeReports(reports, io);
    say(outcome, { output: flags.output, check, io });
  }
  return check && isStale(outcome) ? exit.problems : exit.ok;
}

/** An option that changes nothing is a mistake, and silence would hide it. */
function assertOptionsFit(
  sources: readonly SourceFile[],
  { client, server, name, inputs }: GenerateFlags,
): void {
  const protos = sources.filter(({ language }) => language === "proto");
  if (inputs === "partial" && protos.length === sources.length) {
    throw new UsageError(
      "--inputs partial means nothing for .proto files: what may be left out is in the file",
    );
  }
  const [option] = [
    client === true ? ["--client"] : [],
    server === true ? ["--server"] : [],
    name === undefined ? [] : ["--name"],
  ].flat();
  const messages = protos.find(({ envelope }) => envelope === undefined);
  if (option === undefined || messages === undefined) return;
  const beside = messages.path.replace(/\.proto$/, ".envelope.json");
  throw new UsageError(
    `${option} means nothing for "${messages.path}": it has messages, but nothing says how they carry calls. Describe that in "${beside}", or name a file that does with --envelope`,
  );
}

/** Without a selection everything is emitted; types always are. */
function selected(
  flags: GenerateFlags,
): Omit<GenerateOptions, "root" | "load"> {
  const all = !flags.client && !flags.server && !flags.docs;
  return {
    client: all || flags.client === true,
    server: all || flags.server === true,
    docs: all || flags.docs === true,
    inputs: flags.inputs,
    importExtension: flags.importExtension,
    sections: flags.sections,
    int64: flags.int64,
    ...(flags.name === undefined ? {} : { name: flags.name }),
  };
}

function plan(
  sources: readonly SourceFile[],
  flags: GenerateFlags,
  io: Io,
): GeneratePlan {
  const names = sources.map((file) => file.path);
  const options: GenerateOptions = {
    root: path.resolve(io.cwd, flags.output),
    load: importsFrom(flags.protoPath ?? [], names, io),
    ...selected(flags),
  };
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

async function apply(
  ...args: Parameters<typeof applyPlan>
): Promise<PlanReport> {
  try {
    return await applyPlan(...args);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // What the file system refuses is not a defect of ours.
    if (error instanceof OutputError)
      throw new UsageError(message, { cause: error });
    if (code !== undefined)
      throw new UsageError(`cannot write the output: ${message}`, {
        cause: error,
      });
    throw error;
  }
}

function say(
  report: PlanReport,
  {
    output,
    check,
    io,
  }: { readonly output: string; readonly check: boolean; readonly io: Io },
): void {
  const { created, updated, removed, unchanged } = report;
  const list = (word: string, files: readonly string[]): void => {
    for (const file of files)
      io.stderr.write(`${word} ${singleLine(path.join(output, file))}\n`);
  };
  if (check) {
    list("missing", created);
    list("stale  ", updated);
    list("left over", removed);
    io.stderr.write(
      isStale(report)
        ? "The output is stale: run the same command without --check.\n"
        : `The output is up to date: ${count(unchanged.length, "file")}.\n`,
    );
    return;
  }
  list("created", created);
  list("updated", updated);
  list("removed", removed);
  if (!isStale(report))
    io.stderr.write(
      `Nothing to do: ${count(unchanged.length, "file")} up to date.\n`,
    );
}
