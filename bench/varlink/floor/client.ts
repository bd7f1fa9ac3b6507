import { connect, type Socket } from "node:net";
import { Decoder, message, Writer } from "./wire.ts";

interface Reply {
  readonly parameters?: object;
  readonly continues?: boolean;
  readonly error?: string;
}

/** Who waits for replies: `true` if more are to come. */
type Pending = (reply: Reply | undefined) => boolean;

const DONE: IteratorReturnResult<void> = { done: true, value: undefined };

/** Replies that are held for a slow consumer, and when reading goes on. */
const MAX_HELD = 256;
const RESUME_AT = 64;

/** A connection: calls in order, a promise for each. */
export class FloorConnection {
  readonly #socket: Socket;
  readonly #writer: Writer;
  #pending: Pending[] = [];
  #next = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#writer = new Writer(socket);
    const decoder = new Decoder();
    socket.on("data", (chunk) => {
      for (const text of decoder.push(chunk))
        this.#take(JSON.parse(text) as Reply);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      const pending = this.#pending.slice(this.#next);
      this.#pending = [];
      this.#next = 0;
      for (const each of pending) each(undefined);
    });
  }

  /** Opens a connection to a unix socket. */
  static open(path: string): Promise<FloorConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new FloorConnection(socket));
      });
    });
  }

  call(method: string, parameters: object | undefined): Promise<object> {
    return new Promise((resolve, reject) => {
      this.#pending.push((reply) => {
        if (reply === undefined) reject(new Error("closed"));
        else if (reply.error !== undefined) reject(new Error(reply.error));
        else resolve(reply.parameters ?? {});
        return false;
      });
      this.#writer.write(message(`"method":"${method}",`, parameters, ""));
    });
  }

  more(method: string, parameters: object): AsyncIterable<object> {
    const stream = new FloorStream(this.#socket);
    this.#pending.push((reply) => stream.take(reply));
    this.#writer.write(
      message(`"method":"${method}",`, parameters, ',"more":true'),
    );
    return stream;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(reply: Reply): void {
    const pending = this.#pending[this.#next];
    if (pending === undefined) throw new Error("a reply to nothing");
    if (pending(reply)) return;
    this.#next += 1;
    if (this.#next === this.#pending.length) this.#pending = [];
    else if (this.#next >= 1024)
      this.#pending = this.#pending.slice(this.#next);
    else return;
    this.#next = 0;
  }
}

/** Replies on their way to one consumer, which asks for one at a time. */
class FloorStream implements AsyncIterableIterator<object> {
  readonly #socket: Socket;
  #held: object[] = [];
  #next = 0;
  #paused = false;
  #ended = false;
  #error: Error | undefined;
  #resolve: ((result: IteratorResult<object, void>) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether more replies are to come. */
  take(reply: Reply | undefined): boolean {
    if (reply === undefined || reply.error !== undefined) {
      this.#error = new Error(reply?.error ?? "closed");
      this.#reject?.(this.#error);
      this.#ended = true;
      return false;
    }
    const { parameters } = reply;
    if (parameters !== undefined) this.#give(parameters);
    if (reply.continues === true) return true;
    this.#ended = true;
    this.#resolve?.(DONE);
    return false;
  }

  next(): Promise<IteratorResult<object, void>> {
    const value = this.#held[this.#next];
    if (value === undefined) return this.#wait();
    this.#next += 1;
    const left = this.#held.length - this.#next;
    if (left === 0) {
      this.#held = [];
      this.#next = 0;
    }
    if (this.#paused && left <= RESUME_AT) {
      this.#paused = false;
      this.#socket.resume();
    }
    return Promise.resolve({ done: false, value });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #give(value: object): void {
    const resolve = this.#resolve;
    if (resolve !== undefined) {
      this.#resolve = undefined;
      resolve({ done: false, value });
      return;
    }
    this.#held.push(value);
    if (!this.#paused && this.#held.length - this.#next >= MAX_HELD) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  #wait(): Promise<IteratorResult<object, void>> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }
}

/** Connections that have one call at a time each, as few as do. */
export class FloorPool {
  readonly #free: FloorConnection[];
  readonly #waiting: ((connection: FloorConnection) => void)[] = [];
  readonly #all: readonly FloorConnection[];

  private constructor(all: readonly FloorConnection[]) {
    this.#all = all;
    this.#free = [...all];
  }

  static async open(path: string, size: number): Promise<FloorPool> {
    const opened = Array.from({ length: size }, () =>
      FloorConnection.open(path),
    );
    return new FloorPool(await Promise.all(opened));
  }

  async call(method: string, parameters: object | undefined): Promise<object> {
    const connection = this.#free.pop() ?? (await this.#wait());
    try {
      return await connection.call(method, parameters);
    } finally {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#free.push(connection);
      else waiting(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #wait(): Promise<FloorConnection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
