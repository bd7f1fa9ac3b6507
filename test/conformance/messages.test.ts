import { expect } from "vitest";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";
import { gate } from "../runtime/server/support.ts";
import { conform } from "./conform.ts";
import { echoes, full, meet, serveSpecimen } from "./support.ts";

const NOTHING = full("Nothing");

conform("message.object", "server", async () => {
  for (const text of ["[]", '"text"', "1", "null", "true", "{", ""]) {
    await using served = await serveSpecimen();
    const peer = await served.connect();
    peer.send({ method: NOTHING }, text, { method: NOTHING });
    expect(await peer.rest(), text).toEqual([{}]);
  }
});

conform("message.object", "client", async () => {
  for (const text of ["[]", '"text"', "1", "null", "true", "{", ""]) {
    await using met = await meet();
    const reply = met.client.call(NOTHING);
    expect(JSON.parse(await met.connection.text())).toEqual({
      method: NOTHING,
    });
    met.connection.write(`${text}\0`);
    await expect(reply, text).rejects.toMatchObject({ code: "PROTOCOL" });
    await met.connection.ended;
  }
});

const WITH_NUL = "a\0b";

conform("message.nul", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({ method: full("TakeString"), parameters: { value: WITH_NUL } });
  expect(await peer.next()).toEqual({ parameters: { value: WITH_NUL } });
  expect(peer.text).toBe(
    String.raw`{"parameters":{"value":"a\u0000b"}}` + "\0",
  );
  // Without its end a message is none.
  peer.stream.write(`{"method":"${NOTHING}"}`);
  peer.stream.write("\0");
  expect(await peer.next()).toEqual({});
});

conform("message.nul", "client", async () => {
  await using met = await meet();
  const reply = met.client.call(full("TakeString"), { value: WITH_NUL });
  expect(await met.connection.text()).toBe(
    String.raw`{"method":"${full("TakeString")}","parameters":{"value":"a\u0000b"}}`,
  );
  expect(met.connection.unread).toBe(0);
  met.connection.write(String.raw`{"parameters":{"value":"a\u0000b"}}`);
  met.connection.write("\0");
  expect(await reply).toEqual({ value: WITH_NUL });
});

const LETTERS = "é\u2028中😀";

/** A letter of two bytes that is cut off after the first. */
const BROKEN = Buffer.from([0xc3]);

conform("message.utf-8", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({ method: full("TakeString"), parameters: { value: LETTERS } });
  expect(await peer.next()).toEqual({ parameters: { value: LETTERS } });
  expect(Buffer.from(peer.text, "latin1").toString("utf8")).toContain(LETTERS);
  peer.stream.write(
    Buffer.concat([
      Buffer.from(`{"method":"${full("TakeString")}","parameters":{"value":"`),
      BROKEN,
      Buffer.from('"}}\0'),
    ]),
  );
  expect(await peer.rest()).toEqual([]);
});

conform("message.utf-8", "client", async () => {
  await using met = await meet();
  const reply = met.client.call(full("TakeString"), { value: LETTERS });
  expect((await met.connection.call()).parameters).toEqual({ value: LETTERS });
  met.connection.reply({ value: LETTERS });
  expect(await reply).toEqual({ value: LETTERS });
  const broken = met.client.call(NOTHING);
  await met.connection.call();
  met.connection.write(
    Buffer.concat([
      Buffer.from('{"parameters":{"value":"'),
      BROKEN,
      Buffer.from('"}}\0'),
    ]),
  );
  await expect(broken).rejects.toMatchObject({ code: "PROTOCOL" });
  await met.connection.ended;
});

conform("message.order", "server", async () => {
  const slow = gate();
  const started: number[] = [];
  await using served = await serveSpecimen({
    async takeInt({ value }: { value: number }) {
      started.push(value);
      if (value === 1) await slow.opened;
      return { value };
    },
  });
  const peer = await served.connect();
  for (const value of [1, 2, 3])
    peer.send({ method: full("TakeInt"), parameters: { value } });
  const other = await served.connect();
  other.send({ method: full("TakeInt"), parameters: { value: 4 } });
  expect(await other.next()).toEqual({ parameters: { value: 4 } });
  expect(peer.text).toBe("");
  expect(started).toEqual([1, 4]);
  slow.open();
  expect(await peer.take(3)).toEqual(
    [1, 2, 3].map((value) => ({ parameters: { value } })),
  );
});

