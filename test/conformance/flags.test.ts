import { expect } from "vitest";
import { VarlinkError } from "../../src/runtime/errors.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";
import { gate, until } from "../runtime/server/support.ts";
import { conform } from "./conform.ts";
import { echoes, full, meet, serveSpecimen } from "./support.ts";

const NOTHING = full("Nothing");

conform("oneway.no-reply", "server", async () => {
  let calls = 0;
  await using served = await serveSpecimen({
    takeInt({ value }: { value: number }) {
      calls++;
      if (value === 1) throw new VarlinkError(full("Broken"), { number: 1 });
      if (value === 2) throw new Error("a mistake");
      return { value };
    },
    nothing: () => {},
  });
  const peer = await served.connect();
  for (const value of [0, 1, 2, "no int"])
    peer.send({ method: full("TakeInt"), parameters: { value }, oneway: true });
  peer.send({ method: NOTHING });
  // Of four calls that end in four ways, not one reply.
  expect(await peer.end().rest()).toEqual([{}]);
  expect(calls).toBe(3);
});

conform("oneway.no-reply", "client", async () => {
  await using met = await meet();
  await met.client.oneway(full("TakeInt"), { value: 1 });
  await met.method("takeInt").oneway({ value: 2 });
  for (const value of [1, 2])
    expect(await met.connection.call()).toEqual({
      method: full("TakeInt"),
      parameters: { value },
      oneway: true,
    });
});

conform("oneway.always", "server", async () => {
  await using served = await serveSpecimen({
    *watch() {
      yield { number: 1 };
    },
    tunnel: (_input: object, call: Call) => call.upgraded({}, () => {}),
    nothing: () => {},
  });
  const peer = await served.connect();
  for (const method of [
    NOTHING,
    full("Watch"),
    full("Tunnel"),
    full("Absent"),
    full("Unknown"),
    "org.example.nowhere.Ping",
    "unqualified",
    "org.varlink.service.GetInfo",
    "org.varlink.service.GetInterfaceDescription",
  ])
    peer.send({ method, oneway: true });
  peer.send({ method: NOTHING });
  expect(await peer.end().rest()).toEqual([{}]);
  expect(served.protocolErrors).toEqual([]);
});

conform("oneway.next-reply", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send(
    { method: full("Unknown"), oneway: true },
    { method: full("TakeInt"), parameters: { value: 1 } },
    { method: full("TakeInt"), parameters: { value: 2 }, oneway: true },
    { method: full("TakeInt"), parameters: { value: 3 } },
  );
  expect(await peer.take(2)).toEqual([
    { parameters: { value: 1 } },
    { parameters: { value: 3 } },
  ]);
});

conform("oneway.next-reply", "client", async () => {
  await using met = await meet();
  const replies = met.client.pipeline(async (client) => {
    const one = client.call(full("TakeInt"), { value: 1 });
    await client.oneway(full("TakeInt"), { value: 2 });
    return await Promise.all([one, client.call(full("TakeInt"), { value: 3 })]);
  });
  for (let count = 0; count < 3; count++) {
    const { oneway, parameters } = await met.connection.call();
    if (oneway !== true) met.connection.reply(parameters ?? {});
  }
  expect(await replies).toEqual([{ value: 1 }, { value: 3 }]);
});

conform("more.optional", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  peer.send(
    { method: full("TakeInt"), parameters: { value: 1 }, more: true },
    { method: NOTHING },
  );
  expect(await peer.take(2)).toEqual([{ parameters: { value: 1 } }, {}]);
});

conform("more.optional", "client", async () => {
  await using met = await meet();
  const stream = met.client.more(full("TakeInt"), { value: 1 });
  const first = stream.next();
  expect(await met.connection.answer({ value: 1 })).toMatchObject({
    more: true,
  });
  expect(await first).toEqual({ done: false, value: { value: 1 } });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  const next = met.client.call(NOTHING);
  await met.connection.answer({});
  await next;
  expect(met.peer.accepted).toBe(1);
});

const numbered = (numbers: readonly number[]): object[] =>
  numbers.map((number, index) => ({
    parameters: { number },
    ...(index < numbers.length - 1 && { continues: true }),
  }));

