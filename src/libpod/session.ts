import { Duplex, type Readable, type Writable } from "node:stream";
import { PortolanError } from "../runtime/errors.ts";
import {
  type AbortTarget,
  unwatchSignal,
  watchSignal,
} from "../runtime/signals.ts";
import { checkInteger } from "./check.ts";
import type { ProcessStreams } from "./engine.ts";
import { InvalidState, NotSupported } from "./errors.ts";

/** What a session is part of. */
export interface SessionContext {
  /** The engine's name, for what it cannot do. */
  readonly engine: string;
  /** Whether it was opened with a terminal. */
  readonly tty: boolean;
  /** Ends the session with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told when it is closed. */
  readonly onClose: () => void;
}

/**
 * A process in a container, as a duplex stream: read its standard output, write its
 * standard input. Ending the writable side ends the process's input.
 *
 * The standard error is a stream of its own: read it, or `stderr?.resume()` it, else
 * a process that writes much to it waits for you. What is written after the process
 * ended goes nowhere.
 *
 * The session closes by itself when the process has ended and everything was read.
 * `destroy()`, `await using` and an abort of the signal that it was made with let go
 * of the process at any time; nothing is sent to it then. Errors reach those who
 * read, write or await; no listener is needed for them.
 */
export class Session extends Duplex {
  /** Absent with a terminal, and where the engine cannot tell it apart. */
  readonly stderr: Readable | undefined;
  /**
   * The exit code, once the process ended. Rejects with code `CLOSED` if the session
   * was closed before, with what went wrong if that is why. Handled even if nobody
   * looks.
   */
  readonly exitCode: Promise<number>;
  readonly #streams: ProcessStreams;
  readonly #context: SessionContext;
  #exited = false;
  #abandon: (error: unknown) => void = () => undefined;

  /** Sessions are made by {@link Container.exec} and {@link Container.attach}. */
  constructor(streams: ProcessStreams, context: SessionContext) {
    super({
      // It closes itself: the standard error may outlive both of its sides.
      autoDestroy: false,
      allowHalfOpen: true,
      emitClose: true,
    });
    this.#streams = streams;
    this.#context = context;
    this.stderr = streams.stderr;
    const closed = new Promise<never>((_, reject) => {
      this.#abandon = reject;
    });
    this.exitCode = Promise.race([streams.exitCode, closed]);
    // Nobody may wait for either.
    closed.catch(() => undefined);
    const exited = (): void => {
      this.#exited = true;
      this.#closeAtEnd();
    };
    this.exitCode.then(exited, exited);
    // Whoever reads, writes or waits gets the error; nobody has to listen besides.
    this.on("error", () => undefined);
    this.#listen(streams);
    // There is nothing that could be written to.
    if (streams.stdin === undefined) this.end();
    const { signal } = context;
    if (signal === undefined) return;
    // Whoever makes it first has it.
    if (signal.aborted)
      process.nextTick(() => {
        this.#aborting.onAbort(signal.reason);
      });
    else watchSignal(signal, this.#aborting);
  }

  /**
   * Tells the process's terminal its size, in characters.
   *
   * @throws InvalidState if the session was opened without `tty`
   * @throws NotSupported where the engine cannot
   * @throws InvalidArgument for what is no size
   */
  resize(columns: number, rows: number): void {
    checkInteger(columns, "columns", 1);
    checkInteger(rows, "rows", 1);
    if (!this.#context.tty)
      throw new InvalidState(
        "the session has no terminal to be resized: it was opened without `tty`",
      );
    const { resize } = this.#streams;
    if (resize === undefined)
      throw new NotSupported(this.#context.engine, "resizing a session");
    resize(columns, rows);
  }

  /** Closes the session, and resolves when it is closed. */
  override async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      this.once("close", resolve);
      this.destroy();
    });
  }

  override _read(): void {
    this.#streams.stdout.resume();
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    const { stdin } = this.#streams;
    if (this.#exited || stdin === undefined) done();
    else stdin.write(chunk, (error) => this.#written(error, done));
  }

  override _final(done: (error?: Error | null) => void): void {
    const { stdin } = this.#streams;
    if (this.#exited || stdin === undefined) done();
    else stdin.end((error?: Error | null) => this.#written(error, done));
  }

  override _destroy(
    error: Error | null,
    done: (error?: Error | null) => void,
  ): void {
    const { signal } = this.#context;
    if (signal !== undefined) unwatchSignal(signal, this.#aborting);
    this.#abandon(
      error ?? new PortolanError("CLOSED", "the session was closed"),
    );
    this.#streams.close();
    this.#context.onClose();
    done(error);
  }

  readonly #aborting: AbortTarget = {
    onAbort: (reason) => {
      this.destroy(
        new PortolanError("ABORTED", "the session was aborted", {
          cause: reason,
        }),
      );
    },
  };

  #listen({ stdin, stdout, stderr }: ProcessStreams): void {
    stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    // Nobody asked for data yet.
    stdout.pause();
    stdout.once("end", () => {
      this.push(null);
    });
    this.once("end", () => this.#closeAtEnd());
    stderr?.once("end", () => this.#closeAtEnd());
    for (const stream of [stdout, stderr, stdin])
      if (stream !== undefined) this.#watch(stream);
  }

  #watch(stream: Readable | Writable): void {
    stream.on("error", (error) => {
      // An end that a dead process's input comes to is no failure.
      if (stream === this.#streams.stdin && this.#exited) return;
      this.destroy(error);
    });
    stream.once("close", () => {
      const cut =
        stream === this.#streams.stdout && !this.#streams.stdout.readableEnded;
      if (cut && !this.destroyed)
        this.destroy(
          new PortolanError("CONNECTION_LOST", "the process's output was cut"),
        );
      this.#closeAtEnd();
    });
  }

  /** Data that could not be written matters as long as the process could have read it. */
  #written(
    error: Error | null | undefined,
    done: (error?: Error | null) => void,
  ): void {
    if (error === null || error === undefined || this.#exited) {
      done();
      return;
    }
    this.destroy(error);
    done(error);
  }

  #closeAtEnd(): void {
    const { stderr } = this.#streams;
    const read =
      this.readableEnded &&
      (stderr === undefined || stderr.readableEnded || stderr.destroyed);
    if (this.#exited && read) this.destroy();
  }
}
