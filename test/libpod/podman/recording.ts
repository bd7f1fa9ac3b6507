import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { corpus, hasCorpus } from "../../support/corpus.ts";

/** A call of a recording, with everything that came back to it. */
export interface Recorded {
  readonly where: string;
  /** Without its interface. */
  readonly method: string;
  /** Whether it is a method that every Varlink service has. */
  readonly standard: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** As they came. */
  readonly chunks: Buffer[];
}

export interface RecordedReply {
  readonly parameters?: Readonly<Record<string, unknown>> | null;
  readonly error?: string;
  readonly continues?: boolean;
}

interface Line {
  readonly conn: number | null;
  readonly dir: ">" | "<" | "note";
  readonly bytes?: string;
}

const folder = corpus("podman", "transcripts");

/** The names of all recordings that there are. */
export const recordings: readonly string[] = hasCorpus
  ? readdirSync(folder).filter((name) => name.endsWith(".jsonl"))
  : [];

/**
 * The calls of a recording, in order. What is no call (raw bytes after an upgrade, a
 * broken message on purpose) is left out, and so are calls that share one send.
 */
export function readRecording(name: string): Recorded[] {
  const calls: Recorded[] = [];
  const current = new Map<number, Recorded | undefined>();
  const lines = readFileSync(path.join(folder, name), "utf8").trimEnd();
  for (const [index, text] of lines.split("\n").entries()) {
    const { conn, dir, bytes = "" } = JSON.parse(text) as Line;
    if (conn === null || dir === "note") continue;
    const chunk = Buffer.from(bytes, "base64");
    if (dir === "<") {
      current.get(conn)?.chunks.push(chunk);
      continue;
    }
    const before = current.get(conn);
    // After an upgrade the client's bytes are frames, and the answer goes on.
    if (before !== undefined && isUpgrade(before)) continue;
    const call = parseCall(chunk, `${name}:${index + 1}`);
    current.set(conn, call);
    if (call !== undefined) calls.push(call);
  }
  return calls;
}

const UPGRADES: ReadonlySet<string> = new Set(["ExecContainer", "Attach"]);

/** Whether frames came behind the reply. */
export function isUpgrade({ method, chunks }: Recorded): boolean {
  if (!UPGRADES.has(method)) return false;
  const [first] = splitUpgrade(chunks);
  return first?.error === undefined;
}

function parseCall(chunk: Buffer, where: string): Recorded | undefined {
  const [text = "", rest] = chunk.toString("utf8").split("\0");
  if (rest !== "") return undefined;
  try {
    const { method, parameters } = JSON.parse(text) as {
      readonly method: string;
      readonly parameters?: Readonly<Record<string, unknown>>;
    };
    return {
      where: `${where} ${method}`,
      method: method.slice(method.lastIndexOf(".") + 1),
      standard: method.startsWith("org.varlink.service."),
      parameters: parameters ?? {},
      chunks: [],
    };
  } catch {
    return undefined;
  }
}

/** The replies to a call. */
export function repliesOf({ chunks }: Recorded): RecordedReply[] {
  const texts = Buffer.concat(chunks).toString("utf8").split("\0");
  texts.pop();
  return texts.map((text) => JSON.parse(text) as RecordedReply);
}

/** The reply to an upgrade, and the bytes behind it. */
export function splitUpgrade(
  chunks: readonly Buffer[],
): [reply: RecordedReply | undefined, raw: Buffer] {
  const all = Buffer.concat(chunks);
  const end = all.indexOf(0);
  if (end < 0) return [undefined, all];
  const reply = JSON.parse(all.toString("utf8", 0, end)) as RecordedReply;
  return [reply, all.subarray(end + 1)];
}
