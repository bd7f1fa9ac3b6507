import type { Target } from "./target.ts";
import { clientTarget } from "./targets/client.ts";
import { codecTarget } from "./targets/codec.ts";
import { envelopeClientTarget } from "./targets/envelope-client.ts";
import { envelopeServerTarget } from "./targets/envelope-server.ts";
import { integersTarget } from "./targets/integers.ts";
import { serverTarget } from "./targets/server.ts";
import { protoTarget, varlinkTarget } from "./targets/texts.ts";

/** Everything that is fuzzed. */
export const targets: readonly Target[] = [
  serverTarget,
  clientTarget,
  integersTarget,
  varlinkTarget,
  protoTarget,
  codecTarget,
  envelopeServerTarget,
  envelopeClientTarget,
];

/** How many of `runs` inputs a target gets; together at least as many as asked for. */
export function shareOf(target: Target, runs: number): number {
  const all = targets.reduce((sum, { share }) => sum + share, 0);
  return Math.ceil((runs * target.share) / all);
}
