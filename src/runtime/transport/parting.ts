import type { Writable } from "node:stream";
import { unsent } from "./unsent.ts";

/** Milliseconds that a peer has to close its side after the last byte to it was sent. */
const LINGER = 500;

/**
 * Ends a stream whose peer is to get what was written: it closes by itself once
 * both sides have ended. A peer that takes nothing of it for `stall` milliseconds is
 * cut off, and so is one that has taken everything and does not end its side.
 *
 * @param cut Cuts it off.
 * @returns To be called when the stream is closed: nothing is cut off then.
 */
export function endPatiently(
  stream: Writable,
  stall: number,
  cut: () => void,
): () => void {
  let over = false;
  let left = unsent(stream);
  const stalled = setInterval(() => {
    const before = left;
    left = unsent(stream);
    if (left >= before) cut();
  }, stall);
  let timer: NodeJS.Timeout = stalled;
  stream.end(() => {
    clearInterval(stalled);
    if (!over) timer = setTimeout(cut, LINGER);
  });
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
