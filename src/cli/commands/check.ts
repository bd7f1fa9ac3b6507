import { parseVarlink } from "../../model/varlink.ts";
import { exit, type ExitCode } from "../exit.ts";
import { readSources } from "../input.ts";
import { count, type Io } from "../io.ts";
import { hasErrors, reportsAsJson, writeReports } from "../report.ts";

/** `portolan check`: the problems of interface files. */
export async function check(
  names: readonly string[],
  flags: { readonly json?: boolean },
  io: Io,
): Promise<ExitCode> {
  const sources = await readSources(names, io);
  const reports = sources.map((file) => parseVarlink(file.text, file));
  if (flags.json === true) {
    io.stdout.write(reportsAsJson(reports));
  } else {
    writeReports(reports, io);
    const all = reports.flatMap(({ diagnostics }) => diagnostics);
    const errors = all.filter(({ severity }) => severity === "error").length;
    const found = `${count(errors, "error")} and ${count(all.length - errors, "warning")}`;
    io.stderr.write(`${count(sources.length, "file")} read: ${found}.\n`);
  }
  return hasErrors(reports) ? exit.problems : exit.ok;
}
