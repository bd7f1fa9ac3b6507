import { nearest } from "../../../../grammar/source/nearest.ts";

/** A configuration cannot be read, or does not fit its interface file. */
export class EnvelopeError extends Error {
  override readonly name: string = "EnvelopeError";
  /** Of the configuration, where it is known; the message begins with it. */
  readonly path: string | undefined;

  constructor(
    message: string,
    options: ErrorOptions & { readonly path?: string } = {},
  ) {
    super(message, options);
    this.path = options.path;
  }
}

/**
 * Where in a configuration something stands: `required["Porto.TError"].msg`.
 */
export function settingPath(parent: string, key: string | number): string {
  if (typeof key === "string" && /^[A-Za-z_]\w*$/.test(key))
    return parent === "" ? key : `${parent}.${key}`;
  return `${parent}[${JSON.stringify(key)}]`;
}

/** A problem with what stands at a place; the place is left out for the whole. */
export function problemAt(setting: string, message: string): EnvelopeError {
  return new EnvelopeError(setting === "" ? message : `${setting}: ${message}`);
}

/** The end of a message about a name that is not known: what may have been meant. */
export function suggestion(name: string, known: Iterable<string>): string {
  const meant = nearest(name, known);
  return meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`;
}
