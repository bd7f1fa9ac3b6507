import * as fc from "fast-check";
import { expect } from "vitest";
import { conform } from "./conform.ts";
import {
  ALONE,
  echoes,
  full,
  INVALID,
  meet,
  type Meeting,
  serveSpecimen,
  type Served,
} from "./support.ts";

/** Integers of 64 bits, signed or not, their ends among them. */
const wide = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.constantFrom(
    -(2n ** 63n),
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 53n + 1n,
  ),
);

/** Sends text to a server whose ints are bigints, and gives back the digits of the reply. */
async function digitsBack(
  served: Served,
  numbers: fc.Arbitrary<bigint>,
): Promise<void> {
  const peer = await served.connect();
  await fc.assert(
    fc.asyncProperty(numbers, async (value) => {
      const before = peer.text.length;
      peer.send(
        `{"method":"${full("TakeInt")}","parameters":{"value":${value}}}`,
      );
      await peer.next();
      expect(peer.text.slice(before)).toBe(
        `{"parameters":{"value":${value}}}\0`,
      );
    }),
    { numRuns: 60 },
  );
}

async function digitsThere(
  met: Meeting,
  numbers: fc.Arbitrary<bigint>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(numbers, async (value) => {
      const reply = met.method("takeInt")({ value });
      expect(await met.connection.text()).toBe(
        `{"method":"${full("TakeInt")}","parameters":{"value":${value}}}`,
      );
      met.connection.write(`{"parameters":{"value":${value}}}\0`);
      expect(await reply).toEqual({ value });
    }),
    { numRuns: 60 },
  );
}

conform("value.int-digits", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  for (const digits of ["0", "-1", "9007199254740991", "4000000000000000000"]) {
    const before = peer.text.length;
    peer.send(
      `{"method":"${full("TakeInt")}","parameters":{"value":${digits}}}`,
    );
    await peer.next();
    expect(peer.text.slice(before)).toBe(
      `{"parameters":{"value":${digits}}}\0`,
    );
  }
  // JSON.stringify would write the last one with an exponent.
  for (const value of [0.5, -1e-7, 1e21]) {
    await using careless = await serveSpecimen({ takeInt: () => ({ value }) });
    const other = await careless.connect();
    other.send({ method: full("TakeInt"), parameters: { value: 1 } });
    expect(await other.next()).toHaveProperty("error");
  }
});

