import { inspect } from "node:util";
import type { Failure } from "./runner.ts";

/** What is said of a failure: what went wrong, with what, and how to run it again. */
export function describeFailure(
  { target, index, input, smallest, error }: Failure,
  seed: number,
): string {
  const again = `npm run nightly -- --target=${target}`;
  return [
    `${target} failed: ${inspect(error)}`,
    "",
    `input ${index} of seed ${seed}, ${input.bytes.length} bytes, cut down to ${smallest.length}:`,
    JSON.stringify(smallest.toString("latin1")),
    "",
    "again:     ",
    `  ${again} --seed=${seed} --from=${index} --runs=1`,
    "again, cut down:",
    `  ${again} --variant=${input.variant} --bytes=${smallest.toString("base64")}`,
  ].join("\n");
}
