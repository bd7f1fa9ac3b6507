import { Duplex } from "node:stream";
import { PortolanError } from "../../../../src/runtime/errors.ts";
import { EnvelopeClient } from "../../../../src/runtime/envelope/client.ts";
import type {
  AnyMessageType,
  EnvelopeDescriptor,
} from "../../../../src/runtime/envelope/descriptor.ts";
import { EnvelopeError } from "../../../../src/runtime/envelope/error.ts";
import type {
  Command,
  Subscription,
} from "../../../../src/runtime/envelope/types.ts";
import type { EncodeOptions } from "../../../../src/runtime/protobuf/message.ts";
import type { Endpoint } from "../../../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";

/**
 * A small envelope RPC whose messages are JSON: what a client does with requests
 * and replies does not hang on how they are written.
 */

interface Fields {
  readonly [name: string]: unknown;
}

/** A codec of JSON. What a peer demands is `demanded`, written by `complete`. */
export function jsonType(
  typeName: string,
  defaults: object = {},
): AnyMessageType {
  return {
    typeName,
    defaults,
    encode(message: object, options: EncodeOptions = {}) {
      const all =
        options.complete === true ? { demanded: true, ...message } : message;
      return Buffer.from(
        JSON.stringify(all, (key, value: unknown) => {
          if (key === "wrong")
            throw new PortolanError("INVALID_INPUT", "wrong is no field");
          return typeof value === "bigint" ? `${value}n` : value;
        }),
      );
    },
    decode(bytes: Uint8Array) {
      if (bytes.length === 0) return { list: [] };
      try {
        return JSON.parse(Buffer.from(bytes).toString(), (_key, value) =>
          typeof value === "string" && /^\d+n$/.test(value)
            ? BigInt(value.slice(0, -1))
            : (value as unknown),
        ) as object;
      } catch (cause) {
        throw new PortolanError("MALFORMED_MESSAGE", "not JSON", { cause });
      }
    },
  };
}

const any = jsonType("Mini.Any");

export const Code = { Success: 0, Unknown: 1, NotFound: 4, Lost: 23 } as const;

export const mini: EnvelopeDescriptor = {
  name: "Mini",
  address: "unix:/nowhere/mini.socket",
  request: jsonType("Mini.Request"),
  response: jsonType("Mini.Response"),
  error: "error",
  errorMessage: "text",
  timestamp: "time",
  codes: Code,
  success: Code.Success,
  absent: Code.Lost,
  methods: {
    Create: { input: any },
    List: { input: any, output: any, idempotent: true },
    Import: { input: any, extraTime: 1000 },
    Wait: { input: any, output: any, ownTime: { field: ["timeout"] } },
    Stop: { input: any, ownTime: { field: ["timeout"], absent: 30 } },
    CreateWeak: { input: any, bound: { name: ["name"] } },
    CreateSpec: {
      input: any,
      bound: { name: ["spec", "name"], when: ["spec", "weak"] },
    },
    Destroy: { input: any, unbound: { name: ["name"] } },
    Set: {
      input: any,
      unbound: { name: ["name"], where: { property: "weak", value: "false" } },
    },
    Watch: {
      input: jsonType("Mini.Watch", { target: "" }),
      output: jsonType("Mini.Event", { name: "", state: "" }),
      ownTime: { field: ["timeout"] },
      push: {
        stop: "StopWatch",
        ends: [{ name: "", state: "timeout" }, { state: { input: "target" } }],
      },
    },
    StopWatch: { input: any },
  },
};

interface Untyped {
  readonly input: { readonly [field: string]: unknown };
  readonly output: object;
  readonly response: object;
}
type Untype = Command<Untyped>;

export class MiniError extends EnvelopeError<(typeof Code)[keyof typeof Code]> {
  static override readonly service = "Mini";
  static override readonly codes: typeof Code = Code;
}

export class MiniClient extends EnvelopeClient {
  static override readonly descriptor: EnvelopeDescriptor = mini;
  declare readonly create: Untype;
  declare readonly list: Untype;
  declare readonly import: Untype;
  declare readonly wait: Untype;
  declare readonly stop: Untype;
  declare readonly createWeak: Untype;
  declare readonly createSpec: Untype;
  declare readonly destroy: Untype;
  declare readonly set: Untype;
  declare readonly watch: Subscription<Untyped>;
  declare readonly stopWatch: Untype;
}

