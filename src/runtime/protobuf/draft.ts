/**
 * A message while generated code reads it: what is `readonly` for everyone else is
 * filled in.
 */
export type Draft<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K];
};

/** A field that has a default of its own: neither message nor list, map or `oneof`. */
type Scalar = boolean | number | bigint | string | Uint8Array;

/** What the absent fields of a message mean. */
export type Defaults<T> = {
  readonly [
    K in keyof T as K extends "$unknown"
      ? never
      : [Exclude<T[K], undefined>] extends [Scalar]
        ? K
        : never
  ]-?: Exclude<T[K], undefined>;
};
