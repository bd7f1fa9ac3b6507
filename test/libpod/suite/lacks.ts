import type { OptionalCall } from "portolan/libpod";

/** The calls that Podman 1.0 lacks. */
export const podman10Lacks: readonly OptionalCall[] = [
  "attachContainer",
  "configureContainer",
  "configurePod",
  "containerSpec",
  "events",
  "execContainer",
  "initContainer",
  "untagImage",
];

/** The calls that Podman 1.9 lacks. */
export const podman19Lacks: readonly OptionalCall[] = [
  "configureContainer",
  "configurePod",
];

/** The calls that Porto lacks, with Docker images. */
export const portoLacks: readonly OptionalCall[] = [
  "attachContainer",
  "commitContainer",
  "configureContainer",
  "configurePod",
  "containerDiff",
  "containerProcesses",
  "execContainer",
  "exportContainer",
  "imageHistory",
  "importImage",
  "initContainer",
  "pushImage",
  "tagImage",
  "untagImage",
];

/** What Porto lacks besides where its Docker images are switched off. */
export const portoImages: readonly OptionalCall[] = [
  "getImage",
  "inspectImage",
  "listImages",
  "pullImage",
  "removeImage",
];
