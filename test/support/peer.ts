import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../src/runtime/transport/memory.ts";
import { tcpEndpoint } from "../../src/runtime/transport/tcp.ts";
import { unixEndpoint } from "../../src/runtime/transport/unix.ts";

/**
 * A peer that does what a test says, byte by byte: no part of it is ours, so that
 * two mistakes of ours cannot agree with each other.
 */
export interface Peer {
  /** Where clients connect. */
  readonly endpoint: Endpoint;
  /** The next connection, in the order they were made. */
  accept(): Promise<PeerConnection>;
  /** Connections made so far. */
  readonly accepted: number;
  close(): Promise<void>;
}

export interface ReceivedCall {
  readonly method: string;
  readonly parameters?: { readonly [name: string]: unknown };
  readonly oneway?: boolean;
  readonly more?: boolean;
  readonly upgrade?: boolean;
}

/** The peer's end of one connection. */
export class PeerConnection {
  readonly stream: Duplex;
  /** Resolves when the client has closed, or reset, its end. */
  readonly ended: Promise<void>;
  /** Resolves when this end is closed as well. */
  readonly closed: Promise<void>;
  #buffer: Buffer = Buffer.alloc(0);
  #over = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake?.();
    });
    this.closed = new Promise((resolve) => {
      stream.on("close", resolve);
    });
    this.ended = new Promise((resolve) => {
      const onEnd = (): void => {
        this.#over = true;
        this.#wake?.();
        resolve();
      };
      stream.on("end", onEnd);
      stream.on("close", onEnd);
      stream.on("error", onEnd);
    });
  }

  /** Bytes that came and were not taken. */
  get unread(): number {
    return this.#buffer.length;
  }

  /** The next message as text. */
  async text(): Promise<string> {
    let end = this.#buffer.indexOf(0);
    while (end < 0) {
      if (this.#over) throw new Error("the client has closed the connection");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      end = this.#buffer.indexOf(0);
    }
    const text = this.#buffer.toString("utf8", 0, end);
    this.#buffer = this.#buffer.subarray(end + 1);
    return text;
  }

  async call(): Promise<ReceivedCall> {
    return JSON.parse(await this.text()) as ReceivedCall;
  }

  /** The bytes behind the last message, from here on for the test to read itself. */
  raw(): Duplex {
    const { stream } = this;
    stream.removeAllListeners("data");
    stream.pause();
    if (this.#buffer.length > 0) stream.unshift(this.#buffer);
    this.#buffer = Buffer.alloc(0);
    return stream;
  }

  write(bytes: string | Buffer): void {
    this.stream.write(bytes);
  }

  /** Sends messages, in one chunk. */
  send(...messages: object[]): void {
    this.write(
      messages.map((message) => `${JSON.stringify(message)}\0`).join(""),
    );
  }

  reply(parameters: object): void {
    this.send({ parameters });
  }

  /** Takes a call and replies to it. */
  async answer(parameters: object): Promise<ReceivedCall> {
    const call = await this.call();
    this.reply(parameters);
    return call;
  }

  end(): void {
    this.stream.end();
  }

  destroy(): void {
    this.stream.destroy();
  }
}

export async function startPeer(endpoint: Endpoint): Promise<Peer> {
  const made: PeerConnection[] = [];
  const all: PeerConnection[] = [];
  let wake: (() => void) | undefined;
  let accepted = 0;
  const listener = await endpoint.listen((stream) => {
    accepted++;
    const connection = new PeerConnection(stream);
    made.push(connection);
    all.push(connection);
    wake?.();
  });
  return {
    endpoint,
    get accepted() {
      return accepted;
    },
    async accept() {
      for (;;) {
        const connection = made.shift();
        if (connection !== undefined) return connection;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async close() {
      for (const connection of all) connection.destroy();
      await listener.close();
    },
  };
}

/** The transports that everything above them must work on alike. */
export const transports: readonly (readonly [
  name: string,
  make: () => Promise<Place>,
])[] = [
  [
    "memory",
    () =>
      Promise.resolve({
        endpoint: memoryEndpoint(),
        remove: () => Promise.resolve(),
      }),
  ],
  [
    "memory, byte by byte",
    () =>
      Promise.resolve({
        endpoint: memoryEndpoint({ split: bytewise }),
        remove: () => Promise.resolve(),
      }),
  ],
  ["unix", unixPlace],
  ["tcp", tcpPlace],
];

export interface Place {
  readonly endpoint: Endpoint;
  remove(): Promise<void>;
}

function* bytewise(bytes: Buffer): Iterable<Buffer> {
  for (let index = 0; index < bytes.length; index++)
    yield bytes.subarray(index, index + 1);
}

async function tcpPlace(): Promise<Place> {
  // A free port, found by the system.
  const listener = await tcpEndpoint("127.0.0.1", 0).listen(() => {});
  await listener.close();
  const port = Number(/\d+$/.exec(listener.address)?.[0]);
  return {
    endpoint: tcpEndpoint("127.0.0.1", port),
    remove: () => Promise.resolve(),
  };
}

/** A Unix socket in a folder of its own. */
export async function unixPlace(): Promise<
  Place & { readonly folder: string }
> {
  const folder = await mkdtemp(path.join(tmpdir(), "portolan-test-"));
  return {
    folder,
    endpoint: unixEndpoint(path.join(folder, "socket")),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A turn of the event loop, so that what is on its way arrives. */
export async function turns(count = 1): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** The error that a promise rejects with; fails if it does not. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
}
