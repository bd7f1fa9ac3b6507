import { readFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import {
  EError,
  PortoClient,
  PortoError,
  TPortoRequest,
  TPortoResponse,
} from "../../../../generated/porto/index.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { methodName } from "../../../../src/runtime/varlink/names.ts";
import { corpus, describeCorpus } from "../../../support/corpus.ts";
import { framed, type Peer, startPeer } from "./support.ts";

/** A frame that a real client or daemon sent, and what protobuf says it holds. */
interface Frame {
  readonly dir: "request" | "response" | "push";
  readonly frame_hex: string;
  readonly body_hex: string;
  readonly seed_decoded: { readonly [field: string]: unknown };
}

interface Exchange {
  readonly method: string;
  readonly client: string;
  readonly note?: string;
  readonly exchange: readonly Frame[];
  /** Whether protobuf itself writes the request as the client did: maps have no order. */
  readonly seed_reencode_identical: boolean;
}

type AnyCommand = ((input: object) => Promise<unknown>) & {
  reply(input: object): Promise<{ result: unknown; response: object }>;
};

const codeNames = new Map(
  Object.entries(EError).map(([name, code]) => [code as number, name]),
);

/** A message in the form of the recordings: 64 bits as text, enums by name, nothing empty. */
function recorded(value: unknown, field = ""): unknown {
  if (typeof value === "bigint") return String(value);
  if (field === "error") return codeNames.get(value as number);
  if (Array.isArray(value)) return value.map((item) => recorded(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && !isEmptyList(inner))
      .map(([name, inner]) => [name, recorded(inner, name)]),
  );
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function command(frame: Frame): { name: string; input: object } {
  const request = TPortoRequest.decode(Buffer.from(frame.body_hex, "hex"));
  const entries: [string, unknown][] = Object.entries(request);
  const [name, input] = entries.find(
    ([, value]) => typeof value === "object",
  ) ?? ["", {}];
  return { name, input: input as object };
}

const bytes = (frame: Frame): Buffer => Buffer.from(frame.frame_hex, "hex");

const splits = [
  ["as it comes", {}],
  [
    "byte by byte",
    { split: (chunk: Buffer) => [...chunk].map((byte) => Buffer.from([byte])) },
  ],
] as const;

describeCorpus(
  "recorded exchanges of real clients with the real daemon",
  () => {
    let exchanges: readonly Exchange[] = [];

    beforeAll(() => {
      exchanges = JSON.parse(
        readFileSync(corpus("porto", "core.json"), "utf8"),
      ) as Exchange[];
    });

    async function withClient(
      options: object,
      use: (client: PortoClient, peer: Peer) => Promise<void>,
    ): Promise<void> {
      const endpoint = memoryEndpoint(options);
      const peer = await startPeer(endpoint);
      const client = await PortoClient.connect(endpoint);
      await use(client, peer);
      await client.$close();
      await peer.close();
    }

    it.each(splits)(
      "are had by our client too, %s: calls",
      async (_how, options) => {
        let count = 0;
        for (const { exchange, seed_reencode_identical } of exchanges) {
          const [request] = exchange;
          if (request === undefined) continue;
          const { name, input } = command(request);
          if (name === "AsyncWait") continue;
          count++;
          const replies = exchange.filter(({ dir }) => dir !== "request");
          const response = replies.find(({ dir }) => dir === "response");
          await withClient(options, async (client, peer) => {
            const key = methodName(name) as keyof PortoClient;
            const method = client[key] as unknown as AnyCommand;
            const call = method.reply(input);
            const settled = call.then(
              (reply) => reply,
              (error: unknown) => error,
            );
            let connection = await peer.accept();
            // What lives as long as its connection has one apart.
            if (name === "CreateWeak") connection = await peer.accept();
            const body = await connection.body();
            if (seed_reencode_identical)
              expect(framed(body).toString("hex")).toBe(request.frame_hex);
            else
              expect(TPortoRequest.decode(body)).toEqual(
                TPortoRequest.decode(Buffer.from(request.body_hex, "hex")),
              );
            connection.write(
              Buffer.concat(replies.map((frame) => bytes(frame))),
            );
            const outcome = await settled;
            const expected = response?.seed_decoded ?? {};
            if (expected["error"] === "Success") {
              const { result, response: whole } = outcome as {
                result: unknown;
                response: object;
              };
              expect(recorded(result)).toEqual(expected[name]);
              expect(recorded(whole)).toEqual(expected);
            } else {
              if (!PortoError.is(outcome)) throw outcome;
              expect(outcome.errorName).toBe(expected["error"]);
              expect(outcome.error).toBe(
                EError[expected["error"] as keyof typeof EError],
              );
              expect(outcome.text).toBe(expected["errorMsg"]);
              expect(recorded(outcome.result)).toEqual(expected[name]);
            }
          });
        }
        expect(count).toBeGreaterThan(25);
      },
    );

    it.each(splits)(
      "are had by our client too, %s: subscriptions",
      async (_how, options) => {
        let count = 0;
        for (const { exchange } of exchanges) {
          const [request] = exchange;
          if (request === undefined) continue;
          const { name, input } = command(request);
          if (name !== "AsyncWait") continue;
          count++;
          const requests = exchange.filter(({ dir }) => dir === "request");
          const responses = exchange.filter(({ dir }) => dir === "response");
          const pushes = exchange.filter(({ dir }) => dir === "push");
          await withClient(options, async (client, peer) => {
            const ordinary = await peer.accept();
            const stream = client.asyncWait(input);
            const first = stream.next();
            const connection = await peer.accept();
            expect(framed(await connection.body()).toString("hex")).toBe(
              request.frame_hex,
            );
            // Everything that is not an answer to the calls beside it.
            const rest = new Set(responses.slice(1));
            connection.write(
              Buffer.concat(
                exchange
                  .filter(
                    (frame) => frame.dir !== "request" && !rest.has(frame),
                  )
                  .map((frame) => bytes(frame)),
              ),
            );
            for (const [index, frame] of requests.entries()) {
              if (index === 0) continue;
              const call = client.version();
              expect(framed(await ordinary.body()).toString("hex")).toBe(
                frame.frame_hex,
              );
              const reply = responses[index];
              if (reply === undefined) throw new Error("no reply is recorded");
              ordinary.write(bytes(reply));
              expect(recorded(await call)).toEqual(
                reply.seed_decoded["Version"],
              );
            }
            const items: unknown[] = [];
            if (pushes.length > 0) items.push((await first).value);
            while (items.length < pushes.length)
              items.push((await stream.next()).value);
            expect(items.map((item) => recorded(item))).toEqual(
              pushes.map(({ seed_decoded }) => seed_decoded["AsyncWait"]),
            );
            if (pushes.at(-1)?.seed_decoded["AsyncWait"] !== undefined) {
              const last = items.at(-1) as { state?: string; name?: string };
              if (last.state === "timeout" && last.name === "")
                expect(await stream.next()).toMatchObject({ done: true });
            }
            await stream.return?.();
            await first;
          });
        }
        expect(count).toBeGreaterThan(3);
      },
    );

    it("hold responses that our codec writes as they were", () => {
      for (const { exchange } of exchanges) {
        for (const frame of exchange) {
          if (frame.dir === "request") continue;
          const decoded = TPortoResponse.decode(
            Buffer.from(frame.body_hex, "hex"),
          );
          expect(recorded(decoded)).toEqual(frame.seed_decoded);
        }
      }
    });
  },
);
