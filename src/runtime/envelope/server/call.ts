import { setMaxListeners } from "node:events";
import type { PortolanError } from "../../errors.ts";
import type { CommandCall, EnvelopeConnection } from "../types.ts";
import type { Command } from "./commands.ts";
import type { Reply } from "./replies.ts";
import type { Replies } from "./replies.ts";

/** A promise while there is no room to write. */
export type Room = undefined | Promise<void>;

/** What answers and subscriptions need of the connection they are on. */
export interface CallHost {
  readonly replies: Replies;
  readonly connection: EnvelopeConnection;
  /** Writes a message; returns a promise for room when there is none left. */
  write(body: Uint8Array): Room;
  /** Writes the reply to the request that is being answered. */
  reply(reply: Reply, command: Command, thrown?: unknown): Room;
  /** Tells the server's `onError`. */
  report(error: unknown, command: Command): void;
}

/** An abort signal that is made when it is asked for: most handlers never do. */
export class LazySignal {
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // A handler may well listen once for each of the many things that live on a
      // connection, which Node would take for a leak.
      setMaxListeners(0, this.#controller.signal);
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: PortolanError): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

/** A command that a handler answers, as the handler sees it. */
export class HandlerCall implements CommandCall {
  readonly method: string;
  readonly request: object;
  readonly connection: EnvelopeConnection;
  readonly #signal: LazySignal;

  constructor(
    command: Command,
    request: object,
    connection: EnvelopeConnection,
    signal: LazySignal,
  ) {
    this.method = command.name;
    this.request = request;
    this.connection = connection;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }
}
