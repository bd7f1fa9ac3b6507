import type { EnvelopeDescriptor } from "./descriptor.ts";

/** An envelope RPC with the functions that answer its commands. */
export interface EnvelopeService {
  readonly descriptor: EnvelopeDescriptor;
  /** By generated method name (first letter lowered). */
  readonly handlers: object;
}

/** Ties handlers to an envelope RPC; generated code wraps it with types. */
export function envelopeService(
  descriptor: EnvelopeDescriptor,
  handlers: object,
): EnvelopeService {
  return { descriptor, handlers };
}
