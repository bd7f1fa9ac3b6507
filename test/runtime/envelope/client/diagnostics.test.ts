import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { failure, turns } from "../../../support/peer.ts";
import { MiniClient, startPeer } from "./support.ts";

const names = [
  "portolan:envelope:call:start",
  "portolan:envelope:call:end",
  "portolan:envelope:call:error",
  "portolan:connection:open",
  "portolan:connection:close",
];
const told: [name: string, event: object][] = [];

function listen(message: unknown, name: string | symbol): void {
  told.push([
    String(name).slice("portolan:".length),
    { ...(message as object) },
  ]);
}

afterEach(() => {
  for (const name of names) unsubscribe(name, listen);
});

describe("the channels of a client", () => {
  it("tell of calls, subscriptions and connections", async () => {
    for (const name of names) subscribe(name, listen);
    const peer = await startPeer(memoryEndpoint());
    const client = await MiniClient.connect(peer.endpoint);
    const call = client.create({});
    const connection = await peer.accept();
    await connection.answer();
    await call;
    const failed = failure(client.create({}));
    await turns(4);
    await connection.request();
    connection.send({ error: 4 });
    const error = await failed;
    const stream = client.watch({});
    const next = stream.next();
    const other = await peer.accept();
    await other.request();
    other.push({ name: "a" });
    await next;
    await stream.return?.();
    await client.$close();
    await peer.close();
    const about = { service: "Mini", address: "memory:" };
    const create = { ...about, method: "Create", mode: "call" };
    const watch = { ...about, method: "Watch", mode: "subscription" };
    expect(told).toEqual([
      ["connection:open", { address: "memory:" }],
      ["envelope:call:start", create],
      ["envelope:call:end", create],
      ["envelope:call:start", create],
      ["envelope:call:error", { ...create, error }],
      ["envelope:call:start", watch],
      ["connection:open", { address: "memory:" }],
      ["envelope:call:end", watch],
      ["connection:close", { address: "memory:" }],
      ["connection:close", { address: "memory:" }],
    ]);
  });
});
