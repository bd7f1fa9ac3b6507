import { PortoClient, PortoError, portoService } from "portolan/porto";
import type { TWaitRequestInput, TWaitResponse } from "portolan/porto";
import {
  embedded,
  type EmbeddedEngine,
  type EmbeddedOptions,
  manualClock,
  type ManualClock,
} from "../../../../src/libpod/engines/embedded/index.ts";
import { portoHandlers } from "../../../../src/libpod/serve/index.ts";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import type { Endpoint } from "../../../../src/runtime/transport/endpoint.ts";
import { turns, unixPlace } from "../../../support/peer.ts";

/** 2026-11-21 22:11:03 UTC. */
export const START: number = Date.UTC(2026, 10, 21, 22, 11, 3);
export const START_SECONDS: bigint = BigInt(START / 1000);

/** An embedded engine that speaks Porto behind a socket, and a client of it. */
export interface Bench extends AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly clock: ManualClock;
  readonly porto: PortoClient;
  /** A folder for files. */
  readonly folder: string;
  readonly endpoint: Endpoint;
  /** What handlers threw that is no answer: nothing, if all is well. */
  readonly mistakes: unknown[];
  /** Another client; all are closed at the end. */
  readonly connect: () => Promise<PortoClient>;
  /** A property of a container, as text. */
  readonly get: (name: string, property: string) => Promise<string>;
  readonly set: (
    name: string,
    properties: Record<string, string>,
  ) => Promise<void>;
  /** A container that runs `command`. */
  readonly run: (name: string, command?: string) => Promise<void>;
  /** Subscribes; resolves when the engine tells of what happens from then on. */
  readonly watch: (input: TWaitRequestInput) => Promise<Watch>;
}

export async function openBench(options: EmbeddedOptions = {}): Promise<Bench> {
  const clock = manualClock(START);
  const engine = await embedded({ clock, ...options });
  const place = await unixPlace();
  const mistakes: unknown[] = [];
  const handlers = portoHandlers(engine);
  let subscribed = 0;
  const counted: typeof handlers = {
    ...handlers,
    async asyncWait(input, call) {
      const items = await handlers.asyncWait(input, call);
      subscribed += 1;
      return items;
    },
  };
  const server = new EnvelopeServer(portoService(counted), {
    onError: (error) => mistakes.push(error),
    clock: () => clock.now(),
  });
  await server.listen(place.endpoint);
  const clients: PortoClient[] = [];
  const connect = async (): Promise<PortoClient> => {
    const client = await PortoClient.connect(place.endpoint);
    clients.push(client);
    return client;
  };
  const porto = await connect();
  const set: Bench["set"] = async (name, properties) => {
    for (const [property, value] of Object.entries(properties))
      await porto.setProperty({ name, property, value });
  };
  return {
    engine,
    clock,
    porto,
    folder: place.folder,
    endpoint: place.endpoint,
    mistakes,
    connect,
    get: async (name, property) =>
      (await porto.getProperty({ name, property })).value ?? "",
    set,
    async run(name, command = "sleep 1000") {
      await porto.create({ name });
      await set(name, { command });
      await porto.start({ name });
    },
    async watch(input) {
      const before = subscribed;
      const watch = new Watch(porto.asyncWait(input));
      await until(() => subscribed > before);
      return watch;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.$close();
      await server.close({ timeout: 0 });
      await engine.close();
      await place.remove();
    },
  };
}

/** The code that a command was answered with. */
export async function refusal(
  promise: PromiseLike<unknown>,
): Promise<PortoError> {
  const error: unknown = await promise.then(
    (value) => {
      throw new Error(`answered with ${JSON.stringify(value)}`);
    },
    (thrown: unknown) => thrown,
  );
  if (!PortoError.is(error)) throw error;
  return error;
}

/** The name of the code that a command was answered with. */
export async function code(promise: PromiseLike<unknown>): Promise<string> {
  return (await refusal(promise)).errorName;
}

/** A subscription whose reports are read as `name:state[:label=value]`. */
export class Watch {
  readonly #reports: ReturnType<PortoClient["asyncWait"]>;
  #next: Promise<IteratorResult<TWaitResponse, unknown>>;

  constructor(reports: ReturnType<PortoClient["asyncWait"]>) {
    this.#reports = reports;
    // Nothing is asked for before the first one is.
    this.#next = reports.next();
  }

  /** The next reports, as many as there are before the end. */
  async take(count: number): Promise<string[]> {
    const found: string[] = [];
    while (found.length < count) {
      const step = await this.#next;
      if (step.done === true) break;
      found.push(written(step.value));
      this.#next = this.#reports.next();
      this.#next.catch(() => undefined);
    }
    return found;
  }

  /** All reports up to the end of the subscription. */
  rest(): Promise<string[]> {
    return this.take(Infinity);
  }
}

export function written({ name, state, label, value }: TWaitResponse): string {
  const tail = label === undefined ? "" : `:${label}=${value ?? ""}`;
  return `${name}:${state}${tail}`;
}

/** Moves the clock on until something that waits for time has come to an end. */
export async function drive<T>(
  clock: ManualClock,
  promise: Promise<T>,
  step = 100,
): Promise<T> {
  const state = { over: false };
  const settled = (): void => {
    state.over = true;
  };
  promise.then(settled, settled);
  // Far more than any test needs: what never ends fails here, not by the runner's limit.
  for (let tries = 0; !state.over && tries < 10_000; tries += 1) {
    await clock.advance(step);
    await turns();
  }
  if (!state.over) throw new Error("it does not end");
  return promise;
}

/** Waits until something holds, which what is under way brings about. */
export async function until(
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let tries = 0; tries < 10_000; tries += 1) {
    if (await holds()) return;
    await turns();
  }
  throw new Error("it does not come about");
}
