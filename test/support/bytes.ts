import { once } from "node:events";
import type { Duplex } from "node:stream";

/** The next bytes of a stream, as many as asked for; fewer only at its end. */
export async function take(stream: Duplex, count: number): Promise<Buffer> {
  // One that stays: where the last one goes, a stream that has flowed flows again.
  if (stream.listenerCount("readable") === 0) stream.on("readable", () => {});
  const parts: Buffer[] = [];
  let missing = count;
  while (missing > 0) {
    const part = stream.read(
      Math.min(missing, stream.readableLength),
    ) as Buffer | null;
    if (part !== null) {
      parts.push(part);
      missing -= part.length;
    } else if (stream.readableEnded || !(await isReadable(stream))) break;
  }
  return Buffer.concat(parts);
}

/** Waits for bytes; whether there are any before the end. */
async function isReadable(stream: Duplex): Promise<boolean> {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(stream, "readable", { signal }).then(
        () => stream.readableLength > 0,
      ),
      once(stream, "end", { signal }).then(() => false),
      once(stream, "close", { signal }).then(() => false),
    ]);
  } finally {
    over.abort();
  }
}

/** All bytes up to the end, and leaves the other side open. Rejects as the stream fails. */
export async function takeAll(stream: Duplex): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream.iterator({ destroyOnReturn: false }))
    parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Bytes that are no text, NULs among them. */
export const RAW: Buffer = Buffer.from([
  0xff, 0x00, 0x7b, 0x22, 0x00, 0x00, 0xc3, 0x28, 0x0a, 0x80,
]);

/** Bytes that differ from place to place, so that none can be missing unnoticed. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index++)
    bytes[index] = (index * 31 + (index >> 8)) & 0xff;
  return bytes;
}