conform("more.sequence", "server", async () => {
  await using served = await serveSpecimen({
    *count({ to }: { to?: number }) {
      for (let number = 1; number < (to ?? 0); number++) yield { number };
      if (to === undefined) throw new VarlinkError(full("Silent"), {});
      return { number: to };
    },
    watch: (_input: object, call: Call) =>
      call.stream([{ number: 1 }, { number: 2 }]),
    nothing: () => [],
  });
  const peer = await served.connect();
  for (const to of [1, 2, 5]) {
    peer.send({ method: full("Count"), parameters: { to }, more: true });
    const numbers = Array.from({ length: to }, (_, index) => index + 1);
    expect(await peer.take(to)).toEqual(numbered(numbers));
  }
  peer.send({ method: full("Watch"), more: true });
  expect(await peer.take(2)).toEqual(numbered([1, 2]));
  // An empty list, and an error: each is one last reply.
  peer.send(
    { method: NOTHING, more: true },
    { method: full("Count"), more: true },
  );
  expect(await peer.end().rest()).toEqual([{}, { error: full("Silent") }]);
});

conform("more.sequence", "client", async () => {
  await using met = await meet();
  for (const numbers of [[1], [1, 2], [1, 2, 3, 4, 5]]) {
    const stream = met.client.more(full("Count"));
    const items: unknown[] = [];
    const all = (async () => {
      for await (const item of stream) items.push(item);
    })();
    expect(await met.connection.call()).toEqual({
      method: full("Count"),
      more: true,
    });
    met.connection.send(...numbered(numbers));
    await all;
    expect(items).toEqual(numbers.map((number) => ({ number })));
  }
  expect(met.peer.accepted).toBe(1);
});

conform("more.continues-false", "client", async () => {
  await using met = await meet();
  const stream = met.client.more(full("Count"));
  const first = stream.next();
  await met.connection.call();
  met.connection.send({ parameters: { number: 1 }, continues: false });
  expect(await first).toEqual({ done: false, value: { number: 1 } });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  const plain = met.client.call(NOTHING);
  await met.connection.call();
  met.connection.send({ continues: false });
  expect(await plain).toEqual({});
});

conform("more.busy", "server", async () => {
  const held = gate();
  let called = false;
  await using served = await serveSpecimen({
    async *watch() {
      yield { number: 1 };
      await held.opened;
      yield { number: 2 };
    },
    nothing() {
      called = true;
    },
  });
  const peer = await served.connect();
  peer.send({ method: full("Watch"), more: true }, { method: NOTHING });
  expect(await peer.next()).toEqual({
    parameters: { number: 1 },
    continues: true,
  });
  // A call elsewhere has come and gone: time enough for the one that must wait.
  const other = await served.connect();
  await other.send({ method: "org.varlink.service.GetInfo" }).next();
  expect(called).toBe(false);
  held.open();
  expect(await peer.take(3)).toEqual([
    { parameters: { number: 2 }, continues: true },
    {},
    {},
  ]);
  expect(called).toBe(true);
});

conform("more.queue", "server", async () => {
  await using served = await serveSpecimen({
    ...echoes,
    *count() {
      yield { number: 1 };
      return { number: 2 };
    },
  });
  const peer = await served.connect();
  peer.send(
    { method: full("Count"), more: true },
    { method: full("TakeInt"), parameters: { value: 1 } },
    { method: full("Count"), more: true },
    { method: NOTHING },
  );
  expect(await peer.take(6)).toEqual([
    ...numbered([1, 2]),
    { parameters: { value: 1 } },
    ...numbered([1, 2]),
    {},
  ]);
});

conform("more.queue", "client", async () => {
  await using met = await meet();
  const both = met.client.pipeline(async (client) => {
    const stream = client.more(full("Count"));
    const first = stream.next();
    const behind = client.call(full("TakeInt"), { value: 1 });
    expect(await first).toEqual({ done: false, value: { number: 1 } });
    expect(await stream.next()).toEqual({ done: false, value: { number: 2 } });
    return await behind;
  });
  // Both calls are there before anything is answered.
  expect(await met.connection.call()).toMatchObject({ more: true });
  expect((await met.connection.call()).parameters).toEqual({ value: 1 });
  met.connection.send(...numbered([1, 2]), { parameters: { value: 1 } });
  expect(await both).toEqual({ value: 1 });
});

