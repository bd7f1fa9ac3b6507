import { PortolanError } from "../errors.ts";

/**
 * Bytes that are no message of the type they were read as: cut off, malformed,
 * without a required field, or beyond a limit.
 */
export class ProtobufError extends PortolanError {
  /** Where in the bytes, counted from 0: the field that is at fault begins there, or ends too early. */
  readonly offset: number;

  constructor(message: string, offset: number, options?: ErrorOptions) {
    super("MALFORMED_MESSAGE", message, options);
    this.offset = offset;
  }

  static override matches(error: unknown): boolean {
    return PortolanError.matches(error) && isMalformed(error);
  }
}

Object.defineProperty(ProtobufError.prototype, "name", {
  value: "ProtobufError",
  writable: true,
  configurable: true,
});

function isMalformed(error: unknown): boolean {
  return (error as PortolanError).code === "MALFORMED_MESSAGE";
}
