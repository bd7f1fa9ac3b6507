import { once } from "node:events";
import { expect } from "vitest";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import {
  ExpectedUpgrade,
  MethodNotImplemented,
} from "../../src/runtime/varlink/standard.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";
import { gate } from "../runtime/server/support.ts";
import { RAW, take, takeAll } from "../support/bytes.ts";
import { conform } from "./conform.ts";
import { full, meet, serveSpecimen, type TestHandler } from "./support.ts";

const TUNNEL = full("Tunnel");
const NOTHING = full("Nothing");

/** Sends back what it gets, in another order, up to the end. */
const reversing: TestHandler = (_input: object, call: Call) =>
  call.upgraded({}, async (stream) => {
    const all = await takeAll(stream);
    stream.end(all.toReversed());
  });

/** Takes ten bytes, answers with them, and leaves the rest to Varlink. */
const ten: TestHandler = (_input: object, call: Call) =>
  call.upgraded({}, async (stream) => {
    stream.write(await take(stream, RAW.length));
  });

const CALL = `${JSON.stringify({ method: TUNNEL, upgrade: true })}\0`;

conform("upgrade.confirmed", "server", async () => {
  await using served = await serveSpecimen({ tunnel: reversing });
  const peer = await served.connect();
  peer.stream.write(CALL);
  expect(await peer.next()).toEqual({});
  peer.stream.end(RAW);
  await peer.ended;
  expect(Buffer.from(peer.text, "latin1").subarray("{}\0".length)).toEqual(
    Buffer.from(RAW.toReversed()),
  );
});

conform("upgrade.confirmed", "client", async () => {
  for (const parameters of [undefined, { token: "t" }]) {
    await using met = await meet();
    const pending = met.client.upgrade(TUNNEL, { a: 1 });
    expect(await met.connection.call()).toEqual({
      method: TUNNEL,
      parameters: { a: 1 },
      upgrade: true,
    });
    met.connection.send({ parameters });
    await using upgraded = await pending;
    expect(upgraded.output).toEqual(parameters ?? {});
    const raw = met.connection.raw();
    upgraded.stream.write(RAW);
    expect(await take(raw, RAW.length)).toEqual(RAW);
    raw.write(RAW);
    expect(await take(upgraded.stream, RAW.length)).toEqual(RAW);
  }
});

conform("upgrade.no-return", "server", async () => {
  await using served = await serveSpecimen({
    tunnel: reversing,
    talk: ten,
    nothing: () => {},
  });
  const peer = await served.connect();
  peer.stream.write(CALL);
  await peer.next();
  peer.stream.end(RAW);
  await peer.ended;
  const fresh = await served.connect();
  expect(await fresh.send({ method: NOTHING }).next()).toEqual({});
  // The other way: by count, and the same connection goes on.
  fresh.send({ method: full("Talk"), upgrade: true });
  await fresh.next();
  fresh.stream.write(RAW);
  fresh.send({ method: NOTHING });
  await fresh.end().ended;
  expect(Buffer.from(fresh.text, "latin1")).toEqual(
    Buffer.concat([Buffer.from("{}\0{}\0"), RAW, Buffer.from("{}\0")]),
  );
});

conform("upgrade.no-return", "client", async () => {
  await using met = await meet();
  const pending = met.client.upgrade(TUNNEL);
  await met.connection.answer({});
  const upgraded = await pending;
  // While it is upgraded, calls go elsewhere.
  const other = met.client.call(NOTHING);
  const second = await met.peer.accept();
  await second.answer({});
  await other;
  second.end();
  await second.ended;
  // Given back, it is Varlink again.
  upgraded.release();
  const again = met.client.call(NOTHING);
  expect(await met.connection.answer({})).toEqual({ method: NOTHING });
  await again;
});

conform("upgrade.refused", "server", async () => {
  await using served = await serveSpecimen({
    tunnel() {
      throw new MethodNotImplemented({ method: TUNNEL });
    },
    nothing: () => {},
    talk: () => ({}),
  });
  const peer = await served.connect();
  // Without a handler; by its handler; and by one that knows nothing of upgrades.
  for (const method of ["Absent", "Tunnel", "Talk"]) {
    peer.send({ method: full(method), upgrade: true }, { method: NOTHING });
    expect(await peer.take(2)).toEqual([
      {
        error: "org.varlink.service.MethodNotImplemented",
        parameters: { method: full(method) },
      },
      {},
    ]);
  }
});

conform("upgrade.refused", "client", async () => {
  await using met = await meet();
  const refused = met.client.upgrade(TUNNEL);
  await met.connection.call();
  met.connection.send({ error: full("Silent") });
  await expect(refused).rejects.toMatchObject({ error: full("Silent") });
  const next = met.client.call(NOTHING);
  await met.connection.answer({});
  expect(await next).toEqual({});
  expect(met.peer.accepted).toBe(1);
});

