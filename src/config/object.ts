/** Whether a value is an object of options: no list, Map, Promise and so on. */
export function isObject(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && kindOf(value) === "Object"
  );
}

/** What an object is: `Object`, `Map`, `Promise`. */
export function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
