import type {
  ContainerDetails,
  ContainerState,
  PodState,
} from "../../engine.ts";
import { NoSuchImage } from "../../errors.ts";
import type { Spec } from "../../spec.ts";
import type { ContainerRecord } from "../../state.ts";
import { type KeptOptions, keptOptions } from "./kept.ts";
import { type Served, unlessGone } from "./served.ts";

/** A container with all that is shown of it. */
export interface ContainerView {
  readonly details: ContainerDetails;
  readonly record: ContainerRecord;
  readonly spec: Spec;
  readonly kept: KeptOptions;
  /** Bytes of its image; 0 without one. */
  readonly imageSize: number;
}

/** @param id A whole one. @throws NoSuchContainer */
export async function viewContainer(
  { engine }: Served,
  id: string,
): Promise<ContainerView> {
  return view(engine, id, (imageId) => imageSize(engine, imageId));
}

async function view(
  engine: Served["engine"],
  id: string,
  sizeOf: (imageId: string) => number | Promise<number>,
): Promise<ContainerView> {
  const [details, record, spec] = await Promise.all([
    engine.inspectContainer(id),
    engine.inside.record(id),
    engine.containerSpec(id),
  ]);
  const { imageId } = record;
  return {
    details,
    record,
    spec,
    kept: keptOptions(record),
    imageSize: imageId === undefined ? 0 : await sizeOf(imageId),
  };
}

async function imageSize(
  engine: Served["engine"],
  imageId: string,
): Promise<number> {
  try {
    return Number((await engine.getImage(imageId)).size ?? 0n);
  } catch (error) {
    // An image that is removed by force leaves its containers behind.
    if (NoSuchImage.is(error)) return 0;
    throw error;
  }
}

/** All containers, in the order in which they were made. */
export async function viewContainers({
  engine,
}: Served): Promise<readonly ContainerView[]> {
  // Once for all: looking one image up counts the containers that use it.
  const sizes = new Map(
    (await engine.listImages()).map(({ id, size }) => [id, Number(size ?? 0n)]),
  );
  const views: ContainerView[] = [];
  for (const { id } of await engine.listContainers()) {
    await unlessGone(async () => {
      views.push(await view(engine, id, (imageId) => sizes.get(imageId) ?? 0));
    });
  }
  return views;
}

const containerStatuses: Readonly<Record<ContainerState, string>> = {
  configured: "configured",
  created: "created",
  starting: "running",
  running: "running",
  paused: "paused",
  stopping: "running",
  exited: "exited",
  removing: "running",
  unknown: "unknown",
};

/** Podman's word for the state of a container. One that is stopping runs until it has stopped. */
export function containerStatus(state: ContainerState): string {
  return containerStatuses[state];
}

const podStatuses: Readonly<Record<PodState, string>> = {
  created: "Created",
  running: "Running",
  degraded: "Running",
  paused: "Paused",
  stopped: "Stopped",
  exited: "Exited",
  unknown: "Error",
};

/** Podman's word for the state of a pod, in which one that runs counts for all. */
export function podStatus(state: PodState): string {
  return podStatuses[state];
}
