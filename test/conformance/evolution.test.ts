import { expect } from "vitest";
import { VarlinkClient } from "../../src/runtime/varlink/client.ts";
import { conform } from "./conform.ts";
import {
  echoes,
  full,
  INVALID,
  meet,
  serveSpecimen,
  specimen,
} from "./support.ts";

/** The interface before the field `note` was added. */
const older = { types: { ...specimen.types, Point: { x: "int" } } };

conform("evolution.nullable-fields", "client", async () => {
  // An older program and a newer one, of services of both kinds.
  for (const partial of [older, {}]) {
    await using met = await meet({ replies: "strict" }, partial);
    for (const value of [{ x: 1 }, { x: 1, note: "later" }]) {
      const reply = met.method("takeStruct")({ value: { x: 1 } });
      expect((await met.connection.answer({ value })).parameters).toEqual({
        value: { x: 1 },
      });
      expect(await reply).toMatchObject({ value: { x: 1 } });
    }
  }
});

conform("evolution.nullable-fields", "server", async () => {
  const said: string[] = [];
  for (const partial of [older, {}]) {
    await using served = await serveSpecimen(echoes, {}, partial);
    const peer = await served.connect();
    const parameters = { value: { x: 1 } };
    await peer.send({ method: full("TakeStruct"), parameters }).next();
    said.push(peer.text);
  }
  expect(said).toEqual(Array(2).fill('{"parameters":{"value":{"x":1}}}\0'));
  // With it the newer one does what is new.
  await using served = await serveSpecimen();
  const peer = await served.connect();
  const parameters = { value: { x: 1, note: "later" } };
  peer.send({ method: full("TakeStruct"), parameters });
  expect(await peer.next()).toEqual({ parameters });
});

conform("evolution.new-members", "client", async () => {
  // Newer than the program: an error of its interface, and one of another one.
  await using met = await meet({ replies: "strict" });
  for (const error of [full("AddedLater"), "org.example.other.Odd"]) {
    const reply = met.method("nothing")();
    await met.connection.call();
    met.connection.send({ error, parameters: { anything: [1] } });
    await expect(reply).rejects.toMatchObject({
      code: "VARLINK_ERROR",
      error,
      parameters: { anything: [1] },
    });
  }
  // And a method that the description has not told of.
  const reply = met.client.call(full("AddedLater"));
  await met.connection.answer({ x: 1 });
  expect(await reply).toEqual({ x: 1 });
});

conform("evolution.enum-values", "client", async () => {
  for (const replies of ["lenient", "strict"] as const) {
    await using met = await meet({ replies });
    const reply = met.method("takeEnum")({ value: "red" });
    await met.connection.answer({ value: "ultraviolet" });
    expect(await reply).toEqual({ value: "ultraviolet" });
  }
});

conform("evolution.unknown-input", "server", async () => {
  await using served = await serveSpecimen();
  const client = await VarlinkClient.connect(served.endpoint);
  await expect(
    client.call(full("TakeInt"), { value: 1, added: 2 }),
  ).rejects.toMatchObject({
    error: INVALID,
    parameters: { parameter: "added" },
  });
  await client.close();
});

conform("evolution.unknown-output", "client", async () => {
  for (const replies of ["lenient", "strict"] as const) {
    await using met = await meet({ replies });
    const reply = met.method("takeInt")({ value: 1 });
    await met.connection.answer({ value: 1, added: { any: [null] } });
    expect(await reply).toMatchObject({ value: 1 });
  }
});
