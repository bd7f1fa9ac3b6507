import { PortolanError } from "../errors.ts";
import { ACTIVATION_VARIABLES } from "./command.ts";
import { descriptorEndpoint } from "./descriptor.ts";
import type { Endpoint } from "./endpoint.ts";
import { stdioEndpoint } from "./stdio.ts";
import { unixEndpoint } from "./unix.ts";

export interface ActivationOptions {
  /**
   * Which descriptors, by their names in `LISTEN_FDNAMES` (`FileDescriptorName=` of
   * systemd's units). Default: those named `varlink`, or all if none is.
   */
  readonly name?: string | undefined;
  /** Where to look. Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/**
 * What this process was started to listen at, for `server.listen`: sockets by
 * systemd's protocol (`LISTEN_FDS`, `LISTEN_FDNAMES`, `LISTEN_PID`; listening ones,
 * and connected ones as `exec:` and `Accept=yes` hand them over), and what
 * `SYSTEMD_VARLINK_LISTEN` says (a path, or `-` for standard input and output, as
 * `ssh-exec:` does). Empty if the process was started otherwise. Sockets that are for
 * another process are not taken, and a `PortolanWarning` says so.
 *
 * ```ts
 * const passed = activatedEndpoints();
 * for (const place of passed.length > 0 ? passed : ["unix:/run/demo.socket"])
 *   await server.listen(place);
 * ```
 *
 * The variables are removed, so that no child takes them for its own: only the
 * first call finds something.
 *
 * @throws PortolanError `INVALID_INPUT` if the variables contradict themselves, or
 * a descriptor is no stream socket; `INVALID_ADDRESS` for a path that none can have.
 */
export function activatedEndpoints(
  options: ActivationOptions = {},
): Endpoint[] {
  const { env = process.env } = options;
  const given = {
    pid: env["LISTEN_PID"],
    count: env["LISTEN_FDS"],
    names: env["LISTEN_FDNAMES"],
    place: env["SYSTEMD_VARLINK_LISTEN"],
  };
  for (const variable of ACTIVATION_VARIABLES) delete env[variable];
  delete env["SYSTEMD_VARLINK_LISTEN"];
  const endpoints = passed(given).filter(picked(options.name));
  const found = endpoints.map(({ fd }) => descriptorEndpoint(fd));
  if (given.place === "-") found.push(stdioEndpoint());
  else if (given.place !== undefined && given.place !== "")
    found.push(unixEndpoint(given.place));
  return found;
}

interface Passed {
  readonly fd: number;
  readonly name: string;
}

/** The first descriptor that is passed, which the protocol fixes. */
const FIRST = 3;

function passed(given: {
  readonly pid: string | undefined;
  readonly count: string | undefined;
  readonly names: string | undefined;
}): Passed[] {
  if (given.count === undefined) return [];
  if (given.pid !== String(process.pid)) {
    warnOfOther(given.count, given.pid);
    return [];
  }
  if (!/^[1-9][0-9]{0,5}$/.test(given.count)) {
    throw contradiction(
      `LISTEN_FDS=${given.count} is no number of descriptors`,
    );
  }
  const count = Number(given.count);
  const names = given.names?.split(":");
  if (names !== undefined && names.length !== count) {
    throw contradiction(
      `LISTEN_FDNAMES has ${names.length} names, and LISTEN_FDS=${count}`,
    );
  }
  return Array.from({ length: count }, (_, index) => ({
    fd: FIRST + index,
    name: names?.[index] ?? "unknown",
  }));
}

/**
 * The sockets are a parent's, which may have left the variables to us by mistake; or
 * it only stands between systemd and us, and then nobody takes them.
 */
function warnOfOther(count: string, pid: string | undefined): void {
  if (pid === undefined || pid === "") return;
  process.emitWarning(
    `the sockets of LISTEN_FDS=${count} are not taken: LISTEN_PID=${pid} says that they are another process's, and this one is ${process.pid}. If a wrapper was started that starts this program (npx, tsx, a shell), start node itself: node --import tsx server.ts`,
    "PortolanWarning",
  );
}

function picked(
  name: string | undefined,
): (one: Passed, index: number, all: readonly Passed[]) => boolean {
  if (name !== undefined) return (one) => one.name === name;
  return (one, _index, all) =>
    one.name === "varlink" || !all.some((other) => other.name === "varlink");
}

function contradiction(problem: string): PortolanError {
  return new PortolanError("INVALID_INPUT", problem);
}
