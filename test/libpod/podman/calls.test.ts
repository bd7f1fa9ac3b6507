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
  replies,
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

describe("pods", () => {
  const pod = {
    id: "pod1",
    name: "p",
    createdat: "2026-11-21T22:22:26Z",
    cgroup: "/libpod_parent",
    status: "Running",
    labels: null,
    numberofcontainers: "1",
    containersinfo: [{ id: "c", name: "pc", status: "stopped" }],
  };
  const inspect = replies({
    pod: JSON.stringify({ Config: { labels: { a: "b" } } }),
  });

  it("have the labels that lists leave out", async () => {
    const script = { ListPods: { pods: [pod] }, InspectPod: inspect };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      expect(await engine.listPods()).toEqual([
        {
          id: "pod1",
          name: "p",
          state: "exited",
          engineState: "Running",
          labels: { a: "b" },
          createdAt: new Date("2026-11-21T22:22:26Z"),
          cgroup: "/libpod_parent",
          containers: [
            { id: "c", name: "pc", state: "exited", engineState: "stopped" },
          ],
        },
      ]);
    });
  });

  it("leave the list where they were removed meanwhile", async () => {
    const script = {
      ListPods: { pods: [pod] },
      InspectPod: fails("PodNotFound", { name: "pod1" }),
    };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      expect(await engine.listPods()).toEqual([]);
    });
  });

  it("are acted on over a connection of their own, for the daemon may answer twice", async () => {
    const script: Script = {
      StartPod(call, connection) {
        fails("PodContainerError", {
          podname: "pod1",
          errors: [{ containerid: "c", reason: "no network" }],
        })(call, connection);
        connection.reply({ pod: "pod1" });
      },
      GetVersion: { version: "1.9.3", os_arch: "linux/amd64" },
    };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      await expect(engine.startPod("pod1")).rejects.toMatchObject({
        code: "POD_OPERATION_FAILED",
        podId: "pod1",
        failures: [{ containerId: "c", reason: "no network" }],
      });
      expect((await engine.version()).version).toBe("1.9.3");
      const [start, version] = fake.calls;
      expect(start?.connection).not.toBe(version?.connection);
    });
  });

  it("are stopped with a time where the daemon takes one", async () => {
    const script = { StopPod: { pod: "pod1" } };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      await engine.stopPod("pod1", { grace: 1500 });
      expect(fake.input("StopPod")).toEqual({ name: "pod1", timeout: 2 });
    });
    await withEngine("io.podman (1.0)", script, async (engine, fake) => {
      await engine.stopPod("pod1");
      expect(fake.input("StopPod")).toEqual({ name: "pod1" });
    });
  });

  it("have their containers stopped one by one where the daemon takes no time", async () => {
    const members = ["fine", "over", "stuck", "idle"];
    const containersinfo = members.map((id) => ({
      id,
      name: id,
      status: id === "idle" ? "exited" : "running",
    }));
    const script: Script = {
      GetPod: { pod: { ...pod, containersinfo } },
      StopContainer(call, connection) {
        const name = call.parameters?.["name"];
        if (name === "fine") connection.reply({ container: name });
        else {
          const reason = name === "over" ? "container is stopped" : "no";
          fails("ErrorOccurred", { reason })(call, connection);
        }
      },
    };
    await withEngine("io.podman (1.0)", script, async (engine, fake) => {
      await expect(
        engine.stopPod("pod1", { grace: 2000 }),
      ).rejects.toMatchObject({
        code: "POD_OPERATION_FAILED",
        podId: "pod1",
        failures: [{ containerId: "stuck", reason: "no" }],
      });
      const stops = fake.calls.filter(({ method }) => /Stop/.test(method));
      expect(stops.map(({ parameters }) => parameters?.["name"])).toEqual([
        "fine",
        "over",
        "stuck",
      ]);
      expect(fake.input("StopContainer")["timeout"]).toBe(2);
    });
  });

  it("share what can be shared; for anything else the daemon would hang up", async () => {
    const script = { CreatePod: { pod: "new" } };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      for (const namespace of ["mount", "user"] as const)
        await expect(
          engine.createPod({ share: [namespace] }),
        ).rejects.toMatchObject({
          feature: `createPod: share: ${namespace}`,
        });
      expect(fake.calls).toEqual([]);
      expect(await engine.createPod({ share: ["net"] })).toBe("new");
      expect(fake.input("CreatePod")["create"]).toMatchObject({ infra: true });
      await engine.createPod({});
      expect(fake.input("CreatePod")["create"]).toMatchObject({ infra: false });
    });
  });

  it("without containers do not start", async () => {
    const script = { StartPod: fails("NoContainersInPod", { name: "p" }) };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      await expect(engine.startPod("p")).rejects.toMatchObject({
        code: "INVALID_STATE",
      });
    });
  });
});

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
