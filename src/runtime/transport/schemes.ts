/** Kinds of address that a program adds to those that are there. */
import { PortolanError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";

/** An address, taken apart. */
export interface AddressParts {
  /** The whole address, as it was given. */
  readonly text: string;
  /** What stands before the first colon: `unix`. */
  readonly scheme: string;
  /** All that stands behind that colon. */
  readonly rest: string;
  /** The rest without its properties: up to the first `;`. */
  readonly place: string;
  /** The properties behind the place (`;name=value`); the value of one without `=` is empty. */
  readonly properties: ReadonlyMap<string, string>;
  /** The kinds of address that may be used, this one among them. */
  readonly allow: readonly string[];
}

/**
 * Makes an endpoint of an address. It should open nothing, and throw a
 * `PortolanError` of code `INVALID_ADDRESS` for what is none; other errors are
 * wrapped in one.
 */
export type SchemeParser = (address: AddressParts) => Endpoint;

export interface SchemeOptions {
  /**
   * Whether such addresses may be used where no `allow` is given, which is to say
   * everywhere that the address is the program's own configuration. Default `true`;
   * `false` for schemes that start commands.
   */
  readonly byDefault?: boolean | undefined;
}

/** A scheme that a program has added. */
export interface AddedScheme {
  readonly parse: SchemeParser;
  readonly byDefault: boolean;
}

const added = new Map<string, AddedScheme>();

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;

/** The kind of an address: what stands before its first colon, if that is one. */
export function schemeOf(address: string): string | undefined {
  const colon = address.indexOf(":");
  const scheme = address.slice(0, Math.max(colon, 0));
  return SCHEME.test(scheme) ? scheme : undefined;
}

/**
 * Adds a kind of address, for all clients and servers of this process: addresses
 * that begin with `NAME:` are then parsed by `parse`. A built-in one cannot be
 * replaced, nor one that is there already.
 *
 * @param name Letters, digits, `+`, `.` and `-`, a letter first; upper and lower
 * case differ.
 * @returns Removes it again.
 * @throws PortolanError `INVALID_INPUT` for a name that is none or taken.
 */
export function registerScheme(
  name: string,
  parse: SchemeParser,
  options: SchemeOptions = {},
): () => void {
  if (!SCHEME.test(name)) {
    throw new PortolanError(
      "INVALID_INPUT",
      `${JSON.stringify(name)} is not a kind of address`,
    );
  }
  if (added.has(name) || BUILT_IN.includes(name)) {
    throw new PortolanError(
      "INVALID_INPUT",
      `addresses of kind "${name}:" are known already`,
    );
  }
  const scheme = { parse, byDefault: options.byDefault ?? true };
  added.set(name, scheme);
  return () => {
    if (added.get(name) === scheme) added.delete(name);
  };
}

/** What a program has added under this name. */
export function addedScheme(name: string): AddedScheme | undefined {
  return added.get(name);
}

/** The kinds that are there without being added. */
export const BUILT_IN: readonly string[] = [
  "unix",
  "tcp",
  "exec",
  "bridge",
  "ssh",
  "ssh-unix",
  "ssh-exec",
];

/** The kinds that may be used where nothing is said: those that start no command. */
export const ALLOWED_BY_DEFAULT: readonly string[] = ["unix", "tcp"];

/** Whether addresses of a kind may be used. */
export function isAllowed(
  scheme: string,
  allow: readonly string[] | undefined,
): boolean {
  if (allow !== undefined) return allow.includes(scheme);
  return (
    ALLOWED_BY_DEFAULT.includes(scheme) || added.get(scheme)?.byDefault === true
  );
}
