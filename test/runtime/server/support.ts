import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { vi } from "vitest";
import type { PortolanError } from "../../../src/runtime/errors.ts";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import type { Endpoint } from "../../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import {
  type ServerErrorContext,
  VarlinkServer,
  type VarlinkServerOptions,
} from "../../../src/runtime/varlink/server.ts";
import { service } from "../../../src/runtime/varlink/service.ts";
import type { Call } from "../../../src/runtime/varlink/types.ts";

/** The interface that the tests of the server serve. */
export const descriptor: InterfaceDescriptor = {
  interface: "org.example.test",
  types: { Item: { number: "int" }, Colour: ["red", "green"] },
  methods: {
    Echo: { input: { text: "string" }, output: { text: "string" } },
    Nothing: { input: {}, output: {} },
    Count: { input: { to: "?int" }, output: { number: "?int" } },
    Watch: { input: {}, output: { number: "int" }, more: "required" },
    Paint: { input: { colours: "[]Colour" }, output: { colour: "Colour" } },
    Missing: { input: {}, output: {} },
    Constructor: { input: {}, output: {} },
    Call: { input: {}, output: {} },
    Bind: { input: {}, output: {} },
  },
  errors: { Broken: { number: "int" }, Silent: {} },
  description: [
    "interface org.example.test",
    "",
    "method Echo(text: string) -> (text: string)",
  ],
};

export const info = {
  vendor: "Example",
  product: "Test",
  version: "1",
  url: "https://example.org",
};

/** A handler, whose types do not matter here. */
export type TestHandler = (input: never, call: Call) => unknown;

export interface Served {
  readonly server: VarlinkServer;
  readonly endpoint: Endpoint;
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
  handlers: { readonly [name: string]: TestHandler },
  endpoint: Endpoint = memoryEndpoint(),
  options: Partial<VarlinkServerOptions> = {},
  partial: Partial<InterfaceDescriptor> = {},
): Promise<Served> {
  const errors: Served["errors"] = [];
  const protocolErrors: PortolanError[] = [];
  const server = new VarlinkServer({
    ...info,
    onError: (error, context) => errors.push({ error, context }),
    onProtocolError: (error) => protocolErrors.push(error),
    ...options,
  });
  server.add(service({ ...descriptor, ...partial }, handlers));
  const listener = await server.listen(endpoint);
  const target = listener.address.startsWith("memory:")
    ? endpoint
    : parseAddress(listener.address);
  return {
    server,
    endpoint: target,
    errors,
    protocolErrors,
    connect: async () => new RawPeer(await target.connect({})),
    [Symbol.asyncDispose]: () => server.close({ timeout: 0 }),
  };
}

/** The transports that rules are tested on. */
export const transports: readonly {
  readonly name: string;
  readonly open: () => Promise<Endpoint>;
}[] = [
  { name: "memory", open: () => Promise.resolve(memoryEndpoint()) },
  {
    name: "unix",
    open: async () => {
      const folder = await temporaryFolder();
      return parseAddress(`unix:${path.join(folder, "socket")}`);
    },
  },
  { name: "tcp", open: () => Promise.resolve(parseAddress("tcp:127.0.0.1:0")) },
];

const folders: string[] = [];

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "portolan-server-"));
  folders.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0))
    await rm(folder, { recursive: true, force: true });
}

/** A message as it came. */
export interface Reply {
  readonly parameters?: { readonly [name: string]: unknown };
  readonly continues?: boolean;
  readonly error?: string;
}

/** A client made of bytes: it knows frames and nothing else. */
export class RawPeer {
  readonly stream: Duplex;
  /** Resolves when the server has ended its side, or the connection broke. */
  readonly ended: Promise<void>;
  #frames: string[] = [];
  #given = 0;
  #partial = "";
  #done = false;
  #wake: (() => void)[] = [];

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (chunk: Buffer) => {
      const frames = (this.#partial + chunk.toString("latin1")).split("\0");
      this.#partial = frames.pop() ?? "";
      this.#frames.push(...frames);
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

  /** All bytes that came, one character each. */
  get text(): string {
    return [...this.#frames, this.#partial].join("\0");
  }

  /** Sends messages in one piece. */
  send(...messages: readonly (object | string)[]): this {
    const frames = messages.map((message) =>
      typeof message === "string"
        ? `${message}\0`
        : `${JSON.stringify(message)}\0`,
    );
    this.stream.write(frames.join(""));
    return this;
  }

  call(method: string, parameters?: object, flags: object = {}): this {
    return this.send({
      method: `org.example.test.${method}`,
      parameters,
      ...flags,
    });
  }

  end(): this {
    this.stream.end();
    return this;
  }

  /** The next message, or undefined at the end of the connection. */
  async next(): Promise<Reply | undefined> {
    for (;;) {
      const frame = this.#frames[this.#given];
      if (frame !== undefined) {
        this.#given += 1;
        return JSON.parse(Buffer.from(frame, "latin1").toString()) as Reply;
      }
      if (this.#done) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
    }
  }

  async take(count: number): Promise<(Reply | undefined)[]> {
    const replies: (Reply | undefined)[] = [];
    for (let index = 0; index < count; index += 1)
      replies.push(await this.next());
    return replies;
  }

  /** All messages until the server ends the connection. */
  async rest(): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (
      let reply = await this.next();
      reply !== undefined;
      reply = await this.next()
    ) {
      replies.push(reply);
    }
    return replies;
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** A promise with its resolver, for tests that order events. */
export function gate(): {
  readonly opened: Promise<void>;
  readonly open: () => void;
} {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Waits, by turns of the event loop, until something holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** Keeps the warnings of this process to itself, until the end of the scope. */
export function spyOnWarnings(): {
  readonly texts: readonly string[];
} & Disposable {
  const texts: string[] = [];
  const spy = vi.spyOn(process, "emitWarning").mockImplementation((warning) => {
    texts.push(String(warning));
  });
  return { texts, [Symbol.dispose]: () => spy.mockRestore() };
}
