import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { removeFolders, serve, transports, until } from "./support.ts";

const more = { more: true };

afterAll(removeFolders);

describe("a slow reader", () => {
  it.each(transports)(
    "over $name stops the generator, and gets everything in the end",
    async ({ open }) => {
      const total = 60_000;
      const padding = "x".repeat(100);
      let made = 0;
      await using served = await serve(
        {
          *echo() {
            for (; made < total; made += 1) yield { text: padding };
          },
        },
        await open(),
      );
      const peer = await served.connect();
      peer.stream.pause();
      peer.call("Echo", { text: "" }, more);
      await until(() => made > 0);
      // It stops making items: for as many turns as we care to wait nothing changes.
      let before = -1;
      for (let calm = 0; calm < 50;) {
        await turn();
        calm = made === before ? calm + 1 : 0;
        before = made;
      }
      // 60 000 replies are 8 MB; buffers on the way hold a part of that.
      expect(made).toBeLessThan(total / 2);
      const stopped = made;
      peer.stream.resume();
      expect(await peer.end().rest()).toHaveLength(total + 1);
      expect(made).toBeGreaterThan(stopped);
    },
  );
  it("that pipelines calls without reading stops the server from reading", async () => {
    let answered = 0;
    const text = "y".repeat(10_000);
    await using served = await serve(
      {
        echo: () => {
          answered += 1;
          return { text };
        },
      },
      memoryEndpoint(),
      { maxPipelinedCalls: 10 },
    );
    const peer = await served.connect();
    peer.stream.pause();
    const call = { method: "org.example.test.Echo", parameters: { text: "" } };
    // As many calls a chunk as a busy client would send.
    const chunk = `${JSON.stringify(call)}\0`.repeat(50);
    let written = 0;
    // Write until the transport says stop, as a well-behaved client does.
    const write = (): void => {
      while (written < 5000) {
        written += 50;
        if (!peer.stream.write(chunk)) {
          peer.stream.once("drain", write);
          return;
        }
      }
    };
    write();
    let before = -1;
    for (let calm = 0; calm < 50;) {
      await turn();
      calm = answered === before && answered > 0 ? calm + 1 : 0;
      before = answered;
    }
    expect(answered).toBeLessThan(100);
    expect(written).toBeLessThan(5000);
    peer.stream.resume();
    expect(await peer.take(5000)).toHaveLength(5000);
    expect(answered).toBe(5000);
  });
  it("does not starve other connections, nor does a fast one", async () => {
    await using served = await serve({
      *count(): Generator<object> {
        for (;;) yield { number: 1 };
      },
      nothing: () => {},
    });
    const [greedy, other] = [await served.connect(), await served.connect()];
    greedy.stream.removeAllListeners("data");
    greedy.stream.resume();
    greedy.call("Count", {}, more);
    for (let index = 0; index < 20; index += 1) {
      expect(await other.call("Nothing").next()).toEqual({});
    }
  });
  it("does not keep the event loop to itself even where writing takes no time at all", async () => {
    let turns = 0;
    let made = 0;
    const instant = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        done();
      },
    });
    await using served = await serve({
      *count() {
        // Bounded, for without a turn of the event loop no test timeout fires.
        for (; made < 500_000; made += 1) yield { number: 1 };
      },
    });
    served.server.accept(instant);
    instant.push('{"method":"org.example.test.Count","more":true}\0');
    await until(() => {
      turns += 1;
      return made === 500_000;
    });
    expect(turns).toBeGreaterThan(10);
  });
});
