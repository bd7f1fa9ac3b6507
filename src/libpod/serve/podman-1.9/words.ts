const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From so many milliseconds on, so many of a unit are told, rounded down. */
const steps: readonly (readonly [from: number, unit: number, word: string])[] =
  [
    [2 * 365 * DAY, 365 * DAY, "years"],
    [60 * DAY, 30 * DAY, "months"],
    [14 * DAY, 7 * DAY, "weeks"],
    [2 * DAY, DAY, "days"],
    [2 * HOUR, HOUR, "hours"],
    [HOUR, HOUR, "About an hour"],
    [2 * MINUTE, MINUTE, "minutes"],
    [MINUTE, MINUTE, "About a minute"],
    [2 * SECOND, SECOND, "seconds"],
    [SECOND, SECOND, "1 second"],
  ];

/**
 * A length of time in words, as `podman ps` shows it: `2 hours`, `About a minute`.
 *
 * @param milliseconds Negative ones are taken for zero: clocks may be set back.
 */
export function words(milliseconds: number): string {
  const step = steps.find(([from]) => milliseconds >= from);
  if (step === undefined) return "Less than a second";
  const [from, unit, word] = step;
  return from === unit ? word : `${Math.floor(milliseconds / unit)} ${word}`;
}
