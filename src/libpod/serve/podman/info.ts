import type { PodmanInfo, Version } from "portolan/podman";
import { goArch, goOs } from "./format.ts";
import type { Served } from "./served.ts";

/** What serves, as Podman 1.0 tells it. There is no Go in it, so these parts are empty. */
export async function readVersion({ engine }: Served): Promise<Version> {
  const { version, osArch } = await engine.version();
  return {
    version,
    go_version: "",
    git_commit: "",
    built: 0,
    os_arch: osArch ?? `${goOs(process.platform)}/${goArch(process.arch)}`,
  };
}

/** The machine that the engine says it runs on, and what the engine has. It stores nothing as Podman does. */
export async function readInfo(served: Served): Promise<PodmanInfo> {
  const { engine } = served;
  const [info, { version }, records, images] = await Promise.all([
    engine.info(),
    engine.version(),
    engine.inside.records(),
    engine.listImages(),
  ]);
  return {
    host: {
      buildah_version: "",
      distribution: { distribution: "", version: "" },
      mem_free: Number(info.memoryFree ?? 0n),
      mem_total: Number(info.memoryTotal ?? 0n),
      swap_free: 0,
      swap_total: 0,
      arch: goArch(info.architecture ?? process.arch),
      cpus: info.cpus ?? 0,
      hostname: info.hostname ?? "",
      kernel: info.kernel ?? "",
      os: info.os ?? goOs(process.platform),
      uptime: "",
    },
    registries: [],
    insecure_registries: [],
    store: {
      containers: records.length,
      images: images.length,
      graph_driver_name: "memory",
      graph_driver_options: "",
      graph_root: "",
      graph_status: {
        backing_filesystem: "",
        native_overlay_diff: "",
        supports_d_type: "",
      },
      run_root: "",
    },
    podman: {
      compiler: "",
      go_version: "",
      podman_version: version,
      git_commit: "",
    },
  };
}
