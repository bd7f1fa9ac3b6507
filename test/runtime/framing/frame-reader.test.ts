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

  it("puts a message together from parts small and large by turns", () => {
    const part = fc.oneof(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 4090, max: 4100 }),
      fc.integer({ min: 1, max: 70_000 }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 60 }),
        fc.boolean(),
        (sizes, whole) => {
          const size = sizes.reduce((sum, one) => sum + one, 0);
          const bytes = Buffer.alloc(size);
          for (let index = 0; index < size; index++)
            bytes[index] = 1 + ((index * 7919) % 127);
          const reader = new FrameReader();
          let start = 0;
          for (const length of sizes) {
            reader.push(bytes.subarray(start, start + length));
            expect(reader.next()).toBeUndefined();
            start += length;
          }
          if (whole) {
            reader.push(Buffer.from("\0{}\0"));
            expect(reader.next() === bytes.toString("latin1")).toBe(true);
            expect(readAll(reader)).toEqual(["{}"]);
          } else {
            expect(reader.takeRest().equals(bytes)).toBe(true);
          }
          expect(reader.pending).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("takes no more memory for a message that comes byte by byte than twice its size", () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const used = (): number => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const size = 512 * 1024;
    for (const pattern of [[1], [100], [1, 4096]]) {
      const reader = new FrameReader();
      const before = used();
      let sent = 0;
      let early = 0;
      for (let count = 0; sent < size; count++) {
        const length = pattern[count % pattern.length] ?? 1;
        // With memory of its own, as what comes from a socket has.
        reader.push(Buffer.from(new Uint8Array(length).fill(97).buffer));
        if (reader.next() !== undefined) early++;
        sent += length;
      }
      // As buffers of their own the bytes took 100 MB.
      expect(used() - before).toBeLessThan(2 * size + 4 * 1024 * 1024);
      expect(early).toBe(0);
      reader.push(Buffer.of(0));
      expect(reader.next()).toHaveLength(sent);
    }
  });
});
