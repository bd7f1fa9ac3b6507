import type { SpecDevice, SpecResources } from "../../spec.ts";
import { rfc3339Nano } from "./format.ts";
import type { PublishedPort } from "./ports.ts";
import { containerStatus, type ContainerView } from "./view.ts";

/** Bytes of `/dev/shm` where nothing else was asked for. */
const SHM_SIZE = 64 * 1024 * 1024;

const SIGTERM = 15;

/** Go writes a list that nothing was put into as null. */
function listOrNull<T>(items: readonly T[] | undefined): readonly T[] | null {
  return items === undefined || items.length === 0 ? null : items;
}

/**
 * A container as the JSON of Podman 1.0's `inspect` has it, whole. What an embedded
 * engine has nothing for is what Podman writes where there is nothing.
 */
export function inspectContainer(view: ContainerView): object {
  const { details, record, spec, kept } = view;
  const [path = "", ...args] = details.command;
  const { rootfs, sharedNamespaces: shared } = record.config;
  const effective = spec.process?.capabilities?.effective ?? [];
  const bounding = spec.process?.capabilities?.bounding ?? [];
  return {
    ID: record.id,
    Created: rfc3339Nano(record.createdAt),
    Path: path,
    Args: args,
    State: inspectState(view),
    Image: details.imageId ?? "",
    ImageName: details.image ?? "",
    Rootfs: rootfs !== undefined && "path" in rootfs ? rootfs.path : "",
    Pod: record.podId ?? "",
    ResolvConfPath: "",
    HostnamePath: "",
    HostsPath: "",
    StaticDir: "",
    LogPath: "",
    ConmonPidFile: kept.conmonPidFile ?? "",
    Name: record.name,
    RestartCount: 0,
    Driver: "memory",
    MountLabel: spec.linux?.mountLabel ?? "",
    ProcessLabel: spec.process?.selinuxLabel ?? "",
    AppArmorProfile: spec.process?.apparmorProfile ?? "",
    EffectiveCaps: effective,
    BoundingCaps: bounding,
    ExecIDs: [],
    GraphDriver: { Name: "memory", Data: null },
    SizeRw: 0,
    SizeRootFs: view.imageSize,
    Mounts: inspectMounts(view),
    Dependencies: shared === undefined ? [] : [shared.containerId],
    NetworkSettings: inspectNetwork(kept.ports ?? []),
    ExitCommand: null,
    Namespace: "",
    IsInfra: false,
    HostConfig: inspectHostConfig(view),
    Config: inspectConfig(view),
  };
}

/** `State` of the JSON of `inspect`. */
export function inspectState({ details, spec }: ContainerView): object {
  return {
    OciVersion: spec.ociVersion ?? "1.0.0",
    Status: containerStatus(details.state),
    Running: containerStatus(details.state) === "running",
    Paused: details.state === "paused",
    Restarting: false,
    OOMKilled: details.oomKilled ?? false,
    Dead: false,
    Pid: details.pid ?? 0,
    ExitCode: details.exitCode ?? 0,
    Error: details.error ?? "",
    StartedAt: rfc3339Nano(details.startedAt?.getTime()),
    FinishedAt: rfc3339Nano(details.finishedAt?.getTime()),
  };
}

/** `Mounts` of the JSON of `inspect`, in the terms of the OCI's specification. */
export function inspectMounts({ spec }: ContainerView): readonly object[] {
  return (spec.mounts ?? []).map(({ destination, type, source, options }) => ({
    destination,
    type: type ?? "",
    source: source ?? "",
    options: options ?? [],
  }));
}

/** `NetworkSettings` of the JSON of `inspect`: of the ports, nothing is opened. */
export function inspectNetwork(ports: readonly PublishedPort[]): object {
  return {
    Bridge: "",
    SandboxID: "",
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    Ports: ports.map(({ hostPort, containerPort, protocol, hostIp }) => ({
      hostPort,
      containerPort,
      protocol,
      hostIP: hostIp,
    })),
    SandboxKey: "",
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: "",
    Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    IPAddress: "",
    IPPrefixLen: 0,
    IPv6Gateway: "",
    MacAddress: "",
  };
}

function portBindings(ports: readonly PublishedPort[]): object {
  const bindings = new Map<string, object[]>();
  for (const { hostIp, hostPort, containerPort, protocol } of ports) {
    const key = `${containerPort}/${protocol}`;
    const found = bindings.get(key) ?? [];
    found.push({ HostIp: hostIp, HostPort: String(hostPort) });
    bindings.set(key, found);
  }
  return Object.fromEntries(bindings);
}

