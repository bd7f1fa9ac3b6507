import type { OptionalCall } from "../../engine.ts";

/**
 * The calls that the Porto engine has of those that an engine may lack: `true`, or
 * what is to be known of it.
 */
export const portoSupports: Readonly<
  Partial<Record<OptionalCall, true | string>>
> = {
  containerSpec: "rebuilt from Porto's properties",
  createContainer:
    "an id is the name, `pod/name` in a pod; what Porto has no property for is refused",
  startContainer: true,
  restartContainer: true,
  pauseContainer: true,
  unpauseContainer: true,
  containerStats: true,
  mountContainer: "Porto keeps the root mounted: its path",
  unmountContainer: "nothing is left to do",
  listPods: "containers with the label `LIBPOD.pod`",
  getPod: true,
  lookupPod: true,
  createPod: "a container without a command; no shared namespaces",
  startPod: true,
  stopPod: true,
  killPod: true,
  pausePod: true,
  unpausePod: true,
  restartPod: true,
  removePod: true,
  podStats: true,
  info: true,
  events: "states of containers and pods",
  listImages: "Docker images, where the daemon has them switched on",
  getImage: "as `listImages`",
  inspectImage: "as `listImages`: command and environment only",
  pullImage: "as `listImages`, without progress",
  removeImage: "as `listImages`, without force",
};
