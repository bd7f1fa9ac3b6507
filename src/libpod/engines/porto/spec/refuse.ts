import { NotSupported } from "../../../errors.ts";

/** @throws NotSupported: Porto has no word for an option of `createContainer`. */
export function refuse(option: string): never {
  throw new NotSupported("porto", `createContainer: ${option}`);
}

/**
 * Refuses members that Porto has no word for. Those that say nothing (`false`, an
 * empty text, list or object) may be there.
 *
 * @param where The way to the object, for the error: `spec.linux.`.
 * @throws NotSupported
 */
export function refuseOthers(
  value: object | undefined,
  known: readonly string[],
  where: string,
): void {
  for (const [name, member] of Object.entries(value ?? {}))
    if (!known.includes(name) && says(member)) refuse(where + name);
}

function says(member: unknown): boolean {
  if (member === undefined || member === null) return false;
  if (member === false || member === "") return false;
  return typeof member !== "object" || Object.keys(member).length > 0;
}
