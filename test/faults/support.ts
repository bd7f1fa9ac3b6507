import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { PortolanError } from "../../src/runtime/errors.ts";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import type { InterfaceDescriptor } from "../../src/runtime/varlink/descriptor.ts";
import {
  VarlinkServer,
  type VarlinkServerOptions,
} from "../../src/runtime/varlink/server.ts";
import { service } from "../../src/runtime/varlink/service.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";
import { unixPlace } from "../support/peer.ts";
import { PEER } from "./peer.ts";

/** The interface of these tests. */
export const faults: InterfaceDescriptor = {
  interface: "com.example.faults",
  types: {},
  methods: {
    Echo: { input: { text: "string" }, output: { text: "string" } },
    Hang: { input: {}, output: {} },
    Large: { input: { size: "int" }, output: { text: "string" } },
    Watch: {
      input: { size: "?int" },
      output: { number: "?int", text: "?string" },
    },
    Take: { input: {}, output: {}, upgrade: "supported" },
  },
  errors: {},
  description: [],
};

export const ECHO = "com.example.faults.Echo";
export const HANG = "com.example.faults.Hang";
export const LARGE = "com.example.faults.Large";
export const WATCH = "com.example.faults.Watch";
export const TAKE = "com.example.faults.Take";

/** Milliseconds that anything may take on a busy machine. */
const LIMIT = 25_000;

/** Waits until something holds; says what it was that never did. */
export async function until(
  what: string,
  condition: () => boolean,
): Promise<void> {
  const end = Date.now() + LIMIT;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`this never came: ${what}`);
    await sleep(2);
  }
}

/** A message as it goes over the wire. */
export function frame(message: object): string {
  return `${JSON.stringify(message)}\0`;
}

/** How a promise, or each of several, ends: its code, or `fulfilled`. */
export async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "fulfilled";
  } catch (error) {
    return PortolanError.is(error) ? error.code : String(error);
  }
}

export function outcomes(
  promises: readonly Promise<unknown>[],
): Promise<string[]> {
  return Promise.all(promises.map(outcome));
}

/** All items of a stream up to its end, and how it ended. */
export async function readAll(
  stream: AsyncIterable<object>,
): Promise<{ readonly items: object[]; readonly end: string }> {
  const items: object[] = [];
  const end = await outcome(
    (async () => {
      for await (const item of stream) items.push(item);
    })(),
  );
  return { items, end };
}

/** A Unix socket in a folder of its own, and how to remove that. */
export async function temporaryPlace(): Promise<{
  readonly endpoint: Endpoint;
  readonly remove: () => Promise<void>;
}> {
  const place = await unixPlace();
  return { endpoint: place.endpoint, remove: () => place.remove() };
}

/** Where a peer connects or listens, as Node's `net` has it. */
type NetPlace = string | { readonly host: string; readonly port: number };

/** What `net` makes of an address. */
export function netPlace({ address }: Pick<Endpoint, "address">): NetPlace {
  const tcp = /^tcp:(.*):(\d+)$/.exec(address);
  return tcp === null
    ? address.replace(/^unix:/, "")
    : { host: String(tcp[1]), port: Number(tcp[2]) };
}

type Order =
  | {
      readonly do: "connect";
      readonly place: NetPlace;
      readonly reads: boolean;
    }
  | {
      readonly do: "listen";
      readonly place: NetPlace;
      readonly answers: readonly string[];
    }
  | { readonly do: "write"; readonly bytes: string }
  | { readonly do: "destroy" | "reset" };

