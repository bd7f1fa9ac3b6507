/**
 * Addresses in text: `unix:/run/podman/io.podman`, `tcp:[::1]:12345` (UAPI.20,
 * "Address"; the older varlink.org text names the same two).
 */
import { PortolanError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";
import { tcpEndpoint } from "./tcp.ts";
import { MAX_SOCKET_PATH, unixEndpoint } from "./unix.ts";

export interface AddressOptions {
  /**
   * Kinds of address that may be used, by scheme. Default: `unix` and `tcp`. For
   * an address that comes from outside, name what that outside may reach.
   */
  readonly allow?: readonly string[] | undefined;
}

type Properties = ReadonlyMap<string, string>;

const schemes: ReadonlyMap<
  string,
  (rest: string, properties: Properties, text: string) => Endpoint
> = new Map([
  ["unix", parseUnix],
  ["tcp", parseTcp],
]);

/**
 * The endpoint that a user named, by address or itself.
 *
 * @throws PortolanError `INVALID_ADDRESS`, also for what is neither.
 */
export function resolveEndpoint(
  target: string | Endpoint,
  options: AddressOptions = {},
): Endpoint {
  if (typeof target === "string") return parseAddress(target, options);
  const given: unknown = target;
  if (typeof given === "object" && given !== null && "connect" in given) {
    return target;
  }
  throw new PortolanError(
    "INVALID_ADDRESS",
    `an address or an endpoint is needed, not ${given === null ? "null" : typeof given}; ${examples}`,
  );
}

const DEFAULT_ALLOW: readonly string[] = ["unix", "tcp"];

/**
 * Parses an address.
 *
 * - `unix:PATH`, absolute or relative to the working directory, at most 107 bytes
 *   (103 outside of Linux); `;mode=0660` sets the permissions of a listening
 *   socket (default 0600). `unix:@NAME` is Linux's abstract name space (Node 22 or
 *   newer).
 * - `tcp:HOST:PORT`, with IPv6 addresses in brackets.
 *
 * Further properties (`;name=value`) are ignored, as the specification says.
 *
 * @throws PortolanError `INVALID_ADDRESS`, saying what is wrong.
 */
export function parseAddress(
  text: string,
  options: AddressOptions = {},
): Endpoint {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1];
  if (scheme === undefined) {
    const looksLikePath = /^[./~]/.test(text);
    throw invalid(
      text,
      `it has no kind; ${looksLikePath ? `did you mean unix:${text}?` : examples}`,
    );
  }
  const parse = schemes.get(scheme);
  if (parse === undefined) {
    throw invalid(
      text,
      `addresses of kind "${scheme}:" are not known here; ${examples}`,
    );
  }
  const allow = options.allow ?? DEFAULT_ALLOW;
  if (!allow.includes(scheme)) {
    const allowed = allow.length === 0 ? "none is" : `only ${allow.join(", ")}`;
    throw invalid(
      text,
      `addresses of kind "${scheme}:" are not allowed here (${allowed})`,
    );
  }
  if (text.includes("\0")) throw invalid(text, "it has a NUL character");
  const [rest = "", ...properties] = text.slice(scheme.length + 1).split(";");
  return parse(rest, parseProperties(properties), text);
}

const examples =
  "write for example unix:/run/podman/io.podman or tcp:127.0.0.1:12345";

function parseProperties(parts: readonly string[]): Properties {
  const properties = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals < 0) properties.set(part, "");
    else properties.set(part.slice(0, equals), part.slice(equals + 1));
  }
  return properties;
}

function parseUnix(
  path: string,
  properties: Properties,
  text: string,
): Endpoint {
  if (path === "" || path === "@") {
    throw invalid(
      text,
      "the path is missing; write for example unix:/run/podman/io.podman",
    );
  }
  if (path.startsWith("@")) return parseAbstract(path, text);
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_SOCKET_PATH) {
    throw invalid(
      text,
      `the path has ${bytes} bytes, and the system allows ${MAX_SOCKET_PATH} for a socket; use a shorter one, or one relative to the working directory`,
    );
  }
  const mode = properties.get("mode");
  if (mode === undefined) return unixEndpoint(path);
  if (!/^0?[0-7]{3}$/.test(mode)) {
    throw invalid(
      text,
      `mode=${mode} is not a mode in octal; write for example ;mode=0660`,
    );
  }
  return unixEndpoint(path, { mode: Number.parseInt(mode, 8) });
}

function parseAbstract(path: string, text: string): Endpoint {
  if (process.platform !== "linux") {
    throw invalid(text, "abstract sockets (unix:@name) exist on Linux only");
  }
  const major = Number.parseInt(process.versions.node, 10);
  if (major < 22) {
    // It pads the name with zeros, which are part of an abstract name.
    throw invalid(
      text,
      `Node ${process.versions.node} cannot reach abstract sockets (unix:@name) of other programs; use Node 22 or newer, or a socket in the file system`,
    );
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_SOCKET_PATH) {
    throw invalid(
      text,
      `the name has ${bytes - 1} bytes, and the system allows ${MAX_SOCKET_PATH - 1}`,
    );
  }
  return unixEndpoint(path);
}

function parseTcp(
  rest: string,
  _properties: Properties,
  text: string,
): Endpoint {
  const match = /^(?:\[([^\]]*)\]|(.*)):([^:]*)$/s.exec(rest);
  if (match === null) {
    throw invalid(
      text,
      "the port is missing; write for example tcp:127.0.0.1:12345",
    );
  }
  const [, bracketed, plain, portText = ""] = match;
  if (!/^[0-9]{1,5}$/.test(portText) || Number(portText) > 65_535) {
    throw invalid(text, `"${portText}" is not a port (0 to 65535)`);
  }
  const port = Number(portText);
  if (bracketed !== undefined) {
    if (
      !/^[0-9A-Fa-f:.]+(%[^\s%]+)?$/.test(bracketed) ||
      !bracketed.includes(":")
    ) {
      throw invalid(
        text,
        `"${bracketed}" is not an IPv6 address; write for example tcp:[::1]:12345`,
      );
    }
    return tcpEndpoint(bracketed, port);
  }
  const host = plain ?? "";
  if (host === "") {
    throw invalid(
      text,
      "the host is missing; write for example tcp:127.0.0.1:12345",
    );
  }
  if (host.includes(":")) {
    throw invalid(text, "an IPv6 address stands in brackets: tcp:[::1]:12345");
  }
  if (!/^[^\s/?#@[\]]+$/.test(host))
    throw invalid(text, `"${host}" is not a host name`);
  return tcpEndpoint(host, port);
}

function invalid(text: string, problem: string): PortolanError {
  // Quoted as JSON, for it may come from anywhere and hold anything.
  const shown = JSON.stringify(
    text.length > 200 ? `${text.slice(0, 200)}…` : text,
  );
  return new PortolanError(
    "INVALID_ADDRESS",
    `the address ${shown} is not usable: ${problem}`,
  );
}
