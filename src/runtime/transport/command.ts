/** Commands that a connection is made of: how they start, and what their end means. */
import { type ChildProcess, spawn } from "node:child_process";
import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { PortolanError } from "../errors.ts";
import { systemCode, systemError } from "./failure.ts";
import { isReferable } from "./loss.ts";
import type { PairEnd } from "./paired.ts";
import { joinWords } from "./words.ts";

/** How a command is started. */
export interface ProcessOptions {
  /** Environment of the command. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Working directory of the command. Default: that of this process. */
  readonly cwd?: string | undefined;
  /**
   * What becomes of its standard error. `keep` (default): its end is told in
   * `CommandFailed`, and nowhere else; `inherit`: it goes to the standard error of
   * this process; a function gets the bytes as they come.
   */
  readonly stderr?: "keep" | "inherit" | ((chunk: Buffer) => void) | undefined;
}

/** What {@link CommandFailed} is made of. */
export interface CommandEnd {
  /** The exit code, or `null` if a signal has ended the command. */
  readonly exitCode: number | null;
  /** The signal that has ended it (`SIGKILL`), or `null`. */
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to standard error, at most 4096 characters; empty unless kept. */
  readonly stderr: string;
}

/**
 * A command that a connection was made of has ended: with an exit code other than 0,
 * by a signal, or, while a call waited for its answer, with the exit code 0. It is
 * the `cause` of the `CONNECTION_LOST` that calls fail with.
 */
export class CommandFailed extends PortolanError implements CommandEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;

  constructor(command: string, end: CommandEnd, options?: ErrorOptions) {
    const how =
      end.signal === null
        ? `exit code ${end.exitCode}`
        : `the signal ${end.signal}`;
    const said = lastLine(end.stderr);
    super(
      "COMMAND_FAILED",
      `the command ${command} ended with ${how}${said === "" ? "" : `: ${said}`}`,
      options,
    );
    this.exitCode = end.exitCode;
    this.signal = end.signal;
    this.stderr = end.stderr;
  }

  static override matches(error: unknown): boolean {
    return PortolanError.is(error) && error.code === "COMMAND_FAILED";
  }
}

Object.defineProperty(CommandFailed.prototype, "name", {
  value: "CommandFailed",
  writable: true,
  configurable: true,
});

/** A command that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** Resolves when it has ended, or `milliseconds` later with `undefined`. */
  ended(milliseconds: number): Promise<CommandEnd | undefined>;
  /**
   * What a connection that is gone is to tell: how the command has ended, if it does
   * so soon, or else the cause. It has failed if there is a cause, or its end is bad.
   */
  explain(cause?: Error): Promise<PairEnd>;
  /** Nobody needs it any more: it has some time to see that, and is ended. */
  stop(): void;
}

/** Characters of standard error that are kept. */
const KEPT = 4096;

/** Milliseconds between the end of a connection and that of its command. */
const END_DELAY = 500;

/** Milliseconds that a command has to see that its connection is closed. */
const TERM_DELAY = 1000;

/** Milliseconds that a command has to obey SIGTERM. */
const KILL_DELAY = 4000;

/** Variables that tell of descriptors, and would tell a child of those of its parent. */
export const ACTIVATION_VARIABLES: readonly string[] = [
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "LISTEN_PID",
  "LISTEN_PIDFDID",
];

/** An environment that says nothing of descriptors. */
export function withoutActivation(
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const copy = { ...env };
  for (const name of ACTIVATION_VARIABLES) delete copy[name];
  return copy;
}

/**
 * Starts a command, without a shell. Rejects with the system's error.
 *
 * @param argv The command and its arguments.
 * @param pipes Descriptors of the command that are pipes to this process, besides
 * standard error; or a listening socket of ours that is its descriptor 3.
 */
export function startCommand(
  argv: readonly string[],
  pipes: readonly number[] | { readonly listening: number },
  options: ProcessOptions,
  name: string = joinWords(argv),
): Promise<RunningCommand> {
  const [file = "", ...args] = argv;
  const { stderr = "keep" } = options;
  const stdio: ("pipe" | "ignore" | "inherit" | number)[] = [
    "ignore",
    "ignore",
    stderr === "inherit" ? "inherit" : "pipe",
  ];
  if ("listening" in pipes) stdio[3] = pipes.listening;
  else for (const descriptor of pipes) stdio[descriptor] = "pipe";
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio,
      cwd: options.cwd,
      env: options.env ?? process.env,
    });
    child.once("error", reject);
    child.once("spawn", () => {
      child.off("error", reject);
      // A signal that could not be sent: then it is gone.
      child.on("error", () => {});
      resolve(new Running(child, name, stderr));
    });
  });
}

