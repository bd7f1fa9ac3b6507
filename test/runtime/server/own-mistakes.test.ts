import { afterEach, describe, expect, it, vi } from "vitest";
import { PortolanError } from "../../../src/runtime/errors.ts";
import { Exchange } from "../../../src/runtime/varlink/server/exchange.ts";
import { gate, serve, until } from "./support.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Breaks the server, once, where it would run the handler of the next call. */
function breakNext(error: Error): void {
  vi.spyOn(Exchange.prototype, "run").mockImplementationOnce(() => {
    throw error;
  });
}

describe("a mistake of the server itself", () => {
  it.each([
    new TypeError("ours"),
    new PortolanError("INVALID_INPUT", "ours as well"),
  ])(
    "ends the connection behind the replies before it, and is told to onError: %s",
    async (mistake) => {
      let calls = 0;
      await using served = await serve({
        nothing: () => {
          calls += 1;
          if (calls === 2) breakNext(mistake);
        },
      });
      const peer = await served.connect();
      for (let count = 0; count < 4; count += 1) peer.call("Nothing");
      expect(await peer.rest()).toEqual([{}, {}]);
      expect(served.errors).toEqual([
        {
          error: mistake,
          context: { method: "org.example.test.Nothing", address: "memory:" },
        },
      ]);
      expect(served.protocolErrors).toEqual([]);
      expect(calls).toBe(2);
      await until(() => served.server.connections === 0);
      const next = await served.connect();
      expect(await next.call("Nothing").next()).toEqual({});
    },
  );

  it("is told when it comes of what a client has left", async () => {
    const mistake = new TypeError("ours");
    const begun = gate();
    const { opened, open } = gate();
    await using served = await serve({
      nothing: async () => {
        begun.open();
        await opened;
        breakNext(mistake);
      },
    });
    const peer = await served.connect();
    const oneway = { oneway: true };
    peer.call("Nothing", {}, oneway).call("Nothing", {}, oneway);
    await begun.opened;
    peer.stream.destroy();
    await peer.ended;
    open();
    await until(() => served.server.connections === 0);
    expect(served.errors).toMatchObject([{ error: mistake }]);
    expect(served.protocolErrors).toEqual([]);
  });

  it("is no mistake of the client's, whose own are told apart", async () => {
    await using served = await serve({ nothing: () => {} });
    const peer = await served.connect();
    peer.call("Nothing").send("{");
    expect(await peer.rest()).toEqual([{}]);
    expect(served.errors).toEqual([]);
    expect(served.protocolErrors).toMatchObject([{ code: "PROTOCOL" }]);
  });
});
