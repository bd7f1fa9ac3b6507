const ready = new WeakSet<object>();

/** A class of clients: generated ones have a descriptor of their own. */
interface ClientType<D> {
  readonly prototype: object;
  readonly descriptor: D;
}

/**
 * Gives the class that has the descriptor a getter for each method, once. They
 * stand on its prototype, so that 64 methods cost a client nothing, and a class
 * derived from it may have methods of its own instead.
 *
 * @param names How methods are called, with their wire names.
 * @param methodOf Finds a method of one client.
 */
export function addMethods<D, C>(
  type: { readonly prototype: C },
  names: (descriptor: D) => Iterable<readonly [name: string, wireName: string]>,
  methodOf: (
    client: C,
    name: string,
    wireName: string,
    descriptor: D,
  ) => unknown,
): void {
  let owner: unknown = type;
  while (typeof owner === "function" && !Object.hasOwn(owner, "descriptor")) {
    if (ready.has(owner)) return;
    owner = Object.getPrototypeOf(owner);
  }
  if (typeof owner !== "function" || ready.has(owner)) return;
  ready.add(owner);
  const { descriptor, prototype } = owner as unknown as ClientType<
    D | undefined
  >;
  // The base class declares a descriptor and has none.
  if (descriptor === undefined) return;
  for (const [name, wireName] of names(descriptor)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: false,
      get(this: C) {
        return methodOf(this, name, wireName, descriptor);
      },
    });
  }
}
