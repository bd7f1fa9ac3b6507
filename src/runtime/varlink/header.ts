/** What stands around the parameters of a message, in both directions. */
import { isRecord, type JsonRecord } from "./schema/object.ts";

/**
 * The object that stands between two texts, parsed by itself: a third cheaper for
 * small messages whose form is the usual one, for nothing around it is made or
 * looked at. If what stands there is one whole value, the message has the members
 * of the two texts and no other.
 *
 * @returns `undefined` if the message has another form, or is no JSON: it is to be
 * read as a whole then.
 */
export function parseBetween(
  text: string,
  before: string,
  behind: string,
): object | undefined {
  // Of an object only, so that few of another form are parsed in vain.
  if (
    !text.startsWith(before) ||
    !text.endsWith(behind) ||
    text.charCodeAt(text.length - behind.length - 1) !== CLOSING_BRACE
  )
    return undefined;
  try {
    const value: unknown = JSON.parse(
      text.slice(before.length, -behind.length),
    );
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const CLOSING_BRACE = 0x7d;

/**
 * A member of a message that is neither among those that are known nor a vendor's,
 * whose names have a dot (UAPI.20); `undefined` if there is none.
 */
export function unknownMember(
  message: JsonRecord,
  known: ReadonlySet<string>,
): string | undefined {
  for (const name in message)
    if (!known.has(name) && !name.includes(".")) return name;
  return undefined;
}