/** A peer that is another process. */
export class PeerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #seen = new Map<string, number>();
  #bytes = 0;

  constructor() {
    this.#child = spawn(process.execPath, ["-e", PEER], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.on("message", (message) => {
      const { event, bytes } = message as {
        readonly event: string;
        readonly bytes: number;
      };
      this.#seen.set(event, this.count(event) + 1);
      this.#bytes += bytes;
    });
  }

  /** Bytes that it has read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How often it has told of an event. */
  count(event: string): number {
    return this.#seen.get(event) ?? 0;
  }

  order(order: Order): void {
    this.#child.send(order);
  }

  /** Waits for the next time, or the given one, that it tells of an event. */
  async told(event: string, times = 1): Promise<void> {
    await until(`${event} ${times}`, () => this.count(event) >= times);
  }

  async listen(
    endpoint: Endpoint,
    answers: readonly string[] = [],
  ): Promise<void> {
    this.order({ do: "listen", place: netPlace(endpoint), answers });
    await this.told("listening");
  }

  async connect(
    endpoint: Endpoint,
    bytes: string,
    { reads = true }: { readonly reads?: boolean } = {},
  ): Promise<void> {
    this.order({ do: "connect", place: netPlace(endpoint), reads });
    this.order({ do: "write", bytes });
    await this.told("connected");
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null)
      return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}

type Handler = (input: never, call: Call) => unknown;

/** What a handler noticed of its client's end. */
export interface Noticed {
  /** Calls of `Hang`, streams and upgrades that were begun. */
  begun: number;
  /** Replies that were made for streams. */
  made: number;
  /** Why their signals were aborted. */
  readonly reasons: unknown[];
  /** Generators that were closed. */
  closed: number;
  /** Errors of upgraded streams. */
  readonly upgradeErrors: unknown[];
}

export interface FaultyServer extends AsyncDisposable {
  readonly server: VarlinkServer;
  readonly endpoint: Endpoint;
  readonly noticed: Noticed;
  readonly errors: unknown[];
  readonly protocolErrors: PortolanError[];
}

/** A server whose handlers write down what happens to them. */
export async function serveFaults(
  endpoint: Endpoint,
  options: Partial<VarlinkServerOptions> = {},
): Promise<FaultyServer> {
  const noticed: Noticed = {
    begun: 0,
    made: 0,
    reasons: [],
    closed: 0,
    upgradeErrors: [],
  };
  const errors: unknown[] = [];
  const protocolErrors: PortolanError[] = [];
  const begin = ({ signal }: Call): void => {
    noticed.begun += 1;
    signal.addEventListener("abort", () => noticed.reasons.push(signal.reason));
  };
  const handlers: { readonly [name: string]: Handler } = {
    echo: ({ text }: { readonly text: string }) => ({ text }),
    large: ({ size }: { readonly size: number }) => ({
      text: "x".repeat(size),
    }),
    hang: (_input: object, call: Call) => {
      begin(call);
      return new Promise(() => {});
    },
    async *watch({ size = 1000 }: { readonly size?: number }, call: Call) {
      begin(call);
      try {
        for (;;) {
          noticed.made += 1;
          yield { number: noticed.made, text: "x".repeat(size) };
          await sleep(0);
        }
      } finally {
        noticed.closed += 1;
      }
    },
    take: (_input: object, call: Call) => {
      begin(call);
      return call.upgraded({}, async (stream) => {
        try {
          await finished(stream.resume(), { writable: false });
          // An end says that nothing more comes, not that nobody is there.
          for (;;) {
            stream.write("still here");
            await sleep(1);
            if (stream.errored) throw stream.errored;
          }
        } catch (error) {
          noticed.upgradeErrors.push(error);
          throw error;
        }
      });
    },
  };
  const server = new VarlinkServer({
    vendor: "Example",
    product: "Faults",
    version: "1",
    url: "https://example.org",
    onError: (error) => errors.push(error),
    onProtocolError: (error) => protocolErrors.push(error),
    ...options,
  });
  server.add(service(faults, handlers));
  const { address } = await server.listen(endpoint);
  return {
    server,
    // A port that was free is known by now.
    endpoint:
      address === endpoint.address ? endpoint : { ...endpoint, address },
    noticed,
    errors,
    protocolErrors,
    [Symbol.asyncDispose]: () => server.close({ timeout: 0 }),
  };
}
