import {
  type CopyOptions,
  Container,
  ContainerExists,
  type ContainerFilter,
  ContainerFinalized,
  type ContainerOptions,
  ContainerRemoved,
  ContainerStopped,
  DefaultRegistry,
  DockerArchive,
  type Engine,
  ImageExists,
  Image,
  type ImageFilter,
  InvalidArgument,
  IPCNamespace,
  type LibpodErrorCode,
  MemoryState,
  MountNamespace,
  type Namespace,
  NetNamespace,
  NoSuchContainer,
  NoSuchImage,
  NoSuchPod,
  NotImplemented,
  OCIArchive,
  PIDNamespace,
  Pod,
  PodExists,
  type PodFilter,
  PodFinalized,
  type PodOptions,
  PodRemoved,
  Runtime,
  type RuntimeConfig,
  RuntimeFinalized,
  type RuntimeOptions,
  RuntimeStopped,
  type State,
  UserNamespace,
  UTSNamespace,
} from "portolan/libpod";
import type { ContainerConfig } from "../../../src/libpod/engine.ts";

/** A call of an engine. */
export type EngineCall = Exclude<
  keyof Engine,
  "name" | "address" | "api" | "close"
>;

/** What a thing of Go's page needs of an engine. */
export type Needs =
  /** Calls of it, as good as they are; none: it is ours alone. */
  | { readonly calls: readonly EngineCall[] }
  /** A call, however good it is. */
  | { readonly has: EngineCall }
  /** That it takes this when a container is made. */
  | { readonly config: Partial<ContainerConfig> }
  /** That it is a daemon's, or that it is not. */
  | { readonly only: "daemons" | "embedded" };

/** The counterpart of one thing of Go's page. */
export interface Counterpart {
  /** As the documents name it. */
  readonly ours: string;
  /** What there must be of it at run time; types have nothing there. */
  readonly value: unknown;
  readonly needs: Needs;
}

/** Things by their names in Go. */
export type Counterparts = Readonly<Record<string, Counterpart>>;

type MethodName<T> = {
  [K in keyof T]-?: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T] &
  string;

function method<T extends object>(type: {
  readonly name: string;
  readonly prototype: T;
}): (name: MethodName<T>, ...calls: EngineCall[]) => Counterpart {
  return (name, ...calls) => ({
    ours: `${type.name}.${name}`,
    value: type.prototype[name],
    needs: { calls },
  });
}

/** A member that is read: its value only an object has. */
function property<T extends object>(
  type: { readonly name: string; readonly prototype: T },
  name: keyof T & string,
  ...calls: EngineCall[]
): Counterpart {
  const value = name in type.prototype ? name : undefined;
  return { ours: `${type.name}.${name}`, value, needs: { calls } };
}

/** What is no value is there if the proof, which names it, compiles. */
function shape(
  name: string,
  proof: (value: never) => unknown,
  has?: EngineCall,
): Counterpart {
  const needs = has === undefined ? { calls: [] } : { has };
  return { ours: name, value: proof, needs };
}

function option(
  name: keyof ContainerOptions,
  config: Partial<ContainerConfig>,
): Counterpart {
  return { ours: `ContainerOptions.${name}`, value: name, needs: { config } };
}

function runtimeOption(
  name: keyof RuntimeOptions,
  needs: Needs = { only: "embedded" },
): Counterpart {
  return { ours: `RuntimeOptions.${name}`, value: name, needs };
}

const ofContainer = method(Container);
const ofImage = method(Image);
const ofPod = method(Pod);
const ofRuntime = method(Runtime);

