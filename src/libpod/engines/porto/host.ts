import {
  EError,
  PortoError,
  type TContainer,
  type TError,
  type TWaitResponse,
} from "portolan/porto";
import { NoSuchContainer, NoSuchPod } from "../../errors.ts";
import type { PortoBytes } from "./client.ts";
import { type About, answered, asked, translate } from "./errors.ts";
import { POD_LABEL } from "./kept.ts";
import { nameProblem, parentOf } from "./names.ts";
import type { Operation } from "./operation.ts";

/** Every container. */
export const EVERY = "***";

/** A pod with the containers that are directly in it. */
export interface FoundPod {
  readonly pod: TContainer;
  readonly members: readonly TContainer[];
}

/** What all parts of the engine share: the client, and how things are found with it. */
export class Host {
  readonly client: PortoBytes;
  /** Milliseconds, of any beginning. */
  readonly now: () => number;
  /** Milliseconds between two looks at the output of a container. */
  readonly logInterval: number;
  /** Makes a name for what is given none. */
  readonly newName: (kind: "ctr" | "pod") => string;

  constructor(
    client: PortoBytes,
    settings: Pick<Host, "now" | "logInterval" | "newName">,
  ) {
    this.client = client;
    this.now = settings.now;
    this.logInterval = settings.logInterval;
    this.newName = settings.newName;
  }

  /**
   * Containers and pods that a mask fits, with some properties. What vanishes while
   * they are read is left out; the host itself is none of them.
   */
  async list(
    masks: readonly string[],
    properties: readonly string[],
    about: About,
    operation: Operation,
  ): Promise<readonly TContainer[]> {
    const { containers } = await asked(
      about,
      this.client.listContainersBy(
        {
          filters: masks.map((name) => ({ name })),
          field_options: { properties },
        },
        operation.limits,
      ),
    );
    return containers.filter(
      ({ spec, error }) => !isError(error) && isOurs(spec?.name ?? ""),
    );
  }

  /**
   * One container.
   *
   * @throws NoSuchContainer, also for a pod
   */
  async container(
    id: string,
    properties: readonly string[],
    about: About,
    operation: Operation,
  ): Promise<TContainer> {
    const found = await this.#find(id, properties, about, operation);
    if (isPod(found)) throw new NoSuchContainer(`${id} is a pod`);
    return found;
  }

  /** One container or pod. @throws NoSuchContainer; NoSuchPod, as `about` says */
  async #find(
    id: string,
    properties: readonly string[],
    about: About,
    operation: Operation,
  ): Promise<TContainer> {
    // What can be no name may be a mask, which the daemon would gladly answer.
    const problem = nameProblem(id);
    if (problem !== undefined) throw missing(about, id);
    const { containers } = await asked(
      about,
      this.client.listContainersBy(
        {
          filters: [{ name: id }],
          field_options: { properties: ["labels", ...properties] },
        },
        operation.limits,
      ),
    );
    const found = containers.find(({ spec }) => spec?.name === id);
    if (found === undefined) throw missing(about, id);
    if (isError(found.error)) throw translate(portoError(found.error), about);
    return found;
  }

  /** A pod with its containers. @throws NoSuchPod, also for what is none */
  async pod(
    id: string,
    properties: readonly string[],
    about: About,
    operation: Operation,
  ): Promise<FoundPod> {
    const pod = await this.#find(id, properties, about, operation);
    if (!isPod(pod)) throw new NoSuchPod(`${id} is no pod, but a container`);
    const children = await this.list(
      [`${id}/*`],
      ["labels", ...properties],
      about,
      operation,
    );
    return {
      pod,
      members: children.filter((child) => !isPod(child)),
    };
  }

  /** The pod that a container is directly in, if it is in one: as a set. */
  async podAround(
    id: string,
    about: About,
    operation: Operation,
  ): Promise<ReadonlySet<string>> {
    const parent = parentOf(id);
    if (parent === undefined) return new Set();
    const found = await this.list([parent], ["labels"], about, operation);
    return new Set(found.filter(isPod).map(({ spec }) => spec?.name ?? ""));
  }

  /**
   * The states, in Porto's words, of a container and all that are nested in it at
   * any depth. Unlike lists this never waits for what others do with them.
   */
  async statesBelow(
    id: string,
    about: About,
    operation: Operation,
  ): Promise<ReadonlyMap<string, string>> {
    const { list } = await asked(
      about,
      this.client.get({ name: [EVERY], variable: ["state"] }, operation.limits),
    );
    const states = new Map<string, string>();
    for (const { name = "", keyval } of list) {
      const state = keyval.find(({ variable }) => variable === "state");
      if (name !== id && !name.startsWith(`${id}/`)) continue;
      if (state?.value !== undefined) states.set(name, state.value);
    }
    return states;
  }

  /**
   * Blocks until a container no longer runs; at once if it does not.
   *
   * @param most Milliseconds after which it answers with the state `timeout`.
   */
  async wait(
    id: string,
    about: About,
    operation: Operation,
    most?: number,
  ): Promise<TWaitResponse> {
    return asked(
      about,
      this.client.wait(
        {
          name: [id],
          ...(most !== undefined && { timeout_ms: Math.ceil(most) }),
        },
        operation.limits,
      ),
    );
  }
}

/** Whether a container is marked as a pod. */
export function isPod({ spec }: TContainer): boolean {
  return spec?.labels?.map.some(({ key }) => key === POD_LABEL) ?? false;
}

/** Whether an entry has an error: the code for success is none. */
export function isError(error: TError | undefined): error is TError {
  return error !== undefined && error.error !== EError.Success;
}

/** What the daemon says of one container, as the error that it would be for a command. */
function portoError({
  error = EError.LostError,
  msg = "",
}: TError): PortoError {
  return new PortoError(error, msg);
}

/** The host's root container and the client's own are in Porto's lists, and are none that anybody made. */
function isOurs(name: string): boolean {
  return nameProblem(name) === undefined;
}

function missing({ pod }: About, id: string): Error {
  return pod === undefined
    ? new NoSuchContainer(`there is no container ${id}`)
    : new NoSuchPod(`there is no pod ${id}`);
}

/** Whether a container was gone when the daemon was asked. */
export function isGone(error: unknown): boolean {
  return (
    answered(error, EError.ContainerDoesNotExist) || NoSuchContainer.is(error)
  );
}
