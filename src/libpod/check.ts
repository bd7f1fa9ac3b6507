import {
  IPCNamespace,
  MountNamespace,
  type Namespace,
  NetNamespace,
  PIDNamespace,
  UserNamespace,
  UTSNamespace,
} from "./constants.ts";
import { InvalidArgument } from "./errors.ts";

/**
 * Checks of what callers give, before an engine is asked. `path` says where a value
 * stands: `spec.process.args[0]`. Absent values pass where it is said so.
 */

/** @throws InvalidArgument always */
export function refuse(path: string, why: string): never {
  throw new InvalidArgument(`${path}: ${why}`);
}

/** An object that is no array. */
export function checkObject(
  value: unknown,
  path: string,
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse(path, `an object is needed, not ${nameOf(value)}`);
  return value as Readonly<Record<string, unknown>>;
}

/** Where a member stands whose name may be any text: `programs.web`, `programs["/bin/sh"]`. */
export function memberPath(path: string, name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name)
    ? `${path}.${name}`
    : `${path}[${JSON.stringify(name)}]`;
}

/** An object with no other members than these: what is misspelt would be ignored. */
export function checkMembers(
  value: unknown,
  path: string,
  members: readonly string[],
): void {
  for (const member of Object.keys(checkObject(value, path))) {
    if (!members.includes(member))
      refuse(
        memberPath(path, member),
        `there is no such member; there are ${members.join(", ")}`,
      );
  }
}

/** A text with something in it, and no NUL, which no engine can pass on. May be absent. */
export function checkText(value: unknown, path: string): void {
  if (value === undefined) return;
  checkString(value, path);
  if (value === "") refuse(path, "it is empty");
}

/** As {@link checkText}, and not absent. */
export function checkNeeded(
  value: unknown,
  path: string,
): asserts value is string {
  if (value === undefined) refuse(path, "it is needed");
  checkText(value, path);
}

/** A text without NUL; it may be empty. */
export function checkString(
  value: unknown,
  path: string,
): asserts value is string {
  if (typeof value !== "string")
    refuse(path, `a text is needed, not ${nameOf(value)}`);
  if (value.includes("\0")) refuse(path, "it has a NUL character in it");
}

/** An absolute path. May be absent. */
export function checkPath(value: unknown, path: string): void {
  checkText(value, path);
  if (typeof value === "string" && !value.startsWith("/"))
    refuse(path, `an absolute path is needed, not "${value}"`);
}

/** May be absent. */
export function checkFlag(value: unknown, path: string): void {
  if (value !== undefined && typeof value !== "boolean")
    refuse(path, `true or false is needed, not ${nameOf(value)}`);
}

/** A whole number, at least `least`, and at most `most` where that is given. May be absent. */
export function checkInteger(
  value: unknown,
  path: string,
  least: number,
  most: number = Infinity,
): void {
  if (value === undefined) return;
  const number = value as number;
  if (Number.isSafeInteger(value) && number >= least && number <= most) return;
  const range = most === Infinity ? `${least}` : `${least} to ${most}`;
  refuse(
    path,
    `a whole number from ${range} is needed, not ${typeof value === "number" ? value : nameOf(value)}`,
  );
}

/** A time in milliseconds, from 0. May be absent. */
export function checkTime(value: unknown, path: string): void {
  if (value === undefined) return;
  if (typeof value !== "number" || !(value >= 0))
    refuse(
      path,
      `milliseconds from 0 are needed, not ${typeof value === "number" ? value : nameOf(value)}`,
    );
}

/** A function. May be absent. */
export function checkFunction(value: unknown, path: string): void {
  if (value !== undefined && typeof value !== "function")
    refuse(path, `a function is needed, not ${nameOf(value)}`);
}

/** A list, each of whose items passes a check. May be absent. */
export function checkList(
  value: unknown,
  path: string,
  check: (item: unknown, path: string) => void,
): void {
  if (value === undefined) return;
  if (!Array.isArray(value))
    refuse(path, `a list is needed, not ${nameOf(value)}`);
  for (const [index, item] of value.entries()) {
    const at = `${path}[${index}]`;
    if (item === undefined) refuse(at, "it is missing");
    check(item, at);
  }
}

/** Texts by name; the texts may be empty. May be absent. */
export function checkTexts(value: unknown, path: string): void {
  if (value === undefined) return;
  for (const [name, text] of Object.entries(checkObject(value, path))) {
    checkString(name, `${path}: a name`);
    if (name === "") refuse(path, "a name in it is empty");
    checkString(text, `${path}["${name}"]`);
  }
}

/** `NAME=value`. */
export function checkVariable(value: unknown, path: string): void {
  checkString(value, path);
  if (value.indexOf("=") < 1)
    refuse(path, `NAME=value is needed, not "${value}"`);
}

const namespaces: readonly string[] = [
  IPCNamespace,
  MountNamespace,
  NetNamespace,
  PIDNamespace,
  UserNamespace,
  UTSNamespace,
] satisfies readonly Namespace[];

/** Names of namespaces, each once. May be absent. */
export function checkNamespaces(
  value: readonly Namespace[] | undefined,
  path: string,
): void {
  checkList(value, path, (item, at) => {
    if (!(namespaces as readonly unknown[]).includes(item))
      refuse(
        at,
        `a namespace is one of ${namespaces.join(", ")}, not ${typeof item === "string" ? `"${item}"` : nameOf(item)}`,
      );
  });
  if (value !== undefined && new Set(value).size < value.length)
    refuse(path, "one is in it twice");
}

/**
 * A copy of plain data, so that later changes to what was given change nothing.
 *
 * @throws InvalidArgument for what is no plain data
 */
export function copyOf<T>(value: T, path: string): T {
  try {
    return structuredClone(value);
  } catch (error) {
    throw new InvalidArgument(`${path}: it is no plain data`, { cause: error });
  }
}

/** What a value is, for an error: a list and `null` are told from objects. */
export function nameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}
