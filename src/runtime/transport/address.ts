/**
 * Addresses in text: `unix:/run/podman/io.podman`, `tcp:[::1]:12345` (UAPI.20,
 * "Address"; the older varlink.org text names the same two), those of systemd's
 * tools, and what a program adds.
 */
import { messageOf, PortolanError } from "../errors.ts";
import { bridgeEndpoint } from "./bridge.ts";
import type { Endpoint } from "./endpoint.ts";
import { execEndpoint } from "./exec.ts";
import { helperEndpoint, pathEndpoint } from "./path.ts";
import {
  addedScheme,
  type AddressParts,
  ALLOWED_BY_DEFAULT,
  isAllowed,
  schemeOf,
  type SchemeParser,
} from "./schemes.ts";
import { sshExecEndpoint, sshUnixEndpoint } from "./ssh.ts";
import { tcpEndpoint } from "./tcp.ts";
import { unixEndpoint } from "./unix.ts";
import { splitWords } from "./words.ts";

export interface AddressOptions {
  /**
   * Kinds of address that may be used, by scheme. Default: `unix` and `tcp`, and
   * what the program has added: nothing that starts a command. For an address that
   * comes from outside, name what that outside may reach.
   */
  readonly allow?: readonly string[] | undefined;
}

const schemes: ReadonlyMap<string, SchemeParser> = new Map([
  ["unix", parseUnix],
  ["tcp", parseTcp],
  ["exec", parseExec],
  ["bridge", parseBridge],
  ["ssh", parseSshUnix],
  ["ssh-unix", parseSshUnix],
  ["ssh-exec", parseSshExec],
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

/**
 * Parses an address.
 *
 * - `unix:PATH`, absolute or relative to the working directory, at most 107 bytes
 *   (103 outside of Linux); `;mode=0660` sets the permissions of a listening
 *   socket (default 0600). `unix:@NAME` is Linux's abstract name space (Node 22 or
 *   newer).
 * - `tcp:HOST:PORT`, with IPv6 addresses in brackets. Listening at what others than
 *   this machine can reach needs `;public`: see {@link tcpEndpoint}.
 * - `/PATH`, `./PATH`, `../PATH`: a socket; also a program, where `exec` is allowed.
 *
 * And where `allow` names them, for they start commands:
 *
 * - `exec:/PATH`: see {@link execEndpoint}; `;socket=listening` for services of the
 *   libraries for Go, Python and C.
 * - `bridge:COMMAND`: see {@link bridgeEndpoint}. It is split into words at blanks;
 *   quotes and backslashes keep those, and nothing is expanded.
 * - `ssh-unix:HOST:/PATH` (or `ssh:`) and `ssh-exec:HOST:COMMAND`: see
 *   {@link sshUnixEndpoint}, {@link sshExecEndpoint}.
 * - any other kind that is named: a helper of systemd, see {@link helperEndpoint}.
 *
 * Further properties (`;name=value`) are ignored, as the specification says. More
 * kinds can be added: see {@link registerScheme}. Parsing opens nothing.
 *
 * @throws PortolanError `INVALID_ADDRESS`, saying what is wrong.
 */
export function parseAddress(
  text: string,
  options: AddressOptions = {},
): Endpoint {
  const { allow } = options;
  if (text.includes("\0")) throw invalid(text, "it has a NUL character");
  if (/^\.{0,2}\//.test(text)) {
    checkAllowed("unix", text, allow);
    return parsePath(takeApart(text, "", allow));
  }
  const scheme = schemeOf(text);
  if (scheme === undefined) {
    const looksLikePath = /^[.~]/.test(text);
    throw invalid(
      text,
      `it has no kind; ${looksLikePath ? `did you mean unix:${text}?` : examples}`,
    );
  }
  const builtIn = schemes.get(scheme);
  const added = addedScheme(scheme);
  // What nobody has heard of may have a helper, but only where it is named.
  const known = builtIn !== undefined || added !== undefined;
  if (!known && allow?.includes(scheme) !== true) {
    throw invalid(
      text,
      `addresses of kind "${scheme}:" are not known here; ${scheme === "registry" ? byName : examples}`,
    );
  }
  checkAllowed(scheme, text, allow);
  if (builtIn !== undefined) return builtIn(takeApart(text, scheme, allow));
  if (added === undefined) return helperEndpoint(text);
  return within(text, () => added.parse(takeApart(text, scheme, allow)));
}

/** Of what goes wrong in there, says which address it was. */
function within(text: string, make: () => Endpoint): Endpoint {
  try {
    return make();
  } catch (error) {
    const said = messageOf(error);
    throw invalid(text, said, error);
  }
}

function checkAllowed(
  scheme: string,
  text: string,
  allow: readonly string[] | undefined,
): void {
  if (isAllowed(scheme, allow)) return;
  const named = allow ?? ALLOWED_BY_DEFAULT;
  const allowed = named.length === 0 ? "none is" : `only ${named.join(", ")}`;
  throw invalid(
    text,
    `addresses of kind "${scheme}:" are not allowed here (${allowed})`,
  );
}

function takeApart(
  text: string,
  scheme: string,
  allow: readonly string[] = ALLOWED_BY_DEFAULT,
): AddressParts {
  const rest = scheme === "" ? text : text.slice(scheme.length + 1);
  const [place = "", ...properties] = rest.split(";");
  return {
    text,
    scheme,
    rest,
    place,
    properties: parseProperties(properties),
    allow,
  };
}

const examples =
  "write for example unix:/run/podman/io.podman or tcp:127.0.0.1:12345";

const byName =
  "registryEndpoint(NAME) finds a service by its interface, and registerScheme makes a kind of address of it";

function parseProperties(
  parts: readonly string[],
): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    if (equals < 0) properties.set(part, "");
    else properties.set(part.slice(0, equals), part.slice(equals + 1));
  }
  return properties;
}

