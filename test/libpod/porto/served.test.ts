import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { portoService } from "portolan/porto";
import { expect, it } from "vitest";
import type { Engine } from "../../../src/libpod/engine.ts";
import { embedded } from "../../../src/libpod/engines/embedded/index.ts";
import { openPorto } from "../../../src/libpod/engines/porto/index.ts";
import { portoHandlers } from "../../../src/libpod/serve/porto/index.ts";
import { EnvelopeServer } from "../../../src/runtime/envelope/server.ts";
import { all } from "./daemon.ts";

/** The engine over a real socket, at an embedded engine that is served as Porto. */
async function withServed(
  use: (engine: Required<Engine>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-porto-"));
  const inner = await embedded({
    programs: {
      speaks: { output: ["one", "ä", { stderr: "three" }], exitCode: 3 },
      stays: { output: ["here"], runsFor: "forever" },
    },
  });
  const errors: unknown[] = [];
  const server = new EnvelopeServer(portoService(portoHandlers(inner)), {
    onError: (error) => errors.push(error),
    onProtocolError: (error) => errors.push(error),
  });
  const address = `unix:${path.join(folder, "portod.socket")}`;
  await server.listen(address);
  const engine = await openPorto(address, { logInterval: 5 });
  try {
    await use(engine as Required<Engine>);
  } finally {
    await engine.close();
    await server.close({ timeout: 0 });
    await inner.close();
    rmSync(folder, { recursive: true, force: true });
  }
  expect(errors).toEqual([]);
}

it("runs a container from its making to its end", () =>
  withServed(async (engine) => {
    expect(await engine.listContainers()).toEqual([]);
    const id = await engine.createContainer({
      name: "a",
      spec: { process: { args: ["speaks", "to me"], env: ["A=1"] } },
      labels: { "APP.x": "1", "com.example": "two words" },
      annotations: { note: "n" },
    });
    expect(await engine.getContainer(id)).toMatchObject({
      state: "configured",
      command: ["speaks", "to me"],
      labels: { "APP.x": "1", "com.example": "two words" },
    });
    await engine.startContainer(id);
    expect(await engine.waitContainer(id)).toBe(3);
    expect(await engine.inspectContainer(id)).toMatchObject({
      state: "exited",
      exitCode: 3,
      annotations: { note: "n" },
    });
    const lines = await all(engine.containerLogs(id));
    expect(lines.map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      "stdout one",
      "stdout ä",
      "stderr three",
    ]);
    expect((await engine.containerSpec(id)).process?.env).toContain("A=1");
    await engine.startContainer(id);
    expect(await engine.waitContainer(id)).toBe(3);
    await engine.removeContainer(id);
    expect(await engine.listContainers()).toEqual([]);
  }));

it("follows, stops and removes", () =>
  withServed(async (engine) => {
    const id = await engine.createContainer({
      name: "b",
      spec: { process: { args: ["stays"] } },
    });
    await engine.startContainer(id);
    const seen: string[] = [];
    for await (const { text } of engine.containerLogs(id, { follow: true })) {
      seen.push(text);
      await engine.pauseContainer(id);
      expect((await engine.getContainer(id)).state).toBe("paused");
      await engine.unpauseContainer(id);
      await engine.stopContainer(id, { grace: 1000 });
    }
    expect(seen).toEqual(["here"]);
    expect((await engine.inspectContainer(id)).exitCode).toBe(143);
    expect((await engine.info()).containers).toBe(1);
    await engine.removeContainer(id);
  }));

it("runs pods", () =>
  withServed(async (engine) => {
    const podId = await engine.createPod({ name: "pod", labels: { l: "v" } });
    const spec = { process: { args: ["stays"] } };
    const one = await engine.createContainer({ name: "one", podId, spec });
    await engine.createContainer({ name: "two", podId, spec });
    expect((await engine.getPod(podId)).state).toBe("created");
    await engine.startPod(podId);
    expect(await engine.getPod(podId)).toMatchObject({
      state: "running",
      labels: { l: "v" },
      containers: [{ id: "pod/one" }, { id: "pod/two" }],
    });
    expect((await engine.podStats(podId)).map(({ id }) => id)).toEqual([
      "pod/one",
      "pod/two",
    ]);
    await engine.killContainer(one, 9);
    expect(await engine.waitContainer(one)).toBe(137);
    expect((await engine.getPod(podId)).state).toBe("degraded");
    await expect(engine.removePod(podId)).rejects.toMatchObject({
      code: "INVALID_STATE",
    });
    await engine.stopPod(podId, { grace: 1000 });
    expect((await engine.getPod(podId)).state).toBe("exited");
    await engine.removePod(podId);
    expect(await engine.listPods()).toEqual([]);
    expect(await engine.listContainers()).toEqual([]);
  }));
