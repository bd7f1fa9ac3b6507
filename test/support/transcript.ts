import { readFileSync } from "node:fs";
import { corpus } from "./corpus.ts";

/** One call of a recording, and everything that came back, in the chunks in which it came. */
export interface RecordedCall {
  readonly line: number;
  readonly sent: Buffer;
  readonly call: {
    readonly method: string;
    readonly parameters?: object;
    readonly more?: boolean;
  };
  readonly chunks: readonly Buffer[];
  readonly replies: readonly RecordedReply[];
}

export interface RecordedReply {
  readonly parameters?: object | null;
  readonly error?: string;
  readonly continues?: boolean;
}

interface Line {
  readonly conn: number | null;
  readonly dir: ">" | "<" | "note";
  readonly bytes?: string;
}

function messages(bytes: Buffer): unknown[] {
  const parts = bytes.toString("utf8").split("\0");
  if (parts.pop() !== "")
    throw new Error("the recording ends inside of a message");
  return parts.map((part): unknown => JSON.parse(part));
}

/** Reads a recording of Podman's traffic: a JSON line for each send and receive. */
export function readTranscript(name: string): RecordedCall[] {
  const lines = readFileSync(corpus("podman", "transcripts", name), "utf8")
    .trimEnd()
    .split("\n");
  const calls: {
    readonly line: number;
    readonly conn: number;
    readonly sent: Buffer;
    readonly chunks: Buffer[];
  }[] = [];
  const current = new Map<number, (typeof calls)[number]>();
  lines.forEach((text, index) => {
    const { conn, dir, bytes } = JSON.parse(text) as Line;
    if (conn === null || dir === "note") return;
    const chunk = Buffer.from(bytes ?? "", "base64");
    if (dir === ">") {
      const call = { line: index + 1, conn, sent: chunk, chunks: [] };
      calls.push(call);
      current.set(conn, call);
    } else {
      current.get(conn)?.chunks.push(chunk);
    }
  });
  return calls.map(({ line, sent, chunks }) => {
    const [call, ...more] = messages(sent);
    if (more.length > 0)
      throw new Error(`line ${line}: several calls in one send`);
    return {
      line,
      sent,
      call: call as RecordedCall["call"],
      chunks,
      replies: messages(Buffer.concat(chunks)) as RecordedReply[],
    };
  });
}
