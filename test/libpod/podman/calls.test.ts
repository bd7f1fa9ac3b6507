import { describe, expect, it } from "vitest";
import {
  openPodman,
  supports,
} from "../../../src/libpod/engines/podman/index.ts";
import {
  type Answer,
  type DaemonName,
  daemons,
  endless,
  fails,
  FakePodman,
  type Script,
  withEngine,
} from "./fake.ts";

const names = Object.keys(daemons) as DaemonName[];

/** A container as lists have it. */
function listed(id: string, name: string): object {
  return {
    id,
    names: name,
    status: "running",
    createdat: "2026-11-21T22:22:26Z",
    image: "localhost/busybox:test",
    imageid: "",
    command: null,
    labels: null,
  };
}

describe("opening", () => {
  it.each(names)(
    "%s: has the calls that it is said to support",
    async (name) => {
      await withEngine(name, {}, async (engine) => {
        const calls = Object.entries(engine)
          .filter(([, value]) => typeof value === "function")
          .map(([call]) => call);
        expect(new Set(calls)).toEqual(
          new Set(["close", ...Object.keys(supports[name])]),
        );
        expect(engine.name).toBe("podman");
        expect(engine.address).toBe("podman:memory:");
      });
    },
  );

  it("goes by the description, method by method", async () => {
    const description = `interface io.podman
      method GetVersion() -> (version: Version)
      method InitContainer(name: string) -> (container: string)
      method CreateContainer() -> (notimplemented: NotImplemented)`;
    await withEngine({ description }, {}, async (engine) => {
      expect(engine.initContainer).toBeDefined();
      expect(engine.createContainer).toBeUndefined();
      expect(engine.listPods).toBeUndefined();
    });
  });

  it("takes nobody else for Podman", async () => {
    const description = "interface org.example.other\nmethod A() -> ()";
    const fake = await FakePodman.start({ description }, {});
    await expect(openPodman(fake.endpoint)).rejects.toMatchObject({
      code: "ENGINE_ERROR",
      message: expect.stringContaining("org.example.other") as unknown,
    });
    await fake.close();
    await expect(openPodman(fake.endpoint)).rejects.toMatchObject({
      code: "CONNECT_FAILED",
    });
    await expect(openPodman("nonsense")).rejects.toMatchObject({
      code: "INVALID_ADDRESS",
    });
  });

  it("keeps to its time and its signal", async () => {
    const silent: Answer = () => undefined;
    const script = { ListContainers: silent };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      await expect(
        engine.listContainers({ timeout: 20 }),
      ).rejects.toMatchObject({ code: "TIMEOUT" });
      const signal = AbortSignal.abort(new Error("no"));
      await expect(engine.listContainers({ signal })).rejects.toMatchObject({
        code: "ABORTED",
      });
    });
  });

  it("lets go", async () => {
    await withEngine("io.podman (1.9)", {}, async (engine) => {
      await engine.close();
      await engine.close();
      await expect(engine.listContainers()).rejects.toMatchObject({
        code: "CLOSED",
      });
    });
  });
});

describe.each(["io.podman (1.9)", "io.podman (1.0)"] as const)(
  "finding with %s",
  (daemon) => {
    const notFound = fails("ContainerNotFound", { name: "x", id: "x" });

    it("gets by full id alone", async () => {
      const script = { GetContainer: { container: listed("abc", "web") } };
      await withEngine(daemon, script, async (engine) => {
        expect(await engine.getContainer("abc")).toMatchObject({
          name: "web",
          state: "running",
          labels: {},
          command: [],
          imageId: undefined,
        });
        for (const other of ["web", "ab"])
          await expect(engine.getContainer(other)).rejects.toMatchObject({
            code: "NO_SUCH_CONTAINER",
          });
      });
    });

    it("looks up without listing everything", async () => {
      const script = { GetContainer: { container: listed("abc", "web") } };
      await withEngine(daemon, script, async (engine, fake) => {
        expect((await engine.lookupContainer("web")).id).toBe("abc");
        expect(fake.methods).toEqual(["GetContainer"]);
        const input = daemon === "io.podman (1.9)" ? "id" : "name";
        expect(fake.input("GetContainer")).toEqual({ [input]: "web" });
      });
    });

    it("tells what fits several from what is not there", async () => {
      const containers = [listed("abc1", "one"), listed("abc2", "ab")];
      const script = { GetContainer: notFound, ListContainers: { containers } };
      await withEngine(daemon, script, async (engine) => {
        await expect(engine.lookupContainer("abc")).rejects.toMatchObject({
          code: "AMBIGUOUS_ID",
        });
        // A name comes before the beginning of an id.
        expect((await engine.lookupContainer("ab")).id).toBe("abc2");
        for (const nobody of ["zzz", ""])
          await expect(engine.lookupContainer(nobody)).rejects.toMatchObject({
            code: "NO_SUCH_CONTAINER",
            cause: { error: "io.podman.ContainerNotFound" },
          });
      });
    });
  },
);

