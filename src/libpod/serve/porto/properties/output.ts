import { EError } from "portolan/porto";
import type { EmbeddedInside } from "../../../engines/embedded/types.ts";
import { failure } from "../errors.ts";
import { parseUint } from "../text.ts";
import type { Box } from "../view.ts";

/** A container's output as it is stored: the last bytes of a stream. */
export interface Stored {
  readonly data: Uint8Array;
  /** Bytes of the stream that were before these. */
  readonly offset: number;
}

/** Bytes that are read at most at a time. */
const READ_LIMIT = 16 * 1024 * 1024;

/**
 * What is stored of a stream.
 *
 * @throws PortoError `InvalidData` where the container's output goes elsewhere
 */
export async function storedOutput(
  inside: EmbeddedInside,
  box: Box,
  stream: "stdout" | "stderr",
): Promise<Stored> {
  if (box.text(`${stream}_path`) !== stream)
    throw failure(EError.InvalidData, "Data not available");
  const { id } = box.written;
  const lost = await inside.outputLost(id, stream);
  const all = await inside.output(id, stream);
  const limit = Number(box.text("stdout_limit"));
  const dropped = Math.max(all.length - limit, 0);
  return { data: all.subarray(dropped), offset: lost + dropped };
}

/**
 * Reads a part of what is stored: `[offset][:length]`, in bytes from the beginning of
 * the stream; without an offset the last ones. A character that would be cut off at the
 * end is left out, for the protocol has text only: who goes on behind what was read
 * gets it whole.
 *
 * @throws PortoError `InvalidData` for what is no longer stored
 */
export function readStored({ data, offset }: Stored, range: string): string {
  const [from = "", length = ""] = range.split(/:(.*)/s);
  const most = Math.min(
    length === "" ? READ_LIMIT : amount(length),
    READ_LIMIT,
  );
  if (from === "") {
    const start = Math.max(data.length - most, 0);
    return Buffer.from(data.subarray(start)).toString();
  }
  const begin = amount(from) - offset;
  if (begin < 0)
    throw failure(
      EError.InvalidData,
      `Requested offset lower than current ${offset}`,
    );
  const end = Math.min(begin + most, data.length);
  return Buffer.from(
    data.subarray(
      begin,
      end < data.length ? wholeUntil(data, begin, end) : end,
    ),
  ).toString();
}

function amount(text: string): number {
  return Number(parseUint(text));
}

/** Longest character, in bytes. */
const MAX_CHARACTER = 4;

/** The last place up to `end` that is not inside of a character. */
function wholeUntil(data: Uint8Array, begin: number, end: number): number {
  for (let at = end; at > begin && at > end - MAX_CHARACTER; at -= 1)
    if (((data[at] ?? 0) & 0xc0) !== 0x80) return at;
  // No text: as much as was asked for.
  return end;
}
