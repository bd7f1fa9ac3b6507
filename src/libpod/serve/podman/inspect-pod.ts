import type { PodSummary } from "../../engine.ts";
import { rfc3339Nano } from "./format.ts";
import { POD_CGROUP } from "./list.ts";
import { containerStatus, podStatus } from "./view.ts";

/**
 * A pod as the JSON of Podman's `inspect` has it, of 1.0 as of 1.9. It never has an
 * infra container: an embedded engine holds no namespaces.
 */
export function inspectPod(pod: PodSummary): object {
  const parent = pod.cgroup ?? POD_CGROUP;
  return {
    Config: {
      id: pod.id,
      name: pod.name,
      hostname: pod.name,
      labels: pod.labels,
      cgroupParent: parent,
      sharesCgroup: true,
      infraConfig: { makeInfraContainer: false, infraPortBindings: null },
      created: rfc3339Nano(pod.createdAt?.getTime()),
      lockID: 0,
    },
    State: {
      cgroupPath: `${parent}/${pod.id}`,
      infraContainerID: "",
      status: podStatus(pod.state),
    },
    Containers:
      pod.containers.length === 0
        ? null
        : pod.containers.map(({ id, state }) => ({
            id,
            state: containerStatus(state),
          })),
  };
}
