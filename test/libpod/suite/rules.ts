import { findRules } from "./rules/find.ts";
import { lifeRules } from "./rules/life.ts";
import { outputRules } from "./rules/output.ts";
import { podsRules } from "./rules/pods.ts";
import { runtimeRules } from "./rules/runtime.ts";
import type { Rule } from "./rules/support.ts";

/** What holds on every engine that has the calls a rule needs. */
export const rules: readonly Rule[] = [
  ...findRules,
  ...lifeRules,
  ...outputRules,
  ...podsRules,
  ...runtimeRules,
];