conform("upgrade.first-byte", "server", async () => {
  const held = gate();
  await using served = await serveSpecimen({
    tunnel: reversing,
    async nothing() {
      await held.opened;
    },
  });
  const whole = Buffer.concat([Buffer.from(CALL), RAW]);
  // Cut before, at and behind the NUL, and not at all.
  for (const cut of [
    CALL.length - 1,
    CALL.length,
    CALL.length + 1,
    whole.length,
  ]) {
    const peer = await served.connect();
    peer.stream.write(whole.subarray(0, cut));
    await new Promise(setImmediate);
    peer.stream.end(whole.subarray(cut));
    await peer.ended;
    expect(Buffer.from(peer.text, "latin1"), `cut at ${cut}`).toEqual(
      Buffer.concat([Buffer.from("{}\0"), Buffer.from(RAW.toReversed())]),
    );
  }
  // Nor where it might as well be calls.
  const likeCalls = Buffer.from(`{"method":"${NOTHING}"}\0\0x\0`);
  const last = await served.connect();
  last.stream.end(Buffer.concat([Buffer.from(CALL), likeCalls]));
  await last.ended;
  expect(Buffer.from(last.text, "latin1")).toEqual(
    Buffer.concat([Buffer.from("{}\0"), Buffer.from(likeCalls.toReversed())]),
  );
  // Nor while calls ahead of it are still being answered.
  const peer = await served.connect();
  peer.send({ method: NOTHING });
  peer.stream.end(whole);
  const other = await served.connect();
  await other.send({ method: "org.varlink.service.GetInfo" }).next();
  held.open();
  await peer.ended;
  expect(Buffer.from(peer.text, "latin1")).toEqual(
    Buffer.concat([Buffer.from("{}\0{}\0"), Buffer.from(RAW.toReversed())]),
  );
});

conform("upgrade.first-byte", "client", async () => {
  const reply = Buffer.from("{}\0");
  const whole = Buffer.concat([reply, RAW]);
  for (const cut of [
    reply.length - 1,
    reply.length,
    reply.length + 1,
    whole.length,
  ]) {
    await using met = await meet();
    const pending = met.client.upgrade(TUNNEL);
    await met.connection.call();
    met.connection.write(whole.subarray(0, cut));
    await new Promise(setImmediate);
    met.connection.write(whole.subarray(cut));
    await using upgraded = await pending;
    expect(await take(upgraded.stream, RAW.length), `cut at ${cut}`).toEqual(
      RAW,
    );
  }
  // Where it might as well be replies.
  const likeReplies = Buffer.from("{}\0\0x\0");
  await using met = await meet();
  const pending = met.client.upgrade(TUNNEL);
  await met.connection.call();
  met.connection.write(Buffer.concat([reply, likeReplies]));
  await using upgraded = await pending;
  expect(await take(upgraded.stream, likeReplies.length)).toEqual(likeReplies);
});

conform("upgrade.wait", "client", async () => {
  await using met = await meet();
  let confirmed = false;
  const pending = met.client.upgrade(TUNNEL).finally(() => {
    confirmed = true;
  });
  await met.connection.call();
  await new Promise(setImmediate);
  // There is no stream to write to, and nothing was written.
  expect(confirmed).toBe(false);
  expect(met.connection.unread).toBe(0);
  met.connection.reply({});
  await using upgraded = await pending;
  upgraded.stream.write("raw\0");
  expect(await met.connection.text()).toBe("raw");
});

conform("upgrade.expected", "server", async () => {
  let called = false;
  await using served = await serveSpecimen({
    tunnel() {
      called = true;
    },
    talk: reversing,
    nothing: () => {},
  });
  const peer = await served.connect();
  // Said by the interface, or by a handler that confirms.
  for (const method of ["Tunnel", "Talk"]) {
    peer.send({ method: full(method) }, { method: NOTHING });
    expect(await peer.take(2)).toEqual([
      { error: "org.varlink.service.ExpectedUpgrade" },
      {},
    ]);
  }
  expect(called).toBe(false);
});

conform("upgrade.expected", "client", async () => {
  await using met = await meet();
  const reply = met.client.call(TUNNEL);
  await met.connection.call();
  met.connection.send({ error: "org.varlink.service.ExpectedUpgrade" });
  await expect(reply).rejects.toBeInstanceOf(ExpectedUpgrade);
});

conform("unix.upgrade", "server", async () => {
  await using served = await serveSpecimen({
    tunnel: (_input: object, call: Call) =>
      call.upgraded({}, async (stream) => {
        // The client has said all it wants to, and still hears the answer.
        const all = await takeAll(stream);
        stream.write(all);
        stream.end("over");
      }),
  });
  const peer = await served.connect();
  peer.stream.write(CALL);
  await peer.next();
  peer.stream.end("heard ");
  await peer.ended;
  expect(peer.text).toBe("{}\0heard over");
});

conform("unix.upgrade", "client", async () => {
  await using served = await serveSpecimen({ tunnel: reversing });
  const client = await VarlinkClient.connect(served.endpoint);
  const { stream } = await client.upgrade(TUNNEL);
  stream.end("abc");
  expect((await takeAll(stream)).toString()).toBe("cba");
  if (!stream.closed) await once(stream, "close");
  await client.close();
});