conform("more.leave", "server", async () => {
  let over = false;
  await using served = await serveSpecimen({
    async *watch(_input: object, { signal }: Call) {
      try {
        for (let number = 0; !signal.aborted; number++) {
          yield { number };
          await new Promise(setImmediate);
        }
      } finally {
        over = true;
      }
    },
  });
  const peer = await served.connect();
  await peer.send({ method: full("Watch"), more: true }).next();
  peer.stream.destroy();
  await until(() => over && served.server.connections === 0);
  expect(served.errors).toEqual([]);
});

conform("more.leave", "client", async () => {
  await using met = await meet();
  const leaving = (async () => {
    for await (const item of met.client.more(full("Count"))) {
      expect(item).toEqual({ number: 1 });
      break;
    }
  })();
  await met.connection.call();
  met.connection.send({ parameters: { number: 1 }, continues: true });
  await leaving;
  await met.connection.ended;
  // Other calls have other connections.
  const next = met.client.call(NOTHING);
  const fresh = await met.peer.accept();
  await fresh.answer({});
  await next;
});

conform("more.only-if-asked", "server", async () => {
  await using served = await serveSpecimen({
    *count() {
      yield { number: 1 };
      yield { number: 2 };
    },
    takeNullable: () => [{ value: 1 }, { value: 2 }],
    nothing: () => {},
  });
  const peer = await served.connect();
  peer.send(
    { method: full("Count") },
    { method: full("TakeNullable") },
    { method: full("Count"), more: false },
    { method: NOTHING },
  );
  const replies = await peer.end().rest();
  expect(replies).toHaveLength(4);
  for (const reply of replies) expect(reply).not.toHaveProperty("continues");
});

conform("more.only-if-asked", "client", async () => {
  await using met = await meet();
  const reply = met.client.call(full("Count"));
  await met.connection.call();
  met.connection.send(
    { parameters: { number: 1 }, continues: true },
    { parameters: { number: 2 } },
  );
  await expect(reply).rejects.toMatchObject({ code: "PROTOCOL" });
  await met.connection.ended;
});

conform("more.expected", "server", async () => {
  let called = false;
  await using served = await serveSpecimen({
    *watch() {
      called = true;
      yield { number: 1 };
    },
    *count() {
      called = true;
      yield { number: 1 };
    },
    nothing: () => {},
  });
  const peer = await served.connect();
  // Said by the interface, or shown by a handler that is a generator.
  for (const method of ["Watch", "Count"])
    expect(await peer.send({ method: full(method) }).next()).toEqual({
      error: "org.varlink.service.ExpectedMore",
    });
  expect(called).toBe(false);
});

conform("more.expected", "client", async () => {
  const { ExpectedMore } =
    await import("../../src/runtime/varlink/standard.ts");
  await using met = await meet();
  const reply = met.client.call(full("Watch"));
  await met.connection.call();
  met.connection.send({ error: "org.varlink.service.ExpectedMore" });
  await expect(reply).rejects.toBeInstanceOf(ExpectedMore);
});

conform("more.declared", "server", async () => {
  await using served = await serveSpecimen({
    *watch() {
      yield { number: 1 };
      yield {};
    },
    *count() {
      yield {};
      return { number: 2 };
    },
  });
  const peer = await served.connect();
  // `number` is nullable there…
  peer.send({ method: full("Count"), more: true });
  expect(await peer.take(2)).toEqual([
    { continues: true },
    { parameters: { number: 2 } },
  ]);
  // … and here it is not.
  peer.send({ method: full("Watch"), more: true });
  expect(await peer.take(2)).toEqual([
    { parameters: { number: 1 }, continues: true },
    { error: "invalid.portolan.InternalError" },
  ]);
  expect(served.errors).toMatchObject([{ error: { code: "INVALID_REPLY" } }]);
});
