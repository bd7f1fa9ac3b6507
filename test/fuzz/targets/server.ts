import type { Duplex } from "node:stream";
import { PortolanError } from "../../../src/runtime/errors.ts";
import { memoryPair } from "../../../src/runtime/transport/memory.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { callWords, framed, reaching, recordedCalls } from "../frames.ts";
import { cut, mutate } from "../mutate.ts";
import { Random } from "../random.ts";
import {
  canonical,
  type ReadCall,
  readCall,
  readReply,
  takeText,
} from "../reading.ts";
import {
  declaredPart,
  descriptor,
  EXACT,
  FUZZ,
  MAX_COUNT,
  services,
} from "../service.ts";
import {
  type Bench,
  brief,
  type Input,
  must,
  mustEqual,
  type Target,
  Tally,
} from "../target.ts";

const MAX_SIZE = 16 * 1024;

const value = {
  bool: true,
  int: 7,
  float: 0.5,
  string: "grüße 🎉",
  object: { constructor: { a: [1, null] } },
  any: [{}],
  colour: "red",
  list: [1, 2],
  map: { a: 1, constructor: 2 },
  holes: [null, { toJSON: {} }],
  inner: { constructor: 1, toString: "x", hasOwnProperty: { b: {} } },
};

function call(method: string, parameters?: object, flags: object = {}): Buffer {
  return framed({ method, parameters, ...flags });
}

const own = [FUZZ, EXACT].flatMap((name) => [
  call(`${name}.Nothing`),
  call(`${name}.Echo`, { text: "hello" }),
  call(`${name}.Echo`, { text: "\0\u2028 é 🎉" }),
  // Halves of a character, which JSON can write and UTF-8 cannot.
  call(`${name}.Echo`, { text: "\ud800 \udfff" }),
  call(`${name}.Echo`, { ...reaching, text: "" }),
  call(`${name}.Mirror`, { value }),
  call(`${name}.Mirror`, {
    value: { ...value, object: reaching, any: [reaching], string: "\udfff" },
  }),
  call(`${name}.Mirror`, { value: { ...value, tree: value } }),
  call(`${name}.Count`, { to: 5 }, { more: true }),
  call(`${name}.Count`, { to: 5 }),
  call(`${name}.Watch`, {}, { more: true }),
  call(`${name}.Nothing`, undefined, { oneway: true }),
  call(`${name}.Fail`),
  call(`${name}.Missing`),
  call(`${name}.Then`),
  call(`${name}.Speak`, {}, { upgrade: true }),
]);
const standard = [
  call("org.varlink.service.GetInfo"),
  call("org.varlink.service.GetInterfaceDescription", { interface: FUZZ }),
  Buffer.from(` { "method" : "${FUZZ}.Nothing" , "com.example.a" : 1 } \0`),
];

/** Wrong by one thing each, which the plain reading has to find too. */
const wrong = [
  { more: true, oneway: true },
  { upgrade: true, oneway: true },
  { more: true, upgrade: true, oneway: false },
  { more: 1 },
  { oneway: "true" },
  { upgrade: {} },
  { more: null, oneway: null },
  { parameters: [] },
  { parameters: 0 },
  { method: null },
  { continues: false },
  { toString: null },
  reaching,
].map((flags) => call(`${FUZZ}.Nothing`, {}, flags));

const seeds = [...own, ...standard, ...wrong, ...recordedCalls()];

const tally = new Tally(
  "replies",
  "errors",
  "malformed",
  "oneway",
  "raw",
  "counted",
  "mirrored",
);

/** What a client may send to our server, in one connection. */
export const serverTarget: Target = {
  name: "server",
  share: 30,
  tally,
  make(random) {
    const parts: Buffer[] = [];
    for (let count = 1 + random.below(3); count > 0; count -= 1)
      parts.push(
        random.once(3) ? random.pick(seeds) : mutate(random, seeds, callWords),
      );
    return Buffer.concat(parts);
  },
  open: () => new ServerBench(),
};

class ServerBench implements Bench {
  readonly #broken = new Map<string, number>();
  readonly #errors: unknown[] = [];
  readonly #strict: VarlinkServer = this.#serve("strict");
  readonly #lenient: VarlinkServer = this.#serve("lenient");
  readonly #witnesses: readonly Duplex[] = [this.#strict, this.#lenient].map(
    (server) => connect(server, "witness"),
  );
  #connections = 0;

  async check({ bytes, variant }: Input): Promise<void> {
    const name = `client ${(this.#connections += 1)}`;
    const random = new Random(variant);
    const isStrict = !random.once(4);
    const stream = connect(isStrict ? this.#strict : this.#lenient, name);
    const received = readAll(stream);
    for (const chunk of cut(random, bytes)) stream.write(chunk);
    stream.end();
    const reader = new ReplyReader(await received);
    const broken = checkConversation(bytes, isStrict, reader);
    mustEqual(
      String(this.#broken.get(name) ?? 0),
      String(broken),
      "breaches of the protocol that were reported",
    );
  }

  async close(): Promise<void> {
    for (const stream of this.#witnesses) {
      const received = readAll(stream);
      stream.end(call(`${FUZZ}.Echo`, { text: "still there" }));
      mustEqual(
        (await received).toString(),
        '{"parameters":{"text":"still there"}}\0',
        "the reply to another connection",
      );
    }
    for (const server of [this.#strict, this.#lenient]) {
      await server.close();
      mustEqual(String(server.connections), "0", "connections");
    }
    must(
      this.#errors.length === 0,
      () => `onError was told ${String(this.#errors[0])}`,
    );
  }

  #serve(calls: "strict" | "lenient"): VarlinkServer {
    const server = new VarlinkServer({
      vendor: "Example",
      product: "Fuzz",
      version: "1",
      url: "https://example.org",
      maxMessageSize: MAX_SIZE,
      calls,
      onError: (error) => {
        this.#errors.push(error);
      },
      onProtocolError: (error, { address }) => {
        if (!PortolanError.is(error)) this.#errors.push(error);
        this.#broken.set(address, (this.#broken.get(address) ?? 0) + 1);
      },
    });
    for (const service of services()) server.add(service);
    return server;
  }
}

function connect(server: VarlinkServer, address: string): Duplex {
  const [client, accepted] = memoryPair();
  server.accept(accepted, address);
  return client;
}

/** Everything that comes until the other side has ended or is gone. */
export function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const done = (): void => resolve(Buffer.concat(chunks));
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    // Writing to a connection that the server has closed fails.
    stream.on("error", done);
    stream.on("end", done);
    stream.on("close", done);
  });
}

