import type { Duplex } from "node:stream";
import {
  type ProcessOptions,
  findCommand,
  startCommand,
  withoutActivation,
} from "./command.ts";
import type { Endpoint } from "./endpoint.ts";
import { refuseListening } from "./failure.ts";
import { PairedStream } from "./paired.ts";
import { joinWords } from "./words.ts";

/** How a program is started that is a service. */
export interface ExecOptions extends ProcessOptions {
  /** Arguments. Default: none. */
  readonly args?: readonly string[] | undefined;
  /** For messages and logs. Default: `exec:` and the command line. */
  readonly address?: string | undefined;
  /**
   * Whether there is only one connection, and so one process, at a time: see
   * `Endpoint.single`. `false` starts a process for each connection that a client
   * opens, which is for services that keep nothing between calls. Default `true`.
   */
  readonly single?: boolean | undefined;
}

// The pid is known to the process alone, and stays the same over `exec`. The
// command and its arguments are passed, so that no shell reads them.
const SCRIPT = 'export LISTEN_PID=$$; exec "$@"';

/**
 * A program that serves the connection it is given, as systemd's `exec:` has it:
 * it finds a connected socket at descriptor 3, and `LISTEN_FDS=1`,
 * `LISTEN_FDNAMES=varlink` and `LISTEN_PID` in its environment. Its standard input
 * and output are empty.
 *
 * Connecting starts it. When the connection is closed it has a second to end, then
 * it gets SIGTERM, and SIGKILL four seconds later. If it ends by itself and badly,
 * calls fail with `CONNECTION_LOST`, and a `CommandFailed` as the cause.
 *
 * @param command A path, or a name that is looked for in `PATH`.
 */
export function execEndpoint(
  command: string,
  options: ExecOptions = {},
): Endpoint {
  const { args = [] } = options;
  const address = options.address ?? `exec:${joinWords([command, ...args])}`;
  return {
    address,
    single: options.single ?? true,
    async connect({ signal }): Promise<Duplex> {
      const env = withoutActivation(options.env);
      const file = await findCommand(command, env);
      signal?.throwIfAborted();
      const running = await startCommand(
        ["/bin/sh", "-c", SCRIPT, "sh", file, ...args],
        [3],
        {
          ...options,
          env: { ...env, LISTEN_FDS: "1", LISTEN_FDNAMES: "varlink" },
        },
        joinWords([command, ...args]),
      );
      // A pipe to a child is a pair of connected sockets.
      const socket = running.child.stdio[3] as Duplex;
      return new PairedStream(socket, socket, {
        explain: (cause) => running.explain(cause),
        closed: () => running.stop(),
      });
    },
    listen: () => refuseListening(address, "a program"),
  };
}
