import type { EngineInfo, EngineVersion } from "../../engine.ts";
import { asked } from "./errors.ts";
import type { Host } from "./host.ts";
import type { Operation } from "./operation.ts";
import { rootOf } from "./stats.ts";

/** The daemon's version. */
export async function askVersion(
  host: Host,
  operation: Operation,
): Promise<EngineVersion> {
  const version = await asked(
    { call: "version" },
    host.client.version({}, operation.limits),
  );
  return { version: version.tag ?? "", api: "porto", raw: version };
}

/** What the daemon and the container that stands for the host tell of it. */
export async function askInfo(
  host: Host,
  operation: Operation,
): Promise<EngineInfo> {
  const about = { call: "info" };
  const [system, root] = await Promise.all([
    asked(about, host.client.getSystem({}, operation.limits)),
    rootOf(host, ["cpu_set_affinity", "memory_limit_total"], about, operation),
  ]);
  const { status } = root ?? {};
  const count = system.container_count;
  return {
    kernel: system.kernel_version,
    cpus: status?.cpu_set_affinity?.count,
    memoryTotal: status?.memory_limit_total,
    containers: count === undefined ? undefined : Number(count),
    raw: { system, root },
  };
}
