import { expect } from "vitest";
import {
  ContainerRemoved,
  InvalidState,
  NoSuchPod,
  PodExists,
  PodRemoved,
} from "portolan/libpod";
import {
  SIGKILL,
  ids,
  pods,
  rejection,
  running,
  type Rule,
} from "./support.ts";

/** Pods. */
export const podsRules: readonly Rule[] = [
  {
    name: "pods are made, found and listed; names are given once",
    needs: pods,
    async run(runtime, made) {
      const pod = await made.pod();
      expect((await pod.status()).state).toBe("created");
      expect(await runtime.hasPod(pod.id)).toBe(true);
      expect((await runtime.getPod(pod.id)).name).toBe(pod.name);
      expect((await runtime.lookupPod(pod.name)).id).toBe(pod.id);
      expect(ids(await runtime.pods())).toContain(pod.id);
      expect(
        ids(
          await runtime.pods(
            ({ id }) => id === pod.id,
            () => false,
          ),
        ),
      ).toEqual([]);
      expect(await rejection(made.pod(pod.name))).toBeInstanceOf(PodExists);
      expect(await runtime.hasPod(`${pod.id}x`)).toBe(false);
      expect(await rejection(runtime.getPod(`${pod.id}x`))).toBeInstanceOf(
        NoSuchPod,
      );
      expect(
        await rejection(runtime.lookupPod(`${pod.name}-not`)),
      ).toBeInstanceOf(NoSuchPod);
    },
  },

  {
    name: "an empty pod has nothing to start",
    needs: [...pods, "startPod"],
    async run(_runtime, made, bench) {
      const pod = await made.pod();
      if (bench.differences.has("empty pods do not start"))
        expect(await rejection(pod.start())).toBeInstanceOf(InvalidState);
      else await pod.start();
      expect((await pod.status()).state).toBe("created");
    },
  },

  {
    name: "a pod starts what does not run, counts, stops and kills what does",
    needs: [...pods, "startPod", "stopPod", "killPod"],
    async run(_runtime, made) {
      const pod = await made.pod();
      const one = await made.container("forever", { pod });
      const two = await made.container("forever", { pod });
      expect(ids(await pod.containers()).toSorted()).toEqual(
        [one.id, two.id].toSorted(),
      );
      expect((await one.pod())?.id).toBe(pod.id);
      await one.start();
      await pod.start();
      expect(await Promise.all([one, two].map(running))).toEqual([true, true]);
      expect(await pod.status()).toMatchObject({
        state: "running",
        counts: { running: 2 },
      });
      await one.kill(SIGKILL);
      await one.wait();
      expect((await pod.status()).state).toBe("degraded");
      // One of them does not run: it is left alone.
      await pod.kill(SIGKILL);
      await two.wait();
      await pod.start();
      expect(await Promise.all([one, two].map(running))).toEqual([true, true]);
      await pod.stop({ grace: 1000 });
      expect(await Promise.all([one, two].map(running))).toEqual([
        false,
        false,
      ]);
      expect((await pod.status()).state).toBe("exited");
    },
  },

  {
    name: "a pod goes with all its containers, or not at all",
    needs: [...pods, "removePod"],
    async run(runtime, made) {
      const pod = await made.pod();
      const idle = await made.container("forever", { pod });
      const busy = await made.container("forever", { pod });
      await busy.start();
      expect(await rejection(runtime.removePod(pod))).toBeInstanceOf(
        InvalidState,
      );
      expect(await runtime.hasContainer(idle.id)).toBe(true);
      expect(await running(busy)).toBe(true);
      await runtime.removePod(pod, { force: true });
      expect(await runtime.hasPod(pod.id)).toBe(false);
      expect(await runtime.hasContainer(idle.id)).toBe(false);
      expect(await runtime.hasContainer(busy.id)).toBe(false);
      expect(await rejection(pod.start())).toBeInstanceOf(PodRemoved);
      expect(await rejection(busy.status())).toBeInstanceOf(ContainerRemoved);
    },
  },
];
