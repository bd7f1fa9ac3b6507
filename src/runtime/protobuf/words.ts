/**
 * Eight bytes seen as integers and floats at once: the quickest way between
 * 32-bit halves and a `bigint` or float, without a `DataView` for each message.
 * Whoever writes here reads at once; nothing is kept.
 */
export const words: Uint32Array = new Uint32Array(2);
export const unsigned: BigUint64Array = new BigUint64Array(words.buffer);
export const signed: BigInt64Array = new BigInt64Array(words.buffer);
export const double: Float64Array = new Float64Array(words.buffer);
/** The float in `words[0]`. */
export const single: Float32Array = new Float32Array(words.buffer);

/** Where the low and the high half of eight bytes stand: typed arrays go by the machine's order. */
export const LOW: 0 | 1 =
  new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
export const HIGH: 0 | 1 = LOW === 0 ? 1 : 0;
