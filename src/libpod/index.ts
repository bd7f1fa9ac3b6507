/**
 * libpod's objects in TypeScript: runtime, containers, pods and images over Podman,
 * Porto, or nothing but memory.
 *
 * ```ts
 * await using runtime = await Runtime.open("podman:unix:/run/podman/io.podman");
 * for (const { name, summary } of await runtime.containers())
 *   console.log(name, summary.state);
 * ```
 *
 * @packageDocumentation
 */
export * from "./constants.ts";
export {
  Container,
  type ContainerStatus,
  type ContainerUpdate,
} from "./container.ts";
export type { ContainerOptions, PodOptions } from "./container-options.ts";
export type * from "./engine.ts";
export { manualClock, type ManualClock } from "./engines/embedded/clock.ts";
export {
  MemoryState,
  type StateChange,
} from "./engines/embedded/storage/memory.ts";
export type * from "./engines/embedded/types.ts";
export type {
  PodmanContainerInspect,
  PodmanImageInspect,
  PodmanPodInspect,
} from "./engines/podman/index.ts";
export * from "./errors.ts";
export type {
  ContainerFilter,
  ImageFilter,
  ListArguments,
  PodFilter,
} from "./filters.ts";
export { Image } from "./image.ts";
export type { ShutdownOptions } from "./lifecycle.ts";
export { embedded } from "./open.ts";
export type {
  ImageOptions,
  RuntimeConfig,
  RuntimeOptions,
  StorageOptions,
} from "./options.ts";
export { Pod, type PodStatus } from "./pod.ts";
export { Runtime, type RemoveOptions } from "./runtime.ts";
export { Session } from "./session.ts";
export { signals, type Signal, type SignalName } from "./signals.ts";
export type * from "./spec.ts";
export type * from "./state.ts";
export type { StopOptions } from "./stop.ts";
export { Transfer } from "./transfer.ts";
