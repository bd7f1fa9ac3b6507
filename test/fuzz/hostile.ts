import type { Duplex } from "node:stream";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { memoryPair } from "../../src/runtime/transport/memory.ts";
import { cut } from "./mutate.ts";
import type { Random } from "./random.ts";

/** Answers what comes on its first connection with bytes of a test, and all else as it should. */
export class HostileService implements Endpoint {
  readonly address: string = "memory:hostile";
  /** The first connection that was written to is closed, from the client's side too. */
  readonly gone: Promise<void>;
  readonly #random: Random;
  readonly #bytes: Buffer;
  readonly #answer: (received: Buffer) => Buffer;
  #attacked = false;
  #onGone = (): void => {};

  /** @param answer What a good service says to what it got, in one chunk. */
  constructor(
    random: Random,
    bytes: Buffer,
    answer: (received: Buffer) => Buffer,
  ) {
    this.#random = random;
    this.#bytes = bytes;
    this.#answer = answer;
    this.gone = new Promise((resolve) => {
      this.#onGone = resolve;
    });
  }

  connect(): Promise<Duplex> {
    const [client, service] = memoryPair();
    service.on("error", () => {});
    service.once("data", (first: Buffer) => {
      if (this.#attacked) this.#serve(service, first);
      else this.#attack(service);
    });
    return Promise.resolve(client);
  }

  listen(): Promise<never> {
    return Promise.reject(new Error("a service that only answers"));
  }

  #attack(stream: Duplex): void {
    this.#attacked = true;
    for (const chunk of cut(this.#random, this.#bytes)) stream.write(chunk);
    stream.end();
    stream.resume();
    stream.on("close", this.#onGone);
    stream.on("end", this.#onGone);
  }

  #serve(stream: Duplex, first: Buffer): void {
    const answer = (received: Buffer): unknown =>
      stream.write(this.#answer(received));
    answer(first);
    stream.on("data", answer);
    stream.on("end", () => stream.end());
  }
}
