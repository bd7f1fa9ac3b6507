import { inspect } from "node:util";
import type { Failure } from "./runner.ts";

/** What is said of a failure: what went wrong, with what, and how to run it again. */
export function describeFailure(failure: Failure, seed: number): string {
  const { target, index, together, input, smallest, error } = failure;
  const again = `npm run nightly -- --target=${target}`;
  const told = `${target} failed: ${inspect(error)}\n`;
  const repeat = `  ${again} --seed=${seed} --from=${index} --runs=${together}`;
  if (together > 1)
    return [
      told,
      `inputs ${index} to ${index + together - 1} of seed ${seed} together, and none of them by itself`,
      "",
      "again:",
      repeat,
    ].join("\n");
  return [
    told,
    `input ${index} of seed ${seed}, ${input.bytes.length} bytes, cut down to ${smallest.length}:`,
    JSON.stringify(smallest.toString("latin1")),
    "",
    "again:",
    repeat,
    "again, cut down:",
    `  ${again} --variant=${input.variant} --bytes=${smallest.toString("base64")}`,
  ].join("\n");
}
