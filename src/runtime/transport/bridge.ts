import type { Duplex, Readable, Writable } from "node:stream";
import {
  type ProcessOptions,
  startCommand,
  withoutActivation,
} from "./command.ts";
import type { Endpoint } from "./endpoint.ts";
import { refuseListening } from "./failure.ts";
import { PairedStream } from "./paired.ts";
import { joinWords } from "./words.ts";

/** How a bridge is started. */
export interface BridgeOptions extends ProcessOptions {
  /** For messages and logs. Default: `bridge:` and the command line. */
  readonly address?: string | undefined;
  /**
   * Whether there is only one connection, and so one process, at a time: see
   * `Endpoint.single`. `false` starts the command for each connection that a
   * client opens, which is for bridges to one and the same service. Default `true`.
   */
  readonly single?: boolean | undefined;
}

/**
 * A command whose standard input and output are the connection: `varlink bridge`,
 * `ssh HOST …`, `websocat --binary ws://…`. No shell reads it.
 *
 * Connecting starts it, and tells only that it could be started: whether it
 * reaches anybody shows at the first call. How it ends is that of `execEndpoint`.
 *
 * @param command The command, a path or a name that is looked for in `PATH`, and
 * its arguments.
 */
export function bridgeEndpoint(
  command: readonly [string, ...string[]],
  options: BridgeOptions = {},
): Endpoint {
  const address = options.address ?? `bridge:${joinWords(command)}`;
  return {
    address,
    single: options.single ?? true,
    async connect({ signal }): Promise<Duplex> {
      signal?.throwIfAborted();
      const running = await startCommand(command, [0, 1], {
        ...options,
        env: withoutActivation(options.env),
      });
      return new PairedStream(
        running.child.stdout as Readable,
        running.child.stdin as Writable,
        {
          explain: (cause) => running.explain(cause),
          closed: () => running.stop(),
        },
      );
    },
    listen: () => refuseListening(address, "a command"),
  };
}
