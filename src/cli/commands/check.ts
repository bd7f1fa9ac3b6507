import type {
  ResolvedConfig,
  ResolvedInterface,
} from "../../config/resolve.ts";
import type { SourceReport } from "../../model/read.ts";
import { EnvelopeError } from "../../model/proto/envelope.ts";
import { type ConfigFlags, settingsOf } from "../configured.ts";
import { exit, InputError, UsageError, type ExitCode } from "../exit.ts";
import { importsFrom, read, readSource } from "../input.ts";
import { count, printable, type Io } from "../io.ts";
import { hasErrors, reportsAsJson, writeReports } from "../report.ts";

export interface CheckFlags extends ConfigFlags {
  readonly json?: boolean;
}

/** `portolan check`: the problems of the interface files that are named, else of those that are configured. */
export async function check(
  given: readonly string[],
  ownFlags: CheckFlags,
  io: Io,
): Promise<ExitCode> {
  const { names, flags } = await settingsOf(given, ownFlags, io, allFiles);
  const load = importsFrom(flags.protoPath ?? [], names, io);
  const reports: SourceReport[] = [];
  // A file that is not even text must not hide the problems of the others.
  const unreadable: { readonly path: string; readonly message: string }[] = [];
  const misfits: EnvelopeError[] = [];
  for (const name of names) {
    try {
      const file = await readSource(name, flags, io);
      reports.push(...read(file, load).reports);
    } catch (error) {
      if (error instanceof InputError)
        unreadable.push({ path: name, message: error.message });
      else if (isMisfit(error)) misfits.push(error.cause);
      else throw error;
    }
  }
  if (flags.json === true) {
    io.stdout.write(reportsAsJson(reports, { unreadable }, misfits));
  } else {
    writeReports(reports, io);
    for (const { message } of [...unreadable, ...misfits]) {
      io.stderr.write(`${printable(`portolan: ${message}`)}\n`);
    }
    const all = reports.flatMap(({ diagnostics }) => diagnostics);
    const errors = all.filter(({ severity }) => severity === "error").length;
    const found = `${count(errors, "error")} and ${count(all.length - errors, "warning")}`;
    io.stderr.write(`${count(reports.length, "file")} read: ${found}.\n`);
  }
  if (misfits.length > 0) return exit.usage;
  return hasErrors(reports) || unreadable.length > 0 ? exit.problems : exit.ok;
}

/** Files that a configuration has for any command, each once. */
function allFiles({
  interfaces,
  documents,
}: ResolvedConfig): readonly ResolvedInterface[] {
  const all = [
    ...interfaces,
    ...documents.flatMap((document) => document.interfaces),
  ];
  return [...new Map(all.map((one) => [one.path, one])).values()];
}

function isMisfit(
  error: unknown,
): error is UsageError & { readonly cause: EnvelopeError } {
  return error instanceof UsageError && error.cause instanceof EnvelopeError;
}