/** `HostConfig` of the JSON of `inspect`. */
export function inspectHostConfig({
  record,
  spec,
  kept,
}: ContainerView): object {
  return {
    ContainerIDFile: "",
    LogConfig: {
      Type: kept.logDriver ?? "",
      Config: keyValues(kept.logOptions),
    },
    NetworkMode: record.config.network ?? "default",
    PortBindings: portBindings(kept.ports ?? []),
    AutoRemove: kept.autoRemove ?? false,
    CapAdd: listOrNull(kept.capAdd),
    CapDrop: listOrNull(kept.capDrop),
    DNS: listOrNull(kept.dns),
    DNSOptions: listOrNull(kept.dnsOptions),
    DNSSearch: listOrNull(kept.dnsSearch),
    ExtraHosts: listOrNull(kept.extraHosts),
    GroupAdd: listOrNull(spec.process?.user?.additionalGids),
    IpcMode: kept.ipcMode ?? "",
    Cgroup: "",
    OomScoreAdj: spec.process?.oomScoreAdj ?? null,
    PidMode: kept.pidMode ?? "",
    Privileged: kept.privileged ?? false,
    PublishAllPorts: kept.publishAll ?? false,
    ReadonlyRootfs: spec.root?.readonly ?? false,
    SecurityOpt: listOrNull(kept.securityOptions),
    UTSMode: kept.utsMode ?? "",
    UsernsMode: kept.usernsMode ?? "",
    ShmSize: kept.shmSize ?? SHM_SIZE,
    Runtime: "embedded",
    ConsoleSize: null,
    CgroupParent: kept.cgroupParent ?? "",
    ...inspectResources(spec.linux?.resources ?? {}),
    BlkioWeightDevice: listOrNull(kept.weightDevices),
    BlkioDeviceReadBps: listOrNull(kept.readBps),
    BlkioDeviceWriteBps: listOrNull(kept.writeBps),
    BlkioDeviceReadIOps: listOrNull(kept.readIops),
    BlkioDeviceWriteIOps: listOrNull(kept.writeIops),
    Devices: listOrNull(spec.linux?.devices?.map(inspectDevice)),
    DiskQuota: 0,
    Ulimits: (spec.process?.rlimits ?? []).map(
      ({ type, soft, hard }) =>
        `${type.replace(/^RLIMIT_/, "").toLowerCase()}=${soft}:${hard}`,
    ),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    Tmpfs: kept.tmpfs ?? [],
  };
}

function inspectResources({
  memory,
  cpu,
  pids,
  blockIO,
}: SpecResources): object {
  return {
    CpuShares: cpu?.shares ?? null,
    Memory: memory?.limit ?? 0,
    NanoCpus: 0,
    BlkioWeight: blockIO?.weight ?? null,
    CpuPeriod: cpu?.period ?? null,
    CpuQuota: cpu?.quota ?? null,
    CpuRealtimePeriod: cpu?.realtimePeriod ?? null,
    CpuRealtimeRuntime: cpu?.realtimeRuntime ?? null,
    CpuSetCpus: cpu?.cpus ?? "",
    CpuSetMems: cpu?.mems ?? "",
    KernelMemory: memory?.kernel ?? null,
    MemoryReservation: memory?.reservation ?? null,
    MemorySwap: memory?.swap ?? null,
    MemorySwappiness: memory?.swappiness ?? null,
    OomKillDisable: memory?.disableOOMKiller ?? false,
    PidsLimit: pids?.limit ?? null,
  };
}

function inspectDevice({ path, type, major, minor }: SpecDevice): object {
  return { path, type: type ?? "", major: major ?? 0, minor: minor ?? 0 };
}

/** `KEY=VALUE` each, as an object. */
function keyValues(options: readonly string[] | undefined): object | null {
  if (options === undefined || options.length === 0) return null;
  return Object.fromEntries(
    options.map((option) => {
      const [key = "", ...value] = option.split("=");
      return [key, value.join("=")];
    }),
  );
}

/** `Config` of the JSON of `inspect`. */
export function inspectConfig({ details, spec, kept }: ContainerView): object {
  const process = spec.process ?? {};
  return {
    Hostname: spec.hostname ?? "",
    Domainname: "",
    User: {
      uid: process.user?.uid ?? 0,
      gid: process.user?.gid ?? 0,
      ...(process.user?.additionalGids === undefined
        ? {}
        : { additionalGids: process.user.additionalGids }),
      ...(process.user?.username === undefined
        ? {}
        : { username: process.user.username }),
    },
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: process.terminal ?? false,
    OpenStdin: kept.interactive ?? false,
    StdinOnce: false,
    Env: process.env ?? [],
    Cmd: details.command,
    Image: details.image ?? "",
    Volumes: null,
    WorkingDir: process.cwd ?? "/",
    Entrypoint: (kept.entrypoint ?? []).join(" "),
    Labels: details.labels,
    Annotations: details.annotations,
    StopSignal: details.stopSignal ?? SIGTERM,
  };
}
