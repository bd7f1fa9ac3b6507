import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader } from "../../../src/runtime/varlink/framing.ts";
import { turns } from "../../support/peer.ts";
import { matching } from "../../support/matching.ts";

function readAll(reader: FrameReader): string[] {
  const messages: string[] = [];
  for (let text = reader.next(); text !== undefined; text = reader.next())
    messages.push(text);
  return messages;
}

/** Cuts bytes at any points. */
function cut(bytes: Buffer, points: readonly number[]): Buffer[] {
  const places = [
    ...new Set(points.map((point) => point % (bytes.length + 1))),
  ].sort((one, other) => one - other);
  const chunks: Buffer[] = [];
  let start = 0;
  for (const place of [...places, bytes.length]) {
    chunks.push(bytes.subarray(start, place));
    start = place;
  }
  return chunks;
}

const message = fc
  .string({ unit: "binary", maxLength: 40 })
  .map((text) => Buffer.from(text).toString("utf8").replaceAll("\0", ""));
const points = fc.array(fc.nat(), { maxLength: 8 });

describe("FrameReader", () => {
  it("gives back what was sent, however it was cut", () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        points,
        (messages, where) => {
          const bytes = Buffer.from(
            messages.map((text) => `${text}\0`).join(""),
          );
          const reader = new FrameReader();
          const got: string[] = [];
          for (const chunk of cut(bytes, where)) {
            reader.push(chunk);
            got.push(...readAll(reader));
          }
          expect(got).toEqual(messages);
          expect(reader.pending).toBe(false);
        },
      ),
    );
  });

  it("gives the same when chunks pile up before anybody reads", () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        points,
        (messages, where) => {
          const bytes = Buffer.from(
            messages.map((text) => `${text}\0`).join(""),
          );
          const reader = new FrameReader();
          for (const chunk of cut(bytes, where)) reader.push(chunk);
          expect(readAll(reader)).toEqual(messages);
        },
      ),
    );
  });

  it("hands out the raw bytes behind any message, NULs and bad UTF-8 included", () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 6 }),
        fc.uint8Array({ maxLength: 30 }),
        points,
        fc.nat(),
        (messages, raw, where, pick) => {
          const taken = 1 + (pick % messages.length);
          const frames = messages.map((text) => Buffer.from(`${text}\0`));
          const bytes = Buffer.concat([...frames, raw]);
          const reader = new FrameReader();
          for (const chunk of cut(bytes, where)) reader.push(chunk);
          for (let count = 0; count < taken; count++) {
            expect(reader.next()).toBe(messages[count]);
          }
          const rest = Buffer.concat([...frames.slice(taken), raw]);
          expect(reader.takeRest().equals(rest)).toBe(true);
          expect(reader.pending).toBe(false);
          // It goes on from there: some services speak Varlink again.
          reader.push(Buffer.from("{}\0"));
          expect(reader.next()).toBe("{}");
        },
      ),
    );
  });

  it("hands out a partial message with the rest", () => {
    const reader = new FrameReader();
    reader.push(Buffer.from("one\0tw"));
    reader.push(Buffer.from("o"));
    expect(readAll(reader)).toEqual(["one"]);
    expect(reader.pending).toBe(true);
    expect(reader.takeRest().toString()).toBe("two");
  });

  it("keeps no chunk alive once all its messages were given out", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const reader = new FrameReader();
    const memory = (() => {
      const bytes = Buffer.alloc(6, "{}\0");
      reader.push(bytes);
      return new WeakRef(bytes.buffer);
    })();
    expect(readAll(reader)).toEqual(["{}", "{}"]);
    // A WeakRef holds on to its target until the turn is over.
    await turns(2);
    collectGarbage();
    expect(memory.deref()).toBeUndefined();
    expect(reader.pending).toBe(false);
  });

  it("gives empty messages, which are the reader's to judge", () => {
    const reader = new FrameReader();
    reader.push(Buffer.from("\0\0{}\0"));
    expect(readAll(reader)).toEqual(["", "", "{}"]);
  });

  it("gives the messages before one that is not UTF-8, then fails", () => {
    for (const bad of [
      [0xff],
      [0xc3],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
    ]) {
      const reader = new FrameReader();
      reader.push(
        Buffer.concat([
          Buffer.from("né\0two\0"),
          Buffer.from(bad),
          Buffer.from("\0three\0"),
        ]),
      );
      expect(reader.next()).toBe("né");
      expect(reader.next()).toBe("two");
      expect(() => reader.next()).toThrow(
        expect.objectContaining({
          code: "PROTOCOL",
          message: matching(/UTF-8/),
        }),
      );
    }
  });

  it("does not mind a character cut in two", () => {
    const bytes = Buffer.from("ä€😀\0");
    const reader = new FrameReader();
    for (const byte of bytes) reader.push(Buffer.of(byte));
    expect(reader.next()).toBe("ä€😀");
  });

  it("allows messages up to the limit, not one byte more, complete or not", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        points,
        fc.boolean(),
        (limit, where, ended) => {
          const fits = Buffer.from(`${"x".repeat(limit)}\0`);
          const good = new FrameReader(limit);
          for (const chunk of cut(Buffer.concat([fits, fits]), where))
            good.push(chunk);
          expect(readAll(good)).toHaveLength(2);

          const bad = new FrameReader(limit);
          bad.push(fits);
          for (const chunk of cut(
            Buffer.from("y".repeat(limit + 1) + (ended ? "\0" : "")),
            where,
          )) {
            bad.push(chunk);
          }
          expect(bad.next()).toBe("x".repeat(limit));
          expect(() => bad.next()).toThrow(
            expect.objectContaining({ code: "LIMIT_EXCEEDED" }),
          );
        },
      ),
    );
  });

  it("counts bytes, not characters", () => {
    const reader = new FrameReader(5);
    reader.push(Buffer.from("€€\0"));
    expect(() => reader.next()).toThrow(
      expect.objectContaining({ code: "LIMIT_EXCEEDED" }),
    );
  });

  it("copies a message that came in many chunks once", () => {
    // Linear: were every chunk copied again, this would move 40 GB.
    const reader = new FrameReader(64 * 1024 * 1024);
    const chunk = Buffer.alloc(8 * 1024, "x");
    const count = 3_000;
    for (let index = 0; index < count; index++) {
      reader.push(chunk);
      expect(reader.next()).toBeUndefined();
    }
    reader.push(Buffer.of(0));
    expect(reader.next()).toHaveLength(count * chunk.length);
  });
});
