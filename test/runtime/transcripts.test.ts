import { afterEach, beforeEach, expect, it } from "vitest";
import { PodmanClient as Podman19 } from "../../generated/io.podman-1.9/index.ts";
import * as podman19 from "../../generated/io.podman-1.9/index.ts";
import { PodmanClient as Podman10 } from "../../generated/io.podman/index.ts";
import * as podman10 from "../../generated/io.podman/index.ts";
import type { PortolanError } from "../../src/runtime/errors.ts";
import { VarlinkError } from "../../src/runtime/errors.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { methodName } from "../../src/runtime/varlink/names.ts";
import type { Method, MethodTypes } from "../../src/runtime/varlink/types.ts";
import { describeCorpus } from "../support/corpus.ts";
import {
  failure,
  type Peer,
  type PeerConnection,
  type Place,
  startPeer,
  transports,
  turns,
} from "../support/peer.ts";
import {
  readTranscript,
  type RecordedCall,
  type RecordedReply,
} from "../support/transcript.ts";

/**
 * Whether a reply is what was recorded: the same, except that null may have become
 * an empty array or map, and absent ones been added. Says nothing of how.
 */
function expectSame(got: unknown, recorded: unknown, where: string): void {
  if (recorded === null || recorded === undefined) {
    if (got !== null && got !== undefined)
      expect(isEmpty(got), where).toBe(true);
    return;
  }
  if (Array.isArray(recorded)) {
    expect(Array.isArray(got) && got.length, where).toBe(recorded.length);
    recorded.forEach((item, index) => {
      expectSame((got as unknown[])[index], item, `${where}[${index}]`);
    });
    return;
  }
  if (typeof recorded !== "object") {
    expect(got, where).toBe(recorded);
    return;
  }
  expect(typeof got, where).toBe("object");
  const have = got as { readonly [key: string]: unknown };
  for (const [key, value] of Object.entries(recorded)) {
    expectSame(have[key], value, `${where}.${key}`);
  }
  for (const key of Object.keys(have)) {
    if (!(key in recorded))
      expect(isEmpty(have[key]), `${where}.${key}`).toBe(true);
  }
}

function isEmpty(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === 0
  );
}

/** A peer that expects a recorded call and answers as recorded, chunk by chunk. */
async function replay(
  connection: PeerConnection,
  { call, chunks }: RecordedCall,
): Promise<void> {
  const got = JSON.parse(await connection.text()) as RecordedCall["call"];
  // The recorder sent empty parameters once, where we send none.
  expect({ parameters: {}, ...got }).toEqual({ parameters: {}, ...call });
  for (const chunk of chunks) {
    connection.write(chunk);
    await turns(2);
  }
}

type Methods = { readonly [name: string]: Method<MethodTypes> | undefined };

/** Calls as a user does: typed where the interface has the method. */
function methodOf(
  client: Podman10 | Podman19,
  fullName: string,
): Method<MethodTypes> {
  const dot = fullName.lastIndexOf(".");
  const typed = (client as unknown as Methods)[
    methodName(fullName.slice(dot + 1))
  ];
  if (fullName.slice(0, dot) === "io.podman" && typed !== undefined)
    return typed;
  const untyped = client.$connection;
  return Object.assign((input?: object) => untyped.call(fullName, input), {
    more: (input?: object) => untyped.more(fullName, input),
    oneway: (input?: object) => untyped.oneway(fullName, input),
    upgrade: (input?: object) => untyped.upgrade(fullName, input),
  });
}

async function expectError(
  promise: Promise<unknown>,
  recorded: RecordedReply,
  where: string,
): Promise<void> {
  const error = await failure(promise);
  if (!VarlinkError.is(error)) throw error;
  expect(error.error, where).toBe(recorded.error);
  expectSame(error.parameters, recorded.parameters, where);
  // The generated class of the error, where there is one, knows it.
  const shortName = error.error.slice(error.error.lastIndexOf(".") + 1);
  const module: { readonly [name: string]: unknown } = {
    ...podman10,
    ...podman19,
  };
  const type = module[shortName];
  if (error.error.startsWith("io.podman.") && typeof type === "function") {
    expect(error instanceof type, where).toBe(true);
  }
}

