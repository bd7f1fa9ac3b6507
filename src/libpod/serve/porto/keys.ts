/** What begins the names under which Porto's properties are kept with a container. */
const KEPT = "porto.set.";

/** Porto's own values that are no properties. */
export const MADE = "porto.made";
export const NUMBER = "porto.id";
export const CHANGED = "porto.changed";
export const START_ERROR = "porto.start_error";

/** What is kept for a property. */
export function keptKey(property: string): string {
  return KEPT + property;
}
