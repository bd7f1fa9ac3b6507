import { setImmediate as nextTurn } from "node:timers/promises";
import type { LogEntry, LogOptions } from "../../engine.ts";
import { logTime } from "./format.ts";
import type { Served } from "./served.ts";

/**
 * A line as the log files of Podman's monitor have it: `TIME stdout F text`.
 *
 * @param partial Whether it has no newline yet.
 */
function logLine(entry: LogEntry, partial: boolean): string {
  const time = logTime(entry.time?.getTime() ?? 0);
  return `${time} ${entry.stream} ${partial ? "P" : "F"} ${entry.text}\n`;
}

const NEWLINE = 10;

/** A line of a log, and whether it has no newline yet. */
export interface ReadEntry {
  readonly entry: LogEntry;
  readonly partial: boolean;
}

/** What a container has written, oldest first. */
export async function readEntries(
  { engine }: Served,
  id: string,
  options: Pick<LogOptions, "since" | "tail"> = {},
): Promise<readonly ReadEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of engine.containerLogs(id, options))
    entries.push(entry);
  // Only the last line of a stream can lack its newline.
  const partial = new Set<LogEntry>();
  for (const stream of ["stdout", "stderr"] as const) {
    const last = entries.findLast((entry) => entry.stream === stream);
    if (last === undefined) continue;
    const written = await engine.inside.output(id, stream);
    if (written.at(-1) !== NEWLINE) partial.add(last);
  }
  return entries.map((entry) => ({ entry, partial: partial.has(entry) }));
}

/** All that a container has written, oldest first, as lines of its log file. */
export async function readLog(
  served: Served,
  id: string,
): Promise<readonly string[]> {
  const entries = await readEntries(served, id);
  return entries.map(({ entry, partial }) => logLine(entry, partial));
}

/**
 * What a container has written and goes on to write, in batches: what is there at
 * once goes together, the first batch even if that is nothing. Ends with the
 * container.
 */
export async function* followLog(
  { engine }: Served,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void, undefined> {
  // A generator that waits for a line cannot be told to return: its signal can.
  const leave = new AbortController();
  const entries = engine.containerLogs(id, {
    follow: true,
    signal: AbortSignal.any([signal, leave.signal]),
  });
  try {
    let pending = settle(entries.next());
    let first = true;
    for (;;) {
      const batch: string[] = [];
      let length = 0;
      let step = first ? await atOnce(pending) : await pending;
      while (step !== undefined && step.done !== true) {
        const line = logLine(step.value, false);
        batch.push(line);
        length += line.length;
        pending = settle(entries.next());
        const hasRoom = batch.length < MAX_LINES && length < MAX_LENGTH;
        step = hasRoom ? await atOnce(pending) : undefined;
      }
      if (first || batch.length > 0) yield batch;
      first = false;
      if (step?.done === true) return;
    }
  } finally {
    leave.abort();
    await entries.return().catch(() => undefined);
  }
}

/** Lines in one reply at most. */
const MAX_LINES = 1000;
/** Characters after which a reply is long enough: it must not be too long for clients. */
const MAX_LENGTH = 256 * 1024;

/** Keeps a rejection from being reported while nobody waits for the promise. */
function settle<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** What a promise resolves with if that takes no time, else nothing. */
async function atOnce<T>(promise: Promise<T>): Promise<T | undefined> {
  return Promise.race([promise, nextTurn(undefined)]);
}
