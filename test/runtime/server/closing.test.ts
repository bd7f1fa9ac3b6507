import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { EnvelopeServer } from "../../../src/runtime/envelope/server.ts";
import { envelopeService } from "../../../src/runtime/envelope/service.ts";
import { PortolanError } from "../../../src/runtime/errors.ts";
import { Relay } from "../../../src/runtime/proxy/relay.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import { descriptor as envelope } from "../envelope/server/support.ts";
import { gate, info, serve, spyOnWarnings, until } from "./support.ts";

describe("closing", () => {
  it("is aborted when close begins, so that streams without end can end", async () => {
    await using served = await serve({
      async *count() {
        yield { number: 1 };
        await once(served.server.closing, "abort");
        return { number: 2 };
      },
    });
    const peer = await served.connect();
    await peer.call("Count", {}, { more: true }).next();
    expect(served.server.closing.aborted).toBe(false);
    const closed = served.server.close({ timeout: Infinity });
    expect(served.server.closing.aborted).toBe(true);
    const reason: unknown = served.server.closing.reason;
    expect(PortolanError.is(reason)).toBe(true);
    expect(reason).toMatchObject({ code: "CLOSED" });
    expect(await peer.rest()).toEqual([{ parameters: { number: 2 } }]);
    await closed;
    await served.server.close();
    expect(served.server.closing.reason).toBe(reason);
    expect(served.errors).toEqual([]);
  });
  it("leaves the signals of calls alone", async () => {
    const held = gate();
    let signal: AbortSignal | undefined;
    await using served = await serve({
      nothing(_input: never, call: Call) {
        ({ signal } = call);
        return held.opened;
      },
    });
    const peer = await served.connect();
    peer.call("Nothing");
    await until(() => signal !== undefined);
    const closed = served.server.close({ timeout: Infinity });
    expect(served.server.closing.aborted).toBe(true);
    expect(signal?.aborted).toBe(false);
    held.open();
    expect(await peer.rest()).toEqual([{}]);
    await closed;
  });
  it.each([
    ["VarlinkServer", () => new VarlinkServer(info)],
    ["EnvelopeServer", () => new EnvelopeServer(envelopeService(envelope, {}))],
    ["Relay", () => new Relay({ connect: "unix:/none" })],
  ])("of a %s may have any number of listeners", async (_name, make) => {
    using warnings = spyOnWarnings();
    const server = make();
    let told = 0;
    let again: Promise<void> | undefined;
    for (let count = 0; count < 1000; count += 1)
      server.closing.addEventListener("abort", () => {
        told += 1;
        again ??= server.close();
      });
    // It comes by a tick of its own.
    await turn();
    await server.close();
    await again;
    expect(told).toBe(1000);
    expect(warnings.texts).toEqual([]);
  });
});
