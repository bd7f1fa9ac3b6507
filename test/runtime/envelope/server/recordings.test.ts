// What real clients sent to Porto's daemon, sent to our server: given the results
// that the daemon had, it answers with the daemon's bytes.
import { expect, it } from "vitest";
import { portoDescriptor } from "../../../../generated/porto/descriptor.ts";
import { EnvelopeError } from "../../../../src/runtime/envelope/error.ts";
import { frame } from "../../../../src/runtime/envelope/framing.ts";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import { envelopeService } from "../../../../src/runtime/envelope/service.ts";
import type { CommandCall } from "../../../../src/runtime/envelope/types.ts";
import { memoryPair } from "../../../../src/runtime/transport/memory.ts";
import { methodNames } from "../../../../src/runtime/varlink/names.ts";
import { describeCorpus } from "../../../support/corpus.ts";
import {
  readPortoRecordings,
  type RecordedExchange,
  type RecordedFrame,
} from "../../../support/porto.ts";
import { gate } from "../../server/support.ts";
import { RawPeer } from "./support.ts";

const { methods, request, response } = portoDescriptor;

type Response = {
  readonly [field: string]: unknown;
  readonly error?: number;
  readonly errorMsg?: string;
  readonly timestamp?: bigint;
  readonly AsyncWait?: object;
};

const decode = (body: Uint8Array): Response => ({ ...response.decode(body) });

/** The daemon's part: what handlers have to answer, and when. */
class Script {
  /** Milliseconds: when the request is taken up. */
  time = 0;
  /** What is pushed before a subscription is acknowledged. */
  initial: object[] = [];
  reply: Response = {};
  /** A command may be answered. */
  turn: ReturnType<typeof gate> = gate();
  readonly #later: object[] = [];
  #wake = (): void => {};

  push(item: object): void {
    this.#later.push(item);
    this.#wake();
  }

  handlers(): object {
    const stops = new Set(Object.values(methods).map(({ push }) => push?.stop));
    const handlers: { [name: string]: unknown } = {};
    for (const [name, handler] of methodNames(Object.keys(methods))) {
      if (stops.has(name)) continue;
      handlers[handler] =
        methods[name]?.push === undefined
          ? (_: object, call: CommandCall) => this.#answer(call)
          : () => this.#items();
    }
    return handlers;
  }

  async #answer({ method }: CommandCall): Promise<unknown> {
    await this.turn.opened;
    const { error = 0, errorMsg, [method]: result } = this.reply;
    if (error === 0) return result;
    throw new EnvelopeError(error, errorMsg, {
      result: result as object | undefined,
    });
  }

  async *#items(): AsyncGenerator<object> {
    yield* this.initial;
    for (;;) {
      const item = this.#later.shift();
      if (item !== undefined) yield item;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** Every client's exchanges, which were on one connection. */
function byClient(): Map<string, RecordedExchange[]> {
  const clients = new Map<string, RecordedExchange[]>();
  for (const exchange of readPortoRecordings()) {
    const known = clients.get(exchange.client);
    if (known === undefined) clients.set(exchange.client, [exchange]);
    else known.push(exchange);
  }
  return clients;
}

async function play(
  { where, frames, sameBytes }: RecordedExchange,
  script: Script,
  peer: RawPeer,
): Promise<void> {
  const requests = frames.filter(({ dir }) => dir === "request");
  const answers = frames.filter(({ dir }) => dir !== "request");
  const replies = answers.filter(({ dir }) => dir === "response");
  expect(replies, where).toHaveLength(requests.length);
  const send = ({ frame: bytes }: RecordedFrame): void => {
    script.time =
      Number(decode(replies.shift()?.body ?? Buffer.alloc(0)).timestamp ?? 0n) *
      1000;
    script.turn = gate();
    peer.stream.write(bytes);
  };
  const [first, ...further] = requests;
  if (first === undefined) throw new Error(`${where} has no request`);
  const asked: { readonly AsyncWait?: object } = request.decode(first.body);
  const subscribes = asked.AsyncWait !== undefined;
  const acknowledged = answers.findIndex(({ dir }) => dir === "response");
  const initial = subscribes ? answers.slice(0, acknowledged) : [];
  script.initial = initial.map(({ body }) => decode(body).AsyncWait ?? {});
  send(first);
  for (const answer of answers) {
    const recorded = decode(answer.body);
    if (answer.dir === "response") {
      script.reply = recorded;
      script.turn.open();
    } else if (!initial.includes(answer)) {
      script.push(recorded.AsyncWait ?? {});
    }
    const body = (await peer.nextBody()) ?? Buffer.alloc(0);
    if (sameBytes)
      expect(Buffer.from(frame(body)).toString("hex"), where).toBe(
        answer.frame.toString("hex"),
      );
    else expect(decode(body), where).toEqual(recorded);
    const next = answer.dir === "response" ? further.shift() : undefined;
    if (next !== undefined) send(next);
  }
}

describeCorpus("recordings of Porto's clients", () => {
  it("are answered byte by byte as the daemon did", async () => {
    let played = 0;
    for (const [client, exchanges] of byClient()) {
      const errors: unknown[] = [];
      const script = new Script();
      const server = new EnvelopeServer(
        envelopeService(portoDescriptor, script.handlers()),
        {
          clock: () => script.time,
          onError: (error) => errors.push(error),
          onProtocolError: (error) => errors.push(error),
        },
      );
      const [ours, accepted] = memoryPair();
      server.accept(accepted, client);
      const peer = new RawPeer(ours);
      for (const exchange of exchanges) {
        await play(exchange, script, peer);
        played += 1;
      }
      expect(peer.unread, client).toBe(0);
      expect(errors, client).toEqual([]);
      await server.close();
    }
    expect(played).toBeGreaterThan(30);
  });
});
