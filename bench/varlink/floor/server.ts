import { createServer, type Socket } from "node:net";
import { Decoder, message, Writer } from "./wire.ts";

/** Answers a method: a reply, a promise of one, or the items of a stream. */
export type FloorHandler = (parameters: never) => unknown;

interface Call {
  readonly method: string;
  readonly parameters?: object;
}

/**
 * Serves handlers by their full names: JSON.parse, a Map, JSON.stringify. Calls of
 * a connection are answered one at a time, streams wait for room.
 */
export function serveFloor(
  path: string,
  handlers: ReadonlyMap<string, FloorHandler>,
): Promise<void> {
  const server = createServer((socket) => new Connection(socket, handlers));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // More than a burst of connections: the system takes no more than its own limit.
    server.listen({ path, backlog: 4096 }, resolve);
  });
}

class Connection {
  readonly #handlers: ReadonlyMap<string, FloorHandler>;
  readonly #writer: Writer;
  #queue: string[] = [];
  #next = 0;
  #busy = false;

  constructor(socket: Socket, handlers: ReadonlyMap<string, FloorHandler>) {
    this.#handlers = handlers;
    this.#writer = new Writer(socket);
    const decoder = new Decoder();
    socket.on("data", (chunk) => {
      for (const text of decoder.push(chunk)) this.#queue.push(text);
      if (!this.#busy) void this.#answerAll().catch(() => socket.destroy());
    });
    // The close that follows is all there is to know.
    socket.on("error", () => {});
  }

  async #answerAll(): Promise<void> {
    this.#busy = true;
    for (;;) {
      const text = this.#queue[this.#next];
      if (text === undefined) break;
      this.#next += 1;
      const { method, parameters } = JSON.parse(text) as Call;
      const handler = this.#handlers.get(method);
      if (handler === undefined) {
        this.#writer.write(
          message(
            '"error":"org.varlink.service.MethodNotFound",',
            { method },
            "",
          ),
        );
        continue;
      }
      let result = handler(parameters as never);
      if (isThenable(result)) result = await result;
      if (isGenerator(result)) await this.#stream(result);
      else if (result !== undefined)
        this.#writer.write(message("", result, ""));
      if (!this.#writer.room) await this.#writer.drained();
    }
    this.#queue = [];
    this.#next = 0;
    this.#busy = false;
  }

  async #stream(items: Items): Promise<void> {
    const writer = this.#writer;
    for (;;) {
      // Awaiting what is no promise would cost a turn of the queue for each.
      const step = items.next();
      const result = isThenable(step) ? await step : step;
      const { done, value: parameters } = result;
      if (done === true) {
        writer.write(
          parameters === undefined ? "{}" : message("", parameters, ""),
        );
        return;
      }
      writer.write(message("", parameters, ',"continues":true'));
      if (!writer.room) await writer.drained();
    }
  }
}

interface Step {
  readonly done?: boolean;
  readonly value: unknown;
}

interface Items {
  next(): Step | PromiseLike<Step>;
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}

function isGenerator(value: unknown): value is Items {
  return typeof value === "object" && value !== null && "next" in value;
}
