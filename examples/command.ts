// What the examples have in common as commands: options, `--help`, and what goes wrong in one line.
import { parseArgs } from "node:util";
import { PortolanError } from "portolan/runtime";
import { plain } from "./table.ts";

export interface Arguments {
  readonly words: readonly string[];
  /** Whether an option such as `--once` is given. */
  has(option: string): boolean;
}

/**
 * Runs an example. `--help` prints how it is used; what it throws of libpod's and the
 * runtime's errors is one line on standard error, and exit code 1.
 */
export async function command(
  usage: string,
  options: readonly string[],
  main: (given: Arguments) => Promise<void>,
): Promise<void> {
  try {
    const { values, positionals } = parseArgs({
      options: Object.fromEntries(
        ["help", ...options].map((name) => [name, { type: "boolean" }]),
      ),
      allowPositionals: true,
    });
    if (values["help"] === true) process.stdout.write(`usage: ${usage}\n`);
    else
      await main({
        words: positionals,
        has: (option) => values[option] === true,
      });
  } catch (error) {
    if (!PortolanError.is(error) && !isMisused(error)) throw error;
    process.stderr.write(`${plain(error.message.replaceAll("\n", " "))}\n`);
    process.exitCode = 1;
  }
}

/** What `parseArgs` throws for options that there are not. */
function isMisused(error: unknown): error is TypeError {
  return (
    error instanceof TypeError &&
    "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS_")
  );
}
