import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { memoryPair } from "../../../src/runtime/transport/memory.ts";
import { MessageWriter } from "../../../src/runtime/varlink/framing.ts";
import { turns } from "../../support/peer.ts";

/** A stream that keeps what is written, write by write, and takes it when told. */
class Sink extends Duplex {
  readonly writes: string[] = [];
  onTaken: (() => void) | undefined;
  slow = false;

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: () => void,
  ): void {
    this.writes.push(chunk.toString());
    if (this.slow) this.onTaken = callback;
    else callback();
  }

  override _read(): void {}
}

describe("MessageWriter", () => {
  it("writes the first message of a tick at once and joins the others", async () => {
    const sink = new Sink();
    const writer = new MessageWriter(sink);
    void writer.write("1");
    expect(sink.writes).toEqual(["1\0"]);
    void writer.write("2");
    void writer.write("3");
    expect(sink.writes).toEqual(["1\0"]);
    await turns();
    expect(sink.writes).toEqual(["1\0", ["2\0", "3\0"].join("")]);
    void writer.write("4");
    expect(sink.writes).toHaveLength(3);
  });

  it("bounds what it joins", async () => {
    const sink = new Sink();
    const writer = new MessageWriter(sink);
    const message = "x".repeat(999);
    for (let count = 0; count < 1000; count++) void writer.write(message);
    await turns();
    expect(
      Math.max(...sink.writes.map((text) => text.length)),
    ).toBeLessThanOrEqual(34_000);
    expect(sink.writes.length).toBeLessThan(40);
    expect(sink.writes.join("")).toBe(`${message}\0`.repeat(1000));
  });

  it("keeps the order of joined messages and those written through", async () => {
    const sink = new Sink();
    const writer = new MessageWriter(sink);
    const done: string[] = [];
    void writer.write("1");
    void writer.write("2");
    writer.writeThrough("3", () => done.push("3"));
    void writer.write("4");
    await turns();
    expect(sink.writes.join("")).toBe(["1", "2", "3", "4", ""].join("\0"));
    expect(done).toEqual(["3"]);
  });

  it("joins behind a message written through, and tells of each when it is written", async () => {
    const sink = new Sink();
    sink.slow = true;
    const writer = new MessageWriter(sink);
    const done: string[] = [];
    writer.writeThrough("1", () => done.push("1"));
    void writer.write("2", () => done.push("2"));
    void writer.write("3");
    void writer.write("4", () => done.push("4"));
    await turns();
    expect(sink.writes).toEqual(["1\0"]);
    expect(done).toEqual([]);
    sink.onTaken?.();
    await turns();
    expect(done).toEqual(["1"]);
    expect(sink.writes).toEqual(["1\0", ["2", "3", "4", ""].join("\0")]);
    sink.onTaken?.();
    await turns();
    expect(done).toEqual(["1", "2", "4"]);
  });

  it("gives a promise for room only while there is none", async () => {
    const sink = new Sink({ writableHighWaterMark: 10 });
    sink.slow = true;
    const writer = new MessageWriter(sink);
    const room = writer.write("x".repeat(20));
    expect(room).toBeInstanceOf(Promise);
    let open = false;
    void room?.then(() => {
      open = true;
      return open;
    });
    await turns(2);
    expect(open).toBe(false);
    sink.onTaken?.();
    await room;
    sink.slow = false;
    expect(writer.write("y")).toBeUndefined();
  });

  it("ends the wait for room when the stream is closed", async () => {
    const sink = new Sink({ writableHighWaterMark: 10 });
    sink.slow = true;
    const writer = new MessageWriter(sink);
    const room = writer.write("x".repeat(20));
    sink.destroy();
    await room;
    expect(writer.write("y")).toBeUndefined();
  });

  it("tells a failed write to whoever asked, and nobody else", async () => {
    const [one, other] = memoryPair();
    one.on("error", () => {});
    other.destroy();
    const writer = new MessageWriter(one);
    const error = await new Promise((resolve) => {
      writer.writeThrough("1", resolve);
    });
    expect(error).toMatchObject({ code: "EPIPE" });
    expect(writer.write("2")).toBeUndefined();
    const late = await Promise.all([
      new Promise((resolve) => {
        writer.writeThrough("3", resolve);
      }),
      new Promise((resolve) => {
        void writer.write("4", resolve);
      }),
    ]);
    expect(late).toEqual([expect.any(Error), expect.any(Error)]);
  });
});
