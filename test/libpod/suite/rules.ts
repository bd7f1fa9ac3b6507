import { expect } from "vitest";
import {
  AmbiguousId,
  type Container,
  ContainerExists,
  ContainerRemoved,
  ContainerStopped,
  InvalidArgument,
  InvalidState,
  NoSuchContainer,
  NoSuchImage,
  NoSuchPod,
  type Engine,
  PodExists,
  PodRemoved,
  type Runtime,
  RuntimeStopped,
} from "portolan/libpod";
import type { Bench, Made } from "./bench.ts";

/** A rule that holds on every engine that has the calls it needs. */
export interface Rule {
  readonly name: string;
  readonly needs: readonly (keyof Engine)[];
  run(runtime: Runtime, made: Made, bench: Bench): Promise<void>;
}

const started = ["createContainer", "startContainer"] as const;
const pods = [...started, "createPod", "listPods"] as const;

/** Signals by number. */
const SIGTERM = 15;
const SIGKILL = 9;

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${String(value)}`);
    },
    (error: unknown) => error,
  );
}

async function running(container: Container): Promise<boolean> {
  return (await container.status()).state === "running";
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Ids of what the suite itself made: the engine may have more. */
const ids = (things: readonly { readonly id: string }[]): string[] =>
  things.map(({ id }) => id);

export const rules: readonly Rule[] = [
  {
    name: "an engine says its version",
    needs: [],
    async run(runtime) {
      const { version, api } = await runtime.version();
      expect(version).not.toBe("");
      expect(api).not.toBe("");
    },
  },
  {
    name: "a new container is configured, found by id, name and unique beginning of its id, and listed",
    needs: ["createContainer"],
    async run(runtime, made) {
      const container = await made.container("forever");
      const { id, name } = container;
      expect((await container.status()).state).toBe("configured");
      expect(await runtime.hasContainer(id)).toBe(true);
      expect((await runtime.getContainer(id)).name).toBe(name);
      expect((await runtime.lookupContainer(name)).id).toBe(id);
      expect((await runtime.lookupContainer(id)).name).toBe(name);
      expect(ids(await runtime.containers())).toContain(id);
      const begin = id.slice(0, -1);
      expect((await runtime.lookupContainer(begin)).id).toBe(id);
    },
  },
  {
    name: "what is not there is not found",
    needs: [],
    async run(runtime, _made, bench) {
      const missing = `${bench.prefix}-missing`;
      expect(await runtime.hasContainer(missing)).toBe(false);
      expect(await rejection(runtime.getContainer(missing))).toBeInstanceOf(
        NoSuchContainer,
      );
      expect(await rejection(runtime.lookupContainer(missing))).toBeInstanceOf(
        NoSuchContainer,
      );
    },
  },
  {
    name: "getContainer takes whole ids only",
    needs: ["createContainer"],
    async run(runtime, made, bench) {
      const { id, name } = await made.container("forever");
      expect(
        await rejection(runtime.getContainer(id.slice(0, -1))),
      ).toBeInstanceOf(NoSuchContainer);
      if (bench.differences.has("ids are names")) return;
      expect(await rejection(runtime.getContainer(name))).toBeInstanceOf(
        NoSuchContainer,
      );
      expect(await runtime.hasContainer(name)).toBe(false);
    },
  },
  {
    name: "the beginning of several ids is refused, not guessed",
    needs: ["createContainer"],
    async run(runtime, made) {
      // Seventeen ids of hexadecimal digits: two at least begin alike.
      const seen = new Set<string>();
      let begin: string | undefined;
      while (begin === undefined && seen.size < 17) {
        const [first = ""] = (await made.container("forever")).id;
        if (seen.has(first)) begin = first;
        seen.add(first);
      }
      expect(begin).toBeDefined();
      const error = await rejection(runtime.lookupContainer(begin ?? ""));
      expect(error).toBeInstanceOf(AmbiguousId);
    },
  },
  {
    name: "filters are ANDed",
    needs: ["createContainer"],
    async run(runtime, made) {
      const first = await made.container("forever", {
        labels: { "SUITE.kind": "a" },
      });
      const second = await made.container("forever", {
        labels: { "SUITE.kind": "b" },
      });
      const ours = ({ id }: Container): boolean =>
        id === first.id || id === second.id;
      expect(ids(await runtime.containers(ours)).toSorted()).toEqual(
        [first.id, second.id].toSorted(),
      );
      const found = await runtime.containers(
        ours,
        ({ summary }) => summary.labels["SUITE.kind"] === "b",
      );
      expect(ids(found)).toEqual([second.id]);
      expect(await runtime.containers(ours, () => false)).toEqual([]);
    },
  },
  {
    name: "a name is given once",
    needs: ["createContainer"],
    async run(_runtime, made) {
      const { name } = await made.container("forever");
      expect(
        await rejection(made.container("forever", { name })),
      ).toBeInstanceOf(ContainerExists);
    },
  },
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
      const [code] = await Promise.all([
        container.wait(),
        container.stop({ grace: 10_000 }),
      ]);
      expect([0, 143]).toContain(code);
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
  {
    name: "logs have the lines of both streams, in order within each",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("speaks");
      await container.start();
      await container.wait();
      const lines = await all(container.logs());
      const of = (stream: string): string[] =>
        lines.filter((line) => line.stream === stream).map(({ text }) => text);
      expect(of("stdout")).toEqual(["one", "two"]);
      expect(of("stderr")).toEqual(["three"]);
      expect(
        lines.every(({ containerId }) => containerId === container.id),
      ).toBe(true);
      expect(await all(container.logs({ tail: 0 }))).toEqual([]);
    },
  },
  {
    name: "followed logs go on, and end with the container",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("ticks");
      await container.start();
      const lines: string[] = [];
      for await (const { text } of container.logs({ follow: true })) {
        lines.push(text);
        if (text === "tock") await container.stop({ grace: 10_000 });
      }
      expect(lines).toEqual(["tick", "tock"]);
    },
  },
  {
    name: "following ends when the caller leaves",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("ticks");
      await container.start();
      for await (const { text } of container.logs({ follow: true })) {
        expect(text).toBe("tick");
        break;
      }
      expect(await running(container)).toBe(true);
    },
  },
  {
    name: "labels, command and name are told back",
    needs: ["createContainer"],
    async run(runtime, made) {
      const labels = {
        "SUITE.one": "1",
        "com.example.two words": 'a "quoted" ü',
      };
      const made1 = await made.container("speaks", { labels });
      const { summary, name } = await runtime.getContainer(made1.id);
      expect(summary.labels).toMatchObject(labels);
      expect(summary.name).toBe(name);
      const details = await made1.inspect();
      expect(details.labels).toMatchObject(labels);
      expect(details.command).toEqual([
        "sh",
        "-c",
        "echo one; echo two; echo three >&2; exit 3",
      ]);
    },
  },
  {
    name: "figures of what runs",
    needs: [...started, "containerStats"],
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      const stats = await container.stats();
      expect(stats.id).toBe(container.id);
      expect(stats.cpuNanos).toBeTypeOf("bigint");
      expect(stats.memoryUsage).toBeGreaterThanOrEqual(0n);
      expect(stats.pids).toBeGreaterThanOrEqual(1);
    },
  },
  {
    name: "exec runs a program inside, both ways",
    needs: [...started, "execContainer"],
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      const session = await container.exec(["cat"], { stdin: true });
      session.end("over there\n");
      const [output, code] = await Promise.all([
        session.setEncoding("utf8").toArray(),
        session.exitCode,
      ]);
      expect(output.join("")).toBe("over there\n");
      expect(code).toBe(0);
    },
  },
  {
    name: "exec tells what the program made of it",
    needs: [...started, "execContainer"],
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      const session = await container.exec([
        "sh",
        "-c",
        "echo one; echo two; echo three >&2; exit 3",
      ]);
      const output = await session.setEncoding("utf8").toArray();
      expect(output.join("")).toContain("one\ntwo\n");
      expect(await session.exitCode).toBe(3);
    },
  },
  {
    name: "attach shows what is printed from then on",
    needs: [...started, "attachContainer"],
    async run(_runtime, made) {
      const container = await made.container("speaks");
      const session = await container.attach({ start: true });
      const output = await session.setEncoding("utf8").toArray();
      expect(output.join("")).toContain("one\ntwo\n");
      expect(await session.exitCode).toBe(3);
    },
  },
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
  {
    name: "an image that is not there is not found",
    needs: ["getImage"],
    async run(runtime, _made, bench) {
      const missing = `localhost/${bench.prefix}/missing:1`;
      expect(await rejection(runtime.getImage(missing))).toBeInstanceOf(
        NoSuchImage,
      );
    },
  },
  {
    name: "what happens is told",
    needs: [...started, "events"],
    async run(runtime, made) {
      const leave = new AbortController();
      const events = runtime.events({ signal: leave.signal });
      const seen: string[] = [];
      const container = await made.container("speaks", {
        name: made.name("told"),
      });
      const watching = (async () => {
        for await (const { type, id, status } of events) {
          if (type !== "container" || id !== container.id) continue;
          seen.push(status);
          if (status === "died") break;
        }
      })();
      // Listening has begun when something is heard: engines say nothing before.
      await container.start();
      await container.wait();
      while (!seen.includes("died")) {
        await container.start().catch(() => undefined);
        await Promise.race([watching, container.wait()]);
      }
      await watching;
      expect(seen).toContain("died");
    },
  },
  {
    name: "a closed runtime refuses everything, and so do its objects",
    needs: ["createContainer"],
    async run(runtime, made, bench) {
      const container = await made.container("forever");
      const other = await bench.open();
      const same = await other.getContainer(container.id);
      await other.close();
      const refused = [
        other.containers(),
        other.lookupContainer(container.name),
        other.hasContainer(container.id),
        other.version(),
        same.status(),
        same.start(),
        made.container("forever").then(async (made1) => {
          await other.removeContainer(made1);
        }),
      ];
      for (const promise of refused) {
        expect(await rejection(promise)).toBeInstanceOf(RuntimeStopped);
      }
      expect(await runtime.hasContainer(container.id)).toBe(true);
    },
  },
  {
    name: "a shutdown waits for nobody: it refuses while something runs, and stops it by force",
    needs: started,
    async run(_runtime, _made, bench) {
      const runtime = await bench.open();
      const { spec, options } = await bench.container(["sleep", "1000"]);
      const container = await runtime.newContainer(spec, {
        ...options,
        name: `${bench.prefix}-shut`,
      });
      const second = await bench.open();
      try {
        await container.start();
        expect(await rejection(runtime.shutdown())).toBeInstanceOf(
          InvalidState,
        );
        await runtime.shutdown({ force: true, grace: 1000 });
        expect(await rejection(runtime.containers())).toBeInstanceOf(
          RuntimeStopped,
        );
        expect(
          (await (await second.getContainer(container.id)).status()).state,
        ).toBe("exited");
      } finally {
        await second.removeContainer(await second.getContainer(container.id), {
          force: true,
        });
        await second.close();
      }
    },
  },
  {
    name: "an aborted wait rejects, and the container goes on",
    needs: started,
    async run(_runtime, made) {
      const container = await made.container("forever");
      await container.start();
      const leave = new AbortController();
      const waiting = container.wait({ signal: leave.signal });
      leave.abort(new Error("enough"));
      expect(await rejection(waiting)).toMatchObject({ code: "ABORTED" });
      expect(await running(container)).toBe(true);
    },
  },
];
