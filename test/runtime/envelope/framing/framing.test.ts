import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  frame,
  frameHeader,
  FrameReader,
} from "../../../../src/runtime/envelope/framing.ts";

const hex = (text: string): Buffer =>
  Buffer.from(text.replaceAll(" ", ""), "hex");

function all(reader: FrameReader): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  for (let body = reader.next(); body !== undefined; body = reader.next())
    bodies.push(body);
  return bodies;
}

describe("a frame", () => {
  it.each([
    [0, "00"],
    [1, "01"],
    [127, "7f"],
    [128, "8001"],
    [16_383, "ff7f"],
    [16_384, "808001"],
    [2 ** 21 - 1, "ffff7f"],
    [2 ** 21, "80808001"],
    [2 ** 28 - 1, "ffffff7f"],
    [2 ** 28, "8080808001"],
    [2 ** 31, "8080808008"],
    [2 ** 32 - 1, "ffffffff0f"],
  ])("of %i bytes begins with %s", (length, header) => {
    expect(Buffer.from(frameHeader(length)).toString("hex")).toBe(header);
  });

  it("cannot have a length of more than 32 bits", () => {
    expect(() => frameHeader(2 ** 32)).toThrow(
      expect.objectContaining({ code: "LIMIT_EXCEEDED" }),
    );
  });

  it("is length and body in one piece", () => {
    expect(frame(hex("0a0b"))).toEqual(hex("020a0b"));
    expect(frame(new Uint8Array())).toEqual(hex("00"));
  });
});

describe("the reader", () => {
  it("gives several bodies of one chunk, empty ones too, without copying", () => {
    const reader = new FrameReader(100);
    const chunk = hex("01aa 00 02bbcc 00");
    reader.push(chunk);
    const bodies = all(reader);
    expect(bodies.map((body) => Buffer.from(body).toString("hex"))).toEqual([
      "aa",
      "",
      "bbcc",
      "",
    ]);
    expect(bodies[0]?.buffer).toBe(chunk.buffer);
    expect(reader.pending).toBe(false);
  });

  it("says whether something has begun: a length, a body, a whole one that was not asked for", () => {
    const reader = new FrameReader(1000);
    expect(reader.pending).toBe(false);
    reader.push(hex("80"));
    expect(reader.next()).toBeUndefined();
    expect(reader.pending).toBe(true);
    reader.push(hex("01"));
    expect(reader.next()).toBeUndefined();
    expect(reader.pending).toBe(true);
    reader.push(Buffer.alloc(128));
    expect(reader.pending).toBe(true);
    expect(reader.next()).toHaveLength(128);
    expect(reader.pending).toBe(false);
    reader.push(Buffer.alloc(0));
    expect(reader.pending).toBe(false);
    reader.push(hex("00"));
    expect(reader.pending).toBe(true);
  });

  it.each([
    ["a needless byte", "8200 0000", "PROTOCOL"],
    ["two needless bytes", "828000 0000", "PROTOCOL"],
    ["a needless zero", "8000", "PROTOCOL"],
    ["a fifth byte with more than four bits", "8080808010", "PROTOCOL"],
    ["more than five bytes", "828080808001", "PROTOCOL"],
    ["ten bytes of ones", "ffffffffffffffffffff", "PROTOCOL"],
    ["one byte above the limit", "8910", "LIMIT_EXCEEDED"],
    ["the largest length", "ffffffff0f", "LIMIT_EXCEEDED"],
  ])("refuses a length with %s, and reads no further", (_what, bytes, code) => {
    const reader = new FrameReader(2056);
    reader.push(hex("01aa"));
    reader.push(hex(bytes));
    expect(reader.next()).toEqual(hex("aa"));
    const failure = expect.objectContaining({ code }) as Error;
    expect(() => reader.next()).toThrow(failure);
    reader.push(hex("01aa"));
    expect(() => reader.next()).toThrow(failure);
  });

  it("takes a body that is as long as may be", () => {
    const reader = new FrameReader(300);
    reader.push(frame(Buffer.alloc(300, 7)));
    expect(reader.next()).toHaveLength(300);
  });

  it("forgets what it is told to", () => {
    const reader = new FrameReader(300);
    reader.push(hex("05aabb"));
    expect(reader.next()).toBeUndefined();
    reader.clear();
    expect(reader.pending).toBe(false);
    reader.push(hex("01cc"));
    expect(reader.next()).toEqual(hex("cc"));
  });

  it("does not care how bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 20 }),
            fc.nat(40_000).map((size) => new Uint8Array(size).fill(size)),
          ),
          { maxLength: 8 },
        ),
        fc.infiniteStream(
          fc.oneof(
            { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) },
            fc.integer({ min: 1, max: 30_000 }),
          ),
        ),
        (bodies, sizes) => {
          const bytes = Buffer.concat(bodies.map(frame));
          const reader = new FrameReader(40_000);
          const got: Uint8Array[] = [];
          for (let at = 0; at < bytes.length;) {
            const { value } = sizes.next() as { readonly value: number };
            // A chunk of its own, as sockets give them.
            reader.push(Buffer.from(bytes.subarray(at, at + value)));
            got.push(...all(reader));
            at += value;
          }
          // Not element by element, which takes its time.
          expect(got.map(({ length }) => length)).toEqual(
            bodies.map(({ length }) => length),
          );
          expect(
            got.every(
              (body, index) =>
                Buffer.compare(body, bodies[index] ?? Buffer.alloc(0)) === 0,
            ),
          ).toBe(true);
          expect(reader.pending).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("needs room for what has come, not for what was announced", () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 200 }, () => {
      const reader = new FrameReader(32 * 1024 * 1024);
      reader.push(Buffer.concat([frameHeader(32 * 1024 * 1024), hex("00")]));
      expect(reader.next()).toBeUndefined();
      return reader;
    });
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(readers.every((reader) => reader.pending)).toBe(true);
    expect(grown).toBeLessThan(16 * 1024 * 1024);
  });

  it("copies a body that comes byte by byte a few times at most", () => {
    const size = 300_000;
    const reader = new FrameReader(size);
    let copied = 0;
    const chunk = Buffer.of(7);
    reader.push(frameHeader(size));
    const set = Object.getOwnPropertyDescriptor(
      Object.getPrototypeOf(Uint8Array.prototype),
      "set",
    )?.value as Uint8Array["set"];
    const counting = function (
      this: Uint8Array,
      ...args: Parameters<Uint8Array["set"]>
    ): void {
      copied += args[0].length;
      set.apply(this, args);
    };
    const prototype = Uint8Array.prototype as { set?: unknown };
    prototype.set = counting;
    let body: Uint8Array | undefined;
    try {
      for (let index = 0; index < size; index += 1) {
        reader.push(chunk);
        body = reader.next();
      }
    } finally {
      delete prototype.set;
    }
    expect(Buffer.alloc(size, 7).equals(body ?? Buffer.alloc(0))).toBe(true);
    expect(copied).toBeLessThan(2 * size);
  });
});
