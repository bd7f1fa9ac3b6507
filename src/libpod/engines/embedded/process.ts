import { inspect } from "node:util";
import { messageOf } from "./operation.ts";
import { Input } from "./input.ts";
import { asFunction, environment, type FoundProgram } from "./programs.ts";
import { nextTurn } from "./clock.ts";
import { Sleepers } from "./sleepers.ts";
import type { Clock, ProgramContext, ProgramOutput } from "./types.ts";

/** The signal that nothing withstands. */
export const SIGKILL = 9;

/** What a process without a handler for them takes no notice of: SIGCHLD, SIGCONT, SIGURG, SIGWINCH. */
const HARMLESS = new Set([17, 18, 23, 28]);
/** What would freeze a real process, and does nothing to ours: pausing has calls of its own. */
const FREEZING = new Set([19, 20, 21, 22]);

/** Bytes that are put out at a time. */
const PIECE = 64 * 1024;
/**
 * Bytes that a program may put out before others get a turn: whoever
 * reads at once must not fall behind by as much as is kept of output.
 */
const BURST = 128 * 1024;
/** What a piece counts besides its bytes, so that endless nothing is interrupted as well. */
const STEP = 128;

/** What a process is made of. */
export interface ProcessSetup {
  readonly containerId: string;
  readonly name: string;
  readonly command: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly tty: boolean;
  readonly program: FoundProgram;
  readonly clock: Clock;
  /** Takes a piece of output; a promise holds the program up. */
  emit(stream: "stdout" | "stderr", data: Uint8Array): Promise<void> | void;
}

/** How a process ended. */
export interface ProcessEnd {
  /** 128 + n where signal n ended it; 1 where the program threw. */
  readonly exitCode: number;
  /** What the program threw, in words. */
  readonly error?: string | undefined;
  /** When, by the clock. */
  readonly at: number;
}

type Running = AsyncGenerator<ProgramOutput, number | void, undefined>;
type Step = IteratorResult<ProgramOutput, number | void>;

/** A program that runs, as a process would: it can be frozen, gets signals, and ends. */
export class Process {
  /** Resolves when it has ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly input: Input = new Input();
  readonly #setup: ProcessSetup;
  readonly #ignores: ReadonlySet<number>;
  readonly #aborted = new AbortController();
  readonly #sleepers: Sleepers;
  #resolve: (end: ProcessEnd) => void = () => undefined;
  #generator: Running | undefined;
  #handler: ((signal: number) => unknown) | undefined;
  #end: ProcessEnd | undefined;
  #frozen = false;
  /** What it was about to do when it was frozen. */
  #held: (() => void) | undefined;
  /** What was put out since others had a turn. */
  #burst = 0;

