/** How connections of every protocol tell that they are gone, and keep the process alive. */
import { PortolanError } from "../errors.ts";
import { systemCode } from "./failure.ts";

export interface Referable {
  ref(): void;
  unref(): void;
}

/** A call's error: its connection is gone, `inside` a message of the peer. */
export function lost(
  address: string,
  method: string,
  cause: unknown,
  inside = false,
): PortolanError {
  const where = inside
    ? "in the middle of a message"
    : `before ${method} was answered`;
  return new PortolanError(
    "CONNECTION_LOST",
    `the connection to ${address} was closed ${where}`,
    cause === undefined ? undefined : { cause },
  );
}

/**
 * Whether a failed write proves that the peer never got the message: the system
 * took no more of it, and a message is none without its last byte.
 */
export function isRefusal(error: Error | null | undefined): boolean {
  if (!error) return false;
  // Of a command that failed the cause says how that showed.
  if (PortolanError.is(error))
    return isRefusal(error.cause as Error | undefined);
  if (!("syscall" in error) || error.syscall !== "write") return false;
  const code = systemCode(error);
  return code === "EPIPE" || code === "ECONNRESET";
}

/** Whether the connection is a handle of the event loop: a socket, for one. */
export function isReferable(stream: object): stream is Referable {
  return (
    "ref" in stream &&
    typeof stream.ref === "function" &&
    "unref" in stream &&
    typeof stream.unref === "function"
  );
}
