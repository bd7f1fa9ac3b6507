import { it } from "vitest";
import { type RuleId, rules, type TestedSide } from "./rules.ts";

/**
 * The test of one rule for one side. That it is a rule, and that the side has one
 * to test, the compiler says; that none is missing, `suite.test.ts`.
 */
export function conform<I extends RuleId>(
  id: I,
  side: TestedSide<I>,
  run: () => void | Promise<void>,
): void {
  const { level = "", text = "" } = rules.get(id) ?? {};
  it(`${id} (${side}, ${level}): ${text}`, run);
}
