import { InvalidArgument } from "../../errors.ts";
import type {
  SpecIdMapping,
  SpecMount,
  SpecRlimit,
  SpecUser,
} from "../../spec.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Checks the name of a container or pod by Podman's rule; empty is none at all.
 *
 * @throws InvalidArgument
 */
export function parseName(name: string): string | undefined {
  if (name === "") return undefined;
  if (NAME.test(name)) return name;
  throw new InvalidArgument(
    "names begin with a letter or digit and have only these and _ . - after it",
  );
}

/** `undefined` for the empty string: with Podman's clients, that is left out. */
export function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}

/** `USER[:GROUP]`, names or numbers; empty is left to the image. */
export function parseUser(text: string): SpecUser | undefined {
  if (text === "") return undefined;
  const numbers = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text);
  if (numbers === null) return { username: text };
  const [, uid, gid] = numbers;
  return gid === undefined
    ? { uid: Number(uid) }
    : { uid: Number(uid), gid: Number(gid) };
}

/**
 * `[SOURCE:]DESTINATION[:OPTIONS]`. Without a source it is a volume without a name.
 *
 * @throws InvalidArgument
 */
export function parseVolume(text: string): SpecMount {
  const parts = text.split(":");
  const [first = "", second, third] = parts;
  // Of two parts, the second is a path or the options.
  const sourced = second?.startsWith("/") === true;
  const destination = sourced ? second : first;
  const options = sourced ? third : second;
  if (
    parts.length > (sourced ? 3 : 2) ||
    !destination.startsWith("/") ||
    (sourced && first === "")
  ) {
    throw new InvalidArgument(
      `${JSON.stringify(text)} is no volume: expected [SOURCE:]DESTINATION[:OPTIONS], the destination an absolute path`,
    );
  }
  const list = splitOptions(options);
  if (!sourced) return { destination, type: "volume", options: list };
  // What is no path is the name of a volume.
  return first.startsWith("/")
    ? { destination, type: "bind", source: first, options: list }
    : { destination, type: "volume", source: first, options: list };
}

/**
 * `PATH[:OPTIONS]`.
 *
 * @throws InvalidArgument
 */
export function parseTmpfs(text: string): SpecMount {
  const colon = text.indexOf(":");
  const destination = colon < 0 ? text : text.slice(0, colon);
  if (!destination.startsWith("/")) {
    throw new InvalidArgument(
      `${JSON.stringify(text)} is no place for a tmpfs: expected PATH[:OPTIONS], the path absolute`,
    );
  }
  return {
    destination,
    type: "tmpfs",
    source: "tmpfs",
    options: splitOptions(colon < 0 ? undefined : text.slice(colon + 1)),
  };
}

function splitOptions(text: string | undefined): readonly string[] {
  return (text ?? "").split(",").filter((option) => option !== "");
}

const LIMITS: ReadonlySet<string> = new Set([
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
]);

/**
 * `NAME=SOFT[:HARD]`; -1 stands for no limit and stays -1.
 *
 * @throws InvalidArgument
 */
export function parseUlimit(text: string): SpecRlimit {
  const found = /^([a-z]+)=(-1|\d{1,15})(?::(-1|\d{1,15}))?$/.exec(text);
  const [, name = "", softText = "", hardText = softText] = found ?? [];
  const soft = Number(softText);
  const hard = Number(hardText);
  if (found === null || !LIMITS.has(name)) {
    throw new InvalidArgument(
      `${JSON.stringify(text)} is no limit: expected NAME=SOFT[:HARD], such as nofile=1024:4096`,
    );
  }
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw new InvalidArgument(
      `the soft limit of ${JSON.stringify(text)} is above the hard one`,
    );
  }
  return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard };
}

/**
 * `CONTAINER:HOST:SIZE`.
 *
 * @throws InvalidArgument
 */
export function parseIdMapping(text: string): SpecIdMapping {
  const found = /^(\d{1,10}):(\d{1,10}):(\d{1,10})$/.exec(text);
  if (found === null) {
    throw new InvalidArgument(
      `${JSON.stringify(text)} maps no ids: expected CONTAINER:HOST:SIZE`,
    );
  }
  const [, containerID, hostID, size] = found;
  return {
    containerID: Number(containerID),
    hostID: Number(hostID),
    size: Number(size),
  };
}

/**
 * `NAME=VALUE` of each variable.
 *
 * @throws InvalidArgument for what cannot be one.
 */
export function formatEnv(
  env: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(env).map(([name, value]) => {
    if (name !== "" && !/[=\0]/.test(name) && !value.includes("\0"))
      return `${name}=${value}`;
    throw new InvalidArgument(
      `${JSON.stringify(name.slice(0, 100))} is no environment variable's name, or its value has a NUL`,
    );
  });
}