/** The replies in what a server sent. */
class ReplyReader {
  #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(more: boolean): NonNullable<ReturnType<typeof readReply>> {
    const text = takeText(this.#bytes, Infinity);
    must(typeof text !== "string", "there is no reply");
    const reply = readReply(text.text, more, true);
    must(reply !== undefined, () => `a malformed reply: ${brief(text.text)}`);
    this.#bytes = text.rest;
    return reply;
  }

  rest(): Buffer {
    return this.#bytes;
  }
}

/**
 * Goes through what a client sent, and what it must have got for it.
 *
 * @returns how often the client broke the protocol: once, if at all.
 */
function checkConversation(
  sent: Buffer,
  isStrict: boolean,
  replies: ReplyReader,
): number {
  for (let bytes = sent; ;) {
    const text = takeText(bytes, MAX_SIZE);
    if (typeof text === "string") {
      mustEqual(replies.rest().toString(), "", "after the last reply");
      return text === "end" ? 0 : 1;
    }
    const received = readCall(text.text, isStrict);
    if (received === undefined) {
      tally.add("malformed");
      mustEqual(replies.rest().toString(), "", "after a malformed message");
      return 1;
    }
    bytes = text.rest;
    if (received.mode === "oneway") {
      tally.add("oneway");
      continue;
    }
    if (checkReplies(received, replies)) {
      tally.add("raw");
      mustEqual(
        replies.rest().toString("base64"),
        bytes.toString("base64"),
        "raw bytes behind an upgrade",
      );
      return 0;
    }
  }
}

/** Returns whether raw bytes follow. */
function checkReplies(received: ReadCall, replies: ReplyReader): boolean {
  const { method, parameters, mode } = received;
  const more = mode === "more";
  const first = replies.next(more);
  const items: object[] = [];
  let last = first;
  while (last.continues) {
    must(items.length < 100, "a stream without end");
    items.push(last.parameters);
    last = replies.next(more);
  }
  tally.add(first.error === undefined ? "replies" : "errors");
  const dot = method.lastIndexOf(".");
  const short = method.slice(dot + 1);
  const name = method.slice(0, dot);
  if (name === "org.varlink.service") return false;
  const refused = refusalOf(method, dot, [FUZZ, EXACT].includes(name));
  if (refused !== undefined) {
    mustEqual(JSON.stringify(first), refused, `the reply to ${brief(method)}`);
    return false;
  }
  if (mode === "upgrade" && (short !== "Speak" || first.error !== undefined)) {
    must(first.error !== undefined, "an upgrade that nobody has confirmed");
    return false;
  }
  const names = Object.keys(parameters).join();
  if (
    short === "Echo" &&
    names === "text" &&
    typeof parameters["text"] === "string"
  )
    mustEqual(canonical(first.parameters), canonical(parameters), "an echo");
  if (short === "Nothing" && names === "")
    mustEqual(
      JSON.stringify(first),
      '{"parameters":{},"continues":false}',
      short,
    );
  if (short === "Mirror" && first.error === undefined) {
    tally.add("mirrored");
    // Leniently, what nobody declared is read past.
    mustEqual(
      canonical(first.parameters),
      canonical({ value: declaredPart(parameters["value"], "Everything") }),
      "a mirror",
    );
  }
  if (more && first.error === undefined) {
    const { to = 2 } = parameters;
    const count = short === "Watch" ? 3 : Math.min(Number(to ?? 2), MAX_COUNT);
    if (short === "Watch" || short === "Count") {
      tally.add("counted");
      // The end of a generator is a reply of its own, with nothing in it.
      mustEqual(
        JSON.stringify([...items, last.parameters]),
        JSON.stringify([...countedTo(count), {}]),
        `what ${short} counted`,
      );
    }
  }
  return mode === "upgrade";
}

/** The error for what nobody serves. */
function refusalOf(
  method: string,
  dot: number,
  isServed: boolean,
): string | undefined {
  const refuse = (error: string, parameters: object): string =>
    JSON.stringify({
      parameters,
      continues: false,
      error: `org.varlink.service.${error}`,
    });
  if (dot < 0) return refuse("InvalidParameter", { parameter: "method" });
  if (!isServed)
    return refuse("InterfaceNotFound", { interface: method.slice(0, dot) });
  const short = method.slice(dot + 1);
  if (!METHODS.has(short)) return refuse("MethodNotFound", { method });
  return short === "Missing"
    ? refuse("MethodNotImplemented", { method })
    : undefined;
}

const METHODS: ReadonlySet<string> = new Set(Object.keys(descriptor.methods));

function countedTo(count: number): object[] {
  return Array.from({ length: Math.max(count, 0) }, (_, number) => ({
    number,
  }));
}
