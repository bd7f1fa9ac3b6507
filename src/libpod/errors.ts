import { PortolanError } from "../runtime/errors.ts";

/**
 * The stable codes of {@link LibpodError}. The first fifteen are the error values
 * of Go's libpod; each has a class of its own.
 */
export type LibpodErrorCode =
  /** The container does not exist. */
  | "NO_SUCH_CONTAINER"
  /** The pod does not exist. */
  | "NO_SUCH_POD"
  /** The image does not exist. */
  | "NO_SUCH_IMAGE"
  /** A container with this name or id exists already. */
  | "CONTAINER_EXISTS"
  /** A pod with this name or id exists already. */
  | "POD_EXISTS"
  /** An image with this id exists already. */
  | "IMAGE_EXISTS"
  /** The runtime is open: its options can no longer change. */
  | "RUNTIME_FINALIZED"
  /** The container is created: what makes sense only before can no longer change. */
  | "CONTAINER_FINALIZED"
  /** The pod has containers: its options can no longer change. */
  | "POD_FINALIZED"
  /** An argument makes no sense. */
  | "INVALID_ARGUMENT"
  /** The runtime was shut down or closed: nothing can be done with it any more. */
  | "RUNTIME_STOPPED"
  /** The container does not run, and what was asked needs that it does. */
  | "CONTAINER_STOPPED"
  /** The container was removed: nothing can be done with it any more. */
  | "CONTAINER_REMOVED"
  /** The pod was removed: nothing can be done with it any more. */
  | "POD_REMOVED"
  /** The engine answered that it has not implemented this. */
  | "NOT_IMPLEMENTED"
  /** An engine of this kind has nothing of the sort: known without asking it. */
  | "NOT_SUPPORTED"
  /** A partial id fits several. */
  | "AMBIGUOUS_ID"
  /** The container, pod or image is in a state that does not allow this. */
  | "INVALID_STATE"
  /** Something was done to some containers of a pod and failed for others. */
  | "POD_OPERATION_FAILED"
  /** What an engine keeps on disk is damaged. */
  | "STATE_CORRUPTED"
  /** The engine failed in a way that has no code of its own. */
  | "ENGINE_ERROR";

const codes: ReadonlySet<string> = new Set<LibpodErrorCode>([
  "NO_SUCH_CONTAINER",
  "NO_SUCH_POD",
  "NO_SUCH_IMAGE",
  "CONTAINER_EXISTS",
  "POD_EXISTS",
  "IMAGE_EXISTS",
  "RUNTIME_FINALIZED",
  "CONTAINER_FINALIZED",
  "POD_FINALIZED",
  "INVALID_ARGUMENT",
  "RUNTIME_STOPPED",
  "CONTAINER_STOPPED",
  "CONTAINER_REMOVED",
  "POD_REMOVED",
  "NOT_IMPLEMENTED",
  "NOT_SUPPORTED",
  "AMBIGUOUS_ID",
  "INVALID_STATE",
  "POD_OPERATION_FAILED",
  "STATE_CORRUPTED",
  "ENGINE_ERROR",
]);

/**
 * The base of what libpod's objects throw. What the engine itself answered with is
 * the `cause`. Trouble with the connection (`CONNECTION_LOST`, `TIMEOUT`, `ABORTED` and
 * so on) is no LibpodError but the runtime's `PortolanError`, as it came.
 */
export class LibpodError extends PortolanError {
  declare readonly code: LibpodErrorCode;

  constructor(code: LibpodErrorCode, message: string, options?: ErrorOptions) {
    // The runtime names its own codes only, so that none of them is misspelt.
    super(code as never, message, options);
    // The class's name, for stack traces; the prototype's is PortolanError.
    Object.defineProperty(this, "name", {
      value: new.target.name,
      enumerable: false,
      writable: true,
      configurable: true,
    });
  }

  static override matches(error: unknown): boolean {
    return (
      PortolanError.matches(error) && codes.has((error as LibpodError).code)
    );
  }
}

/** A class of errors with one code, by which `is` and `instanceof` go. */
function matchesCode(error: unknown, code: LibpodErrorCode): boolean {
  return LibpodError.matches(error) && (error as LibpodError).code === code;
}

/** `ErrNoSuchCtr`: the container does not exist. */
export class NoSuchContainer extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("NO_SUCH_CONTAINER", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "NO_SUCH_CONTAINER");
  }
}

/** `ErrNoSuchPod`: the pod does not exist. */
export class NoSuchPod extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("NO_SUCH_POD", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "NO_SUCH_POD");
  }
}

/** `ErrNoSuchImage`: the image does not exist. */
export class NoSuchImage extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("NO_SUCH_IMAGE", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "NO_SUCH_IMAGE");
  }
}

/** `ErrCtrExists`: a container with the same name or id exists. */
export class ContainerExists extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("CONTAINER_EXISTS", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "CONTAINER_EXISTS");
  }
}

