import type { Endpoint } from "./endpoint.ts";
import { onceEndpoint } from "./once.ts";
import { PairedStream } from "./paired.ts";

/**
 * Standard input and output of this process as one connection: of a service that
 * `bridgeEndpoint`, `ssh-exec:` or inetd starts, or of a client that was started by
 * its service. Nothing else may then write to standard output: `console.error`
 * instead of `console.log`.
 *
 * There is one connection, once. When it is over, nothing of it keeps the process
 * alive; a peer that does not see the end of a socket sees that of the process.
 */
export function stdioEndpoint(): Endpoint {
  return onceEndpoint(
    "stdio:",
    () => new PairedStream(process.stdin, process.stdout),
  );
}