function parseUnix({ place: path, properties, text }: AddressParts): Endpoint {
  if (path === "" || path === "@") {
    throw invalid(
      text,
      "the path is missing; write for example unix:/run/podman/io.podman",
    );
  }
  const mode = parseMode(properties, text);
  return within(text, () => unixEndpoint(path, { mode }));
}

function parsePath(address: AddressParts): Endpoint {
  const { text, place, properties, allow } = address;
  const mode = parseMode(properties, text);
  const exec = allow.includes("exec");
  return within(text, () => pathEndpoint(place, { mode, exec }));
}

function parseMode(
  properties: ReadonlyMap<string, string>,
  text: string,
): number | undefined {
  const mode = properties.get("mode");
  if (mode === undefined) return undefined;
  if (/^0?[0-7]{3}$/.test(mode)) return Number.parseInt(mode, 8);
  throw invalid(
    text,
    `mode=${mode} is not a mode in octal; write for example ;mode=0660`,
  );
}

function parseTcp({ place: rest, properties, text }: AddressParts): Endpoint {
  const options = { public: properties.has("public") };
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
    return tcpEndpoint(bracketed, port, options);
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
  return tcpEndpoint(host, port, options);
}

function parseExec({ place, properties, text }: AddressParts): Endpoint {
  if (!place.startsWith("/")) {
    throw invalid(
      text,
      "the path of a program is absolute; write for example exec:/usr/lib/systemd/systemd-hostnamed",
    );
  }
  const socket = properties.get("socket") ?? "connected";
  if (socket !== "connected" && socket !== "listening")
    throw invalid(text, "socket= is connected or listening");
  return execEndpoint(place, { socket });
}

function parseBridge({ rest, text }: AddressParts): Endpoint {
  return bridgeEndpoint(parseCommand(rest, text));
}

function parseSshUnix({ place, text }: AddressParts): Endpoint {
  const [host, path] = splitHost(place, text, "ssh-unix:HOST:/run/demo.socket");
  return within(text, () => sshUnixEndpoint(host, path));
}

function parseSshExec({ rest, text }: AddressParts): Endpoint {
  const [host, command] = splitHost(rest, text, "ssh-exec:HOST:COMMAND");
  const words = parseCommand(command, text);
  return within(text, () => sshExecEndpoint(host, words));
}

/** Takes a host, with an IPv6 address in brackets, from what is behind it. */
function splitHost(
  rest: string,
  text: string,
  example: string,
): [host: string, behind: string] {
  const match = /^(?:((?:[^@:[\]]*@)?)\[([^\]]*)\]|([^:[\]]*)):(.+)$/s.exec(
    rest,
  );
  if (match === null) {
    throw invalid(text, `a host is missing, or what is behind it: ${example}`);
  }
  const [, user = "", address, host = "", behind = ""] = match;
  return [address === undefined ? host : `${user}${address}`, behind];
}

function parseCommand(
  command: string,
  text: string,
): readonly [string, ...string[]] {
  const words = splitWords(command);
  if (words === undefined)
    throw invalid(text, "a quote or a backslash in the command stands open");
  const [first, ...others] = words;
  if (first === undefined || first === "")
    throw invalid(text, "the command is missing");
  return [first, ...others];
}

/** Quoted as JSON, for it may come from anywhere and hold anything. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

function invalid(
  text: string,
  problem: string,
  cause?: unknown,
): PortolanError {
  return new PortolanError(
    "INVALID_ADDRESS",
    `the address ${quoted(text)} is not usable: ${problem}`,
    cause === undefined ? undefined : { cause },
  );
}
