import type { PodmanHandlers } from "portolan/podman/1.9";
import type { AllHandlers } from "../podman/handlers.ts";
import { inspectConfig, inspectState } from "../podman/inspect-container.ts";
import { viewContainer } from "../podman/view.ts";
import { idOfContainer, type Served19 } from "./answers.ts";

type StateHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  "containerConfig" | "containerStateData" | "containerArtifacts" | "spec"
>;

/** The methods that tell what is kept of a container, each as a text of JSON. */
export function stateHandlers(served: Served19): StateHandlers {
  const { engine } = served;
  return {
    async containerConfig({ name }) {
      const { id } = await served.container(name);
      const view = await served.attempt(viewContainer(served, id));
      const { record, spec } = view;
      return {
        config: JSON.stringify({
          spec,
          id,
          name: record.name,
          pod: record.podId ?? "",
          rootfsImageID: record.imageId ?? "",
          rootfsImageName: view.details.image ?? "",
          labels: record.config.labels ?? {},
          createdTime: new Date(record.createdAt).toISOString(),
          stopSignal: view.details.stopSignal ?? 0,
          config: inspectConfig(view),
        }),
      };
    },

    async containerStateData({ name }) {
      const { id } = await served.container(name);
      const view = await served.attempt(viewContainer(served, id));
      return { config: JSON.stringify(inspectState(view)) };
    },

    async containerArtifacts({ name, artifactName }) {
      const { id } = await served.container(name);
      throw served.answers.occurred(
        `container ${id} has no artifact ${JSON.stringify(artifactName)}: no such file`,
      );
    },

    async spec({ name }) {
      const id = await idOfContainer(served, name);
      const spec = await served.attempt(engine.containerSpec(id));
      return { config: JSON.stringify(spec) };
    },
  };
}
