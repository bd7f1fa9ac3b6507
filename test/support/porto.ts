import { readdirSync, readFileSync } from "node:fs";
import { corpus } from "./corpus.ts";

/** A message of a recording, as it was on the wire. */
export interface RecordedFrame {
  readonly dir: "request" | "response" | "push";
  /** With its length in front. */
  readonly frame: Buffer;
  readonly body: Buffer;
}

/** Something that a real client did with a real daemon. */
export interface RecordedExchange {
  /** File and place in it, for messages. */
  readonly where: string;
  /** What the client's method is called by. */
  readonly method: string;
  /** Which client it was; one's exchanges follow each other on one connection. */
  readonly client: string;
  /** Requests in their order, and among the others responses and pushes in theirs. */
  readonly frames: readonly RecordedFrame[];
  /** Whether the messages can be written again to the same bytes: not where the client's maps have another order. */
  readonly sameBytes: boolean;
}

interface Entry {
  readonly method: string;
  readonly client: string;
  readonly seed_reencode_identical: boolean;
  readonly exchange: readonly {
    readonly dir: RecordedFrame["dir"];
    readonly frame_hex: string;
    readonly body_hex: string;
  }[];
}

/** Reads all recordings of Porto's traffic that there are. */
export function readPortoRecordings(): RecordedExchange[] {
  const folder = corpus("porto");
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.sort().flatMap((name) => {
    const text = readFileSync(corpus("porto", name), "utf8");
    return (JSON.parse(text) as readonly Entry[]).map((entry, index) => ({
      where: `${name}[${index}] ${entry.method}`,
      method: entry.method,
      client: entry.client,
      sameBytes: entry.seed_reencode_identical,
      frames: entry.exchange.map(({ dir, frame_hex, body_hex }) => ({
        dir,
        frame: Buffer.from(frame_hex, "hex"),
        body: Buffer.from(body_hex, "hex"),
      })),
    }));
  });
}
