import type { Reply } from "./messages.ts";
import {
  InterfaceNotFound,
  MethodNotFound,
  MethodNotImplemented,
} from "./standard.ts";

/**
 * Whether an error reply is the answer to a oneway call, which must not have one,
 * and not to the call whose turn it is. Some servers (Python's and libvarlink's)
 * answer a oneway call of a method they do not know; such an answer names that
 * method or its interface.
 */
export function answersOneway(
  reply: Reply,
  method: string,
  oneways: readonly string[],
): boolean {
  const named = nameOf(reply);
  if (named === undefined || names(method, named)) return false;
  return oneways.some((oneway) => names(oneway, named));
}

const naming: ReadonlyMap<string | undefined, "method" | "interface"> = new Map(
  [
    [MethodNotFound.error, "method"],
    [MethodNotImplemented.error, "method"],
    [InterfaceNotFound.error, "interface"],
  ],
);

function nameOf(reply: Reply): string | undefined {
  const member = naming.get(reply.error);
  if (member === undefined) return undefined;
  const parameters: {
    readonly method?: unknown;
    readonly interface?: unknown;
  } = reply.parameters;
  const named = parameters[member];
  return typeof named === "string" && named !== "" ? named : undefined;
}

/** Servers name methods in full or without their interface. */
function names(method: string, name: string): boolean {
  const dot = method.lastIndexOf(".");
  return (
    name === method ||
    name === method.slice(dot + 1) ||
    name === method.slice(0, dot)
  );
}
