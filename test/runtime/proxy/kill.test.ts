import { afterAll, expect, test } from "vitest";
import type { TapEvent } from "../../../src/runtime/proxy/events.ts";
import { VarlinkTap } from "../../../src/runtime/proxy/tap.ts";
import { execEndpoint } from "../../../src/runtime/transport/exec.ts";
import { VarlinkClient } from "../../../src/runtime/varlink/client.ts";
import { serve } from "../server/support.ts";
import { SERVICE } from "../transport/programs.ts";
import { eventually, places, removeFolders, startRelay } from "./support.ts";

afterAll(removeFolders);

test("a service that is killed in the middle of a stream ends its client's, and no other", async () => {
  const events: TapEvent[] = [];
  const tap = new VarlinkTap({ onEvent: (event) => events.push(event) });
  await using relayed = await startRelay(await places.unix(), {
    connect: execEndpoint(process.execPath, { args: SERVICE }),
    tap,
  });
  await using client = await VarlinkClient.connect(relayed.endpoint);
  await using other = await VarlinkClient.connect(relayed.endpoint);
  const [one, second] = await Promise.all([
    client.call("org.example.started.State"),
    other.call("org.example.started.State"),
  ]);
  expect(one["pid"]).not.toBe(second["pid"]);
  let count = 0;
  const reading = (async () => {
    for await (const { n } of client.more("org.example.started.Count")) {
      expect(n).toBe(count);
      count += 1;
      if (count === 100) process.kill(Number(one["pid"]), "SIGKILL");
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  expect(count).toBeGreaterThanOrEqual(100);
  await eventually(() => events.some(({ type }) => type === "close"));
  expect(events.find((event) => event.type === "close")).toMatchObject({
    unanswered: [{ method: "org.example.started.Count", mode: "more" }],
  });
  expect(relayed.errors).toMatchObject([
    { code: "CONNECTION_LOST", cause: { signal: "SIGKILL" } },
  ]);
  const again = await other.call("org.example.started.State");
  expect(again["pid"]).toBe(second["pid"]);
});

test.each(["unix", "tcp"] as const)(
  "a client that goes in the middle of a stream aborts the handler, over %s",
  async (kind) => {
    let aborted = false;
    await using served = await serve(
      {
        async *watch(_: object, { signal }) {
          signal.addEventListener("abort", () => {
            aborted = true;
          });
          for (let number = 0; !signal.aborted; number++) {
            yield { number };
            await new Promise(setImmediate);
          }
        },
      },
      await places[kind](),
    );
    await using relayed = await startRelay(await places[kind](), {
      connect: served.endpoint,
    });
    const client = await VarlinkClient.connect(relayed.endpoint);
    const stream = client.more("org.example.test.Watch");
    await stream.next();
    await client.close();
    await eventually(() => aborted);
    await eventually(() => served.server.connections === 0);
    expect(relayed.relay.connections).toBe(0);
    expect(relayed.errors).toEqual([]);
  },
);

test("a handler that says nothing learns that its client has gone, over unix", async () => {
  let aborted = false;
  await using served = await serve(
    {
      echo: (_: object, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            resolve({ text: "" });
          });
        }),
    },
    await places.unix(),
  );
  await using relayed = await startRelay(await places.unix(), {
    connect: served.endpoint,
  });
  const client = await VarlinkClient.connect(relayed.endpoint);
  const call = client.call("org.example.test.Echo", { text: "" });
  const failed = expect(call).rejects.toMatchObject({ code: "CLOSED" });
  await eventually(() => served.server.connections === 1);
  await client.close();
  await failed;
  await eventually(() => aborted);
  await eventually(() => served.server.connections === 0);
});
