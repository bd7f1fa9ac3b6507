import { EError, PortoError } from "portolan/porto";
import {
  ContainerExists,
  ContainerStopped,
  EngineError,
  ImageExists,
  InvalidArgument,
  InvalidState,
  type LibpodError,
  NoSuchContainer,
  NoSuchImage,
  NoSuchPod,
  NotImplemented,
  PodExists,
} from "../../errors.ts";

/** What the daemon was asked to do, and about what. */
export interface About {
  /** The engine's call: `startContainer`. */
  readonly call: string;
  readonly container?: string | undefined;
  readonly pod?: string | undefined;
  readonly image?: string | undefined;
  /** It needs a container that runs. */
  readonly needsRunning?: boolean | undefined;
}

type ErrorClass = new (message: string, options?: ErrorOptions) => LibpodError;

/** By Porto's code: the class, where what was asked matters by that. */
const classes: ReadonlyMap<EError, (about: About) => ErrorClass> = new Map([
  [EError.InvalidMethod, () => NotImplemented],
  [EError.NotSupported, () => NotImplemented],
  [
    EError.ContainerAlreadyExists,
    ({ pod }: About) => (pod === undefined ? ContainerExists : PodExists),
  ],
  [
    EError.ContainerDoesNotExist,
    ({ pod }: About) => (pod === undefined ? NoSuchContainer : NoSuchPod),
  ],
  [
    EError.InvalidState,
    ({ needsRunning }: About) =>
      needsRunning === true ? ContainerStopped : InvalidState,
  ],
  [EError.Busy, () => InvalidState],
  [EError.InvalidProperty, () => InvalidArgument],
  [EError.InvalidValue, () => InvalidArgument],
  [EError.InvalidCommand, () => InvalidArgument],
  [EError.InvalidPath, () => InvalidArgument],
  [EError.InvalidNetworkAddress, () => InvalidArgument],
  [EError.InvalidLabel, () => InvalidArgument],
  [EError.DeviceNotFound, () => InvalidArgument],
  [EError.DockerImageNotFound, () => NoSuchImage],
  [EError.LayerNotFound, () => NoSuchImage],
  [EError.LayerAlreadyExists, () => ImageExists],
]);

/**
 * The error of libpod that one of Porto's means; anything else, trouble with the
 * connection first of all, as it is.
 */
export function translate(error: unknown, about: About): unknown {
  if (!PortoError.is(error)) return error;
  const find = classes.get(error.error);
  const type = find === undefined ? EngineError : find(about);
  const subject = about.container ?? about.pod ?? about.image;
  const of = subject === undefined ? "" : ` of ${subject}`;
  const said = error.text === "" ? error.errorName : error.text;
  return new type(`${about.call}${of}: ${said}`, { cause: error });
}

/** Waits for an answer of the daemon. @throws LibpodError for an error of Porto's. */
export async function asked<T>(about: About, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw translate(error, about);
  }
}

/** Whether the daemon answered with this code. */
export function answered(error: unknown, ...codes: readonly EError[]): boolean {
  return PortoError.is(error) && codes.includes(error.error);
}
