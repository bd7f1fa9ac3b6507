// What becomes of a message that a contender reads and writes again.
import type { Fixture } from "./fixtures.ts";
import type { Codec } from "./contender.ts";
import { canonicalBytes } from "./wire.ts";

/**
 * `same`: the bytes of the original. `other order`: its data, with fields in
 * another order. Else what is lost, in bytes.
 */
export function roundTrip(
  fixture: Fixture,
  original: Uint8Array,
  codec: Codec,
): string {
  let again: Uint8Array;
  try {
    again = codec.encode(codec.decode(original));
  } catch (error) {
    return `fails: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (Buffer.compare(original, again) === 0) return "same";
  const canonical = canonicalBytes(fixture.type, again);
  if (Buffer.compare(original, canonical) === 0) return "other order";
  const less = original.length - canonical.length;
  return less === 0
    ? "changed"
    : `${Math.abs(less)} B ${less > 0 ? "lost" : "added"}`;
}
