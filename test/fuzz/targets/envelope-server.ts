import type { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import {
  portoService,
  TPortoRequest,
  TPortoResponse,
} from "../../../generated/porto/index.ts";
import { EnvelopeServer } from "../../../src/runtime/envelope/server.ts";
import { memoryPair } from "../../../src/runtime/transport/memory.ts";
import { cut } from "../mutate.ts";
import { Random } from "../random.ts";
import {
  type Bench,
  type Input,
  must,
  mustEqual,
  type Target,
  Tally,
} from "../target.ts";
import { envelope, mutateMessages, requestBodies } from "../wire.ts";
import { readAll } from "./server.ts";

const bodies = requestBodies();

const service = portoService({
  version: () => ({ tag: "1", revision: "a" }),
  create: async () => {
    await turn();
  },
  list: ({ mask = "" }) => ({ name: [mask] }),
  get: ({ name }) => ({
    list: name.map((one) => ({ name: one, keyval: [] })),
  }),
  async *asyncWait({ name }) {
    for (const one of name) yield { name: one, state: "stopped" };
    await turn();
    for (const one of name) yield { name: one, state: "dead" };
  },
});

const tally = new Tally("answered", "refused", "silence");

/** What a client may send to a server of an envelope RPC, in one connection. */
export const envelopeServerTarget: Target = {
  name: "envelope-server",
  share: 8,
  tally,
  make: (random) => mutateMessages(random, bodies),
  open: () => new EnvelopeServerBench(),
};

class EnvelopeServerBench implements Bench {
  readonly #errors: unknown[] = [];
  readonly #server = new EnvelopeServer(service, {
    clock: () => 0,
    onError: (error) => this.#errors.push(error),
  });
  readonly #witness = this.#connect();

  async check({ bytes, variant }: Input): Promise<void> {
    const stream = this.#connect();
    const received = readAll(stream);
    for (const chunk of cut(new Random(variant), bytes)) stream.write(chunk);
    stream.end();
    const responses = mustBeResponses(await received);
    if (responses.length === 0) tally.add("silence");
    for (const { error } of responses)
      tally.add(error === 0 ? "answered" : "refused");
  }

  async close(): Promise<void> {
    const received = readAll(this.#witness);
    const version = Buffer.from(TPortoRequest.encode({ Version: {} }));
    this.#witness.end(envelope(version));
    const [reply] = mustBeResponses(await received);
    mustEqual(
      reply?.Version?.tag ?? "",
      "1",
      "the reply to another connection",
    );
    await this.#server.close();
    must(
      this.#errors.length === 0,
      () => `onError was told ${String(this.#errors[0])}`,
    );
  }

  #connect(): Duplex {
    const [client, accepted] = memoryPair();
    this.#server.accept(accepted);
    return client;
  }
}

/** Whatever a server sends is whole messages that can be read. */
function mustBeResponses(sent: Buffer): TPortoResponse[] {
  const responses: TPortoResponse[] = [];
  for (let at = 0; at < sent.length;) {
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = sent[at];
      must(byte !== undefined, "half of a length");
      at += 1;
      size += (byte & 127) << shift;
      if (byte < 128) break;
    }
    must(at + size <= sent.length, "half of a message");
    const response = TPortoResponse.decode(sent.subarray(at, at + size));
    must(response.error !== undefined, "a response without a code");
    responses.push(response);
    at += size;
  }
  return responses;
}
