import {
  checkFlag,
  checkInteger,
  checkList,
  checkMembers,
  checkNamespaces,
  checkObject,
  checkPath,
  checkString,
  checkText,
  checkTexts,
  checkVariable,
  copyOf,
  refuse,
} from "./check.ts";
import { checkSpec } from "./check-spec.ts";
import type { Namespace } from "./constants.ts";
import type { Container } from "./container.ts";
import type {
  AttachOptions,
  ContainerChanges,
  ContainerConfig,
  ExecOptions,
  LogOptions,
  PodConfig,
  RootFs,
} from "./engine.ts";
import type { Core } from "./core.ts";
import { membersOf } from "./members.ts";
import { withPidsLimit, type RuntimeConfig } from "./options.ts";
import type { Pod } from "./pod.ts";
import type { Left } from "./scope.ts";
import { type Signal, signalNumber } from "./signals.ts";
import type { Spec } from "./spec.ts";

/** How a container is made: a member for each `CtrCreateOption`, and `network`. */
export interface ContainerOptions {
  /** `WithAnnotations` */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** `WithLabels` */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** `WithName`. Default: the engine chooses. */
  readonly name?: string | undefined;
  /** `WithRootFSFromImage`, `WithRootFSFromPath`; layers are Porto's. Default: what the engine takes. */
  readonly rootfs?: RootFs | undefined;
  /**
   * `WithSharedNamespaces`: the namespaces of another container that it joins. If
   * that one is in a pod, the new one is put into the same. Default: none.
   */
  readonly sharedNamespaces?:
    | { readonly from: Container; readonly namespaces: readonly Namespace[] }
    | undefined;
  /** `WithStopSignal`: what `stop` sends first. Default: what the image says, else SIGTERM. */
  readonly stopSignal?: Signal | undefined;
  /** `WithPod`: the pod it is put into. */
  readonly pod?: Pod | undefined;
  /** How it is connected, in the engine's words. Podman: `none`, `host`, `bridge`. Default: the engine's. */
  readonly network?: string | undefined;
}

/** `PodCreateOption`: how a pod is made. */
export type PodOptions = PodConfig;

/** The members of {@link ContainerOptions}, with what every operation takes. */
export const containerMembers: readonly string[] = membersOf<ContainerOptions>({
  annotations: true,
  labels: true,
  name: true,
  rootfs: true,
  sharedNamespaces: true,
  stopSignal: true,
  pod: true,
  network: true,
});

/** The members of {@link PodOptions}, with what every operation takes. */
export const podMembers: readonly string[] = membersOf<PodOptions>({
  name: true,
  labels: true,
  cgroupParent: true,
  share: true,
});

/**
 * What a program of `exec` is, checked.
 *
 * @throws InvalidArgument naming the member
 */
export function checkExec({ command, ...options }: ExecOptions): void {
  checkList(command, "command", checkString);
  if (!command?.[0]) refuse("command", "a program is needed");
  checkList(options.env, "options.env", checkVariable);
  checkText(options.user, "options.user");
  checkPath(options.workDir, "options.workDir");
  checkFlag(options.privileged, "options.privileged");
  checkStreams(options);
}

/** How a session is connected, checked. @throws InvalidArgument naming the member */
export function checkStreams({ tty, stdin, start }: AttachOptions): void {
  checkFlag(tty, "options.tty");
  checkFlag(stdin, "options.stdin");
  checkFlag(start, "options.start");
}

/** Which lines of a log are wanted, checked. @throws InvalidArgument naming the member */
export function checkLogs({ follow, tail, since }: LogOptions): void {
  checkFlag(follow, "options.follow");
  checkInteger(tail, "options.tail", 0);
  const time: unknown = since;
  if (time === undefined) return;
  if (!(time instanceof Date) || Number.isNaN(time.getTime()))
    refuse("options.since", "a Date is needed, and a valid one");
}

/**
 * What options ask of a container by itself, checked and copied.
 *
 * @throws InvalidArgument naming the member
 */
