import type { Writable } from "node:stream";

/** A stream that writes to another one, and knows how far that has got. */
export interface Forwarder {
  /** {@link unsent} of the stream that it writes to. */
  readonly unsent: number;
}

/**
 * How much the system has still to take of what was written to a stream. As long
 * as nothing more is written the number falls with every byte that is taken, so
 * that two looks tell a peer that reads slowly from one that does not read. It
 * counts some bytes twice: what is compared is never the number of another stream.
 */
export function unsent(stream: Writable): number {
  return stream.writableLength + unsentBehind(stream);
}

/** Streams count a write until all of it is done, which hides how far a long one is. */
function unsentBehind(stream: Writable): number {
  if (isForwarder(stream)) return stream.unsent;
  // Node tells this of no socket but by its handle.
  const handle: unknown = Reflect.get(stream, "_handle");
  if (typeof handle !== "object" || handle === null) return 0;
  const size: unknown = Reflect.get(handle, "writeQueueSize");
  return typeof size === "number" ? size : 0;
}

function isForwarder(stream: object): stream is Forwarder {
  return "unsent" in stream && typeof stream.unsent === "number";
}
