import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Duplex } from "node:stream";
import { pipeline, Transform } from "node:stream";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import type { Call } from "../../../src/runtime/varlink/types.ts";
import { RAW, pattern, take, takeAll } from "../../support/bytes.ts";
import { matching } from "../../support/matching.ts";
import {
  gate,
  removeFolders,
  serve,
  type TestHandler,
  transports,
  until,
} from "./support.ts";

afterAll(removeFolders);

const UPGRADE = { upgrade: true };

/** A handler that confirms and does this. */
function upgradeTo(
  speak: (stream: Duplex, call: Call) => void | PromiseLike<unknown>,
): TestHandler {
  return (_input, call) => call.upgraded({}, (stream) => speak(stream, call));
}

describe("an upgrade is over", () => {
  it("for calls when its handler leaves the stream open", async () => {
    await using served = await serve({
      echo: ({ text }: { readonly text: string }) => ({ text }),
      nothing: upgradeTo(async (stream) => {
        expect(await take(stream, 3)).toEqual(RAW.subarray(0, 3));
        stream.cork();
        stream.write("not waited for");
      }),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    expect(await peer.next()).toEqual({});
    peer.stream.write(RAW.subarray(0, 3));
    await until(() => peer.text.endsWith("waited for"));
    peer.call("Echo", { text: "a" });
    await until(() => peer.text.endsWith("\0"));
    expect(peer.text).toBe(`{}\0not waited for{"parameters":{"text":"a"}}\0`);
  });

  it("and the client waits as before where it sends too much", async () => {
    const gates = { first: gate(), waits: gate() };
    await using served = await serve({
      echo: async ({ text }: { readonly text: string }) => {
        if (text === "first" || text === "waits") await gates[text].opened;
        return { text };
      },
      nothing: upgradeTo(async (stream) => {
        await take(stream, 3);
      }),
    });
    const peer = await served.connect();
    peer.call("Echo", { text: "first" });
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.write("abc");
    peer.call("Echo", { text: "waits" });
    // More than is read ahead before the upgrade, so that the reading was paused.
    let sent = 0;
    const text = "x".repeat(60_000);
    const calls = 80;
    const more = (): void => {
      const message = { method: "org.example.test.Echo", parameters: { text } };
      peer.stream.write(
        `${JSON.stringify(message)}\0`,
        () => (sent += text.length),
      );
    };
    for (let count = 0; count < calls; count++) more();
    for (let turn = 0; turn < 300; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(2 * 1024 * 1024);
    // Now the upgrade's turn, and the call behind it waits again.
    gates.first.open();
    expect(await peer.next()).toEqual({ parameters: { text: "first" } });
    expect(await peer.next()).toEqual({});
    for (let turn = 0; turn < 300; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(3 * 1024 * 1024);
    gates.waits.open();
    expect(await peer.next()).toEqual({ parameters: { text: "waits" } });
    for (let count = 0; count < calls; count++)
      expect(await peer.next()).toEqual({ parameters: { text } });
    await until(() => sent === calls * text.length);
  });

  it("for as many calls as came meanwhile", async () => {
    await using served = await serve({
      echo: ({ text }: { readonly text: string }) => ({ text }),
      nothing: upgradeTo(async (stream) => {
        expect(String(await take(stream, 3))).toBe("abc");
      }),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.write("abc");
    // More than a stream holds that is not read.
    const text = "x".repeat(20_000);
    for (let count = 0; count < 20; count++) peer.call("Echo", { text });
    const [, ...replies] = await peer.take(21);
    expect(replies.every((reply) => reply?.parameters?.["text"] === text)).toBe(
      true,
    );
  });

  it("with what was read too far given back", async () => {
    await using served = await serve({
      echo: ({ text }: { readonly text: string }) => ({ text }),
      nothing: upgradeTo(async (stream) => {
        const all = await take(stream, 10);
        stream.unshift(all.subarray(3));
      }),
    });
    const peer = await served.connect();
    const next = '{"method":"org.example.test.Echo","parameters":{"text":"b"}}';
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.write(`abc${next}\0${next}\0`);
    expect(await peer.take(3)).toEqual([
      {},
      { parameters: { text: "b" } },
      { parameters: { text: "b" } },
    ]);
  });

  it("for a client that breaks the protocol then, as ever", async () => {
    await using served = await serve({ nothing: upgradeTo(() => {}) });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE).send("no call");
    expect(await peer.rest()).toEqual([{}]);
    expect(served.protocolErrors).toMatchObject([{ code: "PROTOCOL" }]);
  });

  it("with the connection where its handler ends the stream", async () => {
    let called = 0;
    await using served = await serve({
      count: () => {
        called += 1;
      },
      nothing: upgradeTo((stream) => {
        stream.end("bye\0");
      }),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE).call("Count");
    await peer.ended;
    expect(peer.text).toBe("{}\0bye\0");
    await until(() => served.server.connections === 0);
    expect(called).toBe(0);
    expect(served.errors).toEqual([]);
    expect(served.protocolErrors).toEqual([]);
  });

  it("with the connection where its handler destroys the stream", async () => {
    let signal: AbortSignal | undefined;
    await using served = await serve({
      nothing: upgradeTo((stream, call) => {
        ({ signal } = call);
        stream.destroy();
      }),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    await peer.ended;
    await until(() => served.server.connections === 0);
    expect(signal?.reason).toMatchObject({ code: "CLOSED" });
    expect(served.errors).toEqual([]);
  });

  it("with the connection where the client has ended it", async () => {
    await using served = await serve({
      nothing: upgradeTo(async (stream) => {
        stream.write(await takeAll(stream));
      }),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.end("all");
    await peer.ended;
    expect(peer.text).toBe("{}\0all");
    expect(served.protocolErrors).toEqual([]);
  });

  it.each([
    ["throws", () => Promise.reject(new Error("mine"))],
    [
      "throws at once",
      () => {
        throw new Error("mine");
      },
    ],
    [
      "destroys the stream for its error",
      (stream: Duplex) => {
        const fails = new Transform({
          transform: (_chunk, _encoding, done) => done(new Error("mine")),
        });
        return promisify(pipeline)(stream, fails, stream);
      },
    ],
  ] as const)("with a report where its handler %s", async (_name, speak) => {
    await using served = await serve({ nothing: upgradeTo(speak) });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.write("x");
    await peer.ended;
    await until(() => served.server.connections === 0);
    expect(served.errors).toMatchObject([
      {
        error: { message: "mine" },
        context: { method: "org.example.test.Nothing" },
      },
    ]);
  });

  it("with a report where the stream has an encoding", async () => {
    await using served = await serve({
      nothing: upgradeTo((stream) => {
        stream.setEncoding("utf8");
      }),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    await peer.ended;
    expect(served.errors).toMatchObject([
      { error: { code: "INVALID_INPUT", message: matching(/encoding/) } },
    ]);
  });
});

describe.each(transports)("a client on $name", ({ name, open }) => {
  it("that sends all and goes at once has sent all, however slow its reader", async () => {
    const bytes = pattern(400_000);
    const got = gate();
    let text: Buffer | undefined;
    await using served = await serve(
      {
        nothing: upgradeTo(async (stream) => {
          const parts: Buffer[] = [];
          for await (const part of stream) {
            parts.push(part as Buffer);
            // Slower than the looks after the client.
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
          text = Buffer.concat(parts);
          got.open();
        }),
      },
      await open(),
    );
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    await peer.next();
    peer.stream.end(bytes, () => peer.stream.destroy());
    await got.opened;
    expect(text?.equals(bytes)).toBe(true);
    expect(served.errors).toEqual([]);
  });

  it("that goes ends the upgrade of a handler that does neither read nor write", async () => {
    // A closed TCP connection says no more than one that was ended.
    if (name === "tcp") return;
    const aborted = gate();
    await using served = await serve(
      {
        nothing: upgradeTo(async (_stream, { signal }) => {
          signal.addEventListener("abort", aborted.open);
          await aborted.opened;
          signal.throwIfAborted();
        }),
      },
      await open(),
    );
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    await peer.next();
    peer.stream.destroy();
    await aborted.opened;
    await until(() => served.server.connections === 0);
    expect(served.errors).toEqual([]);
  });
});

describe("a server that is closed", () => {
  it("waits for an upgrade, and answers what came whole", async () => {
    const go = gate();
    await using served = await serve({
      nothing: upgradeTo(async (stream) => {
        stream.write(await take(stream, 3));
        await go.opened;
        stream.write(await take(stream, 3));
      }),
      count: () => ({}),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.write("one");
    await until(() => peer.text.endsWith("one"));
    const closed = served.server.close({ timeout: Infinity });
    peer.stream.write('two{"method":"org.example.test.Count"}\0');
    await new Promise((resolve) => setImmediate(resolve));
    go.open();
    await closed;
    await peer.ended;
    expect(peer.text).toBe("{}\0onetwo{}\0");
    expect(served.errors).toEqual([]);
  });

  it("takes bytes for an upgrade that is not confirmed yet", async () => {
    const go = gate();
    await using served = await serve({
      nothing: async (_input, call) => {
        await go.opened;
        return call.upgraded({}, async (stream) => {
          stream.end(await take(stream, 6));
        });
      },
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    peer.stream.write("one");
    await new Promise((resolve) => setImmediate(resolve));
    const closed = served.server.close({ timeout: Infinity });
    peer.stream.write("two");
    for (let turn = 0; turn < 5; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    go.open();
    await closed;
    await peer.ended;
    expect(peer.text).toBe("{}\0onetwo");
  });

  it("cuts an upgrade off after its timeout", async () => {
    const begun = gate();
    let stream: Duplex | undefined;
    let signal: AbortSignal | undefined;
    await using served = await serve({
      nothing: upgradeTo(async (given, call) => {
        stream = given;
        ({ signal } = call);
        begun.open();
        await takeAll(given);
      }),
    });
    const peer = await served.connect();
    peer.call("Nothing", {}, UPGRADE);
    await begun.opened;
    await served.server.close({ timeout: 5 });
    await peer.ended;
    expect(signal?.reason).toMatchObject({ code: "CLOSED" });
    expect(stream?.errored).toMatchObject({ code: "CLOSED" });
    expect(served.errors).toEqual([]);
  });
});

describe("the channels of a server", () => {
  it("tell the end of an upgrade when its bytes are over", async () => {
    const seen: (readonly [string, object])[] = [];
    const listener = (message: unknown, name: string | symbol): void => {
      const last = String(name).split(":").at(-1) ?? "";
      seen.push([last, { ...(message as object) }]);
    };
    const channels = ["start", "end", "error"].map(
      (name) => `portolan:varlink:server-call:${name}`,
    );
    for (const name of channels) subscribe(name, listener);
    try {
      const thrown = new Error("mine");
      await using served = await serve({
        nothing: upgradeTo((stream) => take(stream, 1)),
        echo: (_input, call) =>
          call.upgraded({ text: "" }, () => Promise.reject(thrown)),
      });
      const peer = await served.connect();
      peer.call("Nothing", {}, UPGRADE);
      await peer.next();
      expect(seen).toHaveLength(1);
      peer.stream.write("x");
      peer.call("Echo", { text: "" }, UPGRADE);
      await peer.ended;
      await until(() => served.server.connections === 0);
      const event = (method: string): object => ({
        method: `org.example.test.${method}`,
        mode: "upgrade",
        address: "memory:",
      });
      expect(seen).toEqual([
        ["start", event("Nothing")],
        ["end", event("Nothing")],
        ["start", event("Echo")],
        ["error", { ...event("Echo"), aborted: true, thrown }],
      ]);
    } finally {
      for (const name of channels) unsubscribe(name, listener);
    }
  });
});
