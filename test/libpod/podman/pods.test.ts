import { describe, expect, it } from "vitest";
import {
  type Answer,
  fails,
  replies,
  type Script,
  withEngine,
} from "./fake.ts";

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

  describe("are removed", () => {
    const notEmpty =
      "pod p contains containers and cannot be removed: container already exists";
    const withMembers = (...statuses: readonly string[]): object => ({
      pod: {
        ...pod,
        containersinfo: statuses.map((status) => ({
          id: status,
          name: status,
          status,
        })),
      },
    });
    const unlessForced: Answer = (call, connection) => {
      if (call.parameters?.["force"] === true)
        connection.reply({ pod: "pod1" });
      else fails("ErrorOccurred", { reason: notEmpty })(call, connection);
    };

    it("with what is in them, though Podman 1.0 does so by force only", async () => {
      const script = {
        RemovePod: unlessForced,
        GetPod: withMembers("configured", "created", "stopped", "exited"),
      };
      await withEngine("io.podman (1.0)", script, async (engine, fake) => {
        await engine.removePod("pod1");
        expect(fake.methods).toEqual(["RemovePod", "GetPod", "RemovePod"]);
      });
    });

    it.each(["running", "paused", "a word of its own"])(
      "not where one is %s",
      async (status) => {
        const script = {
          RemovePod: unlessForced,
          GetPod: withMembers("exited", status),
        };
        await withEngine("io.podman (1.0)", script, async (engine, fake) => {
          await expect(engine.removePod("pod1")).rejects.toMatchObject({
            code: "INVALID_STATE",
          });
          expect(fake.methods).toEqual(["RemovePod", "GetPod"]);
        });
      },
    );

    const left = {
      reason:
        "error removing pod p conmon cgroup: remove /sys/fs/cgroup/x: device or resource busy",
    };

    it("though their control group is still in use", async () => {
      const script = {
        RemovePod: fails("ErrorOccurred", left),
        GetPod: fails("PodNotFound", { name: "pod1", reason: "no such pod" }),
      };
      await withEngine("io.podman (1.9)", script, async (engine) => {
        await engine.removePod("pod1", { force: true });
      });
    });

    it("not where they are still there then", async () => {
      const script = {
        RemovePod: fails("ErrorOccurred", left),
        GetPod: withMembers(),
      };
      await withEngine("io.podman (1.9)", script, async (engine) => {
        await expect(
          engine.removePod("pod1", { force: true }),
        ).rejects.toMatchObject({ code: "ENGINE_ERROR" });
      });
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
