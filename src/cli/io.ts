import { singleLine } from "../model/diagnostics.ts";

/** What a command reads and writes, so that tests can look at it. */
export interface Io {
  /** Data only: documents and JSON. */
  readonly stdout: Output;
  /** Everything said to a person. */
  readonly stderr: Output;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly cwd: string;
  /** Resolves when a command that runs until it is stopped shall end. */
  toldToEnd(): Promise<void>;
}

export interface Output {
  /** Bytes go out as they are. */
  write(text: string | Uint8Array): unknown;
  /** Whether a person looks at it, with colours. */
  readonly colour: boolean;
}

/** Colours where a terminal shows them and nobody asked for none (no-color.org). */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv,
): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  if ((env["FORCE_COLOR"] ?? "") !== "") return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/**
 * A message safe to print, its lines kept: names of files, folders and options
 * come from outside, and could hold what drives a terminal.
 */
export function printable(message: string): string {
  return message.split("\n").map(singleLine).join("\n");
}

/** `3 files`, `1 file`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
