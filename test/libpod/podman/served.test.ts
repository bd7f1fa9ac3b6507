import { describe, expect, it } from "vitest";
import { podmanService } from "../../../generated/io.podman/index.ts";
import { podmanService as projectatomicService } from "../../../generated/io.projectatomic.podman/index.ts";
import type { Engine } from "../../../src/libpod/engine.ts";
import { embedded } from "../../../src/libpod/engines/embedded/index.ts";
import type { EmbeddedEngine } from "../../../src/libpod/engines/embedded/types.ts";
import { openPodman } from "../../../src/libpod/engines/podman/index.ts";
import {
  podmanHandlers,
  projectatomicHandlers,
} from "../../../src/libpod/serve/index.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { VarlinkServer } from "../../../src/runtime/varlink/server.ts";
import { collect, outcomeOf } from "./fake.ts";

const services = {
  podman: (engine: EmbeddedEngine) => podmanService(podmanHandlers(engine)),
  projectatomic: (engine: EmbeddedEngine) =>
    projectatomicService(projectatomicHandlers(engine)),
};

/** The engine on our own server, and what that serves. */
async function withServed(
  service: keyof typeof services,
  use: (engine: Required<Engine>, behind: EmbeddedEngine) => Promise<void>,
): Promise<void> {
  const behind = await embedded({
    programs: { web: { output: ["hello"], exitCode: 3 } },
  });
  const failures: unknown[] = [];
  const server = new VarlinkServer({
    vendor: "Example",
    product: "Podman",
    version: "1",
    url: "https://example.org",
    onError: (error) => failures.push(error),
  });
  server.add(services[service](behind));
  const endpoint = memoryEndpoint();
  await server.listen(endpoint);
  const engine = await openPodman(endpoint, { pollInterval: 1 });
  try {
    await use(engine as Required<Engine>, behind);
    expect(failures).toEqual([]);
  } finally {
    await engine.close();
    await server.close();
    await behind.close();
  }
}

describe("against our own server", () => {
  it("io.podman: a container from its image to its removal", async () => {
    await withServed("podman", async (engine) => {
      await outcomeOf(engine.pullImage("busybox"));
      const id = await engine.createContainer({
        name: "web",
        labels: { a: "b" },
        rootfs: { image: "busybox" },
        spec: { process: { args: ["web"], env: ["A=b"] } },
      });
      expect((await engine.lookupContainer("web")).id).toBe(id);
      expect((await engine.lookupContainer(id.slice(0, 12))).id).toBe(id);
      const waiting = engine.waitContainer(id);
      const following = collect(engine.containerLogs(id, { follow: true }));
      await engine.startContainer(id);
      expect(await waiting).toBe(3);
      expect((await following).map(({ text }) => text)).toEqual(["hello"]);
      expect(await engine.inspectContainer(id)).toMatchObject({
        state: "exited",
        exitCode: 3,
        labels: { a: "b" },
      });
      await engine.stopContainer(id);
      await engine.removeContainer(id);
      await expect(engine.getContainer(id)).rejects.toMatchObject({
        code: "NO_SUCH_CONTAINER",
      });
    });
  });

  it("io.podman: a pod", async () => {
    await withServed("podman", async (engine) => {
      await outcomeOf(engine.pullImage("busybox"));
      const podId = await engine.createPod({ name: "p", labels: { x: "y" } });
      await expect(engine.createPod({ name: "p" })).rejects.toMatchObject({
        code: "POD_EXISTS",
      });
      const id = await engine.createContainer({
        name: "forever",
        podId,
        rootfs: { image: "busybox" },
        spec: { process: { args: ["sleep"] } },
      });
      await engine.startPod(podId);
      expect(await engine.getPod(podId)).toMatchObject({
        labels: { x: "y" },
        state: "running",
        containers: [{ id, state: "running" }],
      });
      await expect(engine.removePod(podId)).rejects.toMatchObject({
        code: "INVALID_STATE",
      });
      await engine.removePod(podId, { force: true });
      expect(await engine.listContainers()).toEqual([]);
    });
  });

  it("io.projectatomic.podman: what was made elsewhere", async () => {
    await withServed("projectatomic", async (engine, behind) => {
      const id = await behind.createContainer({ name: "web", spec: {} });
      expect(engine.createContainer).toBeUndefined();
      expect(engine.listPods).toBeUndefined();
      expect((await engine.version()).api).toBe("io.projectatomic.podman");
      expect(await engine.listContainers()).toMatchObject([
        { id, name: "web", state: "configured" },
      ]);
      await behind.startContainer(id);
      expect(await engine.waitContainer(id)).toBe(3);
      await engine.removeContainer(id);
      expect(await behind.listContainers()).toEqual([]);
    });
  });
});
