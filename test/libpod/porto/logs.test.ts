import * as fc from "fast-check";
import { TPortoResponse } from "portolan/porto";
import { describe, expect, it } from "vitest";
import {
  PortoBytes,
  valueBytes,
} from "../../../src/libpod/engines/porto/client.ts";
import {
  LineReader,
  MAX_LINE,
} from "../../../src/libpod/engines/porto/lines.ts";
import {
  EngineError,
  InvalidArgument,
  NoSuchContainer,
  NotSupported,
} from "../../../src/libpod/errors.ts";
import type { LogEntry } from "../../../src/libpod/engine.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { framed, startPeer } from "../../runtime/envelope/client/support.ts";
import { all, FakePortod, rejection } from "./daemon.ts";

const texts = (entries: readonly LogEntry[]): string[] =>
  entries.map(({ stream, text }) => `${stream}: ${text}`);

describe("lines out of pieces", () => {
  it("are the same however they are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("\n"))),
        fc.array(fc.nat({ max: 40 })),
        (parts, cuts) => {
          const bytes = Buffer.from(parts.join(""));
          const reader = new LineReader();
          const lines: string[] = [];
          let at = 0;
          for (const size of [...cuts, bytes.length]) {
            lines.push(...reader.push(bytes.subarray(at, at + size)));
            at = Math.min(bytes.length, at + size);
          }
          lines.push(...reader.rest());
          const expected = parts.join("").split("\n");
          if (expected.at(-1) === "") expected.pop();
          expect(lines).toEqual(expected);
        },
      ),
    );
  });

  it("are cut where they are too long", () => {
    const reader = new LineReader();
    const line = Buffer.alloc(MAX_LINE + 5, "x");
    expect([...reader.push(line)].map((text) => text.length)).toEqual([
      MAX_LINE,
    ]);
    expect([...reader.push(Buffer.from("y\n"))]).toEqual(["xxxxxy"]);
    expect([...reader.push(Buffer.alloc(MAX_LINE, "z"))]).toHaveLength(1);
    expect([...reader.rest()]).toEqual([]);
  });
});

describe("the bytes of a property", () => {
  it("are had whatever they are", async () => {
    const endpoint = memoryEndpoint();
    const peer = await startPeer(endpoint);
    const client = await PortoBytes.connect(endpoint);
    const connection = await peer.accept();
    const value = Buffer.from([0xff, 0, 0xc3, 0x80, 0xe2, 0x82]);
    // Fields of all kinds before it, and an earlier value that does not hold.
    const response = Buffer.concat([
      Buffer.from([
        0x08, 0, 0x12, 0, 0x0d, 1, 2, 3, 4, 0x09, 1, 2, 3, 4, 5, 6, 7, 8,
      ]),
      Buffer.from([0x22, 3, 0x0a, 1, 0x61]),
      Buffer.from([0x22, value.length + 2, 0x0a, value.length, ...value]),
      Buffer.from([0xc0, 0x3e, 0x80, 0x01]),
    ]);
    const answer = client.getProperty({ name: "a", property: "stdout" });
    await connection.body();
    connection.write(framed(response));
    expect(Buffer.from(valueBytes(await answer))).toEqual(value);
    const none = client.getProperty({ name: "a", property: "stdout" });
    await connection.body();
    connection.write(framed(Buffer.from(TPortoResponse.encode({ error: 0 }))));
    expect(valueBytes(await none)).toHaveLength(0);
    await client.$close();
    await peer.close();
  });
});

