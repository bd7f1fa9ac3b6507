// The clients of these tests, in a process of their own: `client.ts ADDRESS`.
import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { PortolanError } from "../../src/runtime/errors.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { type Course, level, watchMemory } from "./level.ts";
import { answerParent } from "./parent.ts";
import { ITEM_SIZE, ITEMS } from "./size.ts";

const address = String(process.argv[2]);
const LOAD = "com.example.load";

/** Does something so many times, some of them at the same time. */
async function times(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function code(error: unknown): string {
  return PortolanError.is(error) ? error.code : String(error);
}

let clients: VarlinkClient[] = [];

/** Opens clients, each with a connection, and makes ten calls with each. */
async function openClients(count: number): Promise<number> {
  clients = await Promise.all(
    Array.from({ length: count }, () =>
      VarlinkClient.connect(address, { idleTimeout: Infinity }),
    ),
  );
  // All of them at once, which none could be without its own connection.
  await Promise.all(
    clients.map((client) => client.call(`${LOAD}.Meet`, { count })),
  );
  let answered = 0;
  await Promise.all(
    clients.map(async (client, index) => {
      for (let call = 0; call < 10; call += 1) {
        const text = `${index}.${call}`;
        const reply = await client.call(`${LOAD}.Echo`, { text });
        if (reply["text"] === text) answered += 1;
      }
    }),
  );
  return answered;
}

async function closeClients(): Promise<void> {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
}

/** One client with as many connections, and ten calls for each of them. */
async function openPool(count: number): Promise<number> {
  const client = await VarlinkClient.connect(address, {
    maxConnections: count,
    maxQueuedCalls: Infinity,
    idleTimeout: Infinity,
  });
  clients = [client];
  const meet = Array.from({ length: count }, () =>
    client.call(`${LOAD}.Meet`, { count }),
  );
  await Promise.all(meet);
  const texts = Array.from({ length: 10 * count }, (_, index) => String(index));
  const replies = await Promise.all(
    texts.map((text) => client.call(`${LOAD}.Echo`, { text })),
  );
  return replies.filter((reply, index) => reply["text"] === texts[index])
    .length;
}

let streams: AsyncIterator<object, void>[] = [];
let memory: ReturnType<typeof watchMemory> | undefined;

/** Begins streams and reads one item of each, then nothing. */
async function openStreams(count: number): Promise<void> {
  memory = watchMemory();
  const client = await VarlinkClient.connect(address, {
    maxConnections: count,
  });
  clients = [client];
  streams = Array.from({ length: count }, () =>
    client.more(`${LOAD}.Count`, { to: ITEMS, size: ITEM_SIZE }),
  );
  await Promise.all(streams.map((stream) => stream.next()));
}

/** Reads them to their ends, slowly; counts those that had every item in its turn. */
async function readStreams(): Promise<{
  inOrder: number;
  course: Course | undefined;
}> {
  let inOrder = 0;
  await Promise.all(
    streams.map(async (stream, index) => {
      let number = 1;
      for (;;) {
        const { done, value } = await stream.next();
        if (done === true) break;
        const item = value as {
          readonly number: number;
          readonly text: string;
        };
        number += 1;
        if (item.number !== number || item.text.length !== ITEM_SIZE)
          throw new Error(
            `stream ${index}: ${item.number} instead of ${number}`,
          );
        // Some slower than others.
        if (number % 25 === 0) await sleep(1 + (index % 20));
      }
      if (number === ITEMS) inOrder += 1;
    }),
  );
  return { inOrder, course: memory?.stop() };
}

/** Lives as long as this process, as one that tells of its end would. */
const longLived = new AbortController();

/** Clients that are opened and closed, having done one thing or another. */
function cycles(count: number): Promise<void> {
  const { signal } = longLived;
  return times(count, 16, async (index) => {
    const client = await VarlinkClient.connect(address, { signal });
    if (index % 4 === 1)
      await client.call(`${LOAD}.Echo`, { text: "" }, { signal });
    if (index % 4 === 2) {
      const input = { to: 1_000_000, size: 10 };
      await using items = client.more(`${LOAD}.Count`, input, { signal });
      await items.next();
    }
    if (index % 4 === 3) {
      const { stream } = await client.upgrade(`${LOAD}.Take`, {}, { signal });
      stream.write("bytes");
    }
    await client.close();
  });
}

/** Calls that end in all ways there are, with the one signal that is never aborted. */
async function callsWithSignal(
  count: number,
): Promise<{ [code: string]: number }> {
  const { signal } = longLived;
  const ended: { [code: string]: number } = {};
  await using client = await VarlinkClient.connect(address, {
    maxConnections: 16,
    maxQueuedCalls: Infinity,
  });
  await times(count, 64, async (index) => {
    let how = "fulfilled";
    const call =
      index % 4 === 0
        ? client.call(`${LOAD}.Hang`, {}, { signal, timeout: 5 })
        : client.call(`${LOAD}.Echo`, { text: "" }, { signal });
    await call.catch((error: unknown) => {
      how = code(error);
    });
    ended[how] = (ended[how] ?? 0) + 1;
  });
  return ended;
}

/** Calls that are each aborted by a signal of their own, when they are on their way. */
async function abortedOneByOne(
  count: number,
): Promise<{ [code: string]: number }> {
  const ended: { [code: string]: number } = {};
  await using client = await VarlinkClient.connect(address);
  await times(count, 16, async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const call = client.call(`${LOAD}.Hang`, {}, { signal });
    setImmediate(() => setImmediate(() => controller.abort()));
    const how = await call.then(() => "fulfilled", code);
    ended[how] = (ended[how] ?? 0) + 1;
  });
  return ended;
}

/** Calls under way, and waiting, that one signal aborts all together. */
async function abortedTogether(
  count: number,
): Promise<{ ended: { [code: string]: number }; listeners: number }> {
  const controller = new AbortController();
  const { signal } = controller;
  await using client = await VarlinkClient.connect(address, {
    maxQueuedCalls: Infinity,
  });
  const calls = Array.from({ length: count }, () =>
    client.call(`${LOAD}.Hang`, {}, { signal }).then(() => "fulfilled", code),
  );
  await sleep(50);
  const listeners = getEventListeners(signal, "abort").length;
  controller.abort();
  const ended: { [code: string]: number } = {};
  for (const how of await Promise.all(calls))
    ended[how] = (ended[how] ?? 0) + 1;
  return { ended, listeners };
}

answerParent({
  level: () => level(),
  openClients,
  closeClients,
  openPool,
  openStreams,
  readStreams,
  cycles,
  callsWithSignal,
  abortedOneByOne,
  abortedTogether,
  signalListeners: () => getEventListeners(longLived.signal, "abort").length,
});
