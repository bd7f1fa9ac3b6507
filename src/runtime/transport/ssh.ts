/** Services of other machines, by the SSH client of this one, as systemd's `ssh-unix:` and `ssh-exec:` have it. */
import { PortolanError } from "../errors.ts";
import { type BridgeOptions, bridgeEndpoint } from "./bridge.ts";
import type { Endpoint } from "./endpoint.ts";
import { joinWords } from "./words.ts";

/** How SSH is started. */
export interface SshOptions extends BridgeOptions {
  /**
   * The SSH client. Default: the environment's `SYSTEMD_SSH`, or else `ssh`. Its
   * configuration files say about keys, users, ports and jumps.
   */
  readonly ssh?: string | undefined;
}

/**
 * A Unix socket of another machine: `ssh -W PATH HOST`. It takes OpenSSH 9.4 or
 * newer on this machine: an older one connects and forwards nothing, so that calls
 * wait until their `timeout`. Each connection is a process of SSH, all to the same service, so that
 * `single` is `false` by default; see `maxConnections` of clients.
 *
 * @param host `HOST` or `USER@HOST`, or a name of SSH's configuration.
 * @param socketPath Absolute path there.
 * @throws PortolanError `INVALID_ADDRESS` for a host that is none (one that begins
 * with `-` would be an option) or a path that is not absolute.
 */
export function sshUnixEndpoint(
  host: string,
  socketPath: string,
  options: SshOptions = {},
): Endpoint {
  checkHost(host);
  if (!socketPath.startsWith("/") || /[\0\r\n]/.test(socketPath)) {
    throw invalid(
      `${JSON.stringify(socketPath)} is not the absolute path of a socket`,
    );
  }
  // It would read a colon as that before a port, and takes a backslash away.
  const forwarded = socketPath.replaceAll(/[\\:]/g, String.raw`\$&`);
  return bridgeEndpoint([sshOf(options), "-W", forwarded, host], {
    ...options,
    single: options.single ?? false,
    address: options.address ?? `ssh-unix:${bracketed(host)}:${socketPath}`,
  });
}

/**
 * A service that is started on another machine and speaks on its standard input
 * and output: `ssh -e none -T HOST env SYSTEMD_VARLINK_LISTEN=- COMMAND`.
 *
 * SSH hands a command to a shell over there as one text: the words are quoted for
 * it, so that they arrive as they are.
 *
 * @param host `HOST` or `USER@HOST`, or a name of SSH's configuration.
 * @param command The command there, and its arguments.
 * @throws PortolanError `INVALID_ADDRESS` for a host that is none, one that begins
 * with `-` included.
 */
export function sshExecEndpoint(
  host: string,
  command: readonly [string, ...string[]],
  options: SshOptions = {},
): Endpoint {
  checkHost(host);
  const there = joinWords(["env", "SYSTEMD_VARLINK_LISTEN=-", ...command]);
  return bridgeEndpoint([sshOf(options), "-e", "none", "-T", host, there], {
    ...options,
    address:
      options.address ?? `ssh-exec:${bracketed(host)}:${joinWords(command)}`,
  });
}

function sshOf({ ssh, env = process.env }: SshOptions): string {
  const given = ssh ?? env["SYSTEMD_SSH"];
  return given === undefined || given === "" ? "ssh" : given;
}

/** What SSH takes for a host and nothing else, and does not expand in its commands. */
function checkHost(host: string): void {
  const name = host.slice(host.lastIndexOf("@") + 1);
  if (host.startsWith("-") || name.startsWith("-")) {
    throw invalid(
      `the host ${JSON.stringify(host)} begins with "-", which SSH would take for an option`,
    );
  }
  if (name === "" || !/^[^\s\p{Cc}"'`$\\;&|<>(){}[\]*?!#,/]+$/u.test(host))
    throw invalid(`${JSON.stringify(host)} is not a host`);
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function invalid(problem: string): PortolanError {
  return new PortolanError("INVALID_ADDRESS", problem);
}
