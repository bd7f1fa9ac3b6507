import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where daemons are, which nobody has in `PATH`. */
const libraries = ["/usr/lib/systemd", "/lib/systemd", "/usr/sbin", "/sbin"];

/** The path of a program, if it is installed. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  return [...folders, ...libraries]
    .filter((folder) => folder !== "")
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** A temporary folder, with a path short enough for sockets in it. */
export interface Folder extends Disposable {
  /** The path of a file in it. */
  (...names: string[]): string;
}

export function temporaryFolder(): Folder {
  const root = mkdtempSync(path.join(tmpdir(), "interop-"));
  const folder = (...names: string[]): string => path.join(root, ...names);
  return Object.assign(folder, {
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  });
}

/** What a program said, and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The longest a program may take; then it is killed, and its code is null. */
const LIMIT = 20_000;

/** Runs a program to its end. */
export async function run(
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    timeout: LIMIT,
    killSignal: "SIGKILL",
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}

/** A program that runs until it is disposed of. */
export interface Daemon extends AsyncDisposable {
  /** What it has written to standard error so far. */
  readonly stderr: string;
  /** Its exit code, once it has ended; null where a signal has ended it. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a program that listens at a socket, and waits until it does. */
export async function startDaemon(
  command: readonly string[],
  socket: string,
): Promise<Daemon> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(
    ([code]: (number | null)[]) => code ?? null,
  );
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  const limit = Date.now() + LIMIT;
  while (!(await answers(socket))) {
    if (
      child.exitCode !== null ||
      child.signalCode !== null ||
      Date.now() > limit
    ) {
      await stop();
      throw new Error(`${file} does not listen at ${socket}: ${stderr}`);
    }
    await sleep(20);
  }
  return {
    get stderr() {
      return stderr;
    },
    ended,
    kill: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: stop,
  };
}

/** Whether somebody accepts connections at a socket. */
async function answers(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, "connect");
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}
