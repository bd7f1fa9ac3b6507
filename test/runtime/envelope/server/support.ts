import type { Duplex } from "node:stream";
import { EnvelopeError } from "../../../../src/runtime/envelope/error.ts";
import type { EnvelopeDescriptor } from "../../../../src/runtime/envelope/descriptor.ts";
import {
  frame,
  FrameReader,
} from "../../../../src/runtime/envelope/framing.ts";
import {
  EnvelopeServer,
  type EnvelopeServerOptions,
} from "../../../../src/runtime/envelope/server.ts";
import { envelopeService } from "../../../../src/runtime/envelope/service.ts";
import type { CommandCall } from "../../../../src/runtime/envelope/types.ts";
import type { PortolanError } from "../../../../src/runtime/errors.ts";
import type { ServerErrorContext } from "../../../../src/runtime/serving/options.ts";
import { parseAddress } from "../../../../src/runtime/transport/address.ts";
import type { Endpoint } from "../../../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { type Table, tableType } from "../../../support/porto-codec.ts";

const string = { type: "string" } as const;
const TCreate: Table = {
  name: { number: 1, ...string },
  spec: { number: 2, type: { id: { number: 1, ...string, required: true } } },
};
const TList: Table = { mask: { number: 1, ...string } };
const TNames: Table = { name: { number: 1, ...string, repeated: true } };
const TVersion: Table = {
  tag: { number: 1, ...string, demanded: "" },
  revision: { number: 2, ...string, demanded: "" },
};
const TWait: Table = {
  name: { number: 1, ...string, repeated: true },
  timeout_ms: { number: 2, type: "int32" },
  label: { number: 3, ...string, repeated: true },
};
const TState: Table = {
  name: { number: 1, ...string, demanded: "" },
  state: { number: 2, ...string },
};
const TSystem: Table = {
  errors: { number: 4, type: "fixed64" },
};

const input = {
  create: tableType("TCreate", TCreate),
  list: tableType("TList", TList),
  version: tableType("TEmpty", {}),
  wait: tableType("TWait", TWait),
};

/** A service like Porto, of few commands; numbers and codes are Porto's. */
export const descriptor: EnvelopeDescriptor = {
  name: "Mini",
  request: tableType("TRequest", {
    Create: { number: 1, type: TCreate },
    List: { number: 3, type: TList },
    Version: { number: 14, type: {} },
    Wait: { number: 16, type: TWait },
    AsyncWait: { number: 19, type: TWait },
    StopAsyncWait: { number: 128, type: TWait },
    constructor: { number: 200, type: {} },
    GetSystem: { number: 300, type: {} },
  }),
  response: tableType("TResponse", {
    error: { number: 1, type: "int32" },
    errorMsg: { number: 2, ...string },
    List: { number: 3, type: TNames },
    Version: { number: 8, type: TVersion },
    Wait: { number: 11, type: TState },
    AsyncWait: { number: 19, type: TState },
    GetSystem: { number: 300, type: TSystem },
    timestamp: { number: 1000, type: "uint64" },
  }),
  error: "error",
  errorMessage: "errorMsg",
  timestamp: "timestamp",
  codes: {
    Success: 0,
    Unknown: 1,
    InvalidMethod: 2,
    InvalidValue: 7,
    Busy: 15,
  },
  success: 0,
  absent: 23,
  priority: ["List", "Create"],
  failures: {
    method: { code: 2, text: "invalid RPC method" },
    subscription: { code: 7, text: "Waiter not found" },
    internal: { code: 1 },
  },
  methods: {
    Create: { input: input.create },
    List: { input: input.list, output: tableType("TNames", TNames) },
    Version: { input: input.version, output: tableType("TVersion", TVersion) },
    Wait: {
      input: input.wait,
      output: tableType("TState", TState),
      bare: true,
    },
    AsyncWait: {
      input: input.wait,
      output: tableType("TState", TState),
      push: { stop: "StopAsyncWait" },
      ownTime: { field: ["timeout_ms"] },
    },
    StopAsyncWait: { input: input.wait },
    constructor: { input: input.version },
    GetSystem: { input: input.version, output: tableType("TSystem", TSystem) },
  },
};

export class MiniError extends EnvelopeError {
  static override readonly service: string = "Mini";
}

/** The time that the served clock shows, in seconds. */
export const NOW = 1_700_000_000n;

export type TestHandler = (input: never, call: CommandCall) => unknown;

