import type { Random } from "./random.ts";

/** What is put in: whole words of the language that is fuzzed, and what breaks readers of any. */
export type Dictionary = readonly Buffer[];

/** Bytes that no reader likes: broken UTF-8 of every kind, among them what NULs may hide in. */
const BAD: Dictionary = [
  [0x00],
  [0x00, 0x00],
  [0x80],
  [0xff],
  [0xc0, 0x80], // NUL in two bytes.
  [0xc3],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80], // A surrogate by itself.
  [0xf4, 0x90, 0x80, 0x80], // Beyond U+10FFFF.
  [0xf0, 0x9f, 0x8e],
  [0xef, 0xbb, 0xbf], // A byte order mark.
  [0xe2, 0x80, 0xa8], // A line end to some.
  [0x7f],
  [0x1b],
  [0x0d],
].map((bytes) => Buffer.from(bytes));

/** No mutant grows beyond this, or a few would take all the time. */
const MAX_LENGTH = 48 * 1024;

/** Makes a dictionary of texts. */
export function dictionary(...words: readonly string[]): Dictionary {
  return words.map((word) => Buffer.from(word));
}

/**
 * Changes bytes in a few places: bits are flipped, pieces cut out, moved, doubled,
 * repeated many times, or taken from another input, and words are put in. One in
 * sixteen is left as it is, so that what is right is met as well.
 */
export function mutate(
  random: Random,
  seeds: readonly Buffer[],
  words: Dictionary,
): Buffer {
  let bytes = random.pick(seeds);
  if (random.once(16)) return bytes;
  // Most of what is changed in many places is refused for the first of them.
  const edits = random.once(4) ? 2 + random.below(6) : 1;
  for (let edit = 0; edit < edits; edit += 1)
    bytes = change(random, bytes, seeds, words);
  return bytes.length > MAX_LENGTH ? bytes.subarray(0, MAX_LENGTH) : bytes;
}

function change(
  random: Random,
  bytes: Buffer,
  seeds: readonly Buffer[],
  words: Dictionary,
): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + extent(random));
  const head = bytes.subarray(0, at);
  switch (random.below(10)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
    case 1:
      return join(head, Buffer.of(random.below(256)), bytes.subarray(at + 1));
    case 2:
      return join(head, bytes.subarray(end));
    case 3:
      return random.once(2) ? head : bytes.subarray(at);
    case 4:
      return join(bytes.subarray(0, end), bytes.subarray(at));
    case 5: {
      const piece = bytes.subarray(at, end);
      const moved = join(head, bytes.subarray(end));
      const place = random.below(moved.length + 1);
      return join(moved.subarray(0, place), piece, moved.subarray(place));
    }
    case 6: {
      const other = random.pick(seeds);
      const from = random.below(other.length + 1);
      return join(head, other.subarray(from));
    }
    case 7:
      return repeat(random, bytes, at, words);
    case 8:
      return join(head, random.pick(BAD), bytes.subarray(at));
    default: {
      const word = random.pick(words);
      if (random.once(2)) {
        // Where most words have a meaning.
        const place = behindDelimiter(bytes, at);
        return join(bytes.subarray(0, place), word, bytes.subarray(place));
      }
      // In the place of what is there, or between.
      return join(head, word, bytes.subarray(random.once(2) ? end : at));
    }
  }
}

/** One word or piece many times: depth, long numbers, long names. */
function repeat(
  random: Random,
  bytes: Buffer,
  at: number,
  words: Dictionary,
): Buffer {
  const piece = random.once(2)
    ? random.pick(words)
    : bytes.subarray(at, at + 1 + random.below(12));
  // Rarely enough to pass the limits of depth, which are hundreds.
  const times = random.once(8) ? 200 + random.below(3000) : random.below(40);
  return join(
    bytes.subarray(0, at),
    ...Array.from({ length: times }, () => piece),
    bytes.subarray(at),
  );
}

const DELIMITERS: ReadonlySet<number> = new Set(Buffer.from('{[(,:;"\n'));

/** The next place behind something that divides words; the same place where there is none. */
function behindDelimiter(bytes: Buffer, at: number): number {
  for (let place = at; place < bytes.length; place += 1)
    if (DELIMITERS.has(bytes[place] ?? 0)) return place + 1;
  return at;
}

/** How far a change reaches: short ones are the most. */
function extent(random: Random): number {
  return random.once(4) ? random.below(200) : 1 + random.below(8);
}

function join(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

/** Cuts bytes into the chunks in which they arrive: few, or one byte each. */
export function* cut(random: Random, bytes: Buffer): Generator<Buffer> {
  const kind = random.below(8);
  if (kind < 3 || bytes.length < 2) {
    yield bytes;
    return;
  }
  const bytewise = kind === 3 && bytes.length < 200;
  const size = bytewise
    ? 1
    : 1 + Math.ceil(bytes.length / (1 + random.below(6)));
  for (let at = 0; at < bytes.length;) {
    const end = at + (bytewise ? 1 : 1 + random.below(size));
    yield bytes.subarray(at, end);
    at = end;
  }
}