export function checkContainerOptions(
  options: ContainerOptions,
): Omit<ContainerChanges, "spec"> {
  const { annotations, labels, name, network, rootfs, stopSignal } = options;
  checkTexts(annotations, "options.annotations");
  checkTexts(labels, "options.labels");
  checkText(name, "options.name");
  checkText(network, "options.network");
  if (rootfs !== undefined) checkRootFs(rootfs);
  const changes: Omit<ContainerChanges, "spec"> = {
    annotations,
    labels,
    name,
    network,
    rootfs,
    stopSignal:
      stopSignal === undefined
        ? undefined
        : signalNumber(stopSignal, "options.stopSignal"),
  };
  // What is not asked for is absent, not undefined: a change to nothing is none.
  return copyOf(
    Object.fromEntries(
      Object.entries(changes).filter(([, value]) => value !== undefined),
    ),
    "options",
  );
}

function checkRootFs(rootfs: RootFs): void {
  const path = "options.rootfs";
  checkMembers(rootfs, path, ["image", "useImageConfig", "path", "layers"]);
  // All that the union's members have, of which one at most is there.
  const {
    image,
    useImageConfig,
    path: folder,
    layers,
  } = checkObject(rootfs, path);
  const sources = [image, folder, layers].filter(
    (source) => source !== undefined,
  );
  if (sources.length !== 1)
    refuse(path, "exactly one of image, path and layers is needed");
  checkText(image, `${path}.image`);
  checkPath(folder, `${path}.path`);
  checkList(layers, `${path}.layers`, checkText);
  if (Array.isArray(layers) && layers.length === 0)
    refuse(`${path}.layers`, "there is none");
  checkFlag(useImageConfig, `${path}.useImageConfig`);
  if (useImageConfig !== undefined && image === undefined)
    refuse(`${path}.useImageConfig`, "there is no image to take it from");
}

/** A specification, checked and copied, with what the runtime puts into all. */
export function prepareSpec(spec: Spec, config: RuntimeConfig): Spec {
  checkSpec(spec);
  return withPidsLimit(copyOf(spec, "spec"), config);
}

/**
 * What options ask of a container beside others.
 *
 * @throws InvalidArgument; ContainerRemoved; PodRemoved
 */
export function checkCompany(
  core: Core,
  { pod, sharedNamespaces }: ContainerOptions,
): void {
  if (pod !== undefined) core.lifeOf(pod, "pod", "options.pod")?.check();
  if (sharedNamespaces === undefined) return;
  const path = "options.sharedNamespaces";
  checkMembers(sharedNamespaces, path, ["from", "namespaces"]);
  core.lifeOf(sharedNamespaces.from, "container", `${path}.from`)?.check();
  const { namespaces } = sharedNamespaces;
  checkNamespaces(namespaces, `${path}.namespaces`);
  if (!Array.isArray(namespaces) || namespaces.length === 0)
    refuse(`${path}.namespaces`, "at least one is needed");
}

/**
 * The ids of a container's company: who shares namespaces with one of a pod is in
 * that pod too.
 *
 * @throws InvalidArgument if that is another pod than was asked for
 */
export async function resolveCompany(
  { pod, sharedNamespaces }: ContainerOptions,
  left: Left,
): Promise<Pick<ContainerConfig, "podId" | "sharedNamespaces">> {
  const asked = pod === undefined ? {} : { podId: pod.id };
  if (sharedNamespaces === undefined) return asked;
  const { from, namespaces } = sharedNamespaces;
  const podId = await from.podId(left());
  if (pod !== undefined && podId !== pod.id)
    refuse(
      "options.pod",
      `options.sharedNamespaces.from is in ${podId === undefined ? "no pod" : `pod ${podId}`}, not in this one`,
    );
  return {
    ...(podId === undefined ? {} : { podId }),
    sharedNamespaces: { containerId: from.id, namespaces: [...namespaces] },
  };
}

/**
 * Options of a pod, checked and copied.
 *
 * @throws InvalidArgument naming the member
 */
export function checkPodOptions(options: PodOptions): PodConfig {
  const { name, labels, cgroupParent, share } = options;
  checkText(name, "options.name");
  checkTexts(labels, "options.labels");
  checkText(cgroupParent, "options.cgroupParent");
  checkNamespaces(share, "options.share");
  return copyOf({ name, labels, cgroupParent, share }, "options");
}