  constructor(setup: ProcessSetup) {
    this.#setup = setup;
    this.#ignores = new Set(asFunction(setup.program.program).ignores);
    this.#sleepers = new Sleepers(setup.clock);
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** What it was started as. */
  get command(): readonly string[] {
    return this.#setup.command;
  }

  /** How it ended, once it has. */
  get end(): ProcessEnd | undefined {
    return this.#end;
  }

  /** Runs it, once. */
  begin(): void {
    const { containerId, name, command, env, tty, program } = this.#setup;
    const context: ProgramContext = {
      containerId,
      name,
      command,
      env: environment(env),
      tty,
      signal: this.#aborted.signal,
      stdin: this.input,
      sleep: (milliseconds) => this.#sleepers.sleep(milliseconds),
      onSignal: (handler) => {
        this.#handler = handler;
      },
    };
    try {
      const generator: unknown = asFunction(program.program).run(context);
      if (
        typeof (generator as Partial<Running> | undefined)?.next !== "function"
      )
        throw new TypeError(
          `the program "${program.name}" is no generator (async function*): it returned ${inspect(generator)}`,
        );
      this.#generator = generator as Running;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#step();
  }

  /** Ends it, frozen or not. */
  kill(): void {
    this.signal(SIGKILL);
  }

  /** What has ended takes no signal. */
  signal(number: number): void {
    if (this.#end !== undefined) return;
    if (number === SIGKILL) {
      this.#die(number);
      return;
    }
    if (this.#ignores.has(number)) return;
    if (this.#handler === undefined) {
      if (!HARMLESS.has(number) && !FREEZING.has(number)) this.#die(number);
      return;
    }
    const handler = this.#handler;
    // A handler may be asynchronous though its type says nothing of it.
    (async () => handler(number))().catch((error: unknown) => {
      this.#fail(error);
    });
  }

  freeze(): void {
    if (this.#frozen || this.#end !== undefined) return;
    this.#frozen = true;
    this.#sleepers.freeze();
  }

  thaw(): void {
    if (!this.#frozen || this.#end !== undefined) return;
    this.#frozen = false;
    this.#sleepers.thaw();
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  #step(): void {
    let next: Promise<Step>;
    try {
      next = Promise.resolve(this.#generator?.next() as Promise<Step>);
    } catch (error) {
      this.#fail(error);
      return;
    }
    next.then(
      (step) => this.#whenThawed(() => this.#take(step)),
      (error: unknown) => this.#whenThawed(() => this.#fail(error)),
    );
  }

  #whenThawed(act: () => void): void {
    if (this.#end !== undefined) return;
    if (this.#frozen) this.#held = act;
    else act();
  }

  #take(step: Step): void {
    const program = this.#setup.program.name;
    try {
      if (step.done === true) {
        this.#finish({ exitCode: exitCodeOf(step.value, program) });
        return;
      }
      const { stream, data } = pieceOf(step.value, program, this.#setup.tty);
      this.#put(stream, data);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Puts output out, piece by piece, and goes on with the program's next step. */
  #put(stream: "stdout" | "stderr", data: Uint8Array): void {
    const room = this.#setup.emit(stream, data.subarray(0, PIECE));
    const goOn = (): void => {
      if (data.length > PIECE) this.#put(stream, data.subarray(PIECE));
      else this.#step();
    };
    this.#burst += Math.min(data.length, PIECE) + STEP;
    const turn = this.#burst > BURST ? nextTurn() : undefined;
    if (room === undefined && turn === undefined) {
      this.#whenThawed(goOn);
      return;
    }
    if (turn !== undefined) {
      this.#burst = 0;
      this.#setup.clock.busy?.(turn);
    }
    Promise.all([room, turn]).then(
      () => this.#whenThawed(goOn),
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    this.#finish({ exitCode: 1, error: messageOf(error) });
  }

  #die(signal: number): void {
    this.#finish({ exitCode: 128 + signal }, signal);
  }

  /** Ends it at once; what the program still does is nobody's concern. */
  #finish(end: Omit<ProcessEnd, "at">, signal?: number): void {
    if (this.#end !== undefined) return;
    this.#end = { ...end, at: this.#setup.clock.now() };
    this.#held = undefined;
    this.#resolve(this.#end);
    if (signal !== undefined) this.#aborted.abort(signal);
    this.#sleepers.end(signal ?? new Error("the program has ended"));
    this.input.close();
    // Queued behind what it waits for: a program with a `finally` gets to it.
    const generator = this.#generator;
    (async () => generator?.return())().catch(() => undefined);
  }
}

function exitCodeOf(value: unknown, program: string): number {
  if (value === undefined) return 0;
  if (typeof value === "number" && Number.isInteger(value)) return value & 0xff;
  throw new TypeError(
    `the program "${program}" returned ${inspect(value)}: a whole number is needed`,
  );
}

const encoder = new TextEncoder();

function pieceOf(
  output: ProgramOutput,
  program: string,
  tty: boolean,
): { readonly stream: "stdout" | "stderr"; readonly data: Uint8Array } {
  if (typeof output === "string")
    return { stream: "stdout", data: encoder.encode(output) };
  const { stdout, stderr } = Object(output) as {
    readonly stdout?: unknown;
    readonly stderr?: unknown;
  };
  const stream = stdout === undefined ? "stderr" : "stdout";
  const data = stdout ?? stderr;
  if (typeof data !== "string" && !(data instanceof Uint8Array))
    throw new TypeError(
      `the program "${program}" yielded ${inspect(output)}: text, { stdout } or { stderr } is needed`,
    );
  return {
    // A terminal has one stream.
    stream: tty ? "stdout" : stream,
    // A copy: what the program does with its buffer afterwards is its own affair.
    data:
      typeof data === "string" ? encoder.encode(data) : Uint8Array.from(data),
  };
}
