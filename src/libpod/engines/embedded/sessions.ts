import { setMaxListeners } from "node:events";
import { Readable, type Writable } from "node:stream";
import { unwatchSignal, watchSignal } from "../../../runtime/signals.ts";
import type {
  AttachOptions,
  ExecOptions,
  ProcessStreams,
} from "../../engine.ts";
import { InvalidArgument } from "../../errors.ts";
import { untilEnd } from "./events.ts";
import type { Host } from "./host.ts";
import type { Run } from "./live.ts";
import type { Machine } from "./machine.ts";
import { operate } from "./operation.ts";
import { Process } from "./process.ts";
import { findProgram, notFound } from "./programs.ts";
import type { OutputChunk } from "./storage/types.ts";
import { OutputStream } from "./streams.ts";

/** Sizes mean nothing to programs here. */
function resize(): void {}

/**
 * Runs a program, by the command's first word, in a container that runs. It ends
 * with the container. Nothing of it is in the container's log. `user`, `workDir` and
 * `privileged` change nothing, for programs are no processes.
 *
 * @throws ContainerStopped; InvalidState if it is paused; InvalidArgument
 */
export function execContainer(
  host: Host,
  machine: Machine,
  id: string,
  options: ExecOptions,
): Promise<ProcessStreams> {
  const { command, tty = false, stdin = false, env = [] } = options;
  return operate(host, options, (signal) =>
    host.locked(async () => {
      const [word = ""] = command;
      if (word === "") throw new InvalidArgument("command: it has no words");
      const record = await machine.record(id);
      const run = machine.running(record, "nothing can be executed in it");
      const stdout = new OutputStream();
      const stderr = tty ? undefined : new OutputStream();
      const process = new Process({
        containerId: id,
        name: record.name,
        command,
        env: [...(record.config.spec.process?.env ?? []), ...env],
        tty,
        program: findProgram(host.programs, [word]) ?? notFound,
        clock: host.clock,
        emit: (stream, data) =>
          (stream === "stderr" ? (stderr ?? stdout) : stdout).put(data),
      });
      run.sessions.add(process);
      const input = stdin ? process.input.connect() : undefined;
      const exitCode = process.ended.then(({ exitCode: code, error }) => {
        run.sessions.delete(process);
        if (host.closing.aborted) throw host.closing.reason as Error;
        if (error !== undefined)
          void (stderr ?? stdout).put(new TextEncoder().encode(`${error}\n`));
        return code;
      });
      const finish = (): void => {
        stdout.finish();
        stderr?.finish();
      };
      exitCode.then(finish, finish);
      process.begin();
      return {
        stdin: input,
        stdout,
        stderr,
        exitCode,
        resize: tty ? resize : undefined,
        close() {
          input?.destroy();
          stdout.destroy();
          stderr?.destroy();
        },
      };
    }, signal),
  );
}

/**
 * Connects to the program of a container that runs, or starts it so connected: what
 * it writes from now on, until it ends. A reader that falls behind by more than is
 * kept of output is ended with `LIMIT_EXCEEDED`; it never holds the program up.
 *
 * @throws ContainerStopped if it does not run and is not to be started; InvalidState
 */
export function attachContainer(
  host: Host,
  machine: Machine,
  id: string,
  options: AttachOptions,
): Promise<ProcessStreams> {
  const { tty = false, stdin = false, start = false } = options;
  return operate(host, options, (signal) =>
    host.locked(async () => {
      const record = await machine.record(id);
      const leave = new Detachment(host.closing);
      try {
        const merged = tty || record.config.spec.process?.terminal === true;
        const { output } = host.live(id);
        await output.load();
        const from = output.next;
        const streamOf = (
          isWanted: (chunk: OutputChunk) => boolean,
        ): Readable =>
          Readable.from(
            untilEnd(
              dataOf(output.follow(from, leave.signal), isWanted),
              leave.signal,
            ),
            { objectMode: false },
          );
        const stdout = streamOf(({ stream }) => merged || stream === "stdout");
        const stderr = merged
          ? undefined
          : streamOf(({ stream }) => stream === "stderr");
        let input: Writable | undefined;
        const connect = (run: Run): void => {
          if (stdin) input = run.process.input.connect();
        };
        if (start) await machine.start(record, connect);
        else connect(machine.running(record, "it cannot be attached to"));
        // Not too late for one that ended at once: its end is yet to be recorded.
        const exitCode = host.live(id).nextEnd(host.closing);
        const settled = (): void => leave.release();
        exitCode.then(settled, settled);
        return {
          stdin: input,
          stdout,
          stderr,
          exitCode,
          resize: tty ? resize : undefined,
          close() {
            leave.leave();
            input?.destroy();
            stdout.destroy();
            stderr?.destroy();
          },
        };
      } catch (error) {
        leave.leave();
        throw error;
      }
    }, signal),
  );
}

async function* dataOf(
  chunks: AsyncGenerator<OutputChunk, void, undefined>,
  isWanted: (chunk: OutputChunk) => boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) if (isWanted(chunk)) yield chunk.data;
}

/** The end of what is attached: when the caller leaves or the engine is closed. */
class Detachment {
  readonly #controller = new AbortController();
  readonly #closing: AbortSignal;

  constructor(closing: AbortSignal) {
    this.#closing = closing;
    // One listener for each of its streams.
    setMaxListeners(0, this.#controller.signal);
    watchSignal(closing, this);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  onAbort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** It ends by itself now. */
  release(): void {
    unwatchSignal(this.#closing, this);
  }

  leave(): void {
    this.release();
    this.#controller.abort();
  }
}
