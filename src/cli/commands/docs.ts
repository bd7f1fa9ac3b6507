import { stat } from "node:fs/promises";
import path from "node:path";
import { emitMarkdown } from "../../emit/markdown/emit.ts";
import { exit, UsageError, type ExitCode } from "../exit.ts";
import { importsFrom, type InputFlags, read, readSource } from "../input.ts";
import type { Io } from "../io.ts";
import { writeDocument } from "../output.ts";
import { writeReports } from "../report.ts";

export interface DocsFlags extends InputFlags {
  readonly output?: string;
  readonly sections: "file" | "sorted";
}

/** `portolan docs`: the document goes to a file or to standard output. */
export async function docs(
  name: string,
  flags: DocsFlags,
  io: Io,
): Promise<ExitCode> {
  const file = await readSource(name, flags, io);
  await assertNotInput(name, flags, io);
  const load = importsFrom(flags.protoPath ?? [], [name], io);
  const { service, reports } = read(file, load);
  writeReports(reports, io);
  if (service === undefined) return exit.problems;
  const { text } = emitMarkdown(service, {
    path: "API.md",
    sections: flags.sections,
  });
  if (flags.output === undefined) io.stdout.write(text);
  else await writeDocument(flags.output, text, io.cwd);
  return exit.ok;
}

/** `docs x.varlink -o x.varlink` would put the document in place of its source. */
async function assertNotInput(
  name: string,
  { output }: DocsFlags,
  io: Io,
): Promise<void> {
  if (output === undefined || name === "-") return;
  const [input, target] = await Promise.all(
    [name, output].map((file) =>
      // The device and number of a file: links lead to the same one.
      stat(path.resolve(io.cwd, file), { bigint: true }).catch(() => undefined),
    ),
  );
  if (
    input !== undefined &&
    target !== undefined &&
    input.dev === target.dev &&
    input.ino === target.ino
  )
    throw new UsageError(
      `"${output}" is the interface file itself, and is not overwritten`,
    );
}
