import { parse } from "./parser.ts";
import { print, sizeLimit } from "./print.ts";
import { PodmanFailure, type PodmanProblem } from "./problem.ts";

/** A document in Podman's style, or why there is none. */
export type PodmanDocument =
  | { readonly bytes: Uint8Array; readonly problem?: never }
  | { readonly bytes?: never; readonly problem: PodmanProblem };

/**
 * Writes the document that Podman's own generator (`docs/varlink/apidoc.go` in
 * its last version, with the parser that it was built with) makes of a Varlink
 * file, byte for byte: its layout, its rules for comments and its losses. Where
 * that generator fails, there is a problem.
 *
 * It reads the file's bytes and neither the syntax tree nor the model, for its
 * rules are not the language's. The bytes need not be UTF-8, and what is written
 * need not be either.
 */
export function podmanDocument(bytes: Uint8Array): PodmanDocument {
  if (bytes.length > sizeLimit) {
    const message = `the file has ${bytes.length} bytes, and ${sizeLimit} is the limit`;
    return {
      problem: { code: "podman/too-large", message, offset: 0, length: 0 },
    };
  }
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = file.length;
  while (end > 0 && file[end - 1] === 0x0a) end -= 1;
  try {
    const text = print(parse(file.toString("latin1", 0, end)));
    return { bytes: Buffer.from(text, "latin1") };
  } catch (error) {
    if (error instanceof PodmanFailure) return { problem: error.problem };
    throw error;
  }
}
