// Whatever comes between, at whatever moment: everything ends, and nothing is left.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { failure, turns } from "../../../support/peer.ts";
import {
  MiniClient,
  type Peer,
  type PeerConnection,
  startPeer,
} from "./support.ts";

/** Turns of the event loop after which everything below is over by itself. */
const LONG_ENOUGH = 30;

/** A service that answers, a turn later; its subscriptions have three items. */
async function play(connection: PeerConnection): Promise<void> {
  for (;;) {
    const { command } = await connection.request();
    await turns(1);
    if (command === "Watch") {
      connection.push({ name: "1" });
      await turns(1);
      connection.reply();
      await turns(1);
      connection.push({ name: "2" }, { name: "3" });
    } else {
      connection.reply({ [command]: { name: command } });
    }
  }
}

let peer: Peer;
let client: MiniClient;
let connections: PeerConnection[];
let playing: Promise<unknown>[];

beforeEach(() => {
  connections = [];
  playing = [];
});

async function start(): Promise<void> {
  peer = await startPeer(memoryEndpoint());
  const { endpoint } = peer;
  const accept = async (): Promise<void> => {
    for (;;) {
      const connection = await peer.accept();
      connections.push(connection);
      playing.push(play(connection).catch(() => {}));
    }
  };
  void accept();
  client = await MiniClient.connect(endpoint, {
    maxConnections: 2,
    restoreTimeout: 0,
  });
}

async function outcome(promise: Promise<unknown>): Promise<string> {
  const result = await promise.then(
    () => "done",
    (error: unknown) => error,
  );
  return typeof result === "string"
    ? result
    : String((result as { code?: unknown }).code ?? result);
}

/** What a program may do; each thing with its signal. */
const doings: readonly (readonly [
  string,
  (signal: AbortSignal) => Promise<unknown>,
])[] = [
  ["a call", (signal) => client.create({}, { signal })],
  ["a call that may be made again", (signal) => client.list({}, { signal })],
  [
    "calls that wait for each other",
    (signal) =>
      Promise.all([1, 2, 3, 4].map((id) => client.set({ id }, { signal }))),
  ],
  [
    "calls on the connection that lasts",
    (signal) =>
      Promise.all(
        [1, 2, 3].map((name) => client.createWeak({ name }, { signal })),
      ),
  ],
  [
    "a pipeline",
    (signal) =>
      client.$pipeline((all) =>
        Promise.all([all.list({}, { signal }), all.create({}, { signal })]),
      ),
  ],
  [
    "a subscription",
    async (signal) => {
      let left = 3;
      for await (const _ of client.watch({}, { signal })) {
        left -= 1;
        if (left === 0) break;
      }
    },
  ],
  [
    "a subscription that is stopped",
    async (signal) => {
      const events = client.watch({ name: ["a"] }, { signal });
      const first = events.next();
      const stop = client.stopWatch({ name: ["a"] }, { signal });
      await Promise.all([first, stop]);
      while ((await events.next()).done !== true);
    },
  ],
];

const interruptions: readonly (readonly [
  string,
  (controller: AbortController) => Promise<void> | void,
  readonly string[],
])[] = [
  ["an abort", (controller) => controller.abort(), ["done", "ABORTED"]],
  ["the client's end", () => client.$close(), ["done", "CLOSED"]],
  [
    "the client's end that waits",
    () => client.$close({ drain: true }),
    ["done"],
  ],
  [
    "the service's end",
    async () => {
      for (const connection of connections) connection.end();
      await peer.stopListening();
    },
    ["done", "CONNECTION_LOST", "CONNECT_FAILED"],
  ],
  [
    "the loss of all connections",
    () => {
      for (const connection of connections) connection.destroy();
    },
    ["done", "CONNECTION_LOST"],
  ],
];

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

afterEach(() => {
  process.off("unhandledRejection", onUnhandled);
});

describe.each(interruptions)(
  "%s, at every moment",
  (_what, interrupt, ends) => {
    it.each(doings)("ends %s", async (name, make) => {
      process.on("unhandledRejection", onUnhandled);
      for (let moment = 0; moment < LONG_ENOUGH; moment += 1) {
        await start();
        const controller = new AbortController();
        const doing = outcome(make(controller.signal));
        await turns(moment);
        const interrupting = interrupt(controller);
        // A subscription does not end by itself, so it is not waited for.
        const cut = name.startsWith("a subscription") ? ["CLOSED"] : [];
        expect([...ends, ...cut]).toContain(await doing);
        await interrupting;
        await client.$close({ drain: true });
        // Nothing of the client is left, and nothing more can be done with it.
        await Promise.all(connections.map(({ ended }) => ended));
        expect(await failure(client.create())).toMatchObject({
          code: "CLOSED",
        });
        await peer.close();
      }
      await turns(2);
      expect(unhandled).toEqual([]);
    });
  },
);
