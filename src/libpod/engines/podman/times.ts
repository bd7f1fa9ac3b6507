/**
 * Date, time of day, fraction, and what is left: a zone by number, or Go's zone by
 * number and by name, or nothing.
 */
const TIME =
  /^(\d{4,})-(\d\d)-(\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))? ?(Z|[+-]\d\d:?\d\d)?(?: [^ ]+)?(?: m=[^ ]+)?$/;

/**
 * A time as Podman's versions write it: by RFC 3339 with up to nine digits of a
 * second, or as Go prints times (`2026-11-21 22:24:05.487108943 +0000 UTC`).
 *
 * @returns `undefined` for Go's zero time, by which it says never, and for what is no time.
 */
export function parseTime(text: string | undefined): Date | undefined {
  const match = TIME.exec(text ?? "");
  if (match === null) return undefined;
  const [, year = "", month, day, clock, fraction = "", zone = "Z"] = match;
  if (Number(year) <= 1) return undefined;
  const milliseconds = fraction.slice(0, 3).padEnd(3, "0");
  const offset = zone.replace(/^(...)(\d\d)$/, "$1:$2");
  const date = new Date(
    `${year}-${month}-${day}T${clock}.${milliseconds}${offset}`,
  );
  return Number.isNaN(date.getTime()) ? undefined : date;
}
