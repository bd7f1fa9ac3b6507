/** How many steps of a long way are shown at each of its ends. */
const SHOWN = 3;

/** A way into messages in messages, of which a long one is shown in part. */
export function shortened(way: readonly string[]): readonly string[] {
  return way.length <= 4 * SHOWN
    ? way
    : [...way.slice(0, SHOWN), "…", ...way.slice(-SHOWN)];
}