conform("message.order", "client", async () => {
  await using met = await meet();
  const replies = await met.client.pipeline((client) => {
    const made = [1, 2, 3].map((value) =>
      client.call(full("TakeInt"), { value }),
    );
    met.connection.send(
      ...[10, 20, 30].map((value) => ({ parameters: { value } })),
    );
    return Promise.all(made);
  });
  expect(replies).toEqual([{ value: 10 }, { value: 20 }, { value: 30 }]);
});

conform("message.pipelining", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  const values = Array.from({ length: 3_000 }, (_, value) => value);
  peer.send(
    ...values.map((value) => ({
      method: full("TakeInt"),
      parameters: { value },
    })),
  );
  expect(await peer.take(values.length)).toEqual(
    values.map((value) => ({ parameters: { value } })),
  );
});

conform("message.pipelining", "client", async () => {
  await using met = await meet();
  const values = [1, 2, 3, 4];
  const replies = met.client.pipeline((client) =>
    Promise.all(values.map((value) => client.call(full("TakeInt"), { value }))),
  );
  // All of them are there before any is answered.
  for (const value of values)
    expect((await met.connection.call()).parameters).toEqual({ value });
  for (const value of values) met.connection.reply({ value });
  expect(await replies).toEqual(values.map((value) => ({ value })));
  expect(met.peer.accepted).toBe(1);
});

conform("message.many-connections", "server", async () => {
  const held = gate();
  await using served = await serveSpecimen({
    ...echoes,
    async nothing() {
      await held.opened;
    },
  });
  const peers = await Promise.all(
    Array.from({ length: 20 }, () => served.connect()),
  );
  const [stuck, ...others] = peers;
  stuck?.send({ method: NOTHING });
  for (const [value, peer] of others.entries()) {
    peer.send({ method: full("TakeInt"), parameters: { value } });
    expect(await peer.next()).toEqual({ parameters: { value } });
  }
  held.open();
  expect(await stuck?.next()).toEqual({});
});

conform("message.many-connections", "client", async () => {
  await using met = await meet();
  const slow = met.client.call(full("TakeInt"), { value: 1 });
  await met.connection.call();
  const fast = met.client.call(full("TakeInt"), { value: 2 });
  const second = await met.peer.accept();
  expect((await second.answer({ value: 2 })).parameters).toEqual({ value: 2 });
  expect(await fast).toEqual({ value: 2 });
  met.connection.reply({ value: 1 });
  expect(await slow).toEqual({ value: 1 });
});

conform("call.method", "server", async () => {
  for (const text of [
    "{}",
    '{"method":null}',
    '{"method":1}',
    '{"parameters":{}}',
  ]) {
    await using served = await serveSpecimen();
    const peer = await served.connect();
    expect(await peer.send(text, { method: NOTHING }).rest(), text).toEqual([]);
  }
});

conform("call.method", "client", async () => {
  await using met = await meet();
  const reply = met.client.call(NOTHING);
  expect(await met.connection.text()).toBe(`{"method":"${NOTHING}"}`);
  met.connection.reply({});
  await reply;
  for (const name of ["", "Nothing", "org.", ".Nothing", "org..Nothing"])
    await expect(met.client.call(name), name).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
});

const FLAGS = ["oneway", "more", "upgrade"] as const;

conform("call.one-flag", "server", async () => {
  const called: string[] = [];
  for (const [one, other] of [
    ["oneway", "more"],
    ["more", "upgrade"],
    ["upgrade", "oneway"],
  ] as const) {
    await using served = await serveSpecimen({
      nothing: () => void called.push(`${one} ${other}`),
    });
    const peer = await served.connect();
    peer.send(
      { method: NOTHING, [one]: true, [other]: true },
      { method: NOTHING },
    );
    expect(await peer.rest(), `${one} ${other}`).toEqual([]);
  }
  expect(called).toEqual([]);
  // Two that are there and one that is true are fine.
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({ method: NOTHING, more: true, oneway: false, upgrade: false });
  expect(await peer.next()).toEqual({});
  await using lenient = await serveSpecimen(echoes, { calls: "lenient" });
  const other = await lenient.connect();
  other.send(
    { method: NOTHING, more: true, oneway: true },
    { method: full("TakeInt"), parameters: { value: 1 } },
  );
  expect(await other.next()).toEqual({ parameters: { value: 1 } });
});