const recordings = [
  ["03-info.jsonl", Podman19],
  ["06-streaming.jsonl", Podman19],
  ["07-pods.jsonl", Podman19],
  ["20-podman-1.0.1.jsonl", Podman10],
] as const;

const places = transports.filter(([name]) => name !== "tcp");

describeCorpus.each(places)("recordings of Podman over %s", (_name, make) => {
  let place: Place;
  let peer: Peer;
  const strays: PortolanError[] = [];

  beforeEach(async () => {
    strays.length = 0;
    place = await make();
    peer = await startPeer(place.endpoint);
  });

  afterEach(async () => {
    await peer.close();
    await place.remove();
  });

  it.each(recordings)(
    "%s: the user sees what was recorded, call by call",
    async (name, type) => {
      const connected = await VarlinkClient.connect(place.endpoint, {
        onProtocolError: (error) => strays.push(error),
      });
      const client: Podman10 | Podman19 = new type(connected);
      let connection = await peer.accept();
      let twice = 0;
      for (const recorded of readTranscript(name)) {
        const { call, replies } = recorded;
        const where = `${name}:${recorded.line} ${call.method}`;
        const method = methodOf(client, call.method);
        const input = call.parameters;
        // An idle connection may have been closed, by us or by the recorded quirk.
        const before = peer.accepted;
        const [first] = replies;
        if (call.more === true) {
          const stream =
            input === undefined ? method.more() : method.more(input);
          const [items, played] = [
            collect(stream, replies, where),
            accept(before),
          ];
          connection = await played;
          await replay(connection, recorded);
          await items;
          if (replies.at(-1)?.continues === true || replies.length === 0)
            await connection.ended;
        } else {
          const reply = input === undefined ? method() : method(input);
          const settled = Promise.allSettled([reply]);
          connection = await accept(before);
          await replay(connection, recorded);
          await settled;
          if (first?.error === undefined)
            expectSame(await reply, first?.parameters ?? {}, where);
          else await expectError(reply, first, where);
          if (replies.length > 1) {
            twice++;
            await connection.ended;
          }
        }
      }
      expect(strays).toHaveLength(twice);
      expect(twice).toBe(
        { "06-streaming.jsonl": 1, "07-pods.jsonl": 1 }[name as string] ?? 0,
      );
      await client.$close();

      /** The connection that has the call: the one before, or a new one. */
      async function accept(known: number): Promise<PeerConnection> {
        await expect
          .poll(() => connection.unread > 0 || peer.accepted > known, {
            interval: 1,
          })
          .toBe(true);
        return connection.unread > 0 ? connection : await peer.accept();
      }
    },
  );
});

/** Iterates a stream as a user does who knows where it stops, and checks each item. */
async function collect(
  stream: ReturnType<Method<MethodTypes>["more"]>,
  replies: readonly RecordedReply[],
  where: string,
): Promise<void> {
  for (const [index, reply] of replies.entries()) {
    const at = `${where} reply ${index}`;
    if (reply.error !== undefined) {
      await expectError(stream.next(), reply, at);
    } else if (reply.continues === true || !isEmpty(reply.parameters ?? {})) {
      const { done, value } = await stream.next();
      expect(done, at).toBe(false);
      expectSame(value, reply.parameters ?? {}, at);
    }
  }
  const last = replies.at(-1);
  if (last?.continues === true || last === undefined) {
    // It never ends: the user leaves.
    const pending = stream.next();
    await turns(5);
    await stream.return();
    expect(await pending).toEqual({ done: true, value: undefined });
  } else {
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  }
}