export interface TestHandlers {
  readonly [name: string]: TestHandler;
}

export interface Served {
  readonly server: EnvelopeServer;
  readonly errors: {
    readonly error: unknown;
    readonly context: ServerErrorContext;
  }[];
  readonly protocolErrors: PortolanError[];
  connect(): Promise<RawPeer>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server on an endpoint, with what it reports. */
export async function serve(
  handlers: TestHandlers,
  options: EnvelopeServerOptions = {},
  endpoint: Endpoint = memoryEndpoint(),
  partial: Partial<EnvelopeDescriptor> = {},
): Promise<Served> {
  const errors: Served["errors"] = [];
  const protocolErrors: PortolanError[] = [];
  const server = new EnvelopeServer(
    envelopeService({ ...descriptor, ...partial }, handlers),
    {
      clock: () => Number(NOW) * 1000 + 999,
      onError: (error, context) => errors.push({ error, context }),
      onProtocolError: (error) => protocolErrors.push(error),
      ...options,
    },
  );
  const listener = await server.listen(endpoint);
  const target = listener.address.startsWith("memory:")
    ? endpoint
    : parseAddress(listener.address);
  return {
    server,
    errors,
    protocolErrors,
    connect: async () => new RawPeer(await target.connect({})),
    [Symbol.asyncDispose]: () => server.close({ timeout: 0 }),
  };
}

/** A client made of bytes: it knows frames and nothing else. */
export class RawPeer {
  readonly stream: Duplex;
  /** Resolves when the server has ended its side, or the connection broke. */
  readonly ended: Promise<void>;
  readonly #reader = new FrameReader(Infinity);
  #frames: Uint8Array[] = [];
  #given = 0;
  #done = false;
  #wake: (() => void)[] = [];

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#reader.push(chunk);
      for (
        let body = this.#reader.next();
        body !== undefined;
        body = this.#reader.next()
      )
        this.#frames.push(Uint8Array.from(body));
      this.#tell();
    });
    stream.on("error", () => {});
    this.ended = new Promise((resolve) => {
      const done = (): void => {
        this.#done = true;
        this.#tell();
        resolve();
      };
      stream.on("end", () => {
        done();
        // As most clients do; a test of one that does not makes its own.
        stream.end();
      });
      stream.on("close", done);
    });
  }

  /** Whether a message has begun to arrive and is not complete. */
  get partial(): boolean {
    return this.#reader.pending;
  }

  /** Messages that came and were not taken. */
  get unread(): number {
    return this.#frames.length - this.#given;
  }

  /** Sends requests, in one piece. */
  send(...requests: readonly (object | Uint8Array)[]): this {
    const frames = requests.map((request) =>
      frame(
        request instanceof Uint8Array
          ? request
          : descriptor.request.encode(request, { partial: true }),
      ),
    );
    this.stream.write(Buffer.concat(frames));
    return this;
  }

  /** Sends bytes as they are. */
  raw(hex: string): this {
    this.stream.write(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    return this;
  }

  end(): this {
    this.stream.end();
    return this;
  }

  /** The next message's body, or undefined at the end of the connection. */
  async nextBody(): Promise<Uint8Array | undefined> {
    for (;;) {
      const body = this.#frames[this.#given];
      if (body !== undefined) {
        this.#given += 1;
        return body;
      }
      if (this.#done) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
    }
  }

  /** The next message. */
  async next(): Promise<object | undefined> {
    const body = await this.nextBody();
    return body === undefined ? undefined : descriptor.response.decode(body);
  }

  async take(count: number): Promise<(object | undefined)[]> {
    const replies: (object | undefined)[] = [];
    for (let index = 0; index < count; index += 1)
      replies.push(await this.next());
    return replies;
  }

  /** All messages until the server ends the connection. */
  async rest(): Promise<object[]> {
    const replies: object[] = [];
    for (
      let reply = await this.next();
      reply !== undefined;
      reply = await this.next()
    )
      replies.push(reply);
    return replies;
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** A reply, with what every one has. */
export function ok(result: object = {}): object {
  return { error: 0, errorMsg: "", ...result, timestamp: NOW };
}

export function failed(
  error: number,
  errorMsg: string,
  result?: object,
): object {
  return { error, errorMsg, ...result, timestamp: NOW };
}

export function push(name: string, state: string): object {
  return { error: 0, AsyncWait: { name, state } };
}
