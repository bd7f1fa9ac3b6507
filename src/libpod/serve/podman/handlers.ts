import { MethodNotImplemented } from "../../../runtime/varlink/standard.ts";

/** Every method of an interface, each with a handler. */
export type AllHandlers<H> = {
  readonly [K in keyof H]-?: NonNullable<H[K]>;
};

/**
 * A handler for a method that is not implemented here: it answers with the standard
 * error of Varlink, as Podman's daemons do for what their interface only names.
 */
export function notImplemented(method: string): () => never {
  return () => {
    throw new MethodNotImplemented({ method });
  };
}