class Running implements RunningCommand {
  readonly child: ChildProcess;
  readonly #name: string;
  readonly #end: Promise<CommandEnd>;
  #kept = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(
    child: ChildProcess,
    name: string,
    stderr: ProcessOptions["stderr"],
  ) {
    this.child = child;
    this.#name = name;
    const { stderr: told } = child;
    if (told !== null) this.#read(told, stderr);
    // Its connection keeps this process alive, while that is needed.
    child.unref();
    endWithProcess(child);
    this.#end = new Promise((resolve) => {
      child.once("exit", (exitCode, signal) => {
        clearTimeout(this.#timer);
        const done = (): void =>
          resolve({ exitCode, signal, stderr: this.#kept });
        // What it has written may still be on the way; who has inherited its
        // standard error may keep that open for ever.
        if (told === null || told.closed) {
          done();
          return;
        }
        const late = setTimeout(done, END_DELAY);
        told.once("close", () => {
          clearTimeout(late);
          done();
        });
      });
    });
  }

  async ended(milliseconds: number): Promise<CommandEnd | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, milliseconds, undefined);
    });
    try {
      return await Promise.race([this.#end, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async explain(cause?: Error): Promise<PairEnd> {
    const end = await this.ended(END_DELAY);
    const failed = cause !== undefined;
    if (end === undefined) return { reason: cause, failed };
    const options = failed ? { cause } : undefined;
    return {
      reason: new CommandFailed(this.#name, end, options),
      failed: failed || end.exitCode !== 0,
    };
  }

  stop(): void {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    // So that it may finish what it was told last, and is not left behind.
    child.ref();
    this.#timer = setTimeout(() => {
      child.kill("SIGTERM");
      this.#timer = setTimeout(() => child.kill("SIGKILL"), KILL_DELAY);
    }, TERM_DELAY);
  }

  #read(told: Readable, stderr: ProcessOptions["stderr"]): void {
    told.on("error", () => {});
    if (isReferable(told)) told.unref();
    if (typeof stderr === "function") {
      told.on("data", stderr);
      return;
    }
    told.setEncoding("utf8");
    told.on("data", (text: string) => {
      this.#kept = (this.#kept + text).slice(-KEPT);
    });
  }
}

const running = new Set<ChildProcess>();

/** Commands do not outlive this process, even if they do not look at their connection. */
function endWithProcess(child: ChildProcess): void {
  if (running.size === 0) process.on("exit", endAll);
  running.add(child);
  child.once("exit", () => {
    running.delete(child);
    if (running.size === 0) process.off("exit", endAll);
  });
}

function endAll(): void {
  for (const child of running) child.kill("SIGTERM");
}

/**
 * The absolute path of a command: as `execvp` finds it, in a process whose working
 * directory is `cwd` (default: that of this process). Rejects with the system's error, for
 * a shell in between would tell of it by an exit code only.
 */
export async function findCommand(
  command: string,
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = "",
): Promise<string> {
  if (command.includes("/")) {
    const file = path.resolve(cwd, command);
    await checkCommand(file);
    return file;
  }
  for (const folder of (env["PATH"] ?? "/usr/bin:/bin").split(":")) {
    const file = path.resolve(cwd, folder, command);
    try {
      await checkCommand(file);
      return file;
    } catch {
      // Perhaps in the next folder.
    }
  }
  throw spawnError("ENOENT", "no command in PATH has this name", command);
}

async function checkCommand(file: string): Promise<void> {
  try {
    const found = await stat(file);
    if (found.isFile()) await access(file, constants.X_OK);
    else throw systemError("EACCES", "it is not a program");
  } catch (error) {
    const code = systemCode(error) ?? "ENOENT";
    throw spawnError(
      code,
      code === "ENOENT"
        ? "there is nothing"
        : "it is not a program, or not ours to start",
      file,
    );
  }
}

/** An error like that of `spawn`. */
function spawnError(code: string, problem: string, command: string): Error {
  const error = systemError(code, `${problem}: ${command}`);
  return Object.assign(error, { syscall: `spawn ${command}` });
}

/** The last line, for a message: on one line, printable, and short. */
function lastLine(text: string): string {
  const line =
    text
      .trimEnd()
      .split(/[\r\n]+/)
      .at(-1) ?? "";
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  const shown = line.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ").trim();
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}
