import { shortened } from "./path.ts";
import { builtIn } from "./unfit.ts";

/**
 * Finds out where in a value something is wrong, after it went wrong: what was
 * looked at last, seen through proxies. So nothing has to be kept track of as
 * long as all is well.
 */
export class Trace {
  #last: readonly string[] = [];

  /** The way to what was looked at last: `container.layers[3]`; empty for nothing. */
  get last(): string {
    const [first = "", ...others] = shortened(this.#last);
    return others.reduce(
      (path, next) => (next.startsWith("[") ? path + next : `${path}.${next}`),
      first,
    );
  }

  /** The value, watched; what is reached through it is watched as well. */
  watch<T extends object>(value: T, way: readonly string[] = []): T {
    const source = value as { readonly [key: string | symbol]: unknown };
    const isArray = Array.isArray(value);
    const look = (key: string | symbol): unknown => {
      const found = source[key];
      // Not an element, but how a list is gone through.
      if (typeof key === "symbol" || (isArray && key === "length"))
        return found;
      const here = [...way, isArray ? `[${key}]` : step(key)];
      this.#last = here;
      const isMessage =
        typeof found === "object" &&
        found !== null &&
        builtIn(found) === undefined;
      return isMessage ? this.watch(found, here) : found;
    };
    // Not of the value itself: proxies may not change what a frozen object says.
    return new Proxy<object>(isArray ? [] : {}, {
      get: (_, key) => look(key),
      ownKeys: () => Reflect.ownKeys(value),
      getOwnPropertyDescriptor: (_, key) => {
        const own = Reflect.getOwnPropertyDescriptor(value, key);
        return own && { ...own, configurable: true };
      },
    }) as T;
  }
}

function step(key: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key)
    ? key
    : `[${JSON.stringify(key)}]`;
}