conform("call.one-flag", "client", async () => {
  await using met = await meet();
  const flags = async (): Promise<string[]> => {
    const call = await met.connection.call();
    met.connection.send({ error: full("Silent") });
    return Object.keys(call).filter((key) => key !== "method");
  };
  const plain = met.client.call(NOTHING);
  expect(await flags()).toEqual([]);
  await expect(plain).rejects.toThrow("Silent");
  const more = met.client.more(NOTHING).next();
  expect(await flags()).toEqual(["more"]);
  await expect(more).rejects.toThrow("Silent");
  const upgrade = met.client.upgrade(NOTHING);
  expect(await flags()).toEqual(["upgrade"]);
  await expect(upgrade).rejects.toThrow("Silent");
  await met.client.oneway(NOTHING);
  expect(await met.connection.call()).toEqual({
    method: NOTHING,
    oneway: true,
  });
});

conform("call.boolean-flags", "server", async () => {
  for (const flag of FLAGS)
    for (const value of ["yes", 1, 0, {}, []]) {
      await using served = await serveSpecimen();
      const peer = await served.connect();
      peer.send({ method: NOTHING, [flag]: value }, { method: NOTHING });
      expect(await peer.rest(), `${flag} ${JSON.stringify(value)}`).toEqual([]);
      expect(served.protocolErrors).toMatchObject([{ code: "PROTOCOL" }]);
    }
  await using served = await serveSpecimen();
  const peer = await served.connect();
  for (const flag of FLAGS)
    expect(await peer.send({ method: NOTHING, [flag]: null }).next()).toEqual(
      {},
    );
  await using lenient = await serveSpecimen(echoes, { calls: "lenient" });
  const other = await lenient.connect();
  other.send({ method: NOTHING, oneway: 1 }, { method: NOTHING, more: 0 });
  expect(await other.end().rest()).toEqual([{}]);
});

conform("call.no-parameters", "server", async () => {
  const seen: unknown[] = [];
  await using served = await serveSpecimen({
    nothing: (input: object) => void seen.push(input),
    takeNullable: (input: object) => void seen.push(input),
  });
  const peer = await served.connect();
  for (const method of [NOTHING, full("TakeNullable")])
    for (const rest of ["", ',"parameters":null', ',"parameters":{}']) {
      peer.send(`{"method":"${method}"${rest}}`);
      expect(await peer.next()).toEqual({});
    }
  expect(seen).toEqual(Array.from({ length: 6 }, () => ({})));
});

conform("call.omit-parameters", "client", async () => {
  await using met = await meet();
  for (const reply of [
    () => met.client.call(NOTHING),
    () => met.client.call(NOTHING, {}),
    () => met.method("nothing")(),
    () => met.method("nothing")({}),
  ]) {
    const answer = reply();
    expect(await met.connection.text()).toBe(`{"method":"${NOTHING}"}`);
    met.connection.send({});
    expect(await answer).toEqual({});
  }
});

conform("reply.failure", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send({ method: full("TakeInt"), parameters: { value: "x" } });
  expect(await peer.next()).toEqual({
    error: "org.varlink.service.InvalidParameter",
    parameters: { parameter: "value" },
  });
});

conform("reply.failure", "client", async () => {
  await using met = await meet();
  const reply = met.client.call(NOTHING);
  await met.connection.call();
  met.connection.send({ error: full("Broken"), parameters: { number: 7 } });
  await expect(reply).rejects.toMatchObject({
    code: "VARLINK_ERROR",
    error: full("Broken"),
    parameters: { number: 7 },
  });
  // The connection is fine: it was the call that failed.
  const again = met.client.call(NOTHING);
  await met.connection.answer({});
  expect(await again).toEqual({});
});

const EMPTIES = ["", '"parameters":null', '"parameters":{}'];

