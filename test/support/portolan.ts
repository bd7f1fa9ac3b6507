import { fileURLToPath } from "node:url";
import { run } from "../../src/cli/program.ts";

/** The repository's folder, with a slash at its end. */
export const repository: string = fileURLToPath(
  new URL("../../", import.meta.url),
);

/** How a command ended, and what it said: standard output and error as they came. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs our command in this process, which has its modules already. Its standard input is empty. */
export async function portolan(
  args: readonly string[],
  cwd: string,
): Promise<Ended> {
  let output = "";
  const write = (text: string): unknown => (output += text);
  const code = await run(args, "0", {
    stdout: { write, colour: false },
    stderr: { write, colour: false },
    stdin: (async function* none() {})(),
    cwd,
    toldToEnd: () => Promise.resolve(),
  });
  return { code, output };
}
