import type { PortolanError } from "../../errors.ts";
import type { AnyHandler } from "../../serving/handlers.ts";
import { isThenable } from "../../serving/items.ts";
import { type CallHost, HandlerCall, LazySignal, type Room } from "./call.ts";
import type { Command } from "./commands.ts";

/** A command that is answered once. */
export class Exchange {
  readonly #command: Command;
  readonly #host: CallHost;
  readonly #time: unknown;
  readonly #signal = new LazySignal();

  constructor(command: Command, host: CallHost, time: unknown) {
    this.#command = command;
    this.#host = host;
    this.#time = time;
  }

  /**
   * Calls the handler and sends what it answers. Returns a promise if that takes
   * time or the writer is full; it never rejects, and nothing is thrown.
   */
  run(handler: AnyHandler, input: object, request: object): Room {
    const { connection } = this.#host;
    const call = new HandlerCall(
      this.#command,
      request,
      connection,
      this.#signal,
    );
    let result: unknown;
    try {
      result = handler.call(this.#command.handlers, input, call);
      // Asking is running the program's code: `then` may be a getter.
      if (isThenable(result)) return this.#settle(result);
    } catch (error) {
      return this.#fail(error);
    }
    return this.#answer(result);
  }

  /** The connection is gone: tells the handler. */
  abort(reason: PortolanError): void {
    this.#signal.abort(reason);
  }

  async #settle(promise: PromiseLike<unknown>): Promise<void> {
    let room: Room;
    try {
      room = this.#answer(await promise);
    } catch (error) {
      room = this.#fail(error);
    }
    if (room !== undefined) await room;
  }

  #answer(result: unknown): Room {
    // Nobody is there to get it.
    if (this.#signal.aborted) return undefined;
    try {
      const { replies } = this.#host;
      const reply = replies.success(this.#command, result, this.#time);
      return this.#host.reply(reply, this.#command);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(thrown: unknown): Room {
    // A handler whose client is gone may well fail for it.
    if (this.#signal.aborted) return undefined;
    const reply = this.#host.replies.thrown(this.#command, thrown, this.#time);
    return this.#host.reply(reply, this.#command, thrown);
  }
}
