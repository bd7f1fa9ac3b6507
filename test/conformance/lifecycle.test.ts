import { expect } from "vitest";
import { VarlinkError } from "../../src/runtime/errors.ts";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import {
  ExpectedMore,
  ExpectedUpgrade,
  InterfaceNotFound,
  InvalidParameter,
  MethodNotFound,
  MethodNotImplemented,
  PermissionDenied,
} from "../../src/runtime/varlink/standard.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";
import { gate, until } from "../runtime/server/support.ts";
import { conform } from "./conform.ts";
import { echoes, full, meet, serveSpecimen } from "./support.ts";

const NOTHING = full("Nothing");

const standard = [
  new InterfaceNotFound({ interface: "a.b" }),
  new MethodNotFound({ method: "a.b.C" }),
  new MethodNotImplemented({ method: "a.b.C" }),
  new InvalidParameter({ parameter: "x" }),
  new PermissionDenied(),
  new ExpectedMore(),
  new ExpectedUpgrade(),
];

conform("error.any-method", "server", async () => {
  const errors = [
    ...standard,
    new VarlinkError(full("Broken"), { number: 1 }),
    new VarlinkError(full("Silent"), {}),
  ];
  let next = 0;
  await using served = await serveSpecimen({
    nothing() {
      throw errors[next++];
    },
  });
  const peer = await served.connect();
  for (const { error, parameters } of errors) {
    const empty = Object.keys(parameters).length === 0;
    expect(await peer.send({ method: NOTHING }).next()).toEqual(
      empty ? { error } : { error, parameters },
    );
  }
  expect(served.errors).toEqual([]);
});

conform("error.any-method", "client", async () => {
  await using met = await meet({ replies: "strict" });
  for (const { error, parameters, constructor } of standard) {
    const reply = met.method("nothing")();
    await met.connection.call();
    met.connection.send({ error, parameters });
    await expect(reply).rejects.toMatchObject({ error, parameters });
    await expect(reply).rejects.toBeInstanceOf(constructor);
  }
});

conform("vendor.nested", "server", async () => {
  await using served = await serveSpecimen({
    ...echoes,
    *count() {
      yield { number: 1 };
    },
  });
  const peer = await served.connect();
  peer.send(
    { method: full("TakeInt"), parameters: { value: 1 } },
    { method: full("Count"), more: true },
    { method: full("Unknown") },
  );
  for (const reply of await peer.take(4))
    for (const key of Object.keys(reply ?? {}))
      expect(["parameters", "continues", "error"]).toContain(key);
});

conform("vendor.nested", "client", async () => {
  await using met = await meet();
  const call = met.client.call(full("TakeInt"), { value: 1 });
  expect(Object.keys(await met.connection.answer({}))).toEqual([
    "method",
    "parameters",
  ]);
  await call;
  await met.client.oneway(full("TakeInt"), { value: 1 });
  expect(Object.keys(await met.connection.call())).toEqual([
    "method",
    "parameters",
    "oneway",
  ]);
  const stream = met.client.more(full("TakeInt"), { value: 1 }).next();
  expect(Object.keys(await met.connection.answer({}))).toEqual([
    "method",
    "parameters",
    "more",
  ]);
  await stream;
});

const EXTENSION = '"org.example.trace":{"id":1,"more":true},"a.b":null';

conform("vendor.ignored", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send(
    `{${EXTENSION},"method":"${NOTHING}"}`,
    `{"method":"${NOTHING}",${EXTENSION}}`,
  );
  expect(await peer.take(2)).toEqual([{}, {}]);
});

conform("vendor.ignored", "client", async () => {
  for (const replies of ["lenient", "strict"] as const) {
    await using met = await meet({ replies });
    const reply = met.method("takeInt")({ value: 1 });
    await met.connection.call();
    met.connection.write(`{${EXTENSION},"parameters":{"value":1}}\0`);
    expect(await reply).toEqual({ value: 1 });
    const failed = met.method("nothing")();
    await met.connection.call();
    met.connection.write(`{"error":"${full("Silent")}",${EXTENSION}}\0`);
    await expect(failed).rejects.toMatchObject({
      error: full("Silent"),
      parameters: {},
    });
  }
});

const UNKNOWN = [
  '"id":1',
  '"x-trace":{}',
  '"Method":"a.b.C"',
  '"continues":null',
  '"":1',
  '"__proto__":{}',
];

conform("vendor.unknown-member", "server", async () => {
  for (const member of UNKNOWN) {
    await using served = await serveSpecimen();
    const peer = await served.connect();
    peer.send(`{"method":"${NOTHING}",${member}}`, { method: NOTHING });
    expect(await peer.rest(), member).toEqual([]);
    expect(served.protocolErrors).toMatchObject([{ code: "PROTOCOL" }]);
  }
  await using lenient = await serveSpecimen(echoes, { calls: "lenient" });
  const other = await lenient.connect();
  for (const member of UNKNOWN) {
    other.send(`{"method":"${NOTHING}",${member}}`);
    expect(await other.next(), member).toEqual({});
  }
});

conform("vendor.unknown-member", "client", async () => {
  await using met = await meet();
  const reply = met.method("takeInt")({ value: 1 });
  await met.connection.call();
  met.connection.write('{"id":1,"parameters":{"value":1}}\0');
  expect(await reply).toEqual({ value: 1 });
  for (const member of [
    '"id":1',
    '"x-trace":{}',
    '"Parameters":{}',
    '"method":null',
    '"":1',
    '"__proto__":{}',
  ]) {
    await using strict = await meet({ replies: "strict" });
    const refused = strict.client.call(NOTHING);
    await strict.connection.call();
    strict.connection.write(`{${member}}\0`);
    await expect(refused, member).rejects.toMatchObject({ code: "PROTOCOL" });
    await strict.connection.ended;
  }
});

