/** What lists and choices go by. */
interface Made {
  readonly createdAt?: Date | undefined;
}

/** The one that was made last; of several of one moment the last in the list. */
export function newest<T extends Made>(items: readonly T[]): T | undefined {
  const timeOf = ({ createdAt }: Made): number => createdAt?.getTime() ?? 0;
  let found: T | undefined;
  for (const item of items)
    if (found === undefined || timeOf(item) >= timeOf(found)) found = item;
  return found;
}