describe("the rest", () => {
  it("events come until the caller has enough", async () => {
    const event = {
      id: "c",
      image: "",
      name: "web",
      status: "start",
      time: "2026-11-21T22:22:02.361972267Z",
      type: "container",
    };
    const script = { GetEvents: endless({ events: event }) };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      for await (const got of engine.events()) {
        expect(got).toEqual({
          id: "c",
          image: undefined,
          name: "web",
          status: "start",
          time: new Date("2026-11-21T22:22:02.361Z"),
          type: "container",
        });
        break;
      }
    });
  });

  it("a share of the processors needs two looks", async () => {
    let nanos = 0;
    const script: Script = {
      GetInfo: { info: { host: { cpus: 2 } } },
      GetContainerStats(_call, connection) {
        nanos += 1000;
        connection.reply({
          container: {
            id: "c",
            name: "web",
            cpu: 1e-9,
            cpu_nano: nanos,
            mem_usage: 5,
            mem_limit: 9,
            net_input: 1,
            net_output: 2,
            block_input: 3,
            block_output: 4,
            pids: 1,
          },
        });
      },
    };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      expect(await engine.containerStats("c")).toEqual({
        id: "c",
        name: "web",
        cpuNanos: 1000n,
        cpuPercent: 0,
        memoryUsage: 5n,
        memoryLimit: 9n,
        networkInput: 1n,
        networkOutput: 2n,
        blockInput: 3n,
        blockOutput: 4n,
        pids: 1,
      });
      const { cpuPercent } = await engine.containerStats("c");
      expect(cpuPercent).toBeGreaterThan(0);
      expect(cpuPercent).toBeLessThanOrEqual(100);
      nanos = 0;
      // It was started again.
      expect((await engine.containerStats("c")).cpuPercent).toBe(0);
    });
  });

  it("volumes are removed where the daemon can", async () => {
    const script = { RemoveContainer: { container: "c" } };
    const options = { volumes: true, force: true };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      await engine.removeContainer("c", options);
      expect(fake.input("RemoveContainer")).toEqual({
        name: "c",
        force: true,
        removeVolumes: true,
      });
    });
    await withEngine("io.podman (1.0)", script, async (engine, fake) => {
      await expect(engine.removeContainer("c", options)).rejects.toMatchObject({
        feature: "removeContainer: volumes",
      });
      await engine.removeContainer("c");
      expect(fake.input("RemoveContainer")).toEqual({
        name: "c",
        force: false,
      });
    });
  });

  it("a signal is one of Linux's", async () => {
    await withEngine("io.podman (1.9)", {}, async (engine, fake) => {
      // To the daemon -1 means SIGTERM.
      for (const signal of [-1, 0, 65, 1.5])
        await expect(engine.killContainer("c", signal)).rejects.toMatchObject({
          code: "INVALID_ARGUMENT",
        });
      expect(fake.calls).toEqual([]);
    });
  });

  it("a root's mount is not known where another container is removed meanwhile", async () => {
    const reason = "container def not found in DB: no such container";
    const script = {
      InspectContainer: { container: JSON.stringify({ Id: "abc" }) },
      ListContainerMounts: fails("ErrorOccurred", { reason }),
    };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      expect(await engine.inspectContainer("abc")).toMatchObject({
        id: "abc",
        mountPoint: undefined,
      });
    });
  });

  it("details have an exit code only of what has ended", async () => {
    const inspected = (Status: string): Script => ({
      InspectContainer: {
        container: JSON.stringify({
          Id: "abc",
          Name: "web",
          Created: "2026-11-21T22:22:26.5Z",
          Path: "sh",
          Args: ["-c", "true"],
          ImageName: "busybox",
          Pod: "",
          State: {
            Status,
            Pid: 0,
            ExitCode: 0,
            StartedAt: "0001-01-01T00:00:00Z",
          },
          Config: { Annotations: { x: "y" }, StopSignal: 15 },
        }),
      },
      ListContainerMounts: { mounts: { abc: "/mnt/abc" } },
    });
    await withEngine("io.podman (1.9)", inspected("exited"), async (engine) => {
      expect(await engine.inspectContainer("abc")).toMatchObject({
        command: ["sh", "-c", "true"],
        createdAt: new Date("2026-11-21T22:22:26.5Z"),
        exitCode: 0,
        pid: undefined,
        podId: undefined,
        startedAt: undefined,
        annotations: { x: "y" },
        stopSignal: 15,
        mountPoint: "/mnt/abc",
        raw: { Name: "web" },
      });
      await expect(engine.inspectContainer("web")).rejects.toMatchObject({
        code: "NO_SUCH_CONTAINER",
      });
    });
    const old = {
      ...inspected("created"),
      ListContainerMounts: { mounts: ["/mnt/abc"] },
    };
    await withEngine("io.podman (1.0)", old, async (engine) => {
      expect(await engine.inspectContainer("abc")).toMatchObject({
        exitCode: undefined,
        mountPoint: undefined,
      });
    });
  });
});
