import { readFile } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { tcpEndpoint } from "../../../src/runtime/transport/tcp.ts";

/** The timers of the system for the established connections from or to a port, one for each end. */
async function timers(port: number): Promise<string[]> {
  const name = port.toString(16).toUpperCase().padStart(4, "0");
  const table = await readFile("/proc/net/tcp", "utf8");
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local, remote, state]) =>
        state === "01" &&
        (local?.endsWith(`:${name}`) === true ||
          remote?.endsWith(`:${name}`) === true),
    )
    .map((columns) => columns[5] ?? "");
}

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
    // 02 is the timer of keep-alive; without it there is none (00) at rest.
    await expect
      .poll(async () => (await timers(port)).map((timer) => timer.slice(0, 3)))
      .toEqual(["02:", "02:"]);
    client.destroy();
    for (const connection of accepted) connection.destroy();
    await listener.close();
  });
});
