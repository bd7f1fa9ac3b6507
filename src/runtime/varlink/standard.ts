/**
 * The errors of `org.varlink.service` (UAPI.20, "The org.varlink.service
 * Interface"): every peer may answer with them, whatever its description says.
 */
import {
  DeclaredError,
  VarlinkError,
  type VarlinkErrorOptions,
} from "../errors.ts";

/** The interface that every Varlink service has. */
export const SERVICE_INTERFACE = "org.varlink.service";

/** The service has no interface of this name. */
export class InterfaceNotFound extends DeclaredError<{
  readonly interface: string;
}> {
  static override readonly error: string = `${SERVICE_INTERFACE}.InterfaceNotFound`;
}

/** The interface has no method of this name. */
export class MethodNotFound extends DeclaredError<{ readonly method: string }> {
  static override readonly error: string = `${SERVICE_INTERFACE}.MethodNotFound`;
}

/** The interface describes this method, and the service does not have it. */
export class MethodNotImplemented extends DeclaredError<{
  readonly method: string;
}> {
  static override readonly error: string = `${SERVICE_INTERFACE}.MethodNotImplemented`;
}

/** A parameter of the call is missing, unknown or of a wrong type. */
export class InvalidParameter extends DeclaredError<{
  readonly parameter: string;
}> {
  static override readonly error: string = `${SERVICE_INTERFACE}.InvalidParameter`;
}

/** The client may not call this method. */
export class PermissionDenied extends DeclaredError<object> {
  static override readonly error: string = `${SERVICE_INTERFACE}.PermissionDenied`;
}

/** The method must be called with the `more` flag: use `.more()`. */
export class ExpectedMore extends DeclaredError<object> {
  static override readonly error: string = `${SERVICE_INTERFACE}.ExpectedMore`;
}

/** The method must be called with the `upgrade` flag. */
export class ExpectedUpgrade extends DeclaredError<object> {
  static override readonly error: string = `${SERVICE_INTERFACE}.ExpectedUpgrade`;
}

interface DeclaredErrorClass {
  readonly error: string;
  new (parameters: never): VarlinkError;
}

const classes: readonly DeclaredErrorClass[] = [
  InterfaceNotFound,
  MethodNotFound,
  MethodNotImplemented,
  InvalidParameter,
  PermissionDenied,
  ExpectedMore,
  ExpectedUpgrade,
];

const byName: ReadonlyMap<string, DeclaredErrorClass> = new Map(
  classes.map((type) => [type.error, type]),
);

/** A standard error by its full name, or `undefined` if it is not one. */
export function standardError(
  error: string,
  parameters: object,
  options?: VarlinkErrorOptions,
): VarlinkError | undefined {
  const type = byName.get(error);
  if (type === undefined) return undefined;
  // What a peer sends under a standard name is kept as it came, fitting or not.
  const made: unknown = Reflect.construct(type, [parameters, options]);
  return VarlinkError.is(made) ? made : undefined;
}
