import { expect } from "vitest";
import {
  ContainerRemoved,
  ContainerStopped,
  InvalidArgument,
  InvalidState,
  NoSuchContainer,
} from "portolan/libpod";
import {
  SIGKILL,
  SIGTERM,
  heard,
  rejection,
  running,
  started,
  type Rule,
} from "./support.ts";

/** The life of a container. */
export const lifeRules: readonly Rule[] = [
  {
    name: "a container starts, says so, and starts but once",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      const status = await container.status();
      expect(status.state).toBe("running");
      expect(status.exitCode).toBeUndefined();
      expect(await rejection(container.start())).toBeInstanceOf(InvalidState);
      expect(await running(container)).toBe(true);
    },
  },

  {
    name: "create sets a container up, start starts it",
    needs: [...started, "initContainer"],
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.create();
      expect((await container.status()).state).toBe("created");
      await container.start();
      expect(await running(container)).toBe(true);
    },
  },

  {
    name: "a program's exit code is waited for, and kept",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("speaks");
      await container.start();
      expect(await container.wait()).toBe(3);
      const status = await container.status();
      expect(status).toMatchObject({ state: "exited", exitCode: 3 });
      // Of one that has ended, at once.
      expect(await container.wait()).toBe(3);
    },
  },

  {
    name: "what ended starts again",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("speaks");
      await container.start();
      await container.wait();
      await container.start();
      expect(await container.wait()).toBe(3);
    },
  },

  {
    name: "waiting does not keep others from stopping",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("ticks");
      await container.start();
      await heard(container, "tick");
      const [code] = await Promise.all([
        container.wait(),
        container.stop({ grace: 10_000 }),
      ]);
      expect(code).toBe(0);
      expect((await container.status()).state).toBe("exited");
    },
  },

  {
    name: "stop kills after its grace what does not listen",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      await container.stop({ grace: 1000 });
      const { state, exitCode } = await container.status();
      expect(state).toBe("exited");
      expect([128 + SIGKILL, 128 + SIGTERM]).toContain(exitCode);
    },
  },

  {
    name: "a signal that kills is told by the exit code; one to what does not run is refused",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("forever");
      expect(await rejection(container.kill(SIGTERM))).toBeInstanceOf(
        ContainerStopped,
      );
      await container.start();
      await container.kill("SIGKILL");
      expect(await container.wait()).toBe(128 + SIGKILL);
      expect(await rejection(container.kill(SIGKILL))).toBeInstanceOf(
        ContainerStopped,
      );
    },
  },

  {
    name: "a signal must be one",
    needs: ["createContainer"],
    async run(_runtime, made) {
      const container = await made.container("forever");
      for (const signal of [-1, 1.5, 65, Number.NaN]) {
        expect(await rejection(container.kill(signal))).toBeInstanceOf(
          InvalidArgument,
        );
      }
    },
  },

  {
    name: "what is paused goes on",
    needs: [...started, "pauseContainer", "unpauseContainer"],
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      await container.pause();
      expect((await container.status()).state).toBe("paused");
      await container.unpause();
      expect(await running(container)).toBe(true);
    },
  },

  {
    name: "what runs is removed only by force, and then gone for good",
    needs: started,
    async run(runtime, made) {
      const container = await made.container("forever");
      await container.start();
      expect(
        await rejection(runtime.removeContainer(container)),
      ).toBeInstanceOf(InvalidState);
      expect(await running(container)).toBe(true);
      await runtime.removeContainer(container, { force: true });
      expect(await runtime.hasContainer(container.id)).toBe(false);
      expect(await rejection(container.start())).toBeInstanceOf(
        ContainerRemoved,
      );
      expect(await rejection(container.status())).toBeInstanceOf(
        ContainerRemoved,
      );
      expect(
        await rejection(runtime.getContainer(container.id)),
      ).toBeInstanceOf(NoSuchContainer);
    },
  },

  {
    name: "an object notices that another removed its container",
    needs: ["createContainer"],
    async run(runtime, made) {
      const container = await made.container("forever");
      const other = await runtime.getContainer(container.id);
      await runtime.removeContainer(other);
      expect(await rejection(container.inspect())).toBeInstanceOf(
        ContainerRemoved,
      );
    },
  },
];
