import type { Duplex } from "node:stream";
import { Activation } from "./activate.ts";
import {
  type ProcessOptions,
  findCommand,
  type RunningCommand,
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
   * What the program finds at descriptor 3. `connected` (default), a connection, is
   * what services of systemd take; `listening`, a socket to accept connections at,
   * is all that those of the libraries for Go, Python and C take. It serves all
   * connections of a client then, and finds its address in `VARLINK_ADDRESS`.
   */
  readonly socket?: "connected" | "listening" | undefined;
  /**
   * Whether there is only one connection, and so one process, at a time: see
   * `Endpoint.single`. `false` starts a process for each connection that a client
   * opens, which is for services that keep nothing between calls. Default `true`, and
   * `false` with a listening socket.
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
  const { args = [], socket = "connected" } = options;
  const address = options.address ?? `exec:${joinWords([command, ...args])}`;
  const start = async (
    passed: readonly number[] | { readonly listening: number },
    further: NodeJS.ProcessEnv,
  ): Promise<RunningCommand> => {
    const env = withoutActivation(options.env);
    const file = await findCommand(command, env, options.cwd);
    return await startCommand(
      ["/bin/sh", "-c", SCRIPT, "sh", file, ...args],
      passed,
      {
        ...options,
        env: { ...env, LISTEN_FDS: "1", LISTEN_FDNAMES: "varlink", ...further },
      },
      joinWords([command, ...args]),
    );
  };
  const activation = new Activation((listening, socketPath) =>
    start({ listening }, { VARLINK_ADDRESS: `unix:${socketPath}` }),
  );
  return {
    address,
    single: options.single ?? socket === "connected",
    async connect({ signal }): Promise<Duplex> {
      signal?.throwIfAborted();
      if (socket === "listening") return await activation.connect(signal);
      const running = await start([3], {});
      // A pipe to a child is a pair of connected sockets.
      const pipe = running.child.stdio[3] as Duplex;
      return new PairedStream(pipe, pipe, {
        explain: (cause) => running.explain(cause),
        closed: () => running.stop(),
      });
    },
    listen: () => refuseListening(address, "a program"),
  };
}
