/** Reads and writes one type of message. */
export interface Codec {
  decode(bytes: Uint8Array): unknown;
  encode(message: unknown): Uint8Array;
}

/** A library whose generated code is measured. */
export interface Contender {
  readonly name: string;
  /** How its messages hold 64-bit integers: part of what the numbers mean. */
  readonly int64: string;
  /** @param type Name of a message without its package. */
  codec(type: string): Codec;
}

/**
 * A module that only bench's own install or a step of the benchmark provides.
 * Its type is said by the caller, for the repository is checked without either.
 */
export async function load<T>(specifier: string): Promise<T> {
  return (await import(specifier)) as T;
}
