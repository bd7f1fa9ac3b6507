import type { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/runtime/transport/address.ts";
import { tcpEndpoint } from "../../../src/runtime/transport/tcp.ts";
import { ends } from "./timers.ts";

describe.runIf(process.platform === "linux")("tcpEndpoint", () => {
  it("has the system ask at both ends whether the peer is still there", async () => {
    const accepted: Duplex[] = [];
    const listener = await tcpEndpoint("127.0.0.1", 0).listen((connection) => {
      connection.on("error", () => {});
      accepted.push(connection);
    });
    const port = Number(/\d+$/.exec(listener.address)?.[0]);
    const client = await tcpEndpoint("127.0.0.1", port).connect({});
    await expect.poll(() => accepted.length).toBe(1);
    await expect
      .poll(async () => (await ends(port)).map(({ timer }) => timer))
      .toEqual(["02", "02"]);
    client.destroy();
    for (const connection of accepted) connection.destroy();
    await listener.close();
  });
});

describe("listening at TCP", () => {
  it.each([
    "127.0.0.1",
    "127.1.2.3",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
  ])("takes this machine only: %s", async (host) => {
    const listener = await parseAddress(`tcp:${host}:0`).listen(() => {});
    expect(listener.address).toMatch(/:[1-9][0-9]*$/);
    (await parseAddress(listener.address).connect({})).destroy();
    await listener.close();
  });

  it.each([
    "0.0.0.0",
    "[::]",
    "[::ffff:0.0.0.0]",
    "192.0.2.1",
    "[2001:db8::1]",
  ])(
    "refuses what others reach, and says what that means: %s",
    async (host) => {
      await expect(
        parseAddress(`tcp:${host}:0`).listen(() => {}),
      ).rejects.toMatchObject({
        code: "LISTEN_FAILED",
        message: expect.stringMatching(
          /others than this machine reach .* neither authentication nor encryption.*;public/,
        ) as unknown,
      });
    },
  );

  it.each(["0.0.0.0", "[::]"])("takes %s if it is told to", async (host) => {
    const endpoint = parseAddress(`tcp:${host}:0;public`);
    const listener = await endpoint.listen(() => {});
    const port = /\d+$/.exec(listener.address)?.[0] ?? "";
    (await parseAddress(`tcp:127.0.0.1:${port}`).connect({})).destroy();
    await listener.close();
  });

  it("connects wherever it is told to", () => {
    expect(tcpEndpoint("192.0.2.1", 1).address).toBe("tcp:192.0.2.1:1");
  });

  it("tells of a name that is none", async () => {
    await expect(
      tcpEndpoint("no-such-host.invalid", 0).listen(() => {}),
    ).rejects.toMatchObject({ code: "LISTEN_FAILED" });
  });
});
