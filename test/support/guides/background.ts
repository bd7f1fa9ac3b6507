import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A program that goes on in the background. */
export interface Background {
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

/** Starts a line for `sh` and does not wait for anything. */
export function start(
  text: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Background {
  const child = spawn("sh", ["-c", guarded, "sh", text], {
    cwd,
    env,
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
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
    changed();
  });
  child.on("close", (code, signal) => {
    ended = code ?? signal ?? -1;
    changed();
  });
  return {
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

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
