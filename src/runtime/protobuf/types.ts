/**
 * The types that generated messages are written in. Re-exported by
 * `portolan/codegen/v1`: added to, never changed.
 */

/**
 * An enum that readers keep unknown values of: the declared numbers, and whatever
 * a newer peer may add. Closed enums have no others.
 */
export type OpenEnum<E extends number> = E | (number & {});
