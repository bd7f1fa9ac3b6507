/** Where the compiled form of a type stands once there is one. */
export interface Slot<T> {
  compiled: T;
}

/**
 * The types that others refer to by name. They are compiled after one another,
 * not inside one another: types may contain themselves, and chains of them may be
 * longer than the stack is deep.
 */
export class References<T> {
  readonly #unfinished: T;
  readonly #slots = new Map<string, Slot<T>>();
  readonly #pending: string[] = [];

  /** @param unfinished What stands in a slot until its type is compiled. */
  constructor(unfinished: T) {
    this.#unfinished = unfinished;
  }

  /** The slot of a type, which {@link finish} fills. */
  of(name: string): Slot<T> {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = { compiled: this.#unfinished };
      this.#slots.set(name, slot);
      this.#pending.push(name);
    }
    return slot;
  }

  /** Compiles all that was referred to, and what that refers to in turn. */
  finish(compile: (name: string) => T): void {
    for (
      let name = this.#pending.pop();
      name !== undefined;
      name = this.#pending.pop()
    ) {
      this.of(name).compiled = compile(name);
    }
  }
}