conform("value.int-digits", "client", async () => {
  await using met = await meet();
  const take = met.method("takeInt");
  for (const value of [0, -1, 2 ** 53 - 1, 4_000_000_000_000_000_000]) {
    const reply = take({ value });
    expect(await met.connection.text()).toBe(
      `{"method":"${full("TakeInt")}","parameters":{"value":${value}}}`,
    );
    met.connection.reply({ value });
    await reply;
  }
  for (const value of [0.5, -1e-7, 1e21])
    await expect(take({ value })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
});

const beyond = [
  "18446744073709551616000",
  "-9223372036854775809000",
  "1e400",
  "1.5",
];

conform("value.int-error", "server", async () => {
  for (const int of ["number", "bigint"] as const) {
    await using served = await serveSpecimen(echoes, {}, { int });
    const peer = await served.connect();
    for (const digits of beyond) {
      peer.send(
        `{"method":"${full("TakeInt")}","parameters":{"value":${digits}}}`,
      );
      expect(await peer.next(), digits).toEqual({
        error: INVALID,
        parameters: { parameter: "value" },
      });
    }
    const before = peer.text.length;
    peer.send(
      `{"method":"${full("TakeInt")}","parameters":{"value":9007199254740993}}`,
    );
    await peer.next();
    const kept = int === "bigint" ? "9007199254740993" : "9007199254740992";
    expect(peer.text.slice(before)).toBe(`{"parameters":{"value":${kept}}}\0`);
  }
});

conform("value.int-error", "client", async () => {
  for (const int of ["number", "bigint"] as const) {
    await using met = await meet({ replies: "strict" }, { int });
    const take = met.method("takeInt");
    const one = int === "bigint" ? 1n : 1;
    for (const digits of beyond) {
      const reply = take({ value: one });
      await met.connection.call();
      met.connection.write(`{"parameters":{"value":${digits}}}\0`);
      await expect(reply, digits).rejects.toMatchObject({
        code: "INVALID_REPLY",
      });
    }
    const reply = take({ value: one });
    await met.connection.call();
    met.connection.write('{"parameters":{"value":9007199254740993}}\0');
    expect(await reply).toEqual({
      value: int === "bigint" ? 9007199254740993n : 9007199254740992,
    });
    await using lenient = await meet({}, { int });
    for (const digits of beyond) {
      const taken = lenient.method("takeInt")({ value: one });
      await lenient.connection.call();
      lenient.connection.write(`{"parameters":{"value":${digits}}}\0`);
      const { value } = await taken;
      expect(Number(value), digits).toBe(Number(digits));
    }
  }
});

const signed = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

conform("value.int64", "server", async () => {
  await using served = await serveSpecimen(echoes, {}, { int: "bigint" });
  await digitsBack(served, signed);
});

conform("value.int64", "client", async () => {
  await using met = await meet(ALONE, { int: "bigint" });
  await digitsThere(met, signed);
});

conform("value.uint64", "server", async () => {
  await using served = await serveSpecimen(echoes, {}, { int: "bigint" });
  await digitsBack(served, wide);
});

conform("value.uint64", "client", async () => {
  await using met = await meet(ALONE, { int: "bigint" });
  await digitsThere(met, wide);
});

conform("value.int-sent-as-string", "server", async () => {
  await using served = await serveSpecimen(echoes, {}, { int: "bigint" });
  const peer = await served.connect();
  peer.send(
    `{"method":"${full("TakeInt")}","parameters":{"value":18446744073709551615}}`,
  );
  await peer.next();
  expect(peer.text).toContain('"value":18446744073709551615}');
});

conform("value.int-sent-as-string", "client", async () => {
  await using met = await meet({}, { int: "bigint" });
  const reply = met.method("takeInt")({ value: 2n ** 64n - 1n });
  expect(await met.connection.text()).toContain(
    '"value":18446744073709551615}',
  );
  met.connection.reply({ value: 0 });
  await reply;
});

conform("value.int-from-string", "server", async () => {
  await using served = await serveSpecimen(echoes, {}, { int: "bigint" });
  const peer = await served.connect();
  for (const digits of ["0", "-9223372036854775808", "18446744073709551615"]) {
    const before = peer.text.length;
    peer.send(
      `{"method":"${full("TakeInt")}","parameters":{"value":"${digits}"}}`,
    );
    await peer.next();
    expect(peer.text.slice(before)).toBe(
      `{"parameters":{"value":${digits}}}\0`,
    );
  }
  for (const text of ["", " 1", "1.0", "0x1", "one", "18446744073709551616"]) {
    peer.send({ method: full("TakeInt"), parameters: { value: text } });
    expect(await peer.next(), text).toMatchObject({ error: INVALID });
  }
  // Where ints are numbers there is nothing to gain by it.
  await using plain = await serveSpecimen();
  const other = await plain.connect();
  other.send({ method: full("TakeInt"), parameters: { value: "1" } });
  expect(await other.next()).toMatchObject({ error: INVALID });
});

conform("value.int-from-string", "client", async () => {
  await using met = await meet({ replies: "strict" }, { int: "bigint" });
  for (const digits of ["0", "-9223372036854775808", "18446744073709551615"]) {
    const reply = met.method("takeInt")({ value: 1n });
    await met.connection.answer({ value: digits });
    expect(await reply).toEqual({ value: BigInt(digits) });
  }
  const reply = met.method("takeInt")({ value: 1n });
  await met.connection.answer({ value: "one" });
  await expect(reply).rejects.toMatchObject({ code: "INVALID_REPLY" });
});

const doubles = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => value + 0);

conform("value.float-double", "server", async () => {
  await using served = await serveSpecimen();
  const peer = await served.connect();
  await fc.assert(
    fc.asyncProperty(fc.oneof(doubles, fc.integer()), async (value) => {
      peer.send({ method: full("TakeFloat"), parameters: { value } });
      expect(await peer.next()).toEqual({
        parameters: { value: value === 0 ? 0 : value },
      });
    }),
    { numRuns: 60, examples: [[5e-324], [Number.MAX_VALUE], [0.1 + 0.2], [3]] },
  );
});

conform("value.float-double", "client", async () => {
  await using met = await meet({ ...ALONE, replies: "strict" });
  await fc.assert(
    fc.asyncProperty(fc.oneof(doubles, fc.integer()), async (given) => {
      const value = given === 0 ? 0 : given;
      const reply = met.method("takeFloat")({ value });
      expect((await met.connection.answer({ value })).parameters).toEqual({
        value,
      });
      expect(await reply).toEqual({ value });
    }),
    { numRuns: 60, examples: [[5e-324], [Number.MAX_VALUE], [0.1 + 0.2], [3]] },
  );
});

const infinite = [Number.NaN, Infinity, -Infinity];

conform("value.float-finite", "server", async () => {
  for (const value of infinite) {
    for (const [method, reply] of [
      ["takeFloat", { value }],
      ["takeAny", { value: [value] }],
      ["takeObject", { value: { a: value } }],
    ] as const) {
      await using served = await serveSpecimen({ [method]: () => reply });
      const peer = await served.connect();
      const sent = method === "takeObject" ? {} : 1;
      peer.send({
        method: full(`T${method.slice(1)}`),
        parameters: { value: sent },
      });
      expect(await peer.next()).toEqual({
        error: "invalid.portolan.InternalError",
      });
      expect(served.errors).toHaveLength(1);
    }
  }
});

conform("value.float-finite", "client", async () => {
  await using met = await meet();
  for (const value of infinite) {
    await expect(met.method("takeFloat")({ value })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
    await expect(
      met.method("takeAny")({ value: [value] }),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(
      met.method("takeObject")({ value: { a: value } }),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
  expect(met.connection.unread).toBe(0);
});
