import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { Relay, type RelayOptions } from "../../../src/runtime/proxy/relay.ts";

const folders: string[] = [];

/** A new folder, until `removeFolders`. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "portolan-proxy-"));
  folders.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0))
    await rm(folder, { recursive: true, force: true });
}

/** A place of a kind, where nobody listens. */
export const places: Readonly<
  Record<"memory" | "unix" | "tcp", () => Promise<Endpoint>>
> = {
  memory: () => Promise.resolve(memoryEndpoint()),
  unix: async () =>
    parseAddress(`unix:${path.join(await temporaryFolder(), "socket")}`),
  tcp: () => Promise.resolve(parseAddress("tcp:127.0.0.1:0")),
};

/** A relay that listens. */
export interface Relayed extends AsyncDisposable {
  readonly relay: Relay;
  /** Where clients connect to. */
  readonly endpoint: Endpoint;
  /** What the relay has reported. */
  readonly errors: unknown[];
}

export async function startRelay(
  at: Endpoint,
  options: RelayOptions,
): Promise<Relayed> {
  const errors: unknown[] = [];
  const relay = new Relay({
    onError: (error) => errors.push(error),
    ...options,
  });
  const { address } = await relay.listen(at);
  return {
    relay,
    endpoint: address.startsWith("memory:") ? at : parseAddress(address),
    errors,
    [Symbol.asyncDispose]: () => relay.close({ timeout: 0 }),
  };
}

/** A peer that is bytes and nothing else. */
export class Wire {
  readonly stream: Duplex;
  /** How many bytes have come. */
  size = 0;
  #chunks: Buffer[] = [];
  ended = false;
  closed = false;
  #wake: (() => void)[] = [];

  /** @param reads Whether it reads without being told. */
  constructor(stream: Duplex, reads = true) {
    this.stream = stream;
    stream.on("error", () => {});
    stream.on("end", () => {
      this.ended = true;
      this.#tell();
    });
    stream.on("close", () => {
      this.closed = true;
      this.#tell();
    });
    if (reads) this.read();
  }

  read(): void {
    this.stream.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.size += chunk.length;
      this.#tell();
    });
  }

  /** Waits for a state that comes with bytes, an end, or the close. */
  async until(holds: (wire: this) => boolean): Promise<void> {
    while (!holds(this)) {
      if (this.closed) throw new Error(`closed at ${this.size} bytes`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** What has come. */
  get bytes(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  get text(): string {
    return this.bytes.toString("latin1");
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** A service that is bytes and nothing else: its connections, as they come. */
export async function listenRaw(endpoint: Endpoint): Promise<
  {
    readonly endpoint: Endpoint;
    next(): Promise<Duplex>;
  } & AsyncDisposable
> {
  const come: Duplex[] = [];
  const all: Duplex[] = [];
  const waiting: ((stream: Duplex) => void)[] = [];
  const listener = await endpoint.listen((stream) => {
    stream.on("error", () => {});
    all.push(stream);
    const first = waiting.shift();
    if (first === undefined) come.push(stream);
    else first(stream);
  });
  return {
    endpoint: listener.address.startsWith("memory:")
      ? endpoint
      : parseAddress(listener.address),
    next: () => {
      const first = come.shift();
      return first === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(first);
    },
    [Symbol.asyncDispose]: async () => {
      for (const stream of all) stream.destroy();
      await listener.close();
    },
  };
}

/** Polls, with a limit that only a failure reaches. */
export async function eventually(holds: () => boolean): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > limit) throw new Error("it did not come to that");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
