import { expect } from "vitest";
import { Relay } from "../../src/runtime/proxy/relay.ts";
import { parseAddress } from "../../src/runtime/transport/address.ts";
import type { Endpoint } from "../../src/runtime/transport/endpoint.ts";
import { memoryEndpoint } from "../../src/runtime/transport/memory.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";
import { RawPeer, until } from "../runtime/server/support.ts";
import { RAW, takeAll } from "../support/bytes.ts";
import { startPeer, unixPlace } from "../support/peer.ts";
import { conform } from "./conform.ts";
import { echoes, full, serveSpecimen } from "./support.ts";

const NOTHING = full("Nothing");

/** A relay from TCP to a service at a Unix socket, and what it complains of. */
async function relayTo(
  service: Endpoint,
): Promise<
  { readonly errors: unknown[]; connect(): Promise<RawPeer> } & AsyncDisposable
> {
  const errors: unknown[] = [];
  const relay = new Relay({
    connect: service,
    onError: (error) => errors.push(error),
  });
  const { address } = await relay.listen("tcp:127.0.0.1:0");
  const endpoint = parseAddress(address);
  return {
    errors,
    connect: async () => new RawPeer(await endpoint.connect({})),
    [Symbol.asyncDispose]: () => relay.close({ timeout: 0 }),
  };
}

conform("bridge.bytes", "bridge", async () => {
  await using served = await serveSpecimen({
    ...echoes,
    *count() {
      yield { number: 1 };
      return { number: 2 };
    },
  });
  await using relay = await relayTo(served.endpoint);
  const peer = await relay.connect();
  peer.send(
    { method: full("TakeString"), parameters: { value: "é\0😀" } },
    { method: full("Count"), more: true },
    { method: full("Unknown"), oneway: true },
    { method: NOTHING },
  );
  expect(await peer.take(4)).toEqual([
    { parameters: { value: "é\0😀" } },
    { parameters: { number: 1 }, continues: true },
    { parameters: { number: 2 } },
    {},
  ]);
  // White space and members that it does not know are not its business.
  const place = await unixPlace();
  const raw = await startPeer(place.endpoint);
  await using other = await relayTo(raw.endpoint);
  const client = await other.connect();
  const text = ' {"what" : "ever"} ';
  client.send(text);
  const connection = await raw.accept();
  expect(await connection.text()).toBe(text);
  connection.write(`${text}\0`);
  await until(() => client.text === `${text}\0`);
  await raw.close();
  await place.remove();
});

conform("bridge.pieces", "bridge", async () => {
  await using served = await serveSpecimen();
  await using relay = await relayTo(served.endpoint);
  const peer = await relay.connect();
  for (const byte of Buffer.from(
    `{"method":"${NOTHING}"}\0{"method":"${NOTHING}"}\0`,
  )) {
    peer.stream.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  expect(await peer.take(2)).toEqual([{}, {}]);
});

conform("bridge.upgrade", "bridge", async () => {
  await using served = await serveSpecimen({
    tunnel: (_input: object, call: Call) =>
      call.upgraded({}, async (stream) => {
        stream.end(Buffer.from((await takeAll(stream)).toReversed()));
      }),
  });
  await using relay = await relayTo(served.endpoint);
  const peer = await relay.connect();
  peer.stream.write(
    `${JSON.stringify({ method: full("Tunnel"), upgrade: true })}\0`,
  );
  await peer.next();
  peer.stream.end(RAW);
  await peer.ended;
  expect(Buffer.from(peer.text, "latin1")).toEqual(
    Buffer.concat([Buffer.from("{}\0"), Buffer.from(RAW.toReversed())]),
  );
});

conform("bridge.close", "bridge", async () => {
  const place = await unixPlace();
  const service = await startPeer(place.endpoint);
  await using relay = await relayTo(service.endpoint);
  const leaving = await relay.connect();
  const first = await service.accept();
  leaving.end();
  await first.ended;
  const left = await relay.connect();
  const second = await service.accept();
  second.end();
  await left.ended;
  const cut = await relay.connect();
  const third = await service.accept();
  third.destroy();
  await cut.ended;
  await service.close();
  await place.remove();
});

conform("bridge.unreachable", "bridge", async () => {
  await using relay = await relayTo(memoryEndpoint());
  const peer = await relay.connect();
  expect(await peer.send({ method: NOTHING }).rest()).toEqual([]);
  expect(relay.errors).toMatchObject([{ code: "CONNECT_FAILED" }]);
});