describe("logs", () => {
  it("are the lines of both streams, in pieces of any size", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.add("a", "dead");
    daemon.print("a", "one\ntwo\n\nlast");
    daemon.print("a", "three\n", "stderr");
    for (const limit of [1, 3, 1000]) {
      daemon.readLimit = limit;
      expect(texts(await all(engine.containerLogs("a")))).toEqual([
        "stdout: one",
        "stdout: two",
        "stdout: ",
        "stdout: last",
        "stderr: three",
      ]);
    }
  });

  it("end with the last lines", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.add("a", "dead");
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
    daemon.print("a", lines.join("\n"));
    daemon.print("a", "error\n", "stderr");
    const tail = async (count: number): Promise<string[]> =>
      (await all(engine.containerLogs("a", { tail: count }))).map(
        ({ text }) => text,
      );
    expect(await tail(0)).toEqual([]);
    expect(await tail(1)).toEqual(["error"]);
    expect(await tail(3)).toEqual([...lines.slice(-2), "error"]);
    expect(await tail(2500)).toEqual([...lines.slice(-2499), "error"]);
    expect(await tail(5000)).toEqual([...lines, "error"]);
    expect(await rejection(tail(-1))).toBeInstanceOf(InvalidArgument);
    expect(await rejection(tail(Number.NaN))).toBeInstanceOf(InvalidArgument);
  });

  it("begin where what is stored begins", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "dead");
    daemon.print("a", "gone\nstays\n");
    daemon.rotate("a", 5);
    expect(texts(await all(served.engine.containerLogs("a")))).toEqual([
      "stdout: stays",
    ]);
    // Also where it was dropped after we had asked.
    daemon.onCommand = (name, input) => {
      if (
        name === "getProperty" &&
        "property" in input &&
        input.property === `stdout[5:${1 << 20}]`
      ) {
        daemon.onCommand = () => {};
        daemon.rotate("a", 2);
      }
    };
    expect(texts(await all(served.engine.containerLogs("a")))).toEqual([
      "stdout: ays",
    ]);
  });

  it("are empty for what was not started, and refused for what is not there", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    const { engine } = served;
    daemon.add("a");
    expect(await all(engine.containerLogs("a", { follow: true }))).toEqual([]);
    expect(await rejection(all(engine.containerLogs("b")))).toBeInstanceOf(
      NoSuchContainer,
    );
    expect(
      await rejection(all(engine.containerLogs("a", { since: new Date() }))),
    ).toBeInstanceOf(NotSupported);
  });

  it("that are followed go on until it ends, and have all of it", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" });
    daemon.print("a", "one\ntw");
    const seen: string[] = [];
    for await (const { text } of served.engine.containerLogs("a", {
      follow: true,
      tail: 5,
    })) {
      seen.push(text);
      if (text === "one") daemon.print("a", "o\n");
      if (text === "two") {
        daemon.print("a", "three\nfour");
        daemon.print("a", "five", "stderr");
        daemon.exit("a", 0);
      }
    }
    expect(seen).toEqual(["one", "two", "three", "four", "five"]);
  });

  it("go on while Porto starts it again", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "respawning", { respawn: true });
    daemon.print("a", "one\n");
    const seen: string[] = [];
    for await (const { text } of served.engine.containerLogs("a", {
      follow: true,
    })) {
      seen.push(text);
      if (text === "one") {
        setImmediate(() => {
          daemon.enter("a", "running");
          daemon.print("a", "two\n");
        });
      } else daemon.exit("a", 0);
    }
    expect(seen).toEqual(["one", "two"]);
  });

  it("end where it is removed", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" });
    daemon.print("a", "one\n");
    const seen: string[] = [];
    for await (const { text } of served.engine.containerLogs("a", {
      follow: true,
    })) {
      seen.push(text);
      daemon.destroy("a");
    }
    expect(seen).toEqual(["one"]);
  });

  it("say what is lost", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve();
    daemon.add("a", "running", { command: "x" });
    daemon.print("a", "one\n");
    const reading = async (): Promise<void> => {
      for await (const { text } of served.engine.containerLogs("a", {
        follow: true,
      })) {
        expect(text).toBe("one");
        daemon.print("a", "two\nthree\n");
        daemon.rotate("a", 8);
      }
    };
    const error = await rejection(reading());
    expect(error).toBeInstanceOf(EngineError);
    expect((error as Error).message).toContain("4 bytes");
  });

  it("can be left while nothing comes", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve({ logInterval: 1_000_000 });
    daemon.add("a", "running", { command: "x" });
    const logs = served.engine.containerLogs("a", { follow: true });
    const asked = new Promise<void>((resolve) => {
      daemon.onCommand = (name, input) => {
        if (name === "wait" && "timeout_ms" in input && input.timeout_ms !== 0)
          resolve();
      };
    });
    const next = logs.next();
    await asked;
    await logs.return();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await logs.next()).toEqual({ done: true, value: undefined });
  });

  it("end with an abort", async () => {
    const daemon = new FakePortod();
    await using served = await daemon.serve({ logInterval: 1_000_000 });
    daemon.add("a", "running", { command: "x" });
    const leave = new AbortController();
    const logs = served.engine.containerLogs("a", {
      follow: true,
      signal: leave.signal,
    });
    daemon.onCommand = (name, input) => {
      if (name === "wait" && "timeout_ms" in input && input.timeout_ms !== 0)
        leave.abort();
    };
    expect(await rejection(logs.next())).toMatchObject({ code: "ABORTED" });
    const aborted = served.engine.containerLogs("a", {
      signal: AbortSignal.abort(),
    });
    expect(await rejection(aborted.next())).toMatchObject({ code: "ABORTED" });
  });
});
