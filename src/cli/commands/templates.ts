import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { templateTexts } from "../../emit/templates/texts.ts";
import { suggestion } from "../../model/proto/envelope/problem.ts";
import { exit, UsageError, type ExitCode } from "../exit.ts";
import type { Io } from "../io.ts";

export interface TemplatesFlags {
  readonly output?: string;
}

/**
 * `portolan templates`: the names of the built-in templates, the text of one, or
 * copies in a folder to start from.
 */
export async function templates(
  names: readonly string[],
  { output }: TemplatesFlags,
  io: Io,
): Promise<ExitCode> {
  const known = [...templateTexts.keys()];
  for (const name of names) {
    if (!templateTexts.has(name))
      throw new UsageError(
        `there is no template "${name}"${suggestion(name, known)}`,
      );
  }
  if (output !== undefined) {
    await copy(names.length === 0 ? known : names, output, io);
    return exit.ok;
  }
  const [name, ...others] = names;
  if (name === undefined) io.stdout.write(`${known.join("\n")}\n`);
  else if (others.length === 0) io.stdout.write(templateTexts.get(name) ?? "");
  else throw new UsageError("several templates need a folder: -o DIR");
  return exit.ok;
}

/** Writes all, or nothing where one is there: that is the user's. */
async function copy(
  names: readonly string[],
  output: string,
  io: Io,
): Promise<void> {
  const copies = [...new Set(names)].map((name) => {
    const shown = path.join(output, `${name}.hbs`);
    return { name, shown, file: path.resolve(io.cwd, shown) };
  });
  const there = copies.find(({ file }) => existsSync(file));
  if (there !== undefined)
    throw new UsageError(`"${there.shown}" exists and is not overwritten`);
  for (const { name, shown, file } of copies) {
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, templateTexts.get(name) ?? "", { flag: "wx" });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new UsageError(`cannot write "${shown}": ${message}`, {
        cause: error,
      });
    }
    io.stderr.write(`created ${shown}\n`);
  }
}
