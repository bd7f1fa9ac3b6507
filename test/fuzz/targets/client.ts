import { PortolanError, VarlinkError } from "../../../src/runtime/errors.ts";
import { Client, VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import type { InterfaceDescriptor } from "../../../src/runtime/varlink/descriptor.ts";
import { framed, reaching, recordedReplies, replyWords } from "../frames.ts";
import { HostileService } from "../hostile.ts";
import { mutate } from "../mutate.ts";
import { Random } from "../random.ts";
import { canonical, readReply, takeText } from "../reading.ts";
import { descriptor, exactDescriptor, FUZZ } from "../service.ts";
import {
  type Bench,
  type Input,
  Misbehaviour,
  must,
  mustEqual,
  type Target,
  Tally,
} from "../target.ts";

const MAX_SIZE = 16 * 1024;

const value = {
  bool: false,
  int: 1,
  float: 2,
  string: "x",
  list: null,
  map: { a: 9_007_199_254_740_991, b: null },
  holes: [null, { toString: null, constructor: 3 }],
  inner: { hasOwnProperty: { c: { toString: "" } } },
  extra: { from: "a newer peer" },
};

const seeds: readonly Buffer[] = [
  {},
  { parameters: {} },
  { parameters: null },
  { parameters: { text: "hello" } },
  { parameters: { text: "é\u2028🎉\0" } },
  { parameters: { text: "\ud800 \udfff" } },
  { parameters: { ...reaching, text: "" } },
  { parameters: { ...reaching, number: 3 }, continues: true },
  { error: `${FUZZ}.Broken`, parameters: reaching },
  { parameters: { value: { ...value, object: reaching, any: [reaching] } } },
  { parameters: { value } },
  { parameters: { value: { ...value, tree: value } } },
  { parameters: { number: 1 }, continues: true },
  { parameters: { number: 2 }, continues: false },
  { error: `${FUZZ}.Broken`, parameters: { constructor: "it is" } },
  { error: `${FUZZ}.Broken`, parameters: { constructor: [1] } },
  { error: "org.varlink.service.MethodNotFound", parameters: { method: "x" } },
  { error: "org.varlink.service.ExpectedMore" },
  // Wrong by one thing each.
  { parameters: [1] },
  { parameters: [1], continues: true },
  { parameters: {}, continues: 1 },
  { error: `${FUZZ}.Broken`, continues: true },
  { error: "" },
  { parameters: {}, toString: null },
  reaching,
]
  .map(framed)
  .concat(
    Buffer.from(
      '{"parameters":{"value":{"bool":true,"int":18446744073709551615,"float":1e3,"string":"","list":[9007199254740993,"-9223372036854775808"],"map":{"__proto__":9007199254740993}}}}\0',
    ),
    recordedReplies(),
  );

const tally = new Tally("replies", "errors", "broken", "raw");

/** What a service may send to our client, whose calls wait for it in one connection. */
export const clientTarget: Target = {
  name: "client",
  share: 12,
  tally,
  make(random) {
    const parts: Buffer[] = [];
    for (let count = 1 + random.below(4); count > 0; count -= 1)
      parts.push(
        random.once(2) ? random.pick(seeds) : mutate(random, seeds, replyWords),
      );
    return Buffer.concat(parts);
  },
  open: () => ({ check, close() {} }) satisfies Bench,
};

class NumberClient extends Client {
  static override readonly descriptor: InterfaceDescriptor = descriptor;
}

class BigintClient extends Client {
  static override readonly descriptor: InterfaceDescriptor = {
    ...exactDescriptor,
    interface: FUZZ,
  };
}

/** How a call or stream ended: what it gave, and with which error. */
interface End {
  readonly items: readonly object[];
  readonly error: unknown;
}

/** What the service sends, and how the client has to read it. */
interface Sent {
  readonly bytes: Buffer;
  readonly isStrict: boolean;
}

type Mode = "call" | "more" | "oneway";

async function check({ bytes, variant }: Input): Promise<void> {
  const random = new Random(variant);
  const service = new HostileService(random, bytes, goodReplies);
  const isStrict = random.once(2);
  await using client = await VarlinkClient.connect(service, {
    maxMessageSize: MAX_SIZE,
    replies: isStrict ? "strict" : "lenient",
  });
  const sent: Sent = { bytes, isStrict };
  if (random.once(5)) await checkUpgrade(client, sent);
  else if (random.once(3)) await checkTyped(client, random);
  else await checkPipeline(client, sent, random);
  await service.gone;
  const again = await client.call(`${FUZZ}.Echo`);
  mustEqual(
    JSON.stringify(again),
    '{"text":"good"}',
    "a reply on a new connection",
  );
}

/** Calls whose outcome the bytes decide. */
async function checkPipeline(
  client: VarlinkClient,
  sent: Sent,
  random: Random,
): Promise<void> {
  const modes: Mode[] = [];
  for (let count = 1 + random.below(4); count > 0; count -= 1)
    modes.push(random.pick(["call", "call", "more"]));
  // What a oneway call's answer is taken for is a guess: only that all settle.
  const guessed = random.once(6);
  if (guessed) modes.unshift("oneway");
  const ends = await client.pipeline((pipeline) =>
    Promise.all(modes.map((mode) => begin(pipeline, mode))),
  );
  for (const { error } of ends) mustBeTyped(error);
  if (!guessed) compare(ends, modes, sent);
}

function begin(client: VarlinkClient, mode: Mode): Promise<End> {
  const method = `${FUZZ}.Echo`;
  if (mode === "call") return endOf(client.call(method, { text: "x" }));
  if (mode === "oneway") return endOf(client.oneway(method).then(() => ({})));
  return endOfStream(client.more(method));
}

async function endOf(call: Promise<object>): Promise<End> {
  try {
    return { items: [await call], error: undefined };
  } catch (error) {
    return { items: [], error };
  }
}

async function endOfStream(stream: AsyncIterable<object>): Promise<End> {
  const items: object[] = [];
  try {
    for await (const item of stream) items.push(item);
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

/** Holds what calls gave against a plain reading of the bytes. */
function compare(
  ends: readonly End[],
  modes: readonly Mode[],
  { bytes: all, isStrict }: Sent,
): void {
  let bytes = all;
  let lost: string | undefined;
  for (const [index, { items, error }] of ends.entries()) {
    const mode = modes[index];
    const expected: string[] = [];
    let end = lost;
    while (end === undefined) {
      const text = takeText(bytes, MAX_SIZE);
      if (typeof text === "string") {
        end =
          text === "too long"
            ? "LIMIT_EXCEEDED"
            : text === "not UTF-8"
              ? "PROTOCOL"
              : "CONNECTION_LOST";
        lost = "CONNECTION_LOST";
        break;
      }
      const reply = readReply(text.text, mode === "more", isStrict);
      if (reply === undefined) {
        end = "PROTOCOL";
        lost = "CONNECTION_LOST";
        break;
      }
      bytes = text.rest;
      if (reply.error !== undefined) {
        end = `${reply.error} ${canonical(reply.parameters)}`;
      } else {
        const isEnd =
          mode === "more" &&
          !reply.continues &&
          Object.keys(reply.parameters).length === 0;
        if (!isEnd) expected.push(canonical(reply.parameters));
        if (!reply.continues) end = "";
      }
    }
    tally.add(kindOf(error));
    mustEqual(nameOf(error), end, `the end of ${mode ?? ""} ${index}`);
    mustEqual(
      items.map(canonical).join(),
      expected.join(),
      `what ${mode ?? ""} ${index} gave`,
    );
  }
}

function kindOf(error: unknown): string {
  if (error === undefined) return "replies";
  return VarlinkError.is(error) ? "errors" : "broken";
}

/** An error as the comparison names it. */
function nameOf(error: unknown): string {
  if (error === undefined) return "";
  if (VarlinkError.is(error))
    return `${error.error} ${canonical(error.parameters)}`;
  return PortolanError.is(error) ? error.code : "another error";
}

function mustBeTyped(error: unknown): void {
  must(
    error === undefined || PortolanError.is(error),
    () => `an error that is not ours: ${String(error)}`,
  );
}

/** Calls of an interface: replies are checked, filled in, read exactly. */
async function checkTyped(
  client: VarlinkClient,
  random: Random,
): Promise<void> {
  const one = random.once(2) ? 1 : 1n;
  const typed = one === 1 ? new NumberClient(client) : new BigintClient(client);
  const names = Array.from({ length: 1 + random.below(3) }, () =>
    random.pick(["echo", "mirror", "watch", "nothing"]),
  );
  const ends = await typed.$pipeline((pipeline) =>
    Promise.all(
      names.map((name) => {
        const method = (pipeline as unknown as Untyped)[name];
        must(method !== undefined, `no method ${name}`);
        return endOfStream(method.more(inputOf(name, one)));
      }),
    ),
  );
  for (const { error } of ends) mustBeTyped(error);
}

interface Untyped {
  readonly [name: string]: {
    more(input?: object): AsyncIterable<object>;
  };
}

function inputOf(name: string, one: number | bigint): object {
  if (name === "echo") return { text: "x" };
  if (name !== "mirror") return {};
  const input = {
    bool: true,
    int: one,
    float: 1,
    string: "",
    list: [one],
    map: {},
  };
  return { value: input };
}

/** Behind the reply that confirms it every byte is the caller's. */
async function checkUpgrade(
  client: VarlinkClient,
  { bytes, isStrict }: Sent,
): Promise<void> {
  const text = takeText(bytes, MAX_SIZE);
  const reply =
    typeof text === "string"
      ? undefined
      : readReply(text.text, false, isStrict);
  let error: unknown;
  try {
    const upgraded = await client.upgrade(`${FUZZ}.Speak`);
    const parts: Buffer[] = [];
    for await (const part of upgraded.stream) parts.push(part as Buffer);
    must(
      typeof text !== "string" &&
        reply !== undefined &&
        reply.error === undefined,
      "an upgrade that the service did not confirm",
    );
    mustEqual(
      Buffer.concat(parts).toString("base64"),
      text.rest.toString("base64"),
      "raw bytes",
    );
    mustEqual(
      canonical(upgraded.output),
      canonical(reply.parameters),
      "the reply",
    );
    upgraded.stream.destroy();
    tally.add("raw");
    return;
  } catch (thrown) {
    if (thrown instanceof Misbehaviour) throw thrown;
    error = thrown;
  }
  mustBeTyped(error);
  if (reply?.error !== undefined)
    mustEqual(
      nameOf(error),
      `${reply.error} ${canonical(reply.parameters)}`,
      "the error",
    );
  else must(reply === undefined, "a confirmed upgrade that failed");
}

/** One reply for each message. */
function goodReplies(received: Buffer): Buffer {
  const count = received.filter((byte) => byte === 0).length;
  return Buffer.from('{"parameters":{"text":"good"}}\0'.repeat(count));
}
