import { EError } from "portolan/porto";
import { failure } from "./errors.ts";

/** The container that holds all others: the host. */
export const ROOT = "/";

/** What a client of the host sees: everything, under `/porto/`. */
export const ROOT_NAMESPACE = "/porto/";

/** Levels of nesting. */
export const MAX_LEVEL = 16;

/** Bytes of one level of a name. */
const MAX_COMPONENT = 128;

/** Bytes of a whole name, for root of the host, which every client here is. */
const MAX_PATH = 220;

const invalid = (text: string): Error => failure(EError.InvalidValue, text);

const NAME_CHARACTER = /^[a-zA-Z0-9_\-@:.]$/;

/** Whether a text has only characters that names have. */
export function isNameText(text: string): boolean {
  return /^[a-zA-Z0-9_\-@:.]*$/.test(text);
}

/** Whether a name is a mask of several. */
export function isMask(name: string): boolean {
  return /[*?]/.test(name);
}

/**
 * What a name that a client gave means: `self` and `.` are the host, for clients are
 * taken for processes of the host, and `/porto/a` is `a`.
 */
export function resolveName(given: string): string {
  if (given === ROOT || given === "self" || given === ".") return ROOT;
  let name = given;
  if (name.startsWith("self/")) name = name.slice("self/".length);
  else if (name.startsWith(ROOT_NAMESPACE))
    name = name.slice(ROOT_NAMESPACE.length);
  if (name === "") return "";
  name = normalPath(name);
  return name === "." ? ROOT : name;
}

/** A path without `.`, `..` as far as can be, and slashes that say nothing. */
export function normalPath(path: string): string {
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!absolute) parts.push(part);
  }
  const joined = parts.join("/");
  if (absolute) return `/${joined}`;
  return joined === "" ? "." : joined;
}

/** Two paths behind each other; an absolute second one begins at the first. */
export function joinPaths(base: string, path: string): string {
  return normalPath(`${base}/${path}`);
}

/** `path` as seen from `base`; undefined where it is not inside of it. */
export function innerPath(base: string, path: string): string | undefined {
  if (base === "/") return path;
  if (path === base) return "/";
  return path.startsWith(`${base}/`) ? path.slice(base.length) : undefined;
}

/** @throws PortoError `InvalidValue` for what cannot name a container. */
export function checkName(name: string): void {
  if (name === "") throw invalid("container path too short");
  if (Buffer.byteLength(name) > MAX_PATH)
    throw invalid(`container path too long, limit is ${MAX_PATH}`);
  if (name === ROOT) return;
  if (name.startsWith("/"))
    throw invalid(`container path starts with '/': ${name}`);
  for (const part of name.split("/")) {
    if (part === "")
      throw invalid(`double/trailing '/' in container path: ${name}`);
    const forbidden = firstForbidden(part);
    if (forbidden !== undefined)
      throw invalid(`forbidden character ${forbidden}`);
    if (part.length > MAX_COMPONENT)
      throw invalid(
        `container name component too long, limit is ${MAX_COMPONENT}: '${part}'`,
      );
    if (part === "self" || part === "." || part === "..")
      throw invalid(`container name '${part}' is reserved`);
  }
}

/** The first byte that names cannot have, as Porto writes it: `0x20`. */
export function firstForbidden(text: string): string | undefined {
  for (const character of text) {
    if (NAME_CHARACTER.test(character)) continue;
    const [byte = 0] = Buffer.from(character);
    return byte === 0 ? "0" : `0x${byte.toString(16)}`;
  }
  return undefined;
}

/** The name of what a container is nested in. */
export function parentName(name: string): string {
  const at = name.lastIndexOf("/");
  return at <= 0 ? ROOT : name.slice(0, at);
}

/** How deep a container is nested: 0 for the host. */
export function levelOf(name: string): number {
  return name === ROOT ? 0 : name.split("/").length;
}

/** Whether a container is nested in another, at any depth. */
export function isInside(name: string, outer: string): boolean {
  return name !== outer && (outer === ROOT || name.startsWith(`${outer}/`));
}

/** By bytes, as Porto keeps its containers. */
export function byName(
  { name: a }: { readonly name: string },
  { name: b }: { readonly name: string },
): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Whether a text fits a mask as of `fnmatch(3)`, of which `*`, `?` and sets in brackets
 * stand for no slash; `***` fits everything, and at the end of a mask the rest.
 */
export function matches(text: string, mask: string): boolean {
  if (mask.endsWith("***")) return text.startsWith(mask.slice(0, -3));
  const parts = text.split("/");
  const masks = mask.split("/");
  return (
    parts.length === masks.length &&
    parts.every((part, index) => fits(part, tokens(masks[index] ?? "")))
  );
}

/** A part of a mask: `*`, or what one character has to be. */
type Token = "*" | ((character: string) => boolean);

function tokens(mask: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < mask.length; at += 1) {
    const character = mask[at] ?? "";
    if (character === "*") found.push("*");
    else if (character === "?") found.push(() => true);
    else if (character === "[") {
      const set = readSet(mask, at);
      found.push(set?.has ?? ((other) => other === "["));
      at = set?.end ?? at;
    } else {
      if (character === "\\" && at + 1 < mask.length) at += 1;
      const exact = mask[at];
      found.push((other) => other === exact);
    }
  }
  return found;
}

/** A set in brackets; undefined where the bracket is never closed and so stands for itself. */
function readSet(
  characters: string,
  start: number,
):
  | { readonly has: (character: string) => boolean; readonly end: number }
  | undefined {
  const negated = "!^".includes(characters[start + 1] ?? " ");
  const first = start + (negated ? 2 : 1);
  // A bracket in the first place is one of the set.
  const end = characters.indexOf("]", first + 1);
  if (end < 0) return undefined;
  const ranges: (readonly [string, string])[] = [];
  for (let at = first; at < end; at += 1) {
    const low = characters[at] ?? "";
    const isRange = characters[at + 1] === "-" && at + 2 < end;
    ranges.push([low, isRange ? (characters[at + 2] ?? "") : low]);
    if (isRange) at += 2;
  }
  return {
    has: (character) =>
      ranges.some(([low, high]) => low <= character && character <= high) !==
      negated,
    end,
  };
}

/** Goes back to the last `*` only, so that no mask takes long. */
function fits(text: string, mask: readonly Token[]): boolean {
  let at = 0;
  let token = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    const expected = mask[token];
    if (expected === "*") {
      star = token;
      retry = at;
      token += 1;
    } else if (expected?.(text[at] ?? "") === true) {
      at += 1;
      token += 1;
    } else if (star >= 0) {
      retry += 1;
      at = retry;
      token = star + 1;
    } else return false;
  }
  return mask.slice(token).every((rest) => rest === "*");
}
