import type { LogEntry } from "../../engine.ts";
import { parseTime } from "./times.ts";

/** A line of a container's log file, which may be a part of one that was written. */
export interface LogLine {
  readonly containerId: string;
  readonly stream: LogEntry["stream"];
  /** More of it is in the next line of this stream. */
  readonly partial: boolean;
  readonly text: string;
  readonly time: Date | undefined;
}

/** Time, stream, `F` for a whole or `P` for a part, and what was written. */
const LINE = /^(\S+) (stdout|stderr) ([FP])(?::\S*)? ([^]*)$/;

/** A line as the log file has it: `2026-11-21T22:24:05.562579675+00:00 stdout F hi`. */
export function parseLine(containerId: string, line: string): LogLine {
  const text = line.replace(/\n$/, "");
  const match = LINE.exec(text);
  // Of other log drivers: what it says is still what was written.
  if (match === null)
    return {
      containerId,
      stream: "stdout",
      partial: false,
      text,
      time: undefined,
    };
  const [, time, stream, flag, rest = ""] = match;
  return {
    containerId,
    stream: stream === "stderr" ? "stderr" : "stdout",
    partial: flag === "P",
    text: rest,
    time: parseTime(time),
  };
}

/** Puts the parts of lines together, each stream by itself. */
export class Assembler {
  readonly #parts: Record<LogEntry["stream"], LogLine[]> = {
    stdout: [],
    stderr: [],
  };

  /** The entry that a line ends; its time is that of its first part. */
  push(line: LogLine): LogEntry | undefined {
    const parts = this.#parts[line.stream];
    parts.push(line);
    if (line.partial) return undefined;
    return entryOf(parts.splice(0));
  }

  /** What is left of lines without an end. */
  end(): LogEntry[] {
    return [this.#parts.stdout, this.#parts.stderr]
      .filter((parts) => parts.length > 0)
      .map((parts) => entryOf(parts.splice(0)))
      .sort((a, b) => Number(a.time ?? 0) - Number(b.time ?? 0));
  }
}

function entryOf(parts: readonly LogLine[]): LogEntry {
  const [first] = parts as readonly [LogLine, ...LogLine[]];
  return {
    containerId: first.containerId,
    stream: first.stream,
    text: parts.map(({ text }) => text).join(""),
    time: first.time,
  };
}
