/** Errors of transports: what the system said, with words that help. */
import { messageOf, PortolanError } from "../errors.ts";

/** An error like those of Node's own system calls. */
export function systemError(
  code: string,
  message: string,
): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

/** The code of a system error (`ENOENT`), or `undefined`. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error))
    return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** A `LISTEN_FAILED` error. */
export function listenFailed(
  address: string,
  reason: string,
  cause?: unknown,
): PortolanError {
  return new PortolanError(
    "LISTEN_FAILED",
    `cannot listen at ${address}: ${reason}`,
    cause === undefined ? undefined : { cause },
  );
}

const hints: { readonly [code: string]: string } = {
  ENOENT: "there is no such socket; is the service running?",
  ECONNREFUSED: "nobody is listening; is the service running?",
  EACCES: "permission denied; may this user use the socket?",
  EPERM: "permission denied; may this user use the socket?",
  EAGAIN: "the service has too many connections waiting",
  ENOTSOCK: "this is not a socket",
  EPROTOTYPE: "this is a socket of another type, not a stream",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name cannot be looked up at the moment",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "the host does not answer",
  EMFILE: "this process has too many files open",
  ENFILE: "the system has too many files open",
};

/** Whether the system refused to start a command: its codes mean other things then. */
function isSpawn(error: unknown): boolean {
  if (!(error instanceof Error) || !("syscall" in error)) return false;
  return typeof error.syscall === "string" && error.syscall.startsWith("spawn");
}

/** A `CONNECT_FAILED` error. */
export function connectFailed(address: string, cause: unknown): PortolanError {
  const code = systemCode(cause);
  const said = messageOf(cause);
  const hint = hints[code ?? ""];
  let reason = hint === undefined ? said : `${hint} (${code})`;
  // These say their code themselves.
  if (isSpawn(cause)) reason = `the command cannot be started: ${said}`;
  return new PortolanError(
    "CONNECT_FAILED",
    `cannot connect to ${address}: ${reason}`,
    { cause },
  );
}

/** The `listen` of an endpoint that only clients can use. */
export function refuseListening(address: string, what: string): Promise<never> {
  return Promise.reject(
    listenFailed(address, `${what} can be connected to, and not listened at`),
  );
}
