/** Small things that generated code needs besides reader and writer. */

/** Bytes from text in which each character is one of them. */
export function bytes(text: string): Uint8Array {
  const result = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1)
    result[index] = text.charCodeAt(index);
  return result;
}

/** The value of a `oneof` if it is of that case. */
export function valueOf<
  C extends { readonly case: string; readonly value: unknown },
  N extends C["case"],
>(
  choice: C | undefined,
  name: N,
): Extract<C, { readonly case: N }>["value"] | undefined {
  return choice?.case === name
    ? (choice as Extract<C, { readonly case: N }>).value
    : undefined;
}
