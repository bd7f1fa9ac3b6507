import type { Create, CreateResourceConfig, IDMap } from "portolan/podman";
import { InvalidArgument } from "../../errors.ts";
import type { SpecIdMapping, SpecResources } from "../../spec.ts";
import type { CreateRequest } from "./create.ts";
import { given, parseIdMapping } from "./parse.ts";
import { readPorts } from "./ports.ts";

/**
 * Reads the `Create` of `io.podman` as of Podman 1.0. Not read, for they change
 * nothing here: `args`, `builtin_imgvolumes`, `detach`, `image_volume_type`,
 * `quiet`, `seccomp_profile_path`, `shm_dir`, `stop_timeout`, `subuidmap`,
 * `subgidmap`, `subuidname`, `subgidname`.
 *
 * @throws InvalidArgument
 */
export function readCreate(create: Create): CreateRequest {
  const { resources, id_mappings: ids } = create;
  // What `--entrypoint ""` becomes: there shall be none.
  const [first, ...rest] = create.entrypoint;
  const cleared = first === "" && rest.length === 0;
  return {
    image: create.image === "" ? create.image_id : create.image,
    name: create.name,
    command: create.command,
    entrypoint:
      first === undefined ? undefined : cleared ? [] : create.entrypoint,
    env: create.env,
    labels: create.labels,
    hostname: create.hostname,
    user: create.user,
    groups: create.group_add,
    workDir: create.work_dir,
    tty: create.tty,
    readOnly: create.readonly_rootfs,
    noNewPrivileges: create.no_new_privs,
    apparmorProfile: create.apparmor_profile,
    processLabel: create.process_label,
    mountLabel: create.mount_label,
    oomScoreAdj: resources.oom_score_adj,
    sysctl: create.sys_ctl,
    resources: readResources(resources),
    uidMappings: readMappings(create.uidmap, ids.uid_map, ids.host_uid_mapping),
    gidMappings: readMappings(create.gidmap, ids.gid_map, ids.host_gid_mapping),
    volumes: create.volumes,
    network: create.net_mode === "" ? create.network : create.net_mode,
    pod: create.pod,
    stopSignal: create.stop_signal,
    kept: {
      ports: readPorts(
        create.publish,
        create.publish_all,
        create.exposed_ports,
      ),
      publishAll: create.publish_all,
      capAdd: create.cap_add,
      capDrop: create.cap_drop,
      privileged: create.privileged,
      interactive: create.interactive,
      autoRemove: create.rm,
      dns: create.dns_servers,
      dnsOptions: create.dns_opt,
      dnsSearch: create.dns_search,
      extraHosts: create.host_add,
      ipcMode: given(create.ipc_mode),
      pidMode: given(create.pid_mode),
      utsMode: given(create.uts_mode),
      usernsMode: given(create.userns_mode),
      cgroupParent: create.cgroup_parent,
      conmonPidFile: create.conmon_pidfile,
      logDriver: create.log_driver,
      logOptions: create.log_driver_opt,
      securityOptions: create.security_opts,
      shmSize: resources.shm_size,
      devices: create.devices,
      tmpfs: create.tmpfs,
      ulimits: resources.ulimit,
      weightDevices: resources.blkio_weight_device,
      readBps: resources.device_read_bps,
      writeBps: resources.device_write_bps,
      readIops: resources.device_read_iops,
      writeIops: resources.device_write_iops,
    },
  };
}

/** What is read of limits, by the names that Podman 1.0 has for them. */
export type Limits = Pick<
  CreateResourceConfig,
  | "memory"
  | "memory_reservation"
  | "memory_swap"
  | "memory_swappiness"
  | "kernel_memory"
  | "disable_oomkiller"
  | "cpu_shares"
  | "cpu_period"
  | "cpu_quota"
  | "cpu_rt_period"
  | "cpu_rt_runtime"
  | "cpus"
  | "cpuset_cpus"
  | "cpuset_mems"
  | "pids_limit"
  | "blkio_weight"
>;

/** Zero is no limit: nobody can tell it from what was left out. */
function limit(value: number): number | undefined {
  return value === 0 ? undefined : value;
}

/** The length of a scheduling period where only the number of processors is given, in microseconds. */
const PERIOD = 100_000;

/**
 * What a container is limited to. Zero and the empty text are no limit.
 *
 * @throws InvalidArgument
 */
export function readResources(resources: Limits): SpecResources {
  const { cpus } = resources;
  if (cpus !== 0 && (resources.cpu_period !== 0 || resources.cpu_quota !== 0)) {
    throw new InvalidArgument(
      "cpus sets the period and quota of the processors: they cannot be given as well",
    );
  }
  return {
    memory: {
      limit: limit(resources.memory),
      reservation: limit(resources.memory_reservation),
      swap: limit(resources.memory_swap),
      kernel: limit(resources.kernel_memory),
      // -1 is the kernel's default.
      swappiness:
        resources.memory_swappiness > 0
          ? resources.memory_swappiness
          : undefined,
      disableOOMKiller: resources.disable_oomkiller ? true : undefined,
    },
    cpu: {
      shares: limit(resources.cpu_shares),
      period: cpus === 0 ? limit(resources.cpu_period) : PERIOD,
      quota:
        cpus === 0 ? limit(resources.cpu_quota) : Math.round(cpus * PERIOD),
      realtimePeriod: limit(resources.cpu_rt_period),
      realtimeRuntime: limit(resources.cpu_rt_runtime),
      cpus: given(resources.cpuset_cpus),
      mems: given(resources.cpuset_mems),
    },
    pids: { limit: limit(resources.pids_limit) },
    blockIO: { weight: limit(resources.blkio_weight) },
  };
}

function readMappings(
  texts: readonly string[],
  map: IDMap,
  host: boolean,
): readonly SpecIdMapping[] {
  if (texts.length > 0) return texts.map(parseIdMapping);
  return host || map.size === 0
    ? []
    : [{ containerID: map.container_id, hostID: map.host_id, size: map.size }];
}
