import type { PodContainerErrorData } from "portolan/podman";
import { PortolanError } from "../../../runtime/errors.ts";
import type {
  ContainerSummary,
  ImageSummary,
  PodSummary,
} from "../../engine.ts";
import type { EmbeddedEngine } from "../../engines/embedded/types.ts";
import {
  AmbiguousId,
  LibpodError,
  type LibpodErrorCode,
  NoSuchContainer,
  NoSuchImage,
  NoSuchPod,
} from "../../errors.ts";

/**
 * How one of Podman's interfaces says what went wrong: makes its errors. `name` is
 * what the client asked for, `reason` is for people.
 */
export interface Answers {
  containerNotFound(name: string, reason: string, cause: unknown): Error;
  imageNotFound(name: string, reason: string, cause: unknown): Error;
  /** Only containers that run were meant, and there is none. */
  noContainerRunning(reason: string, cause: unknown): Error;
  /** Everything that has no error of its own. */
  occurred(reason: string, cause?: unknown): Error;
  /** The engine cannot work: it was closed, or what it keeps is damaged. */
  unusable(reason: string, cause: unknown): Error;
}

/** {@link Answers} of an interface that has pods. */
export interface PodAnswers extends Answers {
  podNotFound(name: string, reason: string, cause: unknown): Error;
  noContainersInPod(name: string): Error;
  /** Some containers of a pod did not do what was asked. */
  podContainers(
    podId: string,
    errors: readonly PodContainerErrorData[],
    cause: unknown,
  ): Error;
}

/**
 * The texts by which Podman's clients tell its errors apart, for they arrive as
 * text alone: Go's libpod ends its messages with the one of the error's value.
 */
const tellTales: Readonly<Partial<Record<LibpodErrorCode, string>>> = {
  NO_SUCH_CONTAINER: "no such container",
  NO_SUCH_POD: "no such pod",
  NO_SUCH_IMAGE: "no such image",
  CONTAINER_EXISTS: "container already exists",
  POD_EXISTS: "pod already exists",
  IMAGE_EXISTS: "image already exists",
  CONTAINER_FINALIZED: "container has been finalized",
  POD_FINALIZED: "pod has been finalized",
  INVALID_ARGUMENT: "invalid argument",
  RUNTIME_STOPPED: "runtime has already been stopped",
  CONTAINER_STOPPED: "container is stopped",
  CONTAINER_REMOVED: "container has already been removed",
  POD_REMOVED: "pod has already been removed",
  NOT_IMPLEMENTED: "not yet implemented",
  NOT_SUPPORTED: "not yet implemented",
  AMBIGUOUS_ID: "more than one result for ID or name",
  INVALID_STATE: "container state improper",
};

/** What a libpod error says, in Podman's form. */
export function reasonOf(error: LibpodError): string {
  const tellTale = tellTales[error.code];
  return tellTale === undefined || error.message.endsWith(tellTale)
    ? error.message
    : `${error.message}: ${tellTale}`;
}

const unusable: ReadonlySet<LibpodErrorCode> = new Set([
  "RUNTIME_STOPPED",
  "STATE_CORRUPTED",
]);

const missing = (error: unknown): error is LibpodError =>
  NoSuchContainer.is(error) ||
  NoSuchPod.is(error) ||
  NoSuchImage.is(error) ||
  AmbiguousId.is(error);

/** An engine as the handlers of an interface see it: what fails there fails in its words. */
export class Served<A extends Answers = Answers> {
  readonly engine: EmbeddedEngine;
  readonly answers: A;

  constructor(engine: EmbeddedEngine, answers: A) {
    this.engine = engine;
    this.answers = answers;
  }

  /** A container by id, name or the beginning of one id. */
  async container(name: string): Promise<ContainerSummary> {
    return findOr(this, this.engine.lookupContainer(name), (error) =>
      this.answers.containerNotFound(name, reasonOf(error), error),
    );
  }

  /** An image by name, id, digest or the beginning of one id. */
  async image(name: string): Promise<ImageSummary> {
    return findOr(this, this.engine.getImage(name), (error) =>
      this.answers.imageNotFound(name, reasonOf(error), error),
    );
  }

  /** What it rejects with, as the interface says it. */
  async attempt<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      throw this.translate(error);
    }
  }

  /** An error of libpod as the interface says it; others as they are, for they are mistakes of ours. */
  translate(error: unknown): unknown {
    if (PortolanError.is(error) && error.code === "CLOSED")
      return this.answers.unusable(error.message, error);
    // It is the client who reads too slowly.
    if (PortolanError.is(error) && error.code === "LIMIT_EXCEEDED")
      return this.answers.occurred(error.message, error);
    if (!LibpodError.is(error)) return error;
    const reason = reasonOf(error);
    return unusable.has(error.code)
      ? this.answers.unusable(reason, error)
      : this.answers.occurred(reason, error);
  }
}

async function findOr<T>(
  served: Served,
  lookup: Promise<T>,
  notFound: (error: LibpodError) => Error,
): Promise<T> {
  try {
    return await lookup;
  } catch (error) {
    throw missing(error) ? notFound(error) : served.translate(error);
  }
}

/** A pod by id, name or the beginning of one id. */
export async function findPod(
  served: Served<PodAnswers>,
  name: string,
): Promise<PodSummary> {
  return findOr(served, served.engine.lookupPod(name), (error) =>
    served.answers.podNotFound(name, reasonOf(error), error),
  );
}

/** Whether a lookup finds something. What is ambiguous is a trouble of its own. */
export async function exists(
  served: Served,
  lookup: Promise<unknown>,
): Promise<boolean> {
  try {
    await lookup;
    return true;
  } catch (error) {
    if (missing(error) && !AmbiguousId.is(error)) return false;
    throw served.translate(error);
  }
}

/** Does something to what may be gone by now; then there is nothing to do. */
export async function unlessGone(
  action: () => Promise<unknown>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!missing(error)) throw error;
  }
}
