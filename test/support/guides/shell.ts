import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { repository, type Ended } from "../portolan.ts";
import { builtPackage } from "./package.ts";

/** How long a command may take, in milliseconds. */
const PATIENCE = 60_000;

/** How long a program in the background may take until it prints what it must. */
const READY = 30_000;

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

/**
 * Becomes the program, in a group of its own that does not outlive what started it:
 * descriptor 3 is never written to, and at its end, which comes when we close it or
 * are killed, whatever is left of the group is killed. One pipe takes both outputs,
 * so that what is printed comes in its order. The second shell becomes the program,
 * whose end would be hidden behind its own.
 */
const guarded = `
(trap "" TERM; read -r _ <&3; kill -s KILL -- -$$) >/dev/null 2>&1 &
exec sh -c "$1" 2>&1 3<&-`;

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
    const child = spawn("sh", ["-c", guarded, "sh", text], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "ignore", "pipe"],
      detached: true,
    });
    const [, , , guard] = child.stdio;
    child.on("exit", () => guard?.destroy());
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
