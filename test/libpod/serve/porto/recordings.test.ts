// What real clients sent to portod 5.3.15, sent to the embedded engine: it answers with
// the same codes and with messages of the same shape.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { portoDescriptor } from "../../../../generated/porto/descriptor.ts";
import { describeCorpus } from "../../../support/corpus.ts";
import { readPortoRecordings } from "../../../support/porto.ts";
import { turns } from "../../../support/peer.ts";
import { RawPeer } from "../../../runtime/envelope/server/support.ts";
import { type Bench, openBench } from "./support.ts";

const { request, response } = portoDescriptor;

type Message = { readonly [field: string]: unknown };

/** What several clients did beside, before an exchange and between its messages. */
interface Beside {
  readonly before?: (bench: Bench) => Promise<unknown>;
  /** Before the request with this index. */
  readonly between?: readonly ((bench: Bench) => Promise<unknown>)[];
}

const stop = (name: string) => (bench: Bench) => bench.porto.stop({ name });
const start = (name: string) => (bench: Bench) => bench.porto.start({ name });

/**
 * The daemon had other clients, which were not recorded. What they did follows from
 * the answers.
 */
const beside: Readonly<Record<string, Beside>> = {
  "core.json[5] Get": { before: ({ porto }) => porto.create({ name: "w2" }) },
  // It timed out, and so it was running.
  "core.json[6] WaitContainers": { before: start("vec") },
  "core.json[7] AsyncWait": {
    before: stop("vec"),
    between: [
      async () => undefined,
      start("vec"),
      ({ porto }) => porto.kill({ name: "vec", sig: 9 }),
    ],
  },
  "core.json[8] AsyncWait": {
    before: (bench) =>
      bench.set("vec", { labels: "TEST.a: v3; TEST.n: -6; TEST.p: x" }),
    between: [
      async () => undefined,
      async (bench) => {
        await bench.set("vec", { "TEST.p": "y" });
        await turns(10);
        await bench.clock.advance(300);
      },
    ],
  },
  // The first client's containers were gone by then.
  "core.json[18] Create": {
    async before({ porto }) {
      for (const name of (await porto.list()).name)
        await porto.destroy({ name });
    },
  },
  "core.json[22] WaitContainers": { before: start("cpp") },
  "core.json[30] ListContainersBy": { before: stop("cpp") },
  "core.json[32] IncLabel": { before: start("cpp") },
  "core.json[36] Kill": { before: start("cpp") },
};

/**
 * What is left out, and why: pushes to the C++ client, whose reader loses those that
 * come together with a reply, so that the recording does not have what was sent.
 */
const losesPushes = (client: string): boolean => client.startsWith("C++");

/** Archives that were on the daemon's host: ours are elsewhere. */
function moved(input: Message, tarball: string): Message {
  const { ImportLayer } = input as { readonly ImportLayer?: object };
  return ImportLayer === undefined
    ? input
    : { ...input, ImportLayer: { ...ImportLayer, tarball } };
}

/** What a value is made of; of lists, what their items are made of. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kinds = value.map((item) => JSON.stringify(shape(item)));
    return [...new Set(kinds)].toSorted();
  }
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, shape(member)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const isPush = (message: Message): boolean =>
  message["AsyncWait"] !== undefined;

describeCorpus("recordings of real clients", () => {
  it("are answered by the embedded engine as by portod", async () => {
    await using bench = await openBench();
    const tarball = path.join(bench.folder, "layer.tar");
    const archive = Buffer.alloc(1024);
    archive.write("ustar", 257);
    await writeFile(tarball, archive);
    const peers = new Map<string, RawPeer>();
    let played = 0;
    const exchanges = readPortoRecordings().filter(({ where }) =>
      where.startsWith("core.json"),
    );
    for (const { where, client, frames } of exchanges) {
      const peer =
        peers.get(client) ?? new RawPeer(await bench.endpoint.connect({}));
      peers.set(client, peer);
      const { before, between = [] } = beside[where] ?? {};
      await before?.(bench);
      const recorded = frames.map(({ dir, body }) => ({
        dir,
        message: (dir === "request" ? request : response).decode(
          body,
        ) as Message,
      }));
      const answers = recorded.filter(({ dir }) => dir !== "request");
      const requests = recorded.filter(({ dir }) => dir === "request");
      const got: Message[] = [];
      const replies: Message[] = [];
      for (const [index, { message }] of requests.entries()) {
        await between[index]?.(bench);
        const body = request.encode(moved(message, tarball));
        peer.send(body);
        // Time passes only where it is waited for.
        const waits = (message as { Wait?: { timeout_ms?: number } }).Wait;
        if (waits?.timeout_ms !== undefined) {
          await turns(20);
          await bench.clock.advance(waits.timeout_ms);
        }
        for (;;) {
          const next = await peer.nextBody();
          if (next === undefined) throw new Error(`${where}: hung up`);
          const answer = response.decode(next) as Message;
          got.push(answer);
          if (isPush(answer)) continue;
          replies.push(answer);
          break;
        }
      }
      const expected = answers.map(({ message }) => message);
      const kept = losesPushes(client)
        ? [expected.filter((each) => !isPush(each)), replies]
        : [expected, got];
      const [theirs = [], ours = []] = kept;
      const told = (list: readonly Message[]): unknown =>
        list.map((each) => ({
          error: each["error"],
          push: pushed(each),
          shape: shape(each),
        }));
      expect([where, told(ours)]).toEqual([where, told(theirs)]);
      played += 1;
    }
    expect(played).toBe(exchanges.length);
    expect(played).toBeGreaterThan(30);
    expect(bench.mistakes).toEqual([]);
    for (const peer of peers.values()) peer.end();
  });
});

/** Of a push everything counts but when it was. */
function pushed({ AsyncWait }: Message): unknown {
  if (AsyncWait === undefined) return undefined;
  return { ...(AsyncWait as object), when: undefined };
}
