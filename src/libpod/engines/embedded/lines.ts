import type { LogEntry } from "../../engine.ts";
import type { OutputChunk } from "./storage/types.ts";

/** Longest line that is put together, in UTF-16 units; a longer one comes in pieces. */
const MAX_LINE = 1024 * 1024;

/** Puts chunks of output together into lines, each stream by itself. */
export class Lines {
  readonly #containerId: string;
  readonly #streams = {
    stdout: new Line(),
    stderr: new Line(),
  };

  constructor(containerId: string) {
    this.#containerId = containerId;
  }

  /** The lines that this chunk ends. Their time is that of their last piece. */
  push({ stream, data, time }: OutputChunk): LogEntry[] {
    const line = this.#streams[stream];
    return line.push(data, time).map((text) => this.#entry(stream, text, time));
  }

  /** What is left without a newline, the older first. */
  end(): LogEntry[] {
    return (["stdout", "stderr"] as const)
      .flatMap((stream) => {
        const { time } = this.#streams[stream];
        const text = this.#streams[stream].end();
        return text === "" ? [] : [this.#entry(stream, text, time)];
      })
      .sort((a, b) => Number(a.time) - Number(b.time));
  }

  #entry(stream: LogEntry["stream"], text: string, time: number): LogEntry {
    return {
      containerId: this.#containerId,
      stream,
      text,
      time: new Date(time),
    };
  }
}

/** The line of one stream that is being written. */
class Line {
  // Characters may be cut by chunks.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #text = "";
  time = 0;

  push(data: Uint8Array, time: number): string[] {
    this.time = time;
    const [first = "", ...others] = this.#decoder
      .decode(data, { stream: true })
      .split("\n");
    const lines = [this.#text + first, ...others];
    this.#text = lines.pop() ?? "";
    while (this.#text.length > MAX_LINE) {
      lines.push(this.#text.slice(0, MAX_LINE));
      this.#text = this.#text.slice(MAX_LINE);
    }
    return lines;
  }

  end(): string {
    const text = this.#text + this.#decoder.decode();
    this.#text = "";
    return text;
  }
}
