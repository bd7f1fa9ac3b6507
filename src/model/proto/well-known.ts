import { wellKnownTexts } from "./well-known-texts.ts";

/**
 * The text of a file that comes with Protocol Buffers, such as
 * `google/protobuf/timestamp.proto`: what `protoc` finds in its own `include`
 * folder. Names, numbers, types and options are those of release 36.2; the
 * comments are ours.
 *
 * @param importPath As an `import` has it, to the letter.
 * @returns undefined where no such file comes with Protocol Buffers.
 */
export function wellKnownFile(importPath: string): string | undefined {
  return wellKnownTexts().get(importPath);
}

/** The import paths of all these files, sorted. */
export function wellKnownPaths(): readonly string[] {
  return [...wellKnownTexts().keys()];
}