export const functions: Counterparts = {
  "Container.Attach": ofContainer("attach", "attachContainer"),
  "Container.Commit": ofContainer("commit", "commitContainer", "getImage"),
  "Container.Create": ofContainer("create", "initContainer"),
  "Container.Exec": ofContainer("exec", "execContainer"),
  "Container.Export": ofContainer("export", "exportContainer"),
  "Container.ID": property(Container, "id"),
  "Container.Kill": ofContainer("kill", "killContainer"),
  "Container.Mount": ofContainer("mount", "mountContainer"),
  "Container.Name": property(Container, "name"),
  "Container.Spec": ofContainer("spec", "containerSpec"),
  "Container.Start": ofContainer("start", "startContainer"),
  "Container.Status": ofContainer("status", "inspectContainer"),
  "Container.Stop": ofContainer("stop", "stopContainer"),
  "Pod.GetContainers": ofPod("containers", "getPod"),
  "Pod.ID": property(Pod, "id", "getPod"),
  "Pod.Kill": ofPod("kill", "killPod"),
  "Pod.Name": property(Pod, "name", "getPod"),
  "Pod.Start": ofPod("start", "startPod"),
  "Pod.Status": ofPod("status", "getPod"),
  "Pod.Stop": ofPod("stop", "stopPod"),
  NewRuntime: {
    ours: "Runtime.open",
    value: "open" in Runtime ? "open" : undefined,
    needs: { calls: [] },
  },
  "Runtime.Containers": ofRuntime("containers", "listContainers"),
  "Runtime.GetConfig": ofRuntime("getConfig"),
  "Runtime.GetContainer": ofRuntime("getContainer", "getContainer"),
  "Runtime.GetImage": ofRuntime("getImage", "getImage"),
  "Runtime.GetImageRef": ofRuntime("getImageRef", "inspectImage"),
  "Runtime.GetImages": ofRuntime("getImages", "listImages"),
  "Runtime.GetPod": ofRuntime("getPod", "getPod"),
  "Runtime.HasContainer": ofRuntime("hasContainer", "getContainer"),
  "Runtime.HasPod": ofRuntime("hasPod", "getPod"),
  "Runtime.ImportImage": ofRuntime("importImage", "importImage", "getImage"),
  "Runtime.LookupContainer": ofRuntime("lookupContainer", "lookupContainer"),
  "Runtime.LookupPod": ofRuntime("lookupPod", "lookupPod"),
  "Runtime.NewContainer": ofRuntime("newContainer", "createContainer"),
  "Runtime.NewPod": ofRuntime("newPod", "createPod", "getPod"),
  "Runtime.Pods": ofRuntime("pods", "listPods"),
  "Runtime.PullImage": ofRuntime("pullImage", "pullImage", "getImage"),
  "Runtime.PushImage": ofRuntime("pushImage", "pushImage", "getImage"),
  "Runtime.RemoveContainer": ofRuntime("removeContainer", "removeContainer"),
  "Runtime.RemoveImage": ofRuntime("removeImage", "removeImage"),
  "Runtime.RemovePod": ofRuntime("removePod", "removePod"),
  "Runtime.Shutdown": ofRuntime("shutdown", "stopContainer"),
  "Runtime.TagImage": ofRuntime("tagImage", "tagImage"),
  "Runtime.UntagImage": ofRuntime("untagImage", "untagImage"),
  "Runtime.WithPod": option("pod", { podId: "pod" }),
  WithAnnotations: option("annotations", { annotations: { a: "b" } }),
  WithLabels: option("labels", { labels: { a: "b" } }),
  WithName: option("name", { name: "name" }),
  WithRootFSFromImage: option("rootfs", { rootfs: { image: "image" } }),
  WithRootFSFromPath: option("rootfs", { rootfs: { path: "/path" } }),
  WithSharedNamespaces: option("sharedNamespaces", sharing("net")),
  WithStopSignal: option("stopSignal", { stopSignal: 3 }),
  WithPodName: {
    ours: "PodOptions.name",
    value: "name" satisfies keyof PodOptions,
    needs: { has: "createPod" },
  },
  WithCgroupManager: runtimeOption("cgroupManager"),
  WithConmonEnv: runtimeOption("conmonEnv"),
  WithConmonPath: runtimeOption("conmonPath"),
  WithImageConfig: runtimeOption("imageConfig", { calls: ["pullImage"] }),
  WithOCIRuntime: runtimeOption("ociRuntime"),
  WithPidsLimit: runtimeOption("pidsLimit", {
    config: { spec: { linux: { resources: { pids: { limit: 1 } } } } },
  }),
  WithSELinux: runtimeOption("selinux"),
  WithSignaturePolicy: runtimeOption("signaturePolicy"),
  WithStorageConfig: runtimeOption("storage"),
};

export const types: Counterparts = {
  Container: shape("Container", (value: Container) => value, "getContainer"),
  ContainerFilter: shape(
    "ContainerFilter",
    (value: ContainerFilter) => value,
    "listContainers",
  ),
  CopyOptions: shape("CopyOptions", (value: CopyOptions) => value, "pullImage"),
  CtrCreateOption: shape(
    "ContainerOptions",
    (value: ContainerOptions) => value,
    "createContainer",
  ),
  ImageFilter: shape(
    "ImageFilter",
    (value: ImageFilter) => value,
    "listImages",
  ),
  Pod: shape("Pod", (value: Pod) => value, "getPod"),
  PodCreateOption: shape(
    "PodOptions",
    (value: PodOptions) => value,
    "createPod",
  ),
  PodFilter: shape("PodFilter", (value: PodFilter) => value, "listPods"),
  Runtime: shape("Runtime", (value: Runtime) => value),
  RuntimeConfig: shape("RuntimeConfig", (value: RuntimeConfig) => value),
  RuntimeOption: shape("RuntimeOptions", (value: RuntimeOptions) => value),
  State: {
    ...shape("State", (value: State) => value),
    needs: { only: "embedded" },
  },
};

function ofState(name: keyof State): Counterpart {
  return {
    ours: `State.${name}`,
    // The one that we have ourselves is written as users would.
    value: MemoryState.prototype[name],
    needs: { only: "embedded" },
  };
}

