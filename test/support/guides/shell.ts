import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { portolan, repository, type Ended } from "../portolan.ts";

/** How long a command may take, in milliseconds. */
const PATIENCE = 60_000;

/** How long a program in the background may take until it prints what it must. */
const READY = 30_000;

/** A command of ours alone, without anything that a shell would have to read. */
const plain = /^npx portolan (?!serve\b)[\w./:@=, -]+$/;

/** A program that goes on in the background. */
export interface Background {
  readonly text: string;
  /** What it has printed so far. */
  readonly output: () => string;
  /** Its exit code, or the signal that ended it; undefined while it runs. */
  readonly ended: () => number | NodeJS.Signals | undefined;
  /** Resolves when it has printed something more, or has ended. */
  readonly change: () => Promise<void>;
  /** Ends it, and whatever it has started. */
  readonly stop: () => Promise<void>;
}

/** Nothing goes on behind a run of tests that was ended before its time. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) kill(child, "SIGKILL");
});

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
  async run(text: string, isConfigured: boolean): Promise<Ended> {
    // Starting our sources takes seconds, unless they are already there. A
    // configuration is code, and a second one of its name would not be loaded.
    if (plain.test(text) && !isConfigured)
      return portolan(text.split(/ +/).slice(2), this.#folder);
    const program = this.start(text);
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

  /** Starts a line and does not wait for anything. */
  start(text: string): Background {
    // One pipe for both outputs, so that what is printed comes in its order. A
    // group of its own, so that nothing it starts is left behind. The second shell
    // becomes the program, whose end would be hidden behind its own.
    const child = spawn("sh", ["-c", 'exec sh -c "$1" 2>&1', "sh", text], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    running.add(child);
    let output = "";
    let ended: number | NodeJS.Signals | undefined;
    const waiting = new Set<() => void>();
    const changed = (): void => {
      for (const wake of waiting) wake();
      waiting.clear();
    };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      changed();
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      ended = code ?? signal ?? -1;
      changed();
    });
    return {
      text,
      output: () => output,
      ended: () => ended,
      change: () =>
        new Promise((resolve) => {
          if (ended === undefined) waiting.add(resolve);
          else resolve();
        }),
      async stop() {
        if (ended !== undefined) return;
        const closed = once(child, "close");
        const late = setTimeout(() => kill(child, "SIGKILL"), 5000);
        kill(child, "SIGTERM");
        await closed;
        clearTimeout(late);
      },
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
    const program = this.start(text);
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

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
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
  symlinkSync(repository, path.join(modules, "portolan"));
  const at = (name: string): string => `'${path.join(repository, name)}'`;
  const node = `exec '${process.execPath}' --import ${at("node_modules/tsx/dist/loader.mjs")} --conditions=portolan-source`;
  const scripts: Readonly<Record<string, string>> = {
    node: `${node} "$@"`,
    tsx: `${node} "$@"`,
    portolan: `${node} ${at("src/cli/main.ts")} "$@"`,
    // Sources stand in the place of the package's declarations (which test/package
    // compiles): they must not be compiled along, and need a library of their own.
    tsc: `exec '${process.execPath}' ${at("node_modules/@typescript/native/bin/tsc")} --customConditions portolan-source --lib es2023,esnext.disposable --preserveSymlinks --rewriteRelativeImportExtensions "$@"`,
    // What is installed is run; nothing is ever fetched.
    npx: `exec "$@"`,
  };
  for (const [name, script] of Object.entries(scripts))
    writeFileSync(path.join(commands, name), `#!/bin/sh\n${script}\n`, {
      mode: 0o755,
    });
}
