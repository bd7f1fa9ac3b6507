import type { TContainerSpecInput } from "portolan/porto";
import type {
  SpecCapabilities,
  SpecProcess,
  SpecRlimit,
  SpecUser,
} from "../../../spec.ts";
import { InvalidArgument } from "../../../errors.ts";
import { quoteCommand } from "../words.ts";
import { refuse, refuseOthers } from "./refuse.ts";

/** From here on a limit is none: the kernel's infinity has 64 bits, a number of JSON 53. */
const INFINITE = 2 ** 63;

/**
 * The process: command, environment, user, limits.
 *
 * @throws NotSupported; InvalidArgument
 */
export function processSpec(process: SpecProcess = {}): TContainerSpecInput {
  const { args = [], env = [], cwd, user, rlimits = [], oomScoreAdj } = process;
  refuseOthers(
    process,
    ["args", "env", "cwd", "user", "capabilities", "rlimits", "oomScoreAdj"],
    "spec.process.",
  );
  return {
    ...commandSpec(args),
    ...envSpec(env),
    ...(cwd !== undefined && { cwd }),
    ...userSpec(user),
    ...capabilitiesSpec(process.capabilities),
    ...(rlimits.length > 0 && { ulimit: { ulimit: rlimits.map(ulimit) } }),
    ...(oomScoreAdj !== undefined && { oom_score_adj: oomScoreAdj }),
  };
}

/**
 * The command, twice: argument by argument, which goes first where the daemon knows
 * it, and quoted as one text for those that do not.
 *
 * @throws InvalidArgument for what no command line can hold
 */
export function commandSpec(argv: readonly string[]): TContainerSpecInput {
  if (argv.length === 0) return {};
  if (argv.some((argument) => argument.includes("\0")))
    throw new InvalidArgument("the command has a character NUL");
  return { command: quoteCommand(argv), command_argv: { argv } };
}

/** @throws InvalidArgument for what is not `NAME=value` */
export function envSpec(env: readonly string[]): TContainerSpecInput {
  if (env.length === 0) return {};
  return {
    env: {
      var: env.map((entry) => {
        const end = entry.indexOf("=");
        if (end > 0)
          return { name: entry.slice(0, end), value: entry.slice(end + 1) };
        throw new InvalidArgument(
          `a variable of the environment is NAME=value, not "${entry}"`,
        );
      }),
    },
  };
}

function userSpec(user: SpecUser = {}): TContainerSpecInput {
  refuseOthers(user, ["uid", "gid", "username"], "spec.process.user.");
  const { uid, gid, username = "" } = user;
  const [name = "", groupName] = username.split(":", 2);
  const person = name === "" ? uid?.toString() : name;
  const group = groupName ?? gid?.toString();
  return {
    ...(person !== undefined && { user: person }),
    ...(group !== undefined && { group }),
  };
}

/** Porto bounds what processes may have, and says what all of them do have; the rest follows from that. */
function capabilitiesSpec(
  capabilities: SpecCapabilities = {},
): TContainerSpecInput {
  const { bounding, ambient = [], ...derived } = capabilities;
  const bound = new Set(bounding);
  for (const [kind, set = []] of Object.entries(derived)) {
    const whole = set.length === bound.size && set.every((c) => bound.has(c));
    if (set.length > 0 && !whole)
      refuse(`spec.process.capabilities.${kind}, other than all of bounding`);
  }
  return {
    ...(bounding !== undefined && { capabilities: { cap: names(bounding) } }),
    ...(ambient.length > 0 && {
      capabilities_ambient: { cap: names(ambient) },
    }),
  };
}

function names(capabilities: readonly string[]): string[] {
  return capabilities.map((capability) => capability.replace(/^CAP_/, ""));
}

function ulimit({ type, soft, hard }: SpecRlimit): {
  type: string;
  soft?: bigint;
  hard?: bigint;
  unlimited?: boolean;
} {
  const softest = limit(soft, type);
  const hardest = limit(hard, type);
  return {
    type: type.replace(/^RLIMIT_/, "").toLowerCase(),
    ...(softest === undefined ? { unlimited: true } : { soft: softest }),
    ...(hardest !== undefined && { hard: hardest }),
  };
}

/** A limit; undefined for none, which is -1 or the greatest number there is. */
function limit(value: number, type: string): bigint | undefined {
  if (value === -1 || value >= INFINITE) return undefined;
  return wholeNumber(value, `the limit ${type}`);
}

/** @throws InvalidArgument for what is no whole number of 0 or more */
export function wholeNumber(value: number, what: string): bigint {
  if (Number.isInteger(value) && value >= 0) return BigInt(value);
  throw new InvalidArgument(
    `${what} is a whole number of 0 or more, not ${value}`,
  );
}
