/**
 * What is wrong with a value, and where. A check returns nothing on success, so
 * the path is built only on failure, from the inside out.
 */

/** A value that does not fit its interface. */
export interface Problem {
  /**
   * The exact place, as in `create.ports[2].host_port` or `labels["a.b"]`; empty
   * where the parameters as a whole are meant.
   */
  readonly path: string;
  /** What is wrong, to be read after the path and a colon: `expected an int, got a string`. */
  readonly message: string;
}

/** A problem in words: its place, if it has one, and what is wrong there. */
export function problemText({ path, message }: Problem): string {
  return path === "" ? message : `${path}: ${message}`;
}

/**
 * How deep parameters may nest. Everything that walks data counts its levels: a
 * message of a hundred thousand brackets, or an object that contains itself,
 * must not end in a stack overflow.
 */
export const MAX_DEPTH = 1000;

/**
 * How many values may be put in the place of null or nothing in one message. An
 * empty struct is two characters, and whole trees of zeros may belong into it: a
 * short message must not become gigabytes. No message of 16 MiB has so many nulls.
 */
export const MAX_FILLED = 2_000_000;

/** Counts the values that are put into one message. */
export class Filling {
  #count = 0;

  /** Another message begins. */
  reset(): void {
    this.#count = 0;
  }

  /** Counts some more of them, and says when they are too many. */
  add(count: number): Failure | undefined {
    this.#count += count;
    return this.#count > MAX_FILLED
      ? new Failure(
          `more than ${MAX_FILLED} values would have to be put in the place of what is absent`,
        )
      : undefined;
  }
}

/** A problem on its way out: every level that returns it adds its own segment. */
export class Failure {
  readonly message: string;
  readonly #segments: (string | number)[] = [];

  constructor(message: string) {
    this.message = message;
  }

  /** Says which member or element of the current level the problem was in. */
  inside(segment: string | number): this {
    this.#segments.push(segment);
    return this;
  }

  toProblem(): Problem {
    return {
      path: formatPath(this.#segments.toReversed()),
      message: this.message,
    };
  }
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Paths of thousands of segments help nobody: the beginning and the end do. */
const MAX_SEGMENTS = 32;

function formatPath(segments: readonly (string | number)[]): string {
  if (segments.length <= MAX_SEGMENTS)
    return segments.map(formatSegment).join("");
  const half = MAX_SEGMENTS / 2;
  const head = segments.slice(0, half).map(formatSegment).join("");
  const tail = segments
    .slice(-half)
    .map((segment) => formatSegment(segment, 1))
    .join("");
  return `${head}…${tail}`;
}

function formatSegment(segment: string | number, index: number): string {
  if (typeof segment === "number") return `[${segment}]`;
  if (!PLAIN_NAME.test(segment)) return `[${JSON.stringify(segment)}]`;
  return index === 0 ? segment : `.${segment}`;
}

/** Names the kind of a value, never the value: it may be a secret. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "number") return describeNumber(value);
  if (typeof value === "object")
    return Array.isArray(value) ? "an array" : "an object";
  return `a ${typeof value}`;
}

function describeNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return "an infinite number";
  return Number.isInteger(value) ? "a number" : "a number with a fraction";
}

export function expected(what: string, value: unknown): Failure {
  return new Failure(`expected ${what}, got ${describe(value)}`);
}

/** What to say of an integer that is none of 64 bits. */
export function beyond(what: string): Failure {
  return new Failure(`expected an int of 64 bits, got ${what} beyond that`);
}

export function tooDeep(): Failure {
  return new Failure(
    `nested more than ${MAX_DEPTH} levels deep, or contains itself`,
  );
}
