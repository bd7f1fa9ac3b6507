import type {
  ContainerDetails,
  ContainerState,
  PodState,
} from "../../engine.ts";
import { NoSuchContainer, NoSuchImage } from "../../errors.ts";
import type { Spec } from "../../spec.ts";
import type { ContainerRecord } from "../../state.ts";
import { type KeptOptions, keptOptions } from "./kept.ts";
import type { Served } from "./served.ts";

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
  const [details, record, spec] = await Promise.all([
    engine.inspectContainer(id),
    engine.inside.record(id),
    engine.containerSpec(id),
  ]);
  return {
    details,
    record,
    spec,
    kept: keptOptions(record),
    imageSize: await imageSize(engine, record.imageId),
  };
}

async function imageSize(
  engine: Served["engine"],
  imageId: string | undefined,
): Promise<number> {
  if (imageId === undefined) return 0;
  try {
    return Number((await engine.getImage(imageId)).size ?? 0n);
  } catch (error) {
    // An image that is removed by force leaves its containers behind.
    if (NoSuchImage.is(error)) return 0;
    throw error;
  }
}

/** All containers, in the order in which they were made. */
export async function viewContainers(
  served: Served,
): Promise<readonly ContainerView[]> {
  const views: ContainerView[] = [];
  for (const { id } of await served.engine.inside.records()) {
    try {
      views.push(await viewContainer(served, id));
    } catch (error) {
      // Removed since they were listed.
      if (!NoSuchContainer.is(error)) throw error;
    }
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
