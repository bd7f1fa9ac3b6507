import {
  ContainerNotFound,
  ErrorOccurred,
  ImageNotFound,
  InvalidState,
  NoContainerRunning,
  NoContainersInPod,
  PodContainerError,
  PodNotFound,
  RuntimeError,
} from "portolan/podman/1.9";
import { InvalidState as StateTrouble } from "../../errors.ts";
import { type PodAnswers, reasonOf, type Served } from "../podman/served.ts";

/** An embedded engine as the handlers of Podman 1.9 see it. */
export type Served19 = Served<PodAnswers>;

/** The errors of `io.podman` as of Podman 1.9. */
export const answers: PodAnswers = {
  containerNotFound: (id, reason, cause) =>
    new ContainerNotFound({ id, reason }, { cause }),
  imageNotFound: (id, reason, cause) =>
    new ImageNotFound({ id, reason }, { cause }),
  podNotFound: (name, reason, cause) =>
    new PodNotFound({ name, reason }, { cause }),
  noContainerRunning: (_reason, cause) => new NoContainerRunning({}, { cause }),
  noContainersInPod: (name) => new NoContainersInPod({ name }),
  podContainers: (podname, errors, cause) =>
    new PodContainerError({ podname, errors }, { cause }),
  occurred: (reason, cause) => new ErrorOccurred({ reason }, { cause }),
  unusable: (reason, cause) => new RuntimeError({ reason }, { cause }),
};

/** What fails for the state of a container, in methods that have an error for that. */
export async function inState<T>(
  served: Served19,
  id: string,
  operation: Promise<T>,
): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw StateTrouble.is(error)
      ? new InvalidState({ id, reason: reasonOf(error) }, { cause: error })
      : served.translate(error);
  }
}

/** The id of a container, for methods that answer `ErrorOccurred` where there is none. */
export async function idOfContainer(
  served: Served19,
  name: string,
): Promise<string> {
  const { id } = await served.attempt(served.engine.lookupContainer(name));
  return id;
}
