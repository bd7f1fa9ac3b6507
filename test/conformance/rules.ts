/**
 * The rules of UAPI.20 "Varlink IPC" 0.1, and of varlink.org where it says more,
 * each in our own words: what the tests of this folder are bound to, and what
 * docs/conformance.md is made of.
 */
import { bridges } from "./rules/bridges.ts";
import { http } from "./rules/http.ts";
import { language } from "./rules/language.ts";
import { older } from "./rules/older.ts";
import { places } from "./rules/places.ts";
import { type Rule, type Side, SIDES, type Standing } from "./rules/rule.ts";
import { service } from "./rules/service.ts";
import { unix } from "./rules/unix.ts";
import { values } from "./rules/values.ts";
import { wire } from "./rules/wire.ts";

type Rules = typeof language &
  typeof values &
  typeof wire &
  typeof service &
  typeof places &
  typeof unix &
  typeof bridges &
  typeof http &
  typeof older;

/** The name of a rule, which stays when its text changes. */
export type RuleId = keyof Rules;

/** The sides of a rule that have a test: those that keep it, or do something else on purpose. */
export type TestedSide<I extends RuleId> = {
  [S in keyof Rules[I] & Side]: Rules[I][S] extends
    "kept" | { readonly instead: string }
    ? S
    : never;
}[keyof Rules[I] & Side];

/** The rules under the headings of the specification, in its order. */
export const chapters: readonly (readonly [
  heading: string,
  rules: Readonly<Record<string, Rule>>,
])[] = [
  ["Interface definition", language],
  ["Values in JSON", values],
  ["Wire protocol", wire],
  ["The interface org.varlink.service", service],
  ["Addresses and socket activation", places],
  ["Unix sockets", unix],
  ["Bridges", bridges],
  ["HTTP", http],
  ["varlink.org", older],
];

/** All rules by name. */
export const rules: ReadonlyMap<string, Rule> = new Map(
  chapters.flatMap(([, chapter]) => Object.entries(chapter)),
);

/** A rule for one side of those it is for. */
export interface Obligation {
  readonly id: string;
  readonly rule: Rule;
  readonly side: Side;
  readonly standing: Standing;
}

/** All rules, each side by itself. */
export const obligations: readonly Obligation[] = [...rules].flatMap(
  ([id, rule]) =>
    SIDES.flatMap((side) => {
      const standing = rule[side];
      return standing === undefined ? [] : [{ id, rule, side, standing }];
    }),
);

/** What the specification says MUST of, and is not kept here. */
export const unkeptMusts: readonly Obligation[] = obligations.filter(
  ({ rule, standing }) =>
    rule.level === "MUST" && standing !== "kept" && !("authors" in standing),
);

/** Whether one side of a rule has to have a test. */
export function isTested(rule: Rule, side: Side): boolean {
  const standing = rule[side];
  return (
    standing === "kept" || (standing !== undefined && "instead" in standing)
  );
}
