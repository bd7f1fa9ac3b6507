import { expect } from "vitest";

/** A string like this, inside of what `toMatchObject` expects. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