conform("reply.no-parameters", "client", async () => {
  await using met = await meet({ replies: "strict" });
  for (const parameters of EMPTIES) {
    const reply = met.method("nothing")();
    await met.connection.call();
    met.connection.write(`{${parameters}}\0`);
    expect(await reply).toEqual({});
    const failed = met.method("nothing")();
    await met.connection.call();
    met.connection.write(
      `{"error":"${full("Silent")}"${parameters && ","}${parameters}}\0`,
    );
    await expect(failed).rejects.toMatchObject({
      error: full("Silent"),
      parameters: {},
    });
  }
});

conform("reply.omit-parameters", "server", async () => {
  await using served = await serveSpecimen({
    nothing: () => ({}),
    *count() {
      yield {};
    },
  });
  const peer = await served.connect();
  peer.send(
    { method: NOTHING },
    { method: full("Count"), more: true },
    { method: full("Watch") },
  );
  await peer.take(4);
  expect(peer.text).toBe(
    [
      "{}",
      '{"continues":true}',
      "{}",
      `{"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":"${full("Watch")}"}}`,
      "",
    ].join("\0"),
  );
  await using silent = await serveSpecimen({
    takeInt: () => {},
    async *watch() {},
  });
  const other = await silent.connect();
  other.send({ method: full("Watch") });
  await other.next();
  expect(other.text).toBe('{"error":"org.varlink.service.ExpectedMore"}\0');
});

conform("reply.error-ends", "server", async () => {
  await using served = await serveSpecimen({
    *count() {
      yield { number: 1 };
      throw new Error("broken in the middle");
    },
    nothing: () => {},
  });
  const peer = await served.connect();
  peer.send({ method: full("Count"), more: true }, { method: NOTHING });
  expect(await peer.take(3)).toEqual([
    { parameters: { number: 1 }, continues: true },
    { error: "invalid.portolan.InternalError" },
    {},
  ]);
});

conform("reply.error-ends", "client", async () => {
  await using met = await meet();
  const stream = met.client.more(full("Count"));
  const first = stream.next();
  await met.connection.call();
  met.connection.send(
    { parameters: { number: 1 }, continues: true },
    { error: full("Silent") },
  );
  expect(await first).toEqual({ done: false, value: { number: 1 } });
  await expect(stream.next()).rejects.toMatchObject({ error: full("Silent") });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  // It is over, and the connection takes the next call.
  const next = met.client.call(NOTHING);
  await met.connection.answer({});
  await next;
  // An error that says it goes on is neither.
  const odd = met.client.more(full("Count")).next();
  await met.connection.call();
  met.connection.send({ error: full("Silent"), continues: true });
  await expect(odd).rejects.toMatchObject({ code: "PROTOCOL" });
  await met.connection.ended;
});

conform("simple.one-reply", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send(
    { method: full("TakeInt"), parameters: { value: 1 } },
    { method: full("TakeInt"), parameters: { value: 2 } },
  );
  peer.end();
  expect(await peer.rest()).toEqual([
    { parameters: { value: 1 } },
    { parameters: { value: 2 } },
  ]);
});

conform("simple.one-reply", "client", async () => {
  const strays: unknown[] = [];
  await using met = await meet({
    onProtocolError: (error) => strays.push(error),
  });
  const reply = met.client.call(full("TakeInt"), { value: 1 });
  await met.connection.call();
  met.connection.send(
    { parameters: { value: 1 } },
    { parameters: { value: 2 } },
  );
  expect(await reply).toEqual({ value: 1 });
  // What nobody asked for never becomes the answer to something else.
  await met.connection.ended;
  expect(strays).toMatchObject([{ code: "PROTOCOL" }]);
  const next = met.client.call(full("TakeInt"), { value: 3 });
  const fresh = await met.peer.accept();
  await fresh.answer({ value: 3 });
  expect(await next).toEqual({ value: 3 });
});

conform("older.errors", "client", async () => {
  await using served = await serveSpecimen({
    tunnel: (_input: object, call: Call) => call.upgraded({}, () => {}),
  });
  const client = await VarlinkClient.connect(served.endpoint);
  await expect(client.call(full("Tunnel"))).rejects.toMatchObject({
    error: "org.varlink.service.ExpectedUpgrade",
  });
  await client.close();
});
