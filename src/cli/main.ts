#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { run } from "./program.ts";
import { wantsColour } from "./io.ts";

/** The package's own manifest, one folder above the built command. */
function packageVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  const { version } = manifest as { readonly version: string };
  return version;
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
  throw error;
});

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
});
