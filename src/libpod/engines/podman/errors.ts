import { PortolanError, VarlinkError } from "../../../runtime/errors.ts";
import {
  AmbiguousId,
  ContainerExists,
  ContainerRemoved,
  ContainerStopped,
  EngineError,
  ImageExists,
  InvalidArgument,
  InvalidState,
  LibpodError,
  NoSuchContainer,
  NoSuchImage,
  NoSuchPod,
  NotImplemented,
  NotSupported,
  type PodContainerFailure,
  PodExists,
  PodOperationFailed,
  PodRemoved,
  RuntimeStopped,
} from "../../errors.ts";

/** A partial id that fits several: to Podman a container, or pod, that was not found or exists already. */
const AMBIGUOUS = /more than one result for/;

/** What the engine calls itself in errors. */
export const ENGINE = "podman";

type ErrorClass = new (message: string, options?: ErrorOptions) => LibpodError;

/**
 * The errors of the three interfaces that mean one thing, by their name without the
 * interface. What is not here is told by its text.
 */
const byName: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ["ContainerNotFound", NoSuchContainer],
  ["PodNotFound", NoSuchPod],
  ["ImageNotFound", NoSuchImage],
  ["NoContainerRunning", ContainerStopped],
  ["ErrCtrStopped", ContainerStopped],
  ["InvalidState", InvalidState],
  ["NoContainersInPod", InvalidState],
  ["InvalidParameter", InvalidArgument],
  ["MethodNotImplemented", NotImplemented],
]);

/**
 * What the daemon's texts mean; the first that fits counts. Go puts causes last, behind
 * colons, and libpod's are the fixed words at the end of these lines. Some causes are
 * shared by unlike troubles: those are told apart above them.
 */
const byText: readonly (readonly [RegExp, ErrorClass])[] = [
  [/can only kill running containers/, ContainerStopped],
  [/is not running\b/, ContainerStopped],
  [/requires a running container/, ContainerStopped],
  [/must be running to/, ContainerStopped],
  [/is no longer running$/, ContainerStopped],
  [/container is stopped$/, ContainerStopped],
  [/no such container$/, NoSuchContainer],
  [/no container with (?:name or ID|ID or name) .* found/, NoSuchContainer],
  [/no such pod$/, NoSuchPod],
  [/no pod with (?:name or ID|ID or name) .* found/, NoSuchPod],
  [/no such image\b/, NoSuchImage],
  [/image not known$/, NoSuchImage],
  [/unable to find .* in local storage/, NoSuchImage],
  // Podman 1.0 says so of a pod, and that "container already exists".
  [/contains containers and cannot be removed/, InvalidState],
  [/pod already exists$/, PodExists],
  [/container already exists$/, ContainerExists],
  [/that name is already in use$/, ContainerExists],
  [/image already exists$/, ImageExists],
  [/container has already been removed$/, ContainerRemoved],
  [/pod has already been removed$/, PodRemoved],
  [/runtime has already been stopped$/, RuntimeStopped],
  [/container state improper$/, InvalidState],
  [/already running or paused/, InvalidState],
  [/\b(?:being used by|in use by|must force)\b/, InvalidState],
  [/image is in use/, InvalidState],
  [/invalid argument$/, InvalidArgument],
  [/not yet implemented$/, NotImplemented],
];

/** What Podman's errors say about themselves, in the versions that say something. */
interface Said {
  readonly reason?: unknown;
  readonly name?: unknown;
  readonly id?: unknown;
  readonly podname?: unknown;
  readonly errors?: unknown;
}

/**
 * What went wrong in a call, as a libpod error with the daemon's own as its `cause`.
 * Errors of libpod and of the connection come back as they are.
 *
 * @param call The engine's call, for those that the daemon does not have.
 */
export function libpodError(error: unknown, call: string): Error {
  if (LibpodError.is(error)) return error;
  if (VarlinkError.is<VarlinkError>(error)) return fromDaemon(error, call);
  if (!PortolanError.is(error))
    return new EngineError(
      `the daemon's reply to ${call} is not what Podman replies`,
      { cause: error },
    );
  if (error.code === "INVALID_INPUT")
    return new InvalidArgument(error.message, { cause: error });
  if (error.code === "INVALID_REPLY")
    return new EngineError(error.message, { cause: error });
  return error;
}

function fromDaemon(cause: VarlinkError, call: string): LibpodError {
  const name = cause.error.slice(cause.error.lastIndexOf(".") + 1);
  const said: Said = cause.parameters;
  if (name === "MethodNotFound")
    return new NotSupported(ENGINE, call, { cause });
  if (name === "PodContainerError") {
    return new PodOperationFailed(
      textOf(said.podname) ?? "",
      failuresOf(said.errors),
      { cause },
    );
  }
  const reason = textOf(said.reason);
  const text = reason ?? describeShortly(name, said, cause);
  if (AMBIGUOUS.test(text)) return new AmbiguousId(text, { cause });
  const Class =
    byName.get(name) ??
    byText.find(([pattern]) => pattern.test(text))?.[1] ??
    EngineError;
  return new Class(text, { cause });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Podman 1.0 names the thing and says nothing else. */
function describeShortly(
  name: string,
  said: Said,
  cause: VarlinkError,
): string {
  const subject = textOf(said.name) ?? textOf(said.id);
  const words = shortly.get(name);
  if (words === undefined) return cause.message;
  return subject === undefined ? words : `${words}: ${subject}`;
}

const shortly: ReadonlyMap<string, string> = new Map([
  ["ContainerNotFound", "no such container"],
  ["PodNotFound", "no such pod"],
  ["ImageNotFound", "no such image"],
  ["NoContainersInPod", "the pod has no containers"],
  ["NoContainerRunning", "the container does not run"],
  ["ErrCtrStopped", "the container is stopped"],
]);

/** The daemon's list begins with as many empty places as it has errors. */
function failuresOf(errors: unknown): PodContainerFailure[] {
  if (!Array.isArray(errors)) return [];
  const failures: PodContainerFailure[] = [];
  for (const entry of errors as readonly unknown[]) {
    if (typeof entry !== "object" || entry === null) continue;
    const { containerid, reason } = entry as {
      readonly containerid?: unknown;
      readonly reason?: unknown;
    };
    const containerId = textOf(containerid);
    if (containerId !== undefined)
      failures.push({ containerId, reason: textOf(reason) ?? "" });
  }
  return failures;
}
