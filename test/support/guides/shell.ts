import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { repository, type Ended } from "../portolan.ts";
import { start, type Background } from "./background.ts";
import { builtPackage } from "./package.ts";

/** How long a command may take, in milliseconds. */
const PATIENCE = 60_000;

/** How long a program in the background may take until it prints what it must. */
const READY = 30_000;

/** Runs command lines as a reader would, in a folder where the package is installed. */
export class Shell {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  /** Makes what an installation would have made in the folder, so far as it is used. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#env = environment(path.join(folder, "node_modules/.bin"));
    install(folder);
  }

  /** Runs a line to its end. */
  async run(text: string): Promise<Ended> {
    const program = start(text, this.#folder, this.#env);
    const late = setTimeout(() => void program.stop(), PATIENCE);
    while (program.ended() === undefined) await program.change();
    clearTimeout(late);
    const code = program.ended();
    return typeof code === "number"
      ? { code, output: program.output() }
      : {
          code: -1,
          output: `${program.output()}\n(ended by ${code} after at most ${PATIENCE / 1000} s)`,
        };
  }

  /**
   * Starts a program that goes on, and waits until `isReady` of what it has printed.
   * Resolves also when it has ended, or it has not come for too long.
   */
  async background(
    text: string,
    isReady: (output: string) => boolean,
  ): Promise<Background> {
    const program = start(text, this.#folder, this.#env);
    const late = AbortSignal.timeout(READY);
    const over = once(late, "abort").then(() => undefined);
    while (
      !isReady(program.output()) &&
      program.ended() === undefined &&
      !late.aborted
    )
      await Promise.race([program.change(), over]);
    return program;
  }
}

/** What programs see of our environment: nothing that a test's settings change. */
function environment(commands: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const name of ["HOME", "LANG", "TMPDIR"])
    if (process.env[name] !== undefined) env[name] = process.env[name];
  return {
    ...env,
    PATH: `${commands}${path.delimiter}${process.env["PATH"] ?? ""}`,
    NO_COLOR: "1",
    TZ: "UTC",
    npm_config_update_notifier: "false",
    npm_config_userconfig: "/dev/null",
  };
}

function install(folder: string): void {
  const modules = path.join(folder, "node_modules");
  const commands = path.join(modules, ".bin");
  mkdirSync(commands, { recursive: true });
  symlinkSync(builtPackage(), path.join(modules, "portolan"));
  const at = (name: string): string => `'${path.join(repository, name)}'`;
  const node = `exec '${process.execPath}'`;
  const tsx = `${node} --import ${at("node_modules/tsx/dist/loader.mjs")}`;
  const scripts: Readonly<Record<string, string>> = {
    // Programs of guides are TypeScript, some with `await using`: as guides say,
    // that is for Node 24, or for tsx.
    node: `${Number.parseInt(process.versions.node) < 24 ? tsx : node} "$@"`,
    tsx: `${tsx} "$@"`,
    portolan: `${node} '${path.join(modules, "portolan/dist/cli.js")}' "$@"`,
    tsc: `${node} ${at("node_modules/@typescript/native/bin/tsc")} "$@"`,
    // What is installed is run; nothing is ever fetched.
    npx: `exec "$@"`,
  };
  for (const [name, script] of Object.entries(scripts))
    writeFileSync(path.join(commands, name), `#!/bin/sh\n${script}\n`, {
      mode: 0o755,
    });
}
