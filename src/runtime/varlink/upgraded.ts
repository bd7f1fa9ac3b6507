import type { Duplex } from "node:stream";
import type { Connection } from "./connection.ts";
import type { RawStream } from "./raw.ts";
import type { Upgraded } from "./types.ts";

/** What a program holds of a connection that was upgraded for it. */
export class UpgradedConnection implements Upgraded<object> {
  readonly output: object;
  readonly stream: Duplex;
  readonly #raw: RawStream;
  readonly #connection: Connection;

  constructor(output: object, raw: RawStream, connection: Connection) {
    this.output = output;
    this.stream = raw;
    this.#raw = raw;
    this.#connection = connection;
  }

  release(): void {
    this.#connection.takeBack(this.#raw);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#raw.destroy();
    return Promise.resolve();
  }
}
