import type { Served19 } from "./answers.ts";

/** Whether something is among the results, by the value of a condition. */
export type Condition<T> = (value: string) => (item: T) => boolean;

/**
 * Reads conditions of the form `key=value`. Those of one key are alternatives, as in
 * Podman; those of several must all hold.
 *
 * @param known By key.
 * @throws The interface's error for one that is not understood.
 */
export function readConditions<T>(
  { answers }: Served19,
  texts: readonly string[],
  known: Readonly<Record<string, Condition<T>>>,
): (item: T) => boolean {
  const byKey = new Map<string, ((item: T) => boolean)[]>();
  for (const text of texts) {
    const end = text.indexOf("=");
    const key = end < 0 ? text : text.slice(0, end);
    const condition = Object.hasOwn(known, key) ? known[key] : undefined;
    if (end < 0 || condition === undefined) {
      throw answers.occurred(
        `${JSON.stringify(text)} is no condition: expected key=value, the key one of ${Object.keys(known).join(", ")}: invalid argument`,
      );
    }
    const tests = byKey.get(key) ?? [];
    tests.push(condition(text.slice(end + 1)));
    byKey.set(key, tests);
  }
  return (item) =>
    [...byKey.values()].every((tests) => tests.some((test) => test(item)));
}

/** `NAME=VALUE`, or `NAME` for any value: whether something has such a label. */
export function hasLabel(
  value: string,
): (labels: Readonly<Record<string, string>>) => boolean {
  const end = value.indexOf("=");
  const name = end < 0 ? value : value.slice(0, end);
  return (labels) =>
    Object.hasOwn(labels, name) &&
    (end < 0 || labels[name] === value.slice(end + 1));
}
