import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { PodmanClient } from "portolan/podman";
import { expect, it } from "vitest";
import { embedded } from "../../../../src/libpod/engines/embedded/index.ts";
import { unixPlace } from "../../../support/peer.ts";

const main = fileURLToPath(
  new URL("../../../../src/cli/main.ts", import.meta.url),
);

/** `portolan serve` in a process of its own, once it listens. */
async function serve(address: string, state: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      "--conditions=portolan-source",
      "--import",
      "tsx",
      main,
      "serve",
      "--podman",
      address,
      "--state",
      state,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  for await (const text of child.stderr as AsyncIterable<Buffer>) {
    said += text.toString();
    if (said.includes("Ctrl-C")) return child;
  }
  throw new Error(`it did not come up: ${said}`);
}

/** What the server has answered for, and what it may have done besides. */
interface Promised {
  readonly made: Set<string>;
  readonly removed: Set<string>;
  readonly maybeRemoved: Set<string>;
}

/** Makes, starts and removes containers in pods, until the server is gone. */
async function changeMuch(
  podman: PodmanClient,
  worker: string,
  promised: Promised,
  onChange: () => void,
): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const name = `${worker}-${turn}`;
    try {
      const { pod } = await podman.createPod({ create: { name: `p-${name}` } });
      await podman.createContainer({
        create: { name, pod, image: `image-${turn % 3}`, command: ["x"] },
      });
      promised.made.add(name);
      onChange();
      await podman.startContainer({ name });
      await podman.tagImage({ name: `image-${turn % 3}`, tagged: `t:${turn}` });
      onChange();
      if (turn % 2 === 1) {
        promised.maybeRemoved.add(name);
        await podman.removePod({ name: pod, force: true });
        promised.removed.add(name);
        onChange();
      }
    } catch (error) {
      // It was killed; whatever else it says is wrong.
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(CONNECT|CLOSED)/) as string,
      });
      return;
    }
  }
}

it("a server that is killed amid many changes has all that it answered for", async () => {
  const place = await unixPlace();
  const address = `unix:${path.join(place.folder, "podman")}`;
  const state = path.join(place.folder, "state");
  const promised: Promised = {
    made: new Set(),
    removed: new Set(),
    maybeRemoved: new Set(),
  };
  let running: ChildProcess | undefined;
  try {
    // Killed after so many answers, while others are on their way.
    for (const [round, changes] of [5, 37, 80].entries()) {
      const server = await serve(address, state);
      running = server;
      const gone = once(server, "exit");
      const podman = await PodmanClient.connect(address);
      let left = changes;
      const onChange = (): void => {
        left -= 1;
        if (left === 0) server.kill("SIGKILL");
      };
      await Promise.all(
        ["a", "b", "c", "d"].map((worker) =>
          changeMuch(podman, `${worker}${round}`, promised, onChange),
        ),
      );
      await gone;
      await podman.$close();

      const engine = await embedded({ directory: state });
      const containers = await engine.listContainers();
      const names = containers.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const name of promised.made)
        if (!promised.maybeRemoved.has(name)) expect(names).toContain(name);
      for (const name of promised.removed) expect(names).not.toContain(name);

      const pods = await engine.listPods();
      const images = await engine.listImages();
      const members = pods.flatMap((pod) => pod.containers.map(({ id }) => id));
      expect(members.toSorted()).toEqual(
        containers.map(({ id }) => id).toSorted(),
      );
      for (const { id, imageId, state: is } of containers) {
        expect(["configured", "created", "exited"]).toContain(is);
        expect(images.map((image) => image.id)).toContain(imageId);
        await engine.startContainer(id);
      }
      await engine.close();
    }
    expect(promised.made.size).toBeGreaterThan(20);
  } finally {
    running?.kill("SIGKILL");
    await place.remove();
  }
});
