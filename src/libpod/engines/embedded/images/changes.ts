import path from "node:path";
import { InvalidArgument } from "../../../errors.ts";
import { textList, type ImageConfig, type RunConfig } from "./config.ts";

/** What an instruction makes of a configuration. */
type Instruction = (value: string, run: RunConfig) => Partial<RunConfig>;

/** A problem with the value of an instruction. */
class Problem extends Error {}

const instructions: Readonly<Record<string, Instruction>> = {
  CMD: (value) => ({ Cmd: command(value) }),
  ENTRYPOINT: (value) => ({ Entrypoint: command(value) }),
  ENV: (value, { Env }) => {
    const env = new Map((Env ?? []).map(splitVariable));
    for (const [name, text] of pairs(value)) env.set(name, text);
    return { Env: [...env].map(([name, text]) => `${name}=${text}`) };
  },
  LABEL: (value, { Labels }) => ({
    Labels: Object.fromEntries([
      ...Object.entries(Labels ?? {}),
      ...pairs(value),
    ]),
  }),
  USER: (value) => ({ User: word(value) }),
  WORKDIR: (value, { WorkingDir }) => ({
    WorkingDir: path.posix.resolve("/", WorkingDir ?? "", unquoted(value)),
  }),
  STOPSIGNAL: (value) => {
    const signal = word(value);
    if (!/^(?:[0-9]{1,3}|(?:SIG)?[A-Z][A-Z0-9+-]*)$/i.test(signal))
      throw new Problem("it is no signal");
    return { StopSignal: signal };
  },
  EXPOSE: (value, { ExposedPorts }) => ({
    ExposedPorts: {
      ...ExposedPorts,
      ...keys(words(value).flatMap(ports)),
    },
  }),
  VOLUME: (value, { Volumes }) => {
    const paths = list(value) ?? words(value);
    if (paths.some((each) => each.trim() === ""))
      throw new Problem("a path is empty");
    return { Volumes: { ...Volumes, ...keys(paths) } };
  },
  ONBUILD: (value, { OnBuild }) => ({ OnBuild: [...(OnBuild ?? []), value] }),
};

/**
 * Applies Dockerfile instructions to an image's configuration, in their order:
 * `CMD`, `ENTRYPOINT`, `ENV`, `LABEL`, `USER`, `WORKDIR`, `STOPSIGNAL`, `EXPOSE`,
 * `VOLUME`, `ONBUILD` and `MAINTAINER`, as `CMD x` or `CMD=x`. Lists may be JSON;
 * a command that is none is given to `/bin/sh -c`, as in a Dockerfile. Quotes and
 * backslashes are read; variables are not.
 *
 * @throws InvalidArgument naming the instruction that cannot be read.
 */
export function applyChanges(
  config: ImageConfig,
  changes: readonly string[],
): ImageConfig {
  let changed = config;
  for (const change of changes) {
    const [, name = "", value = ""] =
      /^\s*([A-Za-z]+)(?:\s*=|\s)\s*([^]*?)\s*$/.exec(change) ?? [];
    try {
      changed = applyOne(changed, name.toUpperCase(), value);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new InvalidArgument(
        `the change ${JSON.stringify(change)} cannot be made: ${error.message}`,
      );
    }
  }
  return changed;
}

function applyOne(
  config: ImageConfig,
  name: string,
  value: string,
): ImageConfig {
  if (name === "") throw new Problem("it is not INSTRUCTION=value");
  if (value === "") throw new Problem("it has no value");
  if (name === "MAINTAINER") return { ...config, author: unquoted(value) };
  const instruction = Object.hasOwn(instructions, name)
    ? instructions[name]
    : undefined;
  if (instruction === undefined) {
    throw new Problem(
      `${name} is none of ${Object.keys(instructions).join(", ")}, MAINTAINER`,
    );
  }
  const run = config.config ?? {};
  return { ...config, config: { ...run, ...instruction(value, run) } };
}

function command(value: string): readonly string[] {
  return list(value) ?? ["/bin/sh", "-c", value];
}

/** A list of strings in JSON; `undefined` for what does not begin as one. */
function list(value: string): readonly string[] | undefined {
  if (!value.startsWith("[")) return undefined;
  try {
    return textList(JSON.parse(value));
  } catch {
    // A command may begin with a bracket: `[ -f x ] && y`.
    return undefined;
  }
}

/** `a=b c="d e"`, or the older `a b c`, which is one pair. */
function pairs(value: string): readonly (readonly [string, string])[] {
  const parts = words(value);
  const [first = ""] = parts;
  if (!first.includes("=")) {
    const [, name = "", rest] = /^(\S+)\s+([^]+)$/.exec(value) ?? [];
    if (rest === undefined) throw new Problem("it has no value");
    return [[name, unquoted(rest)]];
  }
  return parts.map((part) => {
    const [name, text] = splitVariable(part);
    if (!part.includes("=") || name === "")
      throw new Problem(`"${part}" is not name=value`);
    return [name, text];
  });
}

function splitVariable(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  return equals < 0
    ? [text, ""]
    : [text.slice(0, equals), text.slice(equals + 1)];
}

function word(value: string): string {
  const [first = "", ...others] = words(value);
  if (first === "" || others.length > 0)
    throw new Problem("it is not one word");
  return first;
}

/** Without the quotes around all of it. */
function unquoted(value: string): string {
  return /^(["'])[^]*\1$/.test(value) ? (words(value)[0] ?? "") : value;
}

/** Words between blanks, their quotes and backslashes read. */
function words(value: string): readonly string[] {
  const found: string[] = [];
  let current: string | undefined;
  let quote = "";
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (quote === "" && /\s/.test(character)) {
      if (current !== undefined) found.push(current);
      current = undefined;
      continue;
    }
    current ??= "";
    if (character === quote) quote = "";
    else if (quote === "" && /["']/.test(character)) quote = character;
    else if (character === "\\" && quote !== "'" && at + 1 < value.length) {
      at += 1;
      const next = value.charAt(at);
      // In quotes a backslash is itself before what needs none.
      current += quote === '"' && !/["\\$]/.test(next) ? `\\${next}` : next;
    } else current += character;
  }
  if (quote !== "") throw new Problem(`a ${quote} is not closed`);
  if (current !== undefined) found.push(current);
  return found;
}

/** `80`, `53/udp`, `8000-8010`. */
function ports(text: string): readonly string[] {
  const [, first = "", last = first, protocol = "tcp"] =
    /^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  const begin = Number(first);
  const count = Number(last) - begin + 1;
  if (first === "" || count < 1 || Number(last) > 65_535)
    throw new Problem(`"${text}" is no port`);
  return Array.from(
    { length: count },
    (_, index) => `${begin + index}/${protocol.toLowerCase()}`,
  );
}

function keys(names: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}
