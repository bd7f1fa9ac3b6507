import { EError, PortoError } from "portolan/porto";
import { PortolanError } from "../../../runtime/errors.ts";
import { LibpodError, type LibpodErrorCode } from "../../errors.ts";

/**
 * Makes an error as Porto answers with it.
 *
 * @param text What the client is told.
 * @param result What the answer has besides, where a command says something even then.
 */
export function failure(
  error: EError,
  text: string,
  result?: object,
): PortoError {
  return new PortoError(error, text, { result });
}

/** An error as Porto writes it inside of texts: `InvalidValue:(what was wrong)`. */
export function errorText({ errorName, text }: PortoError): string {
  return `${errorName}:(${text})`;
}

const codes: Partial<Record<LibpodErrorCode, EError>> = {
  NO_SUCH_CONTAINER: EError.ContainerDoesNotExist,
  CONTAINER_REMOVED: EError.ContainerDoesNotExist,
  CONTAINER_EXISTS: EError.ContainerAlreadyExists,
  NO_SUCH_IMAGE: EError.DockerImageNotFound,
  CONTAINER_STOPPED: EError.InvalidState,
  CONTAINER_FINALIZED: EError.InvalidState,
  INVALID_STATE: EError.InvalidState,
  INVALID_ARGUMENT: EError.InvalidValue,
  AMBIGUOUS_ID: EError.InvalidValue,
  NOT_IMPLEMENTED: EError.NotSupported,
  NOT_SUPPORTED: EError.NotSupported,
  RUNTIME_STOPPED: EError.SocketError,
};

/**
 * What the engine threw, as Porto would say it. What is no error of the engine's stays
 * as it is: it is one of ours, and none of the client's business.
 */
export function asPortoError(error: unknown): unknown {
  if (LibpodError.is(error)) {
    const code = codes[error.code] ?? EError.Unknown;
    return new PortoError(code, error.message, { cause: error });
  }
  // The engine is being closed, and with it the daemon that it plays.
  if (PortolanError.is(error) && error.code === "CLOSED")
    return new PortoError(EError.SocketError, "portod is shutting down", {
      cause: error,
    });
  return error;
}
