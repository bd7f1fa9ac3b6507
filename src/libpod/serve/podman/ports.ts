import { InvalidArgument } from "../../errors.ts";

/** A port of the host that leads to one of a container. */
export interface PublishedPort {
  /** Empty: every address. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string;
}

const PROTOCOLS: ReadonlySet<string> = new Set(["tcp", "udp", "sctp"]);
// An IPv6 address stands in brackets, for it has colons itself.
const PUBLISH =
  /^(?:(?:(?<ip>\[[^\]]*\]|[^:[\]]*):)?(?<host>[^:]*):)?(?<container>[^:]+)$/;

/**
 * Reads what `podman create --publish` takes: `[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`,
 * where both ports may be ranges of the same length: `8000-8001:80-81`.
 *
 * No port is opened: an embedded engine has no network. A host's port that is left
 * to the daemon is the container's own number therefore, which makes it predictable.
 *
 * @throws InvalidArgument
 */
export function parsePublish(text: string): readonly PublishedPort[] {
  const slash = text.lastIndexOf("/");
  const protocol = slash < 0 ? "tcp" : text.slice(slash + 1).toLowerCase();
  const found = PUBLISH.exec(slash < 0 ? text : text.slice(0, slash));
  const { ip = "", host = "", container = "" } = found?.groups ?? {};
  if (found === null || !PROTOCOLS.has(protocol)) throw malformed(text);
  const inside = parseRange(container, text);
  const outside = host === "" ? inside : parseRange(host, text);
  if (outside.length !== inside.length) {
    throw new InvalidArgument(
      `the published ports ${JSON.stringify(text)} are ranges of different lengths`,
    );
  }
  return Array.from({ length: inside.length }, (_, index) => ({
    hostIp: ip.replace(/^\[|\]$/g, ""),
    hostPort: outside.first + index,
    containerPort: inside.first + index,
    protocol,
  }));
}

/** As many as there are port numbers, so that ranges cannot be heaped up. */
const MAX_PORTS = 65_536;

/**
 * Reads all the ports that are published, those that are only exposed where all are
 * to be.
 *
 * @throws InvalidArgument
 */
export function readPorts(
  publish: readonly string[],
  all: boolean,
  exposed: readonly string[],
): readonly PublishedPort[] {
  const ports: PublishedPort[] = [];
  for (const text of all ? [...publish, ...exposed] : publish) {
    for (const port of parsePublish(text)) ports.push(port);
    if (ports.length > MAX_PORTS) {
      throw new InvalidArgument(
        `more than ${MAX_PORTS} ports are published at once`,
      );
    }
  }
  return ports;
}

function parseRange(
  range: string,
  text: string,
): { readonly first: number; readonly length: number } {
  const [first = NaN, last = first] = range.split("-", 3).map(parsePort);
  if (range.split("-").length > 2 || !(first <= last)) throw malformed(text);
  return { first, length: last - first + 1 };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  return port >= 1 && port <= 65_535 ? port : NaN;
}

function malformed(text: string): InvalidArgument {
  return new InvalidArgument(
    `${JSON.stringify(text)} publishes no port: expected [[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`,
  );
}
