import {
  checkFlag,
  checkInteger,
  checkList,
  checkMembers,
  checkPath,
  checkText,
  checkVariable,
  copyOf,
  refuse,
} from "./check.ts";
import { checkMapping } from "./check-spec.ts";
import { DefaultRegistry } from "./constants.ts";
import { NotSupported } from "./errors.ts";
import type { Spec, SpecIdMapping } from "./spec.ts";

/** How images are found. */
export interface ImageOptions {
  /** What is put before a name that says no transport: `docker://`, `docker-archive:`. Default: `docker://`. */
  readonly defaultTransport?: string | undefined;
  /** Registries that are talked to without checking their certificates. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Where names without a registry are looked for, in this order. Default: the engine's own. */
  readonly registries?: readonly string[] | undefined;
}

/** Where containers and images are kept. */
export interface StorageOptions {
  /** The folder of what is gone with a restart of the host. */
  readonly runRoot?: string | undefined;
  /** The folder of everything else; with the embedded engine the one in which it keeps its state. */
  readonly graphRoot?: string | undefined;
  /** How layers are kept: `overlay`, `vfs`. */
  readonly graphDriver?: string | undefined;
  /** `name=value` each, for the driver. */
  readonly graphDriverOptions?: readonly string[] | undefined;
  /** Users of layers to users of the host. */
  readonly uidMap?: readonly SpecIdMapping[] | undefined;
  /** Groups of layers to groups of the host. */
  readonly gidMap?: readonly SpecIdMapping[] | undefined;
}

/**
 * How a runtime works: a member for each `RuntimeOption`.
 *
 * `allow` is for engines that are daemons; `imageConfig` and `pidsLimit` hold for every
 * engine. The others are a daemon's own business: for Podman and Porto they are refused with `NotSupported`. The embedded
 * engine keeps them as configuration, for it starts nothing that they could change;
 * its `storage.graphRoot` is the folder in which everything is kept.
 */
export interface RuntimeOptions {
  /**
   * Kinds of address that a daemon may be reached by: see `AddressOptions.allow`.
   * `["ssh-unix"]` is for one on another machine. No option of libpod's. Default:
   * `unix` and `tcp`.
   */
  readonly allow?: readonly string[] | undefined;
  /** `WithCgroupManager`: `cgroupfs`, `systemd`. */
  readonly cgroupManager?: string | undefined;
  /** `WithConmonEnv`: `NAME=value` each. */
  readonly conmonEnv?: readonly string[] | undefined;
  /** `WithConmonPath` */
  readonly conmonPath?: string | undefined;
  /** `WithImageConfig` */
  readonly imageConfig?: ImageOptions | undefined;
  /** `WithOCIRuntime`: a path. */
  readonly ociRuntime?: string | undefined;
  /** `WithPidsLimit`: put into every specification that has none. -1 and 0: no limit. */
  readonly pidsLimit?: number | undefined;
  /** `WithSELinux` */
  readonly selinux?: boolean | undefined;
  /** `WithSignaturePolicy`: a path. */
  readonly signaturePolicy?: string | undefined;
  /** `WithStorageConfig` */
  readonly storage?: StorageOptions | undefined;
}

/**
 * `RuntimeConfig`: what a runtime was set up with. Members that nobody set are
 * absent, or what libpod takes for them.
 */
export interface RuntimeConfig {
  /** See {@link RuntimeOptions.storage}; empty where nothing was set. */
  readonly storageConfig: StorageOptions;
  /** See {@link ImageOptions.defaultTransport}. */
  readonly imageDefaultTransport: string;
  /** See {@link ImageOptions.insecureRegistries}; empty without any. */
  readonly insecureRegistries: readonly string[];
  /** See {@link ImageOptions.registries}; empty: the engine's own. */
  readonly registries: readonly string[];
  /** See {@link RuntimeOptions.signaturePolicy}. */
  readonly signaturePolicyPath?: string | undefined;
  /** See {@link RuntimeOptions.ociRuntime}. */
  readonly runtimePath?: string | undefined;
  /** See {@link RuntimeOptions.conmonPath}. */
  readonly conmonPath?: string | undefined;
  /** See {@link RuntimeOptions.conmonEnv}; empty without any. */
  readonly conmonEnvVars: readonly string[];
  /** See {@link RuntimeOptions.cgroupManager}. */
  readonly cgroupManager?: string | undefined;
  /** See {@link RuntimeOptions.selinux}. */
  readonly selinuxEnabled: boolean;
  /** -1: no limit. */
  readonly pidsLimit: number;
}

