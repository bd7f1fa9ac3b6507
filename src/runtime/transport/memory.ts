import { Duplex, type DuplexOptions } from "node:stream";
import type { Endpoint, Listener } from "./endpoint.ts";
import { listenFailed, systemError } from "./failure.ts";

export interface MemoryEndpointOptions {
  /** For messages and logs. Default `memory:`. */
  readonly name?: string | undefined;
  /**
   * Cuts what is written into the chunks that arrive, each in a turn of the event
   * loop of its own: for tests of what a network may do. Default: as written.
   */
  readonly split?: ((bytes: Buffer) => Iterable<Buffer>) | undefined;
  /** Bytes each side buffers before its peer has to wait. Default: Node's. */
  readonly highWaterMark?: number | undefined;
}

/**
 * An endpoint inside this process, for tests and for services that run where
 * their clients do. It carries real bytes, with backpressure, half-close and
 * loss, so that what works here works on a socket.
 */
export function memoryEndpoint(options: MemoryEndpointOptions = {}): Endpoint {
  const address = options.name ?? "memory:";
  let accept: ((connection: Duplex) => void) | undefined;
  return {
    address,
    connect({ signal }) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const onConnection = accept;
        if (onConnection === undefined) {
          reject(systemError("ECONNREFUSED", `nobody listens at ${address}`));
          return;
        }
        const [client, server] = memoryPair(options);
        // A listener must not run inside of connect(); one that is closed by then
        // drops who waits for it, as the system does.
        setImmediate(() => {
          if (accept === onConnection) onConnection(server);
          else server.destroy();
        });
        resolve(client);
      });
    },
    listen(onConnection) {
      return new Promise((resolve, reject) => {
        if (accept !== undefined) {
          const cause = systemError("EADDRINUSE", "one listener at a time");
          reject(listenFailed(address, "it is in use already", cause));
          return;
        }
        accept = onConnection;
        const listener: Listener = {
          address,
          close() {
            if (accept === onConnection) accept = undefined;
            return Promise.resolve();
          },
        };
        resolve(listener);
      });
    },
  };
}

/** Two connected ends. */
export function memoryPair(
  options: Pick<MemoryEndpointOptions, "split" | "highWaterMark"> = {},
): [Duplex, Duplex] {
  const duplexOptions: DuplexOptions = { allowHalfOpen: true };
  if (options.highWaterMark !== undefined)
    duplexOptions.highWaterMark = options.highWaterMark;
  const one = new MemoryStream(duplexOptions, options.split);
  const other = new MemoryStream(duplexOptions, options.split);
  one.join(other);
  other.join(one);
  return [one, other];
}

type WriteCallback = (error?: Error | null) => void;

class MemoryStream extends Duplex {
  readonly #split: ((bytes: Buffer) => Iterable<Buffer>) | undefined;
  #peer: MemoryStream | undefined;
  /** What is under way to this side: chunks, with the callback of the write they end. */
  #inbox: {
    readonly bytes: Buffer | null;
    readonly done: WriteCallback | undefined;
  }[] = [];
  #turn: NodeJS.Immediate | undefined;
  /** The reader has asked for more than it got. */
  #wanted = true;
  /** Nothing more will come: the peer ended or is gone. */
  #ended = false;

  constructor(
    options: DuplexOptions,
    split: ((bytes: Buffer) => Iterable<Buffer>) | undefined,
  ) {
    super(options);
    this.#split = split;
  }

  join(peer: MemoryStream): void {
    this.#peer = peer;
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: WriteCallback,
  ): void {
    const peer = this.#peer;
    if (peer === undefined || peer.destroyed) {
      callback(brokenPipe());
      return;
    }
    const pieces =
      this.#split === undefined ? [chunk] : [...this.#split(chunk)];
    const last = pieces.length - 1;
    if (last < 0) callback();
    pieces.forEach((bytes, index) =>
      peer.#receive(bytes, index === last ? callback : undefined),
    );
  }

  override _final(callback: WriteCallback): void {
    const peer = this.#peer;
    if (peer === undefined || peer.destroyed) callback();
    else peer.#receive(null, callback);
  }

  override _read(): void {
    this.#wanted = true;
    this.#schedule();
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    clearImmediate(this.#turn);
    const inbox = this.#inbox;
    this.#inbox = [];
    const reason = brokenPipe();
    for (const { done } of inbox) done?.(reason);
    const peer = this.#peer;
    this.#peer = undefined;
    // What was written before arrives before the end, as on a socket.
    if (peer !== undefined && !peer.destroyed) peer.#receive(null, undefined);
    callback(error);
  }

  #receive(bytes: Buffer | null, done: WriteCallback | undefined): void {
    this.#inbox.push({ bytes, done });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turn !== undefined || this.#inbox.length === 0) return;
    // The end is told whether or not the reader asks, as a socket does.
    if (!this.#wanted && this.#inbox[0]?.bytes !== null) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#deliver();
    });
  }

  #deliver(): void {
    const item = this.#inbox.shift();
    if (item === undefined) return;
    if (item.bytes === null) {
      if (!this.#ended) {
        this.#ended = true;
        this.push(null);
      }
    } else if (!this.#ended) {
      // push() may ask for more before it returns.
      this.#wanted = false;
      if (this.push(item.bytes)) this.#wanted = true;
    }
    item.done?.();
    this.#schedule();
  }
}

function brokenPipe(): Error {
  const error = systemError(
    "EPIPE",
    "the other end of the connection is closed",
  );
  return Object.assign(error, { syscall: "write" });
}