/** The service's end of one connection: it does what a test says. */
export class PeerConnection {
  readonly stream: Duplex;
  /** Resolves when the client has closed, or reset, its end. */
  readonly ended: Promise<void>;
  #buffer: Buffer = Buffer.alloc(0);
  #over = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake?.();
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

  /** The body of the next request. */
  async body(): Promise<Buffer> {
    for (;;) {
      const [length, size] = readLength(this.#buffer);
      if (size > 0 && this.#buffer.length >= size + length) {
        const body = this.#buffer.subarray(size, size + length);
        this.#buffer = this.#buffer.subarray(size + length);
        return body;
      }
      if (this.#over) throw new Error("the client has closed the connection");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next request: its command and input, as they were written. */
  async request(): Promise<{
    readonly command: string;
    readonly input: Fields;
  }> {
    const { demanded, ...commands } = JSON.parse(
      (await this.body()).toString(),
    ) as Fields;
    if (demanded !== true) throw new Error("the request is not complete");
    const [[command, input] = ["", {}]] = Object.entries(commands);
    return { command, input: input as Fields };
  }

  write(bytes: Uint8Array): void {
    this.stream.write(bytes);
  }

  /** Sends responses, in one chunk. */
  send(...responses: object[]): void {
    this.write(Buffer.concat(responses.map((one) => framed(one))));
  }

  /** Replies with success. */
  reply(results: object = {}): void {
    this.send({ error: 0, text: "", ...results });
  }

  /** Pushes an event. */
  push(...events: object[]): void {
    this.send(...events.map((event) => ({ error: 0, Watch: event })));
  }

  /** Takes a request and replies to it. */
  async answer(
    results: object = {},
  ): Promise<{ readonly command: string; readonly input: Fields }> {
    const request = await this.request();
    this.reply(results);
    return request;
  }

  end(): void {
    this.stream.end();
  }

  destroy(): void {
    this.stream.destroy();
  }
}

/** Length and body. Written apart from the runtime's own framing. */
export function framed(response: object | Buffer): Buffer {
  const body = Buffer.isBuffer(response)
    ? response
    : Buffer.from(JSON.stringify(response));
  const length: number[] = [];
  let rest = body.length;
  for (; rest > 127; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), body]);
}

function readLength(bytes: Buffer): [length: number, size: number] {
  let length = 0;
  for (const [index, byte] of bytes.entries()) {
    length |= (byte & 127) << (7 * index);
    if (byte < 128) return [length, index + 1];
  }
  return [0, 0];
}

/** A service of which a test plays every connection. */
export interface Peer {
  readonly endpoint: Endpoint;
  /** The next connection, in the order they were made. */
  accept(): Promise<PeerConnection>;
  /** Connections made so far. */
  readonly accepted: number;
  /** Accepts no more; connections stay. */
  stopListening(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

export async function startPeer(endpoint: Endpoint): Promise<Peer> {
  const made: PeerConnection[] = [];
  const all: PeerConnection[] = [];
  let wake: (() => void) | undefined;
  let accepted = 0;
  const listen = () =>
    endpoint.listen((stream) => {
      accepted++;
      const connection = new PeerConnection(stream);
      made.push(connection);
      all.push(connection);
      wake?.();
    });
  let listener = await listen();
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
    stopListening: () => listener.close(),
    async listen() {
      listener = await listen();
    },
    async close() {
      for (const connection of all) connection.destroy();
      await listener.close();
    },
  };
}

/** An endpoint whose connections can be made to refuse what is written on them. */
export function refusing(): { endpoint: Endpoint; refuse: () => void } {
  const inner = memoryEndpoint();
  let broken: Duplex[] = [];
  const made: Duplex[] = [];
  const endpoint: Endpoint = {
    address: "memory:",
    listen: (onConnection, onError) => inner.listen(onConnection, onError),
    async connect(options) {
      const stream = await inner.connect(options);
      const outer = new Duplex({
        read() {},
        write(chunk: Buffer, _encoding, callback) {
          if (broken.includes(outer))
            callback(
              Object.assign(new Error("EPIPE"), {
                code: "EPIPE",
                syscall: "write",
              }),
            );
          else stream.write(chunk, callback);
        },
        destroy(error, callback) {
          stream.destroy();
          callback(error);
        },
      });
      stream.on("data", (chunk) => outer.push(chunk));
      stream.on("end", () => outer.push(null));
      made.push(outer);
      return outer;
    },
  };
  return {
    endpoint,
    refuse: () => {
      broken = [...made];
    },
  };
}