const runtimeMembers: Readonly<Record<keyof RuntimeOptions, true>> = {
  allow: true,
  cgroupManager: true,
  conmonEnv: true,
  conmonPath: true,
  imageConfig: true,
  ociRuntime: true,
  pidsLimit: true,
  selinux: true,
  signaturePolicy: true,
  storage: true,
};

const imageMembers: Readonly<Record<keyof ImageOptions, true>> = {
  defaultTransport: true,
  insecureRegistries: true,
  registries: true,
};

const storageMembers: Readonly<Record<keyof StorageOptions, true>> = {
  runRoot: true,
  graphRoot: true,
  graphDriver: true,
  graphDriverOptions: true,
  uidMap: true,
  gidMap: true,
};

/**
 * A copy of options, checked.
 *
 * @throws InvalidArgument naming the member
 */
export function checkRuntimeOptions(options: RuntimeOptions): RuntimeOptions {
  checkMembers(options, "options", Object.keys(runtimeMembers));
  for (const name of ["cgroupManager", "conmonPath", "ociRuntime"] as const)
    checkText(options[name], `options.${name}`);
  checkText(options.signaturePolicy, "options.signaturePolicy");
  checkList(options.conmonEnv, "options.conmonEnv", checkVariable);
  checkInteger(options.pidsLimit, "options.pidsLimit", -1);
  checkList(options.allow, "options.allow", checkText);
  checkFlag(options.selinux, "options.selinux");
  if (options.imageConfig !== undefined) checkImageOptions(options.imageConfig);
  if (options.storage !== undefined) checkStorageOptions(options.storage);
  return copyOf(options, "options");
}

function checkImageOptions(options: ImageOptions): void {
  const path = "options.imageConfig";
  checkMembers(options, path, Object.keys(imageMembers));
  const { defaultTransport } = options;
  checkText(defaultTransport, `${path}.defaultTransport`);
  if (defaultTransport !== undefined && !defaultTransport.includes(":"))
    refuse(
      `${path}.defaultTransport`,
      `a transport is put before names as it is: "${defaultTransport}" lacks its ":"`,
    );
  for (const name of ["insecureRegistries", "registries"] as const)
    checkList(options[name], `${path}.${name}`, checkText);
}

function checkStorageOptions(options: StorageOptions): void {
  const path = "options.storage";
  checkMembers(options, path, Object.keys(storageMembers));
  checkPath(options.runRoot, `${path}.runRoot`);
  checkPath(options.graphRoot, `${path}.graphRoot`);
  checkText(options.graphDriver, `${path}.graphDriver`);
  checkList(
    options.graphDriverOptions,
    `${path}.graphDriverOptions`,
    checkText,
  );
  checkList(options.uidMap, `${path}.uidMap`, checkMapping);
  checkList(options.gidMap, `${path}.gidMap`, checkMapping);
}

/** The configuration that options mean. */
export function configOf(options: RuntimeOptions): RuntimeConfig {
  const { imageConfig = {} } = options;
  return structuredClone({
    storageConfig: options.storage ?? {},
    imageDefaultTransport: imageConfig.defaultTransport ?? DefaultRegistry,
    insecureRegistries: imageConfig.insecureRegistries ?? [],
    registries: imageConfig.registries ?? [],
    signaturePolicyPath: options.signaturePolicy,
    runtimePath: options.ociRuntime,
    conmonPath: options.conmonPath,
    conmonEnvVars: options.conmonEnv ?? [],
    cgroupManager: options.cgroupManager,
    selinuxEnabled: options.selinux ?? false,
    pidsLimit: options.pidsLimit ?? -1,
  });
}

/** The options that are ours to honour, whatever the engine. */
const ours: ReadonlySet<string> = new Set<keyof RuntimeOptions>([
  "allow",
  "imageConfig",
  "pidsLimit",
]);

/** @throws NotSupported naming an option that is the daemon's own business */
export function refuseDaemonOptions(
  engine: string,
  options: RuntimeOptions,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !ours.has(name))
      throw new NotSupported(engine, `Runtime.open: ${name}`);
  }
}

/** A specification with the runtime's limit of processes, where it has none of its own. */
export function withPidsLimit(spec: Spec, { pidsLimit }: RuntimeConfig): Spec {
  const { linux } = spec;
  if (pidsLimit <= 0 || linux?.resources?.pids?.limit !== undefined)
    return spec;
  const resources = { ...linux?.resources, pids: { limit: pidsLimit } };
  return { ...spec, linux: { ...linux, resources } };
}
