import { describe } from "vitest";
import { hasCorpora } from "../../scripts/corpora/files.ts";

/**
 * `describe` for tests that read the `.proto` files of other people's packages.
 * `npm run corpora` fetches them; without them these tests are skipped, and
 * counted as such.
 */
export const describeProtoCorpora: typeof describe.skip | typeof describe =
  hasCorpora() ? describe : describe.skip;
