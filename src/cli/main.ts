#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { exit } from "./exit.ts";
import { run } from "./program.ts";
import { wantsColour } from "./io.ts";

/** By name, for this file stands elsewhere in a release than in the repository. */
function packageVersion(): string {
  const file = new URL(import.meta.resolve("portolan/package.json"));
  const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
  const { version } = manifest as { readonly version: string };
  return version;
}

// A reader that has seen enough (`| head`) is no error; a full disk is.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode ?? exit.ok);
  process.stderr.write(
    `portolan: cannot write to standard output: ${error.message}\n`,
  );
  process.exit(exit.usage);
});
// What nobody can read changes nothing of what was done, nor of the exit code.
process.stderr.on("error", () => undefined);

// The code is set, not forced: what is written to a pipe must get there.
process.exitCode = await run(process.argv.slice(2), packageVersion(), {
  stdout: {
    write: (text) => process.stdout.write(text),
    colour: wantsColour(process.stdout, process.env),
  },
  stderr: {
    write: (text) => process.stderr.write(text),
    colour: wantsColour(process.stderr, process.env),
  },
  stdin: process.stdin,
  cwd: process.cwd(),
  toldToEnd,
});

/** Once: a second Ctrl-C ends the process at once, as if nobody listened. */
function toldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.off("SIGINT", end);
      process.off("SIGTERM", end);
      resolve();
    };
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
  });
}
