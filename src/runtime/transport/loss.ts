/** How connections of every protocol tell that they are gone, and keep the process alive. */
import { PortolanError } from "../errors.ts";
import { systemCode } from "./failure.ts";

export interface Referable {
  ref(): void;
  unref(): void;
}

/** A connection that may know more of its end than that it came. */
export interface Ending {
  /** Why it ended, for whoever still waited for something. */
  readonly endReason: Error | undefined;
}

/** What a connection knows of its end, although it was no failure: see {@link Ending}. */
export function endReasonOf(stream: object): Error | undefined {
  if (!("endReason" in stream)) return undefined;
  return stream.endReason instanceof Error ? stream.endReason : undefined;
}

/** A call whose connection is gone. */
export interface LostCall {
  readonly method: string;
  /** Whether it had replies, and waited for more. Default: no. */
  readonly replied?: boolean;
}

/** A call's error: its connection is gone, `inside` a message of the peer. */
export function lost(
  address: string,
  { method, replied = false }: LostCall,
  cause: unknown,
  inside = false,
): PortolanError {
  let where = `before ${method} was answered`;
  if (replied) where = `before the stream of ${method} was complete`;
  if (inside) where = "in the middle of a message";
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
