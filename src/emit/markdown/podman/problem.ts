import type { Diagnostic } from "../../../model/diagnostics.ts";
import { SourceText } from "../../../model/diagnostics.ts";
import type { SourceReport } from "../../../model/read.ts";

/**
 * The stable code of every reason for which there is no document in Podman's
 * style, with what it means. Podman's generator fails for each as well, but for
 * the two limits at the end, which it does not have.
 */
export const codes = {
  "podman/missing-interface": "the file does not begin with `interface`",
  "podman/invalid-interface-name":
    "no name of an interface, or one of more than 255 bytes",
  "podman/unknown-keyword": "a member that is no type, method or error",
  "podman/missing-name": "a member without a name",
  "podman/invalid-type": "something else where a type must stand",
  "podman/missing-arrow":
    "a method without `->` between parameters and results",
  "podman/duplicate-member": "two members of one name",
  "podman/no-method": "an interface without any method",
  "podman/enum":
    "an enum as a type of its own, or as a method's parameters or results",
  "podman/ends-in-comment":
    "a bare `#` at the file's end, or a comment where a name or type must stand",
  "podman/nesting-too-deep": "a type nested deeper than the reader follows",
  "podman/too-large": "a file or document of more than 64 MiB",
} as const;

/** One of {@link codes}. */
export type PodmanCode = keyof typeof codes;

/** A range of bytes in the file. */
export interface ByteSpan {
  /** From the file's first byte on, which is 0. */
  readonly offset: number;
  /** May be 0. */
  readonly length: number;
}

/** Why there is no document in Podman's style. */
export interface PodmanProblem extends ByteSpan {
  readonly code: PodmanCode;
  /** One sentence without a full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly help?: string;
  /** Another place that matters: the first of two members of one name. */
  readonly related?: ByteSpan & { readonly message: string };
}

/** Ends the reading of a file. */
export class PodmanFailure extends Error {
  override readonly name: string = "PodmanFailure";
  readonly problem: PodmanProblem;

  constructor(problem: PodmanProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** What is wrong inside a type: in an error's parameters it is no reason to give up. */
export class TypeFailure extends PodmanFailure {
  override readonly name = "TypeFailure";

  constructor(span: ByteSpan, message: string, help?: string) {
    const { offset, length } = span;
    super({
      offset,
      length,
      code: "podman/invalid-type",
      message,
      ...(help !== undefined && { help }),
    });
  }
}

/** A piece of source as a message quotes it: names can be megabytes long. */
export function quoted(word: string): string {
  return word.length <= 64 ? `\`${word}\`` : `\`${word.slice(0, 60)}…\``;
}

/**
 * A problem as the command line shows it. Columns count the text's characters,
 * with one for every wrong byte where the file is not UTF-8.
 */
export function podmanReport(
  path: string,
  bytes: Uint8Array,
  problem: PodmanProblem,
): SourceReport {
  const text = decode(bytes, false);
  const { code, message, help, related } = problem;
  const diagnostic: Diagnostic = {
    severity: "error",
    code,
    message,
    span: textSpan(bytes, problem),
    ...(help !== undefined && { help }),
    ...(related && {
      related: [{ span: textSpan(bytes, related), message: related.message }],
    }),
  };
  return { source: new SourceText(path, text), diagnostics: [diagnostic] };
}

function textSpan(
  bytes: Uint8Array,
  { offset, length }: ByteSpan,
): Diagnostic["span"] {
  return {
    start: textOffset(bytes, offset),
    end: textOffset(bytes, offset + length),
  };
}

/** The UTF-16 offset of a byte; inside a character, which `#` may cut, the character's own. */
function textOffset(bytes: Uint8Array, offset: number): number {
  const isInside = ((bytes[offset] ?? 0) & 0xc0) === 0x80;
  return decode(bytes.subarray(0, offset), isInside).length;
}

/**
 * @param stream - Whether a character at the end that is not whole is left out, for
 * more may come.
 */
function decode(bytes: Uint8Array, stream: boolean): string {
  // The byte order mark stays: `SourceText` counts it.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, {
    stream,
  });
}
