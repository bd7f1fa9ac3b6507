import { inspect, type InspectOptions } from "node:util";

/**
 * Says what consoles print of the objects of a class: its name, and the few facts
 * that tell them apart.
 */
export function showAs<T extends object>(
  type: { readonly prototype: T },
  name: string,
  factsOf: (object: T) => object,
): void {
  Object.defineProperty(type.prototype, inspect.custom, {
    value(this: T, _depth: number, options: InspectOptions): string {
      return `${name} ${inspect(factsOf(this), options)}`;
    },
  });
}
