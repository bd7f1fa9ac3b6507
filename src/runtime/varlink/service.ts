import type { InterfaceDescriptor } from "./descriptor.ts";

/** One interface with the functions that answer it. */
export interface Service {
  readonly descriptor: InterfaceDescriptor;
  /** By generated method name (first letter lowered). */
  readonly handlers: object;
}

/** Ties handlers to an interface; generated code wraps it with types. */
export function service(
  descriptor: InterfaceDescriptor,
  handlers: object,
): Service {
  return { descriptor, handlers };
}