conform("life.close", "server", async () => {
  const held = gate();
  await using served = await serveSpecimen({
    nothing: () => {},
    async takeInt(input: object) {
      await held.opened;
      return input;
    },
  });
  const peer = await served.connect();
  const slow = { method: full("TakeInt"), parameters: { value: 1 } };
  // Half closed: what was asked is still answered, then the other half follows.
  peer.send({ method: NOTHING }, slow, { method: NOTHING }).end();
  expect(await peer.next()).toEqual({});
  // Others have come and gone since, so that its end has been seen as well.
  const later = await served.connect();
  expect(await later.send({ method: NOTHING }).end().rest()).toEqual([{}]);
  held.open();
  expect(await peer.rest()).toEqual([{ parameters: { value: 1 } }, {}]);
  const other = await served.connect();
  other.stream.destroy();
  await until(() => served.server.connections === 0);
  expect(served.errors).toEqual([]);
  expect(served.protocolErrors).toEqual([]);
  // And from this side.
  const last = await served.connect();
  expect(await last.send({ method: NOTHING }).next()).toEqual({});
  await served.server.close();
  expect(await last.rest()).toEqual([]);
});

conform("life.close", "client", async () => {
  await using met = await meet();
  const reply = met.client.call(NOTHING);
  await met.connection.call();
  met.connection.end();
  await expect(reply).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  // The next call opens another one.
  const again = met.client.call(NOTHING);
  const fresh = await met.peer.accept();
  await fresh.answer({});
  await again;
  await met.client.close();
  await fresh.ended;
});

conform("life.abort", "server", async () => {
  const called = gate();
  let reason: unknown;
  await using served = await serveSpecimen({
    async nothing(_input: object, { signal }: Call) {
      const aborted = new Promise((resolve) => {
        signal.addEventListener("abort", resolve);
      });
      called.open();
      await aborted;
      reason = signal.reason;
    },
  });
  const peer = await served.connect();
  peer.send({ method: NOTHING });
  await called.opened;
  peer.stream.destroy();
  await until(() => reason !== undefined);
  expect(reason).toMatchObject({ code: "CONNECTION_LOST" });
});

conform("life.discard", "server", async () => {
  const called = gate();
  const held = gate();
  let further = false;
  let done = false;
  await using served = await serveSpecimen({
    async takeInt(input: object) {
      called.open();
      await held.opened;
      done = true;
      return input;
    },
    nothing() {
      further = true;
    },
  });
  const peer = await served.connect();
  peer.send(
    { method: full("TakeInt"), parameters: { value: 1 } },
    { method: NOTHING },
  );
  await called.opened;
  peer.stream.destroy();
  await until(() => served.server.connections === 0);
  held.open();
  await until(() => done);
  const other = await served.connect();
  await other.send({ method: "org.varlink.service.GetInfo" }).next();
  expect(further).toBe(false);
  expect(served.errors).toEqual([]);
});

conform("life.malformed", "server", async () => {
  for (const text of [
    "x",
    "[]",
    "{}",
    `{"method":"${NOTHING}","id":1}`,
    `{"method":"${NOTHING}","more":1}`,
  ]) {
    await using served = await serveSpecimen();
    const bystander = await served.connect();
    const peer = await served.connect();
    peer.send({ method: NOTHING }, text, { method: NOTHING });
    expect(await peer.rest(), text).toEqual([{}]);
    // Nobody else is concerned.
    expect(await bystander.send({ method: NOTHING }).next()).toEqual({});
  }
});

conform("life.message-size", "server", async () => {
  await using served = await serveSpecimen(echoes, { maxMessageSize: 1000 });
  const peer = await served.connect();
  peer.send({
    method: full("TakeString"),
    parameters: { value: "x".repeat(800) },
  });
  expect((await peer.next())?.parameters).toEqual({ value: "x".repeat(800) });
  // Without waiting for its end.
  peer.stream.write(`{"method":"${"x".repeat(1000)}`);
  expect(await peer.rest()).toEqual([]);
  expect(served.protocolErrors).toMatchObject([{ code: "LIMIT_EXCEEDED" }]);
});

conform("life.message-size", "client", async () => {
  await using met = await meet({ maxMessageSize: 1000 });
  const reply = met.client.call(NOTHING);
  await met.connection.call();
  met.connection.write(`{"parameters":{"value":"${"x".repeat(1000)}`);
  await expect(reply).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  await met.connection.ended;
});

conform("life.connections", "server", async () => {
  await using served = await serveSpecimen(echoes, { maxConnections: 2 });
  const peers = [await served.connect(), await served.connect()];
  for (const peer of peers)
    expect(await peer.send({ method: NOTHING }).next()).toEqual({});
  const third = await served.connect();
  expect(await third.rest()).toEqual([]);
  expect(served.errors).toMatchObject([{ error: { code: "LIMIT_EXCEEDED" } }]);
  // Those that were there go on, and there is room for another when one leaves.
  expect(await peers[0]?.send({ method: NOTHING }).next()).toEqual({});
  peers[1]?.stream.destroy();
  await until(() => served.server.connections === 1);
  const client = await VarlinkClient.connect(served.endpoint);
  expect(await client.call(NOTHING)).toEqual({});
  await client.close();
});
