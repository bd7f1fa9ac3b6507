/**
 * The runtime specification of the Open Container Initiative (OCI runtime-spec
 * 1.x, `config.json`), as far as engines here read it. Its other members (`hooks`,
 * `windows`, what else `linux` has) may be there too and are kept; members at its top
 * that it does not have are refused.
 */
export interface Spec {
  /** Of the specification that it follows: `1.0.2`. Default: the engine's. */
  readonly ociVersion?: string | undefined;
  /** What runs in it. Default: what the image says. */
  readonly process?: SpecProcess | undefined;
  /** Its root filesystem; engines take it from `rootfs` of the options where that is given. */
  readonly root?: SpecRoot | undefined;
  /** Its name inside. Default: the engine's, mostly the beginning of its id. */
  readonly hostname?: string | undefined;
  /** What is mounted in it, in this order. */
  readonly mounts?: readonly SpecMount[] | undefined;
  /** Notes for the OCI runtime. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** What only Linux has. */
  readonly linux?: SpecLinux | undefined;
}

/** The process that a container is. */
export interface SpecProcess {
  /** Give it a terminal. Default `false`. */
  readonly terminal?: boolean | undefined;
  /** Who it runs as. Default: what the image says, else root. */
  readonly user?: SpecUser | undefined;
  /** The command and its arguments. Absent or empty: what the image says. */
  readonly args?: readonly string[] | undefined;
  /** `NAME=value`. */
  readonly env?: readonly string[] | undefined;
  /** An absolute path. */
  readonly cwd?: string | undefined;
  /** Of Linux, set by set. Default: the engine's. */
  readonly capabilities?: SpecCapabilities | undefined;
  /** Limits of setrlimit(2). Default: the engine's. */
  readonly rlimits?: readonly SpecRlimit[] | undefined;
  /** It cannot gain privileges by what it runs. Default `false`. */
  readonly noNewPrivileges?: boolean | undefined;
  /** The name of an AppArmor profile. */
  readonly apparmorProfile?: string | undefined;
  /** The SELinux label of the process. */
  readonly selinuxLabel?: string | undefined;
  /** How soon it is ended for want of memory: -1000 (never) to 1000 (first). */
  readonly oomScoreAdj?: number | undefined;
}

/** Who a process runs as, by numbers or name. */
export interface SpecUser {
  /** The user's number. Default 0. */
  readonly uid?: number | undefined;
  /** The group's number. Default 0. */
  readonly gid?: number | undefined;
  /** The numbers of further groups. Default: none. */
  readonly additionalGids?: readonly number[] | undefined;
  /** A name, or `name:group`, where an engine resolves it. */
  readonly username?: string | undefined;
}

/** Capabilities by name (`CAP_NET_BIND_SERVICE`), for each of the sets of capabilities(7). */
export interface SpecCapabilities {
  /** What can be gained at most. */
  readonly bounding?: readonly string[] | undefined;
  /** What holds now. */
  readonly effective?: readonly string[] | undefined;
  /** What programs that are run may keep. */
  readonly inheritable?: readonly string[] | undefined;
  /** What may become effective. */
  readonly permitted?: readonly string[] | undefined;
  /** What programs without privileges of their own keep. */
  readonly ambient?: readonly string[] | undefined;
}

/** A limit of setrlimit(2). */
export interface SpecRlimit {
  /** `RLIMIT_NOFILE` and so on. */
  readonly type: string;
  /** The most that `soft` can be raised to. -1: no limit. */
  readonly hard: number;
  /** What holds. -1: no limit. */
  readonly soft: number;
}

/** A root filesystem. */
export interface SpecRoot {
  /** A directory on the engine's host. */
  readonly path?: string | undefined;
  /** It cannot be written to. Default `false`. */
  readonly readonly?: boolean | undefined;
}

/** Something mounted in a container. */
export interface SpecMount {
  /** Where it is, an absolute path in the container. */
  readonly destination: string;
  /** Of the filesystem: `bind`, `tmpfs`, `proc`. Default: `bind`, where the engine takes it so. */
  readonly type?: string | undefined;
  /** A directory or file on the engine's host, a device, or a name, by the type. */
  readonly source?: string | undefined;
  /** As mount(8) has them: `ro`, `rbind`. */
  readonly options?: readonly string[] | undefined;
}

/** What only containers on Linux have. */
export interface SpecLinux {
  /** The namespaces that it has of its own, or joins by `path`. Default: the engine's. */
  readonly namespaces?: readonly SpecNamespace[] | undefined;
  /** What it may use. Default: all. */
  readonly resources?: SpecResources | undefined;
  /** Settings of the kernel by name: `net.core.somaxconn`. */
  readonly sysctl?: Readonly<Record<string, string>> | undefined;
  /** Its control group. Default: the engine's. */
  readonly cgroupsPath?: string | undefined;
  /** Devices that it has besides the usual ones. */
  readonly devices?: readonly SpecDevice[] | undefined;
  /** Users inside to users outside, of its user namespace. */
  readonly uidMappings?: readonly SpecIdMapping[] | undefined;
  /** Groups inside to groups outside, of its user namespace. */
  readonly gidMappings?: readonly SpecIdMapping[] | undefined;
  /** The SELinux label of its mounts. */
  readonly mountLabel?: string | undefined;
}

/** A namespace of Linux. */
export interface SpecNamespace {
  /** By the specification's names: `pid`, `network`, `ipc`, `mount`, `uts`, `user`, `cgroup`. */
  readonly type: string;
  /** Of one that is there, `/proc/1/ns/net`, to be joined. Absent: a new one. */
  readonly path?: string | undefined;
}

/** A device. */
export interface SpecDevice {
  /** Where it is in the container, an absolute path. */
  readonly path: string;
  /** `c`, `b`, `u` or `p`, as mknod(1). Default: that of the host's device. */
  readonly type?: string | undefined;
  /** Its major number. Default: that of the host's device. */
  readonly major?: number | undefined;
  /** Its minor number. Default: that of the host's device. */
  readonly minor?: number | undefined;
}

/** Users or groups in a container, and who they are outside. */
export interface SpecIdMapping {
  /** The first number inside. */
  readonly containerID: number;
  /** The first number outside. */
  readonly hostID: number;
  /** How many numbers, one after the other. */
  readonly size: number;
}

/** Limits. Memory is in bytes, times of `cpu` in microseconds. */
export interface SpecResources {
  /** `limit`, `reservation` (what is kept when memory is short), `swap` (memory and swap together) and `kernel` in bytes, -1 for no limit; `swappiness` from 0 to 100. */
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
  /** `shares` are relative to others' (1024 is usual); `quota` per `period` in microseconds; `cpus` and `mems` are lists as `0-3,7`. */
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
  /** How many processes there may be. -1 or 0: no limit. */
  readonly pids?: { readonly limit?: number | undefined } | undefined;
  /** `weight` from 10 to 1000, relative to others'. */
  readonly blockIO?: { readonly weight?: number | undefined } | undefined;
}
