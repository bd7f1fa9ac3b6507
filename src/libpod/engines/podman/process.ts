import { type Duplex, Readable, Writable } from "node:stream";
import { PortolanError } from "../../../runtime/errors.ts";
import type {
  AttachOptions,
  ExecOptions,
  ProcessStreams,
} from "../../engine.ts";
import { EngineError, InvalidArgument } from "../../errors.ts";
import type { Daemon, Limited } from "./daemon.ts";
import { libpodError } from "./errors.ts";
import { channels, encodeFrame, FrameReader } from "./frames.ts";
import { waitForEnd } from "./wait.ts";

/** Runs a command in a container; see `Engine.execContainer`. */
export async function execContainer(
  { v19 }: Daemon,
  id: string,
  options: ExecOptions,
  limited: Limited,
): Promise<ProcessStreams> {
  const { command, tty = false, stdin = false } = options;
  if (command.length === 0)
    throw new InvalidArgument("there is no command to execute");
  const opts = {
    name: id,
    tty,
    privileged: options.privileged ?? false,
    cmd: command,
    user: options.user,
    workdir: options.workDir,
    env: options.env,
  };
  const { stream } = await v19.execContainer.upgrade({ opts }, limited);
  return new DaemonProcess(stream, { tty, stdin }, () =>
    // The daemon gives up on a command a second after its input's end, and nothing else
    // tells how that went on.
    Promise.reject(
      new EngineError(
        "Podman stopped listening to the command when its input ended: its exit code is not known",
      ),
    ),
  ).streams;
}

/** Connects to a container's own process; see `Engine.attachContainer`. */
export async function attachContainer(
  daemon: Daemon,
  id: string,
  options: AttachOptions,
  limited: Limited,
): Promise<ProcessStreams> {
  const { tty = false, stdin = false, start = false } = options;
  const { stream } = await daemon.v19.attach.upgrade(
    { name: id, detachKeys: "", start },
    limited,
  );
  return new DaemonProcess(stream, { tty, stdin }, (signal) =>
    waitForEnd(daemon, id, { signal }),
  ).streams;
}

/** What the daemon says for a command that it could not follow to its end. */
const FAILED = 125;
/** End of transmission: what a terminal takes for the end of its input, on an empty line. */
const EOT = "\x04";
const NEWLINE = 10;

/**
 * The daemon's side of a process. All that the process writes comes as its standard
 * output: the daemon puts both streams into one.
 */
class DaemonProcess {
  readonly streams: ProcessStreams;
  readonly #stream: Duplex;
  readonly #stdout: Readable;
  readonly #closing = new AbortController();
  #hungUp = false;
  #wake: () => void = () => undefined;

  /**
   * @param otherwise Finds the exit code where the daemon's last word is not it.
   */
  constructor(
    stream: Duplex,
    { tty, stdin }: { readonly tty: boolean; readonly stdin: boolean },
    otherwise: (signal: AbortSignal) => Promise<number>,
  ) {
    this.#stream = stream;
    this.#stdout = new Readable({
      read: () => this.#wake(),
      destroy: (error, done) => {
        this.#wake();
        done(error);
      },
    });
    // Whoever reads gets the error; nobody has to listen besides.
    this.#stdout.on("error", () => undefined);
    const exitCode = this.#run(otherwise);
    exitCode.catch(() => undefined);
    this.streams = {
      ...(stdin && { stdin: this.#input(tty) }),
      stdout: this.#stdout,
      exitCode,
      ...(tty && {
        resize: (columns: number, rows: number) =>
          this.#send(
            channels.resize,
            JSON.stringify({ Width: columns, Height: rows }),
          ),
      }),
      close: () => {
        this.#closing.abort();
        stream.destroy();
        this.#stdout.destroy();
      },
    };
  }

  async #run(
    otherwise: (signal: AbortSignal) => Promise<number>,
  ): Promise<number> {
    try {
      const code = await this.#output();
      if (code !== undefined && !(this.#hungUp && code === FAILED)) return code;
      return await otherwise(this.#closing.signal);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Passes on the output and its end, or why it broke off; see {@link #pump}. */
  async #output(): Promise<number | undefined> {
    try {
      const code = await this.#pump();
      this.#stdout.push(null);
      return code;
    } catch (error) {
      this.#stdout.destroy(this.#explain(error));
      throw error;
    }
  }

  #explain(error: unknown): Error {
    return this.#closing.signal.aborted
      ? new PortolanError("CLOSED", "the session was closed", { cause: error })
      : libpodError(error, "execContainer");
  }

  /** Passes on what comes, until the daemon says that the process ended. */
  async #pump(): Promise<number | undefined> {
    const frames = new FrameReader();
    for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
      for (const { to, data } of frames.push(chunk)) {
        if (to === channels.quit)
          // Old daemons say goodbye in words instead.
          return data.length === 4 ? data.readUInt32BE() : undefined;
        if (to === channels.stdout || to === channels.stderr)
          await this.#give(data);
      }
    }
    throw new PortolanError(
      "CONNECTION_LOST",
      "the connection ended before the process did",
    );
  }

  async #give(data: Buffer): Promise<void> {
    if (this.#stdout.destroyed || data.length === 0) return;
    const read = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (!this.#stdout.push(data)) await read;
  }

  #input(tty: boolean): Writable {
    let last = NEWLINE;
    const input = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        last = chunk.at(-1) ?? last;
        this.#send(channels.stdin, chunk, done);
      },
      final: (done) => {
        if (tty) {
          // In the middle of a line the first one only ends the line.
          const end = last === NEWLINE ? EOT : EOT + EOT;
          this.#send(channels.stdin, end, done);
        } else {
          this.#hungUp = true;
          this.#send(channels.hangUp, "EOF", done);
        }
      },
    });
    input.on("error", () => undefined);
    return input;
  }

  #send(
    to: number,
    data: Uint8Array | string,
    done: (error?: Error | null) => void = () => undefined,
  ): void {
    // A process that ended takes nothing any more, and that is no mistake of the caller's.
    if (this.#stream.destroyed || this.#stream.writableEnded) {
      done();
      return;
    }
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.#stream.write(encodeFrame(to, bytes), done);
  }
}
