/**
 * The runtime specification of the Open Container Initiative (OCI runtime-spec
 * 1.x, `config.json`), as far as engines here read it. Members that are not named
 * may be there too and are kept.
 */
export interface Spec {
  readonly ociVersion?: string | undefined;
  readonly process?: SpecProcess | undefined;
  readonly root?: SpecRoot | undefined;
  readonly hostname?: string | undefined;
  readonly mounts?: readonly SpecMount[] | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly linux?: SpecLinux | undefined;
}

export interface SpecProcess {
  readonly terminal?: boolean | undefined;
  readonly user?: SpecUser | undefined;
  /** The command and its arguments. Absent or empty: what the image says. */
  readonly args?: readonly string[] | undefined;
  /** `NAME=value`. */
  readonly env?: readonly string[] | undefined;
  /** An absolute path. */
  readonly cwd?: string | undefined;
  readonly capabilities?: SpecCapabilities | undefined;
  readonly rlimits?: readonly SpecRlimit[] | undefined;
  readonly noNewPrivileges?: boolean | undefined;
  readonly apparmorProfile?: string | undefined;
  readonly selinuxLabel?: string | undefined;
  readonly oomScoreAdj?: number | undefined;
}

export interface SpecUser {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly additionalGids?: readonly number[] | undefined;
  /** A name, or `name:group`, where an engine resolves it. */
  readonly username?: string | undefined;
}

export interface SpecCapabilities {
  readonly bounding?: readonly string[] | undefined;
  readonly effective?: readonly string[] | undefined;
  readonly inheritable?: readonly string[] | undefined;
  readonly permitted?: readonly string[] | undefined;
  readonly ambient?: readonly string[] | undefined;
}

export interface SpecRlimit {
  /** `RLIMIT_NOFILE` and so on. */
  readonly type: string;
  readonly hard: number;
  readonly soft: number;
}

export interface SpecRoot {
  readonly path?: string | undefined;
  readonly readonly?: boolean | undefined;
}

export interface SpecMount {
  readonly destination: string;
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly options?: readonly string[] | undefined;
}

export interface SpecLinux {
  readonly namespaces?: readonly SpecNamespace[] | undefined;
  readonly resources?: SpecResources | undefined;
  readonly sysctl?: Readonly<Record<string, string>> | undefined;
  readonly cgroupsPath?: string | undefined;
  readonly devices?: readonly SpecDevice[] | undefined;
  readonly uidMappings?: readonly SpecIdMapping[] | undefined;
  readonly gidMappings?: readonly SpecIdMapping[] | undefined;
  readonly mountLabel?: string | undefined;
}

export interface SpecNamespace {
  /** By the specification's names: `pid`, `network`, `ipc`, `mount`, `uts`, `user`, `cgroup`. */
  readonly type: string;
  readonly path?: string | undefined;
}

export interface SpecDevice {
  readonly path: string;
  readonly type?: string | undefined;
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
}

export interface SpecIdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** Limits. Memory is in bytes, times of `cpu` in microseconds. */
export interface SpecResources {
  readonly memory?:
    | {
        readonly limit?: number | undefined;
        readonly reservation?: number | undefined;
        readonly swap?: number | undefined;
        readonly kernel?: number | undefined;
        readonly swappiness?: number | undefined;
        readonly disableOOMKiller?: boolean | undefined;
      }
    | undefined;
  readonly cpu?:
    | {
        readonly shares?: number | undefined;
        readonly quota?: number | undefined;
        readonly period?: number | undefined;
        readonly realtimeRuntime?: number | undefined;
        readonly realtimePeriod?: number | undefined;
        readonly cpus?: string | undefined;
        readonly mems?: string | undefined;
      }
    | undefined;
  readonly pids?: { readonly limit?: number | undefined } | undefined;
  readonly blockIO?: { readonly weight?: number | undefined } | undefined;
}
