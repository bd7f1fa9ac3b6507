/** Places that a path says, and the helpers that systemd knows for other schemes. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { PortolanError } from "../errors.ts";
import { execEndpoint, type ExecOptions } from "./exec.ts";
import type { Endpoint } from "./endpoint.ts";
import { listenFailed, systemCode } from "./failure.ts";
import { schemeOf } from "./schemes.ts";
import { unixEndpoint, type UnixEndpointOptions } from "./unix.ts";

/** What may be at a path. */
export interface PathEndpointOptions extends UnixEndpointOptions {
  /** Whether a program there is started, as by `execEndpoint`. Default `false`. */
  readonly exec?: boolean | undefined;
}

/**
 * A socket at a path, or a program, as systemd's tools take one: what it is, is
 * looked at when it is connected to. Listening makes a socket there.
 *
 * @throws PortolanError `INVALID_ADDRESS` for a path that is too long for a socket.
 */
export function pathEndpoint(
  file: string,
  options: PathEndpointOptions = {},
): Endpoint {
  const socket = unixEndpoint(file, options);
  const program = execEndpoint(path.resolve(file), { address: file });
  return {
    address: file,
    // What is one process for all calls is known only later.
    single: options.exec === true,
    async connect(connecting) {
      const found = await stat(file);
      if (!found.isFile()) return await socket.connect(connecting);
      if (options.exec !== true) {
        throw new Error(
          `${file} is not a socket; allow "exec" to start it, if it is a program`,
        );
      }
      return await program.connect(connecting);
    },
    listen: (onConnection, onError) => socket.listen(onConnection, onError),
  };
}

/** Where systemd's helpers are, if the environment's `SYSTEMD_VARLINK_BRIDGES_DIR` does not say. */
const BRIDGES = "/usr/lib/systemd/varlink-bridges";

/**
 * An address of a scheme that a helper of systemd (260 or newer) connects to:
 * the program of the scheme's name in `/usr/lib/systemd/varlink-bridges`, or the
 * folder that `SYSTEMD_VARLINK_BRIDGES_DIR` names. It gets the address as its
 * argument, and the connection as `execEndpoint` has it. Each connection is a
 * process of its own.
 *
 * @param url The whole address: `http://localhost:1031/ws/services/io.systemd.Hostname`.
 * @throws PortolanError `INVALID_ADDRESS` for one whose scheme is none.
 */
export function helperEndpoint(
  url: string,
  options: Omit<ExecOptions, "args" | "address"> = {},
): Endpoint {
  const scheme = schemeOf(url);
  if (scheme === undefined) {
    throw new PortolanError(
      "INVALID_ADDRESS",
      `${JSON.stringify(url)} does not begin with a kind of address`,
    );
  }
  return {
    address: url,
    single: options.single ?? false,
    async connect(connecting) {
      const env = options.env ?? process.env;
      const folder = env["SYSTEMD_VARLINK_BRIDGES_DIR"] ?? BRIDGES;
      const helper = path.join(folder, scheme);
      const endpoint = execEndpoint(helper, {
        ...options,
        args: [url],
        address: url,
      });
      try {
        return await endpoint.connect(connecting);
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw error;
        throw new Error(
          `there is no helper for addresses of kind "${scheme}:" (${helper})`,
          { cause: error },
        );
      }
    },
    listen: () =>
      Promise.reject(
        listenFailed(url, "a helper's address can only be connected to"),
      ),
  };
}
