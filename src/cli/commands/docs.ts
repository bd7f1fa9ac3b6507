import { writeFile } from "node:fs/promises";
import path from "node:path";
import { emitMarkdown } from "../../emit/markdown/emit.ts";
import { parseVarlink } from "../../model/varlink.ts";
import { exit, UsageError, type ExitCode } from "../exit.ts";
import { readSources } from "../input.ts";
import type { Io } from "../io.ts";
import { writeReports } from "../report.ts";

export interface DocsFlags {
  readonly output?: string;
  readonly sections: "file" | "sorted";
}

/** `portolan docs`: the document goes to a file or to standard output. */
export async function docs(
  name: string,
  flags: DocsFlags,
  io: Io,
): Promise<ExitCode> {
  for (const file of await readSources([name], io)) {
    const { service, source, diagnostics } = parseVarlink(file.text, file);
    writeReports([{ source, diagnostics }], io);
    if (service === undefined) return exit.problems;
    const { text } = emitMarkdown(service, {
      path: "API.md",
      sections: flags.sections,
    });
    if (flags.output === undefined) {
      io.stdout.write(text);
      continue;
    }
    try {
      await writeFile(path.resolve(io.cwd, flags.output), text);
    } catch (error) {
      const { message } = error as Error;
      throw new UsageError(`cannot write "${flags.output}": ${message}`, {
        cause: error,
      });
    }
  }
  return exit.ok;
}