export const stateMethods: Counterparts = {
  "State.GetContainer": ofState("getContainer"),
  "State.LookupContainer": ofState("lookupContainer"),
  "State.HasContainer": ofState("hasContainer"),
  "State.AddContainer": ofState("addContainer"),
  "State.RemoveContainer": ofState("removeContainer"),
  "State.GetAllContainers": ofState("getAllContainers"),
  "State.GetPod": ofState("getPod"),
  "State.LookupPod": ofState("lookupPod"),
  "State.HasPod": ofState("hasPod"),
  "State.AddPod": ofState("addPod"),
  "State.RemovePod": ofState("removePod"),
  "State.GetAllPods": ofState("getAllPods"),
};

function error(
  Type: { readonly name: string; new (message: string): Error },
  code: LibpodErrorCode,
  needs: Needs | EngineCall = { calls: [] },
): Counterpart {
  const { code: own } = new Type("") as Error & { readonly code?: string };
  return {
    ours: `${Type.name} (\`${code}\`)`,
    value: own === code ? Type : undefined,
    needs: typeof needs === "string" ? { has: needs } : needs,
  };
}

export const errors: Counterparts = {
  ErrNoSuchCtr: error(NoSuchContainer, "NO_SUCH_CONTAINER"),
  ErrNoSuchPod: error(NoSuchPod, "NO_SUCH_POD", "getPod"),
  ErrNoSuchImage: error(NoSuchImage, "NO_SUCH_IMAGE", "getImage"),
  ErrCtrExists: error(ContainerExists, "CONTAINER_EXISTS", "createContainer"),
  ErrPodExists: error(PodExists, "POD_EXISTS", "createPod"),
  ErrImageExists: error(ImageExists, "IMAGE_EXISTS", { only: "daemons" }),
  ErrRuntimeFinalized: error(RuntimeFinalized, "RUNTIME_FINALIZED"),
  ErrCtrFinalized: error(ContainerFinalized, "CONTAINER_FINALIZED"),
  ErrPodFinalized: error(PodFinalized, "POD_FINALIZED", "getPod"),
  ErrInvalidArg: error(InvalidArgument, "INVALID_ARGUMENT"),
  ErrRuntimeStopped: error(RuntimeStopped, "RUNTIME_STOPPED"),
  ErrCtrStopped: error(ContainerStopped, "CONTAINER_STOPPED"),
  ErrCtrRemoved: error(ContainerRemoved, "CONTAINER_REMOVED"),
  ErrPodRemoved: error(PodRemoved, "POD_REMOVED", "getPod"),
  ErrNotImplemented: error(NotImplemented, "NOT_IMPLEMENTED", {
    only: "daemons",
  }),
};

function sharing(one: Namespace): Partial<ContainerConfig> {
  return { sharedNamespaces: { containerId: "other", namespaces: [one] } };
}

function namespace(name: string, value: Namespace): Counterpart {
  return { ours: name, value, needs: { config: sharing(value) } };
}

export const constants: Counterparts = {
  IPCNamespace: namespace("IPCNamespace", IPCNamespace),
  MountNamespace: namespace("MountNamespace", MountNamespace),
  NetNamespace: namespace("NetNamespace", NetNamespace),
  PIDNamespace: namespace("PIDNamespace", PIDNamespace),
  UserNamespace: namespace("UserNamespace", UserNamespace),
  UTSNamespace: namespace("UTSNamespace", UTSNamespace),
  DefaultRegistry: {
    ours: "DefaultRegistry",
    value: DefaultRegistry,
    needs: { has: "pullImage" },
  },
};

export const variables: Counterparts = {
  DockerArchive: {
    ours: "DockerArchive",
    value: DockerArchive,
    needs: { has: "pushImage" },
  },
  OCIArchive: {
    ours: "OCIArchive",
    value: OCIArchive,
    needs: { has: "pushImage" },
  },
};

/** What there is that Go's page has not. */
export const besides: Counterparts = Object.fromEntries(
  [
    ofContainer("configure", "configureContainer"),
    ofContainer("diff", "containerDiff"),
    ofContainer("inspect", "inspectContainer"),
    ofContainer("logs", "containerLogs"),
    ofContainer("pause", "pauseContainer"),
    ofContainer("pod", "getPod"),
    ofContainer("processes", "containerProcesses"),
    ofContainer("refresh", "getContainer"),
    ofContainer("restart", "restartContainer"),
    ofContainer("stats", "containerStats"),
    ofContainer("unmount", "unmountContainer"),
    ofContainer("unpause", "unpauseContainer"),
    ofContainer("wait", "waitContainer"),
    option("network", { network: "none" }),
    ofPod("configure", "configurePod"),
    ofPod("pause", "pausePod"),
    ofPod("refresh", "getPod"),
    ofPod("restart", "restartPod"),
    ofPod("stats", "podStats"),
    ofPod("unpause", "unpausePod"),
    ofImage("history", "imageHistory"),
    ofImage("inspect", "inspectImage"),
    ofImage("refresh", "getImage"),
    ofRuntime("events", "events"),
    ofRuntime("info", "info"),
    ofRuntime("version", "version"),
  ].map((counterpart) => [counterpart.ours, counterpart]),
);
