import type { ContainerStats, PodmanHandlers } from "portolan/podman/1.9";
import { ContainerStopped } from "../../errors.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import { measure } from "../podman/list.ts";
import { findPod, reasonOf } from "../podman/served.ts";
import type { Served19 } from "./answers.ts";

type StatsHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  "getContainerStats" | "getContainerStatsWithHistory" | "getPodStats"
>;

/** What a first sample is compared with. */
const NOTHING = { cpu_nano: 0, system_nano: 0 };

/** The methods that tell what containers use. */
export function statsHandlers(served: Served19): StatsHandlers {
  const { engine, answers } = served;
  const sample = (
    stats: Awaited<ReturnType<typeof engine.containerStats>>,
    before: Pick<ContainerStats, "cpu_nano" | "system_nano">,
  ): ContainerStats => {
    const now = engine.inside.clock.now() * 1e6;
    const measured = measure(stats, now);
    const passed = now - before.system_nano;
    const used = measured.cpu_nano - before.cpu_nano;
    const cpu = passed > 0 && used > 0 ? (used / passed) * 100 : 0;
    return { ...measured, cpu };
  };
  return {
    async getContainerStats({ name }) {
      const { id } = await served.container(name);
      try {
        return { container: sample(await engine.containerStats(id), NOTHING) };
      } catch (error) {
        throw ContainerStopped.is(error)
          ? answers.noContainerRunning(reasonOf(error), error)
          : served.translate(error);
      }
    },

    async getContainerStatsWithHistory({ previousStats }) {
      const { id } = await served.container(previousStats.id);
      const stats = await served.attempt(engine.containerStats(id));
      return { container: sample(stats, previousStats) };
    },

    async getPodStats({ name }) {
      const { id } = await findPod(served, name);
      const stats = await served.attempt(engine.podStats(id));
      if (stats.length === 0) {
        throw answers.noContainerRunning(
          `no container of pod ${id} is running`,
          undefined,
        );
      }
      return {
        pod: id,
        containers: stats.map((each) => sample(each, NOTHING)),
      };
    },
  };
}
