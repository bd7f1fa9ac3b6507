import * as v from "valibot";
import { settingPath } from "../model/proto/envelope/problem.ts";
import { ConfigError } from "./error.ts";
import { configSchema } from "./schema.ts";
import { isObject, kindOf } from "./object.ts";
import type { Config } from "./types.ts";

/** More than these are not told of at once. */
const MOST_PROBLEMS = 20;

/**
 * Checks what a configuration file says.
 *
 * @param file - Names it in the error.
 * @throws ConfigError with all problems, a line each: where, what was found, what is allowed.
 */
export function validateConfig(value: unknown, file: string): Config {
  const { success, output, issues } = v.safeParse(
    configSchema,
    withoutUndefined(value),
  );
  if (success) return output;
  const lines = issues.map(describe);
  throw configProblems(lines, file);
}

/** An error with problems, a line each. */
export function configProblems(
  problems: readonly string[],
  file: string,
): ConfigError {
  const more = problems.length - MOST_PROBLEMS;
  const lines = [
    ...problems.slice(0, MOST_PROBLEMS),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
  return new ConfigError(
    [`the configuration "${file}" is wrong:`, ...lines].join("\n  "),
  );
}

function describe(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => key as string | number);
  const setting = keys.reduce<string>(settingPath, "");
  // Of an option that is unknown the issue has the name, of one that is missing nothing.
  if (issue.type === "strict_object") return `${setting} ${issue.message}`;
  return `${setting || "it"} is ${shown(issue.input)}, but ${issue.message}`;
}

/** What was found, as JSON where it is short, else by its kind. */
function shown(value: unknown): string {
  if (Array.isArray(value))
    return value.length > 0 ? "a list" : "an empty list";
  if (value === null) return "null";
  if (typeof value === "object")
    return isObject(value) ? "an object" : `a ${kindOf(value)}`;
  if (typeof value === "string" && value.length <= 60)
    return JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean")
    return String(value);
  return value === undefined ? "nothing" : `a ${kinds[typeof value] ?? ""}`;
}

const kinds: Partial<Record<string, string>> = {
  string: "long text",
  function: "function",
  bigint: "bigint",
  symbol: "symbol",
};

/** More objects than these are nowhere within one another, and what is deeper is refused as it is. */
const DEEPEST = 6;

/** An option that is undefined is one that is left out. */
function withoutUndefined(value: unknown, depth = DEEPEST): unknown {
  if (depth === 0) return value;
  const inner = (entry: unknown): unknown => withoutUndefined(entry, depth - 1);
  if (Array.isArray(value)) return value.map(inner);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([key, entry]) => [key, inner(entry)]),
  );
}
