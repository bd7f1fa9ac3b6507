import { AmbiguousId } from "./errors.ts";

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * Finds what an id or a name means, as libpod does: a full id, else a name, else
 * the beginning of exactly one id.
 *
 * @param kind What is looked for, for the error: `container`.
 * @throws AmbiguousId if several ids begin so.
 */
export function lookUp<T extends Named>(
  entries: readonly T[],
  idOrName: string,
  kind: string,
): T | undefined {
  const exact =
    entries.find(({ id }) => id === idOrName) ??
    entries.find(({ name }) => name === idOrName);
  // The empty string begins every id.
  if (exact !== undefined || idOrName === "") return exact;
  const [first, ...others] = entries.filter(({ id }) =>
    id.startsWith(idOrName),
  );
  if (others.length === 0) return first;
  throw new AmbiguousId(
    `"${idOrName}" is the beginning of ${others.length + 1} ${kind} ids: give more of it`,
  );
}
