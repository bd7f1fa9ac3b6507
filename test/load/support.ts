import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { temporaryPlace } from "../faults/support.ts";
import type { Level } from "./level.ts";
import type { Answer } from "./parent.ts";

/** A program of this folder, in a process of its own. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message) => {
      const answer = message as Answer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.on("exit", (code, signal) => {
      const error = `the program has ended (${code ?? signal})`;
      for (const [id, settle] of this.#waiting) settle({ id, error });
    });
  }

  static async start(name: string, ...args: string[]): Promise<Program> {
    const child = fork(fileURLToPath(new URL(name, import.meta.url)), args, {
      execArgv: [
        "--expose-gc",
        "--import",
        import.meta.resolve("tsx"),
        "--conditions=portolan-source",
      ],
    });
    const program = new Program(child);
    await program.#answer(0);
    return program;
  }

  /** Has it do something. */
  async ask<T>(question: string, argument = 0): Promise<T> {
    this.#last += 1;
    const answer = this.#answer(this.#last);
    this.#child.send({ id: this.#last, question, argument });
    return (await answer) as T;
  }

  async #answer(id: number): Promise<unknown> {
    const { value, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    if (error !== undefined) throw new Error(error);
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}

/** A server and a client, each a process, and where the one listens. */
export interface Pair extends AsyncDisposable {
  readonly server: Program;
  readonly client: Program;
  readonly endpoint: Endpoint;
}

export async function startPair(): Promise<Pair> {
  const { endpoint, remove } = await temporaryPlace();
  const server = await Program.start("server.ts", endpoint.address);
  const client = await Program.start("client.ts", endpoint.address);
  return {
    server,
    client,
    endpoint,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await remove();
    },
  };
}

/** What both processes hold. */
export interface Levels {
  readonly server: Level;
  readonly client: Level;
}

export async function levels({ server, client }: Pair): Promise<Levels> {
  return {
    server: await server.ask("level"),
    client: await client.ask("level"),
  };
}

/** What the server has seen. */
export interface Seen {
  readonly made: number;
  readonly closed: number;
  readonly hanging: number;
  readonly aborted: number;
  readonly connections: number;
  readonly errors: readonly string[];
}

/** Asks until what the server has seen is as it should be. */
export async function untilSeen(
  { server }: Pair,
  condition: (seen: Seen) => boolean,
): Promise<Seen> {
  const end = Date.now() + 60_000;
  for (;;) {
    const seen = await server.ask<Seen>("seen");
    if (condition(seen)) return seen;
    if (Date.now() > end) throw new Error(`never: ${condition.toString()}`);
  }
}

const MB = 1024 * 1024;

export function inMB(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`;
}

export function inKB(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

/** Prints what was measured. */
export function figures(
  title: string,
  lines: { readonly [what: string]: unknown },
): void {
  const text = Object.entries(lines).map(
    ([what, value]) => `  ${what}: ${String(value)}`,
  );
  console.log([title, ...text].join("\n"));
}
