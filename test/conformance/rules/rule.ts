/** What a rule of the conformance suite is made of. */

/**
 * Whose rule it is: the client's, the server's, that of who reads interface
 * definitions, or of a bridge between two transports.
 */
export type Side = "client" | "server" | "reader" | "bridge";

/** All of them. */
export const SIDES: readonly Side[] = ["reader", "client", "server", "bridge"];

/**
 * The word of RFC 2119 that the rule is said with (`RECOMMENDED` and `OPTIONAL` are
 * under `SHOULD` and `MAY`, as that RFC has them); `IS` for what the specification
 * states without such a word: how the protocol is.
 */
export type Level = "MUST" | "SHOULD" | "MAY" | "IS";

/**
 * How one side stands to a rule.
 *
 * - `kept`: a test proves it.
 * - `instead`: something else is done on purpose, which a test pins down.
 * - `cannot`: Node gives no means to do it.
 * - `later`: it is not there yet.
 * - `authors`: whoever writes an interface or a service has to keep it.
 */
export type Standing =
  | "kept"
  | { readonly instead: string }
  | { readonly cannot: string }
  | { readonly later: string }
  | { readonly authors: string };

/** A rule of the specification, in our own words. */
export interface Rule extends Partial<Readonly<Record<Side, Standing>>> {
  /** The heading it stands under. */
  readonly section: string;
  readonly level: Level;
  readonly text: string;
  /** What more there is to know, of sides that keep it. */
  readonly note?: string;
}
