/** What a client does while it is measured; every reply is looked at. */
import { median } from "../../measure.ts";
import type {
  BulkReport,
  Calls,
  Client,
  Echo,
  Info,
  Open,
  Page,
  Report,
  Usage,
  Work,
} from "../contract.ts";
import { decode } from "../floor/wire.ts";
import { bulk, toInteger } from "./data.ts";
import { collectGarbage, cpuTime, usage } from "./usage.ts";

type Of<K extends Work["kind"]> = Extract<Work, { readonly kind: K }>;

/** A client that is warm. */
export interface Warm {
  measure(): Promise<Report>;
}

/** Opens what is needed and lets the compiler see the work. */
export async function warm(
  open: Open,
  address: string,
  work: Work,
): Promise<Warm> {
  if (work.kind === "runs") throw new Error("that is for other programs");
  if (work.kind === "idle") return await warmIdle(open, address, work);
  if (work.kind === "connect") {
    const run = (times: number): Promise<void> =>
      makeConnections(open, address, work.inFlight, times);
    return await warmAndTimed(work, run);
  }
  const pooled = work.kind === "calls" && work.over === "pool";
  const client = await open(address, pooled);
  if (work.kind === "bulk") return await warmBulk(client, work);
  return await warmAndTimed(work, (times) =>
    work.kind === "calls"
      ? makeCalls(client, work, times)
      : readStream(client.calls, work, times),
  );
}

async function warmAndTimed(
  { warmUp, times }: { readonly warmUp: number; readonly times: number },
  run: (times: number) => Promise<void>,
): Promise<Warm> {
  await run(warmUp);
  return {
    async measure() {
      const before = usage();
      const start = performance.now();
      await run(times);
      const seconds = (performance.now() - start) / 1000;
      return { times, seconds, before, after: usage() };
    },
  };
}

async function makeCalls(
  client: Client,
  work: Of<"calls">,
  times: number,
): Promise<void> {
  const { inFlight } = work;
  if (work.over === "pool" || inFlight === 1)
    await keepUp(inFlight, times, callOf(client.calls, work));
  else
    await client.pipeline((calls) =>
      keepUp(inFlight, times, callOf(calls, work)),
    );
}

/** One of many like it. Its reply is looked at apart, for a promise less. */
interface Repeated<T> {
  call(index: number): Promise<T>;
  isRight(reply: T, index: number): boolean;
}

/** Keeps so many calls under way until as many as wanted are done. */
async function keepUp<T>(
  inFlight: number,
  times: number,
  one: Repeated<T>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) {
      const index = next;
      next += 1;
      if (!one.isRight(await one.call(index), index))
        throw wrongReply(`call ${index}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

function callOf(
  calls: Calls,
  { message, exact }: Of<"calls">,
): Repeated<unknown> {
  const integer = toInteger(exact);
  const tiny: Repeated<Echo> = {
    call: (index) => calls.echo({ number: integer(index), text: "hello" }),
    isRight: ({ number }, index) => number === integer(index),
  };
  const page: Repeated<Page> = {
    call: (index) => calls.page({ number: integer(index) }),
    isRight: ({ number, records }, index) =>
      number === integer(index) && records.length === 40,
  };
  const info: Repeated<Info> = {
    call: () => calls.getInfo(),
    isRight: ({ interfaces }) => interfaces.length === 2,
  };
  return { tiny, page, info }[message];
}

async function readStream(
  calls: Calls,
  work: Of<"stream">,
  times: number,
): Promise<void> {
  const integer = toInteger(work.exact);
  const replies = calls[work.method].more({ count: integer(times) });
  let count = 0;
  for await (const { number } of replies) {
    count += 1;
    // Equal, be it a bigint or not.
    if (Number(number) !== count) throw wrongReply(work.method);
  }
  if (count !== times) throw wrongReply(work.method);
}

/** Large replies and the reading of the same bytes, by turns. */
async function warmBulk(client: Client, work: Of<"bulk">): Promise<Warm> {
  const { ascii } = work;
  const records = bulk(ascii, toInteger(false));
  const bytes = Buffer.from(JSON.stringify({ parameters: { records } }));
  const call = async (): Promise<number> => {
    const start = cpuTime();
    const reply = await client.calls.bulk({ ascii });
    const cpu = cpuTime() - start;
    if (reply.records.length !== records.length) throw wrongReply("Bulk");
    return cpu;
  };
  const parse = (): number => {
    const start = cpuTime();
    const reply = JSON.parse(decode(bytes)) as { readonly parameters: object };
    const cpu = cpuTime() - start;
    if (!("records" in reply.parameters)) throw wrongReply("Bulk");
    return cpu;
  };
  const both = async (times: number): Promise<BulkReport> => {
    const calls: number[] = [];
    const parses: number[] = [];
    for (let time = 0; time < times; time++) {
      // Neither pays for the other's garbage.
      collectGarbage();
      calls.push(await call());
      collectGarbage();
      parses.push(parse());
    }
    return {
      bytes: bytes.length,
      call: median(calls) / 1000,
      decodeAndParse: median(parses) / 1000,
    };
  };
  await both(work.warmUp);
  return {
    async measure() {
      const before = usage();
      const report = await both(work.times);
      return {
        times: work.times,
        seconds: Number.NaN,
        before,
        after: usage(),
        bulk: report,
      };
    },
  };
}

async function makeConnections(
  open: Open,
  address: string,
  inFlight: number,
  times: number,
): Promise<void> {
  await keepUp(inFlight, times, {
    async call(index) {
      const client = await open(address, false);
      const reply = await client.calls.echo({ number: index, text: "hello" });
      await client.close();
      return reply;
    },
    isRight: ({ number }, index) => number === index,
  });
}

/** Connections that have made a call and make no more. */
async function warmIdle(
  open: Open,
  address: string,
  { times }: Of<"idle">,
): Promise<Warm> {
  const clients: Client[] = [];
  const add = async (count: number): Promise<void> => {
    // Few at a time, for a socket's backlog has an end.
    await keepUp(16, count, {
      async call(index) {
        const client = await open(address, false);
        clients.push(client);
        return await client.calls.echo({ number: index, text: "hello" });
      },
      isRight: ({ number }, index) => number === index,
    });
  };
  await add(50);
  return {
    async measure() {
      const before = settled();
      const start = performance.now();
      await add(times);
      const seconds = (performance.now() - start) / 1000;
      const after = settled();
      if (clients.length !== times + 50) throw wrongReply("idle");
      return { times, seconds, before, after };
    },
  };
}

function settled(): Usage {
  collectGarbage();
  return usage();
}

function wrongReply(what: string): Error {
  return new Error(`${what}: the reply is not the one to this call`);
}
