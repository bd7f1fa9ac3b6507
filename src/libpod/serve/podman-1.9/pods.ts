import type { PodmanHandlers } from "portolan/podman/1.9";
import type { PodSummary } from "../../engine.ts";
import { graceOf } from "../podman/containers.ts";
import { rfc3339 } from "../podman/format.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import { inspectPod } from "../podman/inspect-pod.ts";
import { actOnPod, podHandlers as commonHandlers } from "../podman/pods.ts";
import { findPod } from "../podman/served.ts";
import { containerStatus, podStatus } from "../podman/view.ts";
import type { Served19 } from "./answers.ts";
import { processes } from "./containers.ts";
import { newest } from "./context.ts";

type PodHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  | "createPod"
  | "listPods"
  | "getPod"
  | "getPodsByContext"
  | "getPodsByStatus"
  | "inspectPod"
  | "podStateData"
  | "startPod"
  | "stopPod"
  | "restartPod"
  | "killPod"
  | "pausePod"
  | "unpausePod"
  | "removePod"
  | "topPod"
>;

/** The methods for pods, but for their figures. */
export function podHandlers(served: Served19): PodHandlers {
  const { engine, answers } = served;
  const {
    getPodStats: _,
    createPod,
    ...common
  } = commonHandlers(served, rfc3339);
  return {
    ...common,

    createPod(input, call) {
      const { infra, publish } = input.create;
      if (publish.length > 0 && !infra) {
        throw answers.occurred(
          "ports are published by an infra container, which the pod has not: invalid argument",
        );
      }
      return createPod(input, call);
    },

    async getPodsByContext({ all, latest, args }) {
      const pods = await served.attempt(engine.listPods());
      if (all) return { pods: pods.map(({ id }) => id) };
      if (latest) {
        const found = newest(pods);
        return { pods: found === undefined ? [] : [found.id] };
      }
      const found = await served.attempt(
        Promise.all(args.map((name) => engine.lookupPod(name))),
      );
      return { pods: found.map(({ id }) => id) };
    },

    async getPodsByStatus({ statuses }) {
      const pods = await served.attempt(engine.listPods());
      const wanted = new Set(statuses);
      return {
        pods: pods.flatMap(({ id, state }) =>
          wanted.has(podStatus(state)) ? [id] : [],
        ),
      };
    },

    async podStateData({ name }) {
      const pod = await served.attempt(engine.lookupPod(name));
      return { config: JSON.stringify(inspectPod(pod)) };
    },

    async stopPod({ name, timeout }) {
      return actOnPod(served, name, ({ id }) =>
        engine.stopPod(id, graceOf(served, timeout)),
      );
    },

    async removePod({ name, force }) {
      return actOnPod(served, name, ({ id }) =>
        engine.removePod(id, { force }),
      );
    },

    async topPod({ pod, latest, descriptors }) {
      const found = latest
        ? await newestPod(served)
        : await findPod(served, pod);
      if (podStatus(found.state) !== "Running") {
        throw answers.occurred(
          "pod top can only be used on pods with at least one running container",
        );
      }
      const tables = await served.attempt(
        Promise.all(
          found.containers
            .filter(({ state }) => containerStatus(state) === "running")
            .map(({ id }) => processes(served, id, descriptors)),
        ),
      );
      const [heading = ""] = tables[0] ?? [];
      return {
        stats: [heading, ...tables.flatMap(([, ...rows]) => rows)],
      };
    },
  };
}

async function newestPod(served: Served19): Promise<PodSummary> {
  const found = newest(await served.attempt(served.engine.listPods()));
  if (found !== undefined) return found;
  throw served.answers.podNotFound(
    "",
    "there is no pod: no such pod",
    undefined,
  );
}