/** `ErrPodExists`: a pod with the same name or id exists. */
export class PodExists extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("POD_EXISTS", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "POD_EXISTS");
  }
}

/** `ErrImageExists`: an image with the same id exists. */
export class ImageExists extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("IMAGE_EXISTS", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "IMAGE_EXISTS");
  }
}

/** `ErrRuntimeFinalized`: the runtime is open and cannot be configured any more. */
export class RuntimeFinalized extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("RUNTIME_FINALIZED", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "RUNTIME_FINALIZED");
  }
}

/** `ErrCtrFinalized`: the container is created and cannot be configured any more. */
export class ContainerFinalized extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("CONTAINER_FINALIZED", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "CONTAINER_FINALIZED");
  }
}

/** `ErrPodFinalized`: the pod has containers and cannot be configured any more. */
export class PodFinalized extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("POD_FINALIZED", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "POD_FINALIZED");
  }
}

/** `ErrInvalidArg`: an argument makes no sense. */
export class InvalidArgument extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("INVALID_ARGUMENT", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "INVALID_ARGUMENT");
  }
}

/** `ErrRuntimeStopped`: the runtime was shut down or closed. */
export class RuntimeStopped extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("RUNTIME_STOPPED", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "RUNTIME_STOPPED");
  }
}

/** `ErrCtrStopped`: the container does not run. */
export class ContainerStopped extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("CONTAINER_STOPPED", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "CONTAINER_STOPPED");
  }
}

/** `ErrCtrRemoved`: the container was removed. */
export class ContainerRemoved extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("CONTAINER_REMOVED", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "CONTAINER_REMOVED");
  }
}

/** `ErrPodRemoved`: the pod was removed. */
export class PodRemoved extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("POD_REMOVED", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "POD_REMOVED");
  }
}

/** `ErrNotImplemented`: the engine says that it has not implemented this. */
export class NotImplemented extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("NOT_IMPLEMENTED", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "NOT_IMPLEMENTED");
  }
}

/** What was asked is nothing that this kind of engine has; it was not asked. */
export class NotSupported extends LibpodError {
  /** The engine: `podman`, `porto`, `embedded`, or another's name. */
  readonly engine: string;
  /** What it cannot do: a call (`execContainer`), or an option of one (`createContainer: annotations`). */
  readonly feature: string;

  /** @param options `api`: how this engine is talked to, where engines of its kind differ in that: `io.podman (1.0)` */
  constructor(
    engine: string,
    feature: string,
    options: ErrorOptions & { readonly api?: string | undefined } = {},
  ) {
    const { api, ...others } = options;
    // In brackets, which are not put into each other.
    const which = api === undefined ? "" : ` (${api.replaceAll(/[()]/g, "")})`;
    super(
      "NOT_SUPPORTED",
      `the ${engine} engine${which} cannot do this: ${feature}`,
      others,
    );
    this.engine = engine;
    this.feature = feature;
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "NOT_SUPPORTED");
  }
}

/** A partial id fits several containers, pods or images. */
export class AmbiguousId extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("AMBIGUOUS_ID", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "AMBIGUOUS_ID");
  }
}

/** The state of a container, pod or image does not allow what was asked. */
export class InvalidState extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("INVALID_STATE", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "INVALID_STATE");
  }
}

/** Why one container of a pod did not do what the pod was asked to. */
export interface PodContainerFailure {
  /** The container's id. */
  readonly containerId: string;
  /** What the engine said of it. */
  readonly reason: string;
}

/** Containers of a pod failed at what the pod was asked to do; others may have done it. */
export class PodOperationFailed extends LibpodError {
  /** The pod's id. */
  readonly podId: string;
  /** The containers that failed, and why. */
  readonly failures: readonly PodContainerFailure[];

  constructor(
    podId: string,
    failures: readonly PodContainerFailure[],
    options?: ErrorOptions,
  ) {
    const reasons = failures.map(
      ({ containerId, reason }) => `${containerId.slice(0, 12)}: ${reason}`,
    );
    super(
      "POD_OPERATION_FAILED",
      `containers of pod ${podId.slice(0, 12)} failed: ${reasons.join("; ")}`,
      options,
    );
    this.podId = podId;
    this.failures = failures;
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "POD_OPERATION_FAILED");
  }
}

/** A file in which an engine keeps its state is damaged; nothing was changed. */
export class StateCorrupted extends LibpodError {
  /** The file. */
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super("STATE_CORRUPTED", `${path}: ${message}`, options);
    this.path = path;
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "STATE_CORRUPTED");
  }
}

/** The engine failed in a way that has no class of its own. */
export class EngineError extends LibpodError {
  constructor(message: string, options?: ErrorOptions) {
    super("ENGINE_ERROR", message, options);
  }
  static override matches(error: unknown): boolean {
    return matchesCode(error, "ENGINE_ERROR");
  }
}
