/** The objects that a message holds, at any depth, in lists and maps too, and itself. */
export function reachable(root: object): Set<object> {
  const found = new Set<object>([root]);
  // A set can be walked while it grows.
  for (const object of found) {
    if (ArrayBuffer.isView(object)) continue;
    for (const value of Object.values(object) as readonly unknown[]) {
      if (typeof value === "object" && value !== null) found.add(value);
    }
  }
  return found;
}
