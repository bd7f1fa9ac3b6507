import { PortolanError, VarlinkError } from "../../errors.ts";
import { stringifyExact } from "../exact/write.ts";
import { isRecord } from "../schema/object.ts";
import { checkJsonObject } from "../schema/json.ts";
import { describe, type Problem, problemText } from "../schema/problem.ts";
import type { Outgoing } from "../schema.ts";
import type { Operation } from "./services.ts";

/**
 * What a client gets when a handler fails with anything but a Varlink error:
 * neither message nor stack, which are nobody's business but the server's.
 *
 * The specification names no such error. The name is a legal one, so that every
 * client can read it, and lies below `invalid.`, which RFC 6761 keeps out of
 * everybody's hands: no interface can mean something else by it.
 */
export const INTERNAL_ERROR = "invalid.portolan.InternalError";

/**
 * A reply as it is sent.
 *
 * @param more Whether the client takes several replies.
 * @throws PortolanError `INVALID_REPLY` if it does not fit the interface.
 */
export function encodeReply(
  operation: Operation,
  reply: unknown,
  continues: boolean,
  more: boolean,
): string {
  const problem = isRecord(reply)
    ? operation.schema.checkReply(reply)
    : { path: "", message: `expected an object, got ${describe(reply)}` };
  if (problem !== undefined)
    throw invalidReply(`the reply to ${operation.method}`, problem);
  const text = operation.schema.writeReply(reply);
  // Empty parameters are left out: some peers fail on them (UAPI.20 says SHOULD).
  if (text === "{}") {
    if (continues) return '{"continues":true}';
    // A last reply that says nothing ends a stream and is no item of it: what has
    // lost all its members because they are null must keep them to be one.
    const last = more ? JSON.stringify(reply) : text;
    return last === "{}" ? EMPTY_REPLY : `{"parameters":${last}}`;
  }
  return continues
    ? `{"parameters":${text},"continues":true}`
    : `{"parameters":${text}}`;
}

/** For a handler that returned a set, a readable stream or the like. */
export function iterableReply(method: string): PortolanError {
  const message =
    "expected an object, got an iterable; return call.stream(iterable)";
  return invalidReply(`the reply to ${method}`, { path: "", message });
}

/** The end of a stream that has nothing more to say. */
export const EMPTY_REPLY = "{}";

/** An error reply; empty parameters are left out. `write` writes them. */
export function encodeError(
  error: string,
  parameters: object,
  write: Outgoing["write"] = stringifyExact,
): string {
  const text = write(parameters);
  const name = JSON.stringify(error);
  return text === "{}"
    ? `{"error":${name}}`
    : `{"error":${name},"parameters":${text}}`;
}

/** What is answered to something that a handler threw. */
export interface ErrorReply {
  readonly error: string;
  readonly json: string;
  /** For the server's `onError`, if there is something wrong on this side. */
  readonly report: unknown;
}

const QUALIFIED_NAME = /^[A-Za-z][A-Za-z0-9.-]*\.[A-Za-z0-9_]+$/;

/**
 * Makes the reply to something thrown. Errors of Varlink are answered as they
 * are, whichever interface they belong to: a handler may pass on what another
 * service told it. If the parameters are not what the error's interface declares,
 * the client gets them anyway, for the error itself matters more, and the
 * mistake is reported.
 */
export function encodeThrown(
  thrown: unknown,
  declared: (error: string) => Outgoing | undefined,
): ErrorReply {
  try {
    return errorReply(thrown, declared);
  } catch (cause) {
    // What was thrown has a getter that throws, or the like.
    return internalError(
      new PortolanError("INVALID_REPLY", "a thrown error cannot be read", {
        cause,
      }),
    );
  }
}

function errorReply(
  thrown: unknown,
  declared: (error: string) => Outgoing | undefined,
): ErrorReply {
  if (!VarlinkError.matches(thrown)) return internalError(thrown);
  const { error, parameters = {} } = thrown as Partial<VarlinkError>;
  if (typeof error !== "string" || !QUALIFIED_NAME.test(error)) {
    return internalError(
      new PortolanError(
        "INVALID_REPLY",
        "the name of a thrown error is not fully qualified",
        {
          cause: thrown,
        },
      ),
    );
  }
  const unsendable = checkJsonObject(parameters, 0, "allow")?.toProblem();
  if (unsendable !== undefined) {
    return internalError(
      invalidReply(`the error ${error}`, unsendable, thrown),
    );
  }
  const outgoing = declared(error);
  const problem = outgoing?.check(parameters);
  // What does not fit is told as it is: nothing that the interface says holds of it.
  const write = problem === undefined ? outgoing?.write : undefined;
  return {
    error,
    json: encodeError(error, parameters, write),
    report:
      problem === undefined
        ? undefined
        : invalidReply(`the error ${error}`, problem, thrown),
  };
}

function internalError(report: unknown): ErrorReply {
  return {
    error: INTERNAL_ERROR,
    json: encodeError(INTERNAL_ERROR, {}),
    // A handler may throw undefined, and that has to be reported as well.
    report: report ?? new Error(`a handler threw ${String(report)}`),
  };
}

function invalidReply(
  what: string,
  problem: Problem,
  cause?: unknown,
): PortolanError {
  return new PortolanError(
    "INVALID_REPLY",
    `${what} does not fit the interface: ${problemText(problem)}`,
    cause === undefined ? undefined : { cause },
  );
}
