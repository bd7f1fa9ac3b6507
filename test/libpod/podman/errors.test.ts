import { describe, expect, it } from "vitest";
import { libpodError } from "../../../src/libpod/engines/podman/errors.ts";
import {
  InvalidArgument,
  LibpodError,
  NotSupported,
  PodOperationFailed,
} from "../../../src/libpod/errors.ts";
import { PortolanError, VarlinkError } from "../../../src/runtime/errors.ts";
import { fails, replies, type Script, withEngine } from "./fake.ts";

function of(name: string, parameters: object = {}): LibpodError {
  const cause = new VarlinkError(
    name.includes(".") ? name : `io.podman.${name}`,
    parameters,
  );
  const error = libpodError(cause, "someCall");
  if (!LibpodError.is(error)) throw error;
  expect(error.cause).toBe(cause);
  return error;
}

const id = "78a79d3436774e60f8e4e27d8129d1ac62d9c8db2a6381135dce67e4e85ecc71";

describe("errors of the daemon", () => {
  it.each([
    // 1.9
    [
      "ContainerNotFound",
      "no container with name or ID nope found: no such container",
      "NO_SUCH_CONTAINER",
    ],
    [
      "ContainerNotFound",
      "more than one result for ID or name ab: container already exists",
      "AMBIGUOUS_ID",
    ],
    [
      "PodNotFound",
      "no pod with name or ID nope found: no such pod",
      "NO_SUCH_POD",
    ],
    [
      "ImageNotFound",
      "unable to find 'nope' in local storage: no such image",
      "NO_SUCH_IMAGE",
    ],
    [
      "InvalidState",
      "container is paused: container state improper",
      "INVALID_STATE",
    ],
    [
      "ErrorOccurred",
      "no pod with name or ID nope found: no such pod",
      "NO_SUCH_POD",
    ],
    [
      "ErrorOccurred",
      "error adding pod to state: name p1 is in use: pod already exists",
      "POD_EXISTS",
    ],
    [
      "ErrorOccurred",
      "error adding container to state: name c1 is in use: container already exists",
      "CONTAINER_EXISTS",
    ],
    [
      "ErrorOccurred",
      `error creating container storage: the container name "c1" is already in use by "${id}". You have to remove that container to be able to reuse that name.: that name is already in use`,
      "CONTAINER_EXISTS",
    ],
    [
      "ErrorOccurred",
      `pod ${id} has containers that are not ready to be removed: cannot remove container ${id} as it is running - running or paused containers cannot be removed without force: container state improper`,
      "INVALID_STATE",
    ],
    [
      "ErrorOccurred",
      `can only kill running containers. ${id} is in state exited: container state improper`,
      "CONTAINER_STOPPED",
    ],
    ["ErrorOccurred", "container c1 is not running", "CONTAINER_STOPPED"],
    [
      "ErrorOccurred",
      "container must be running to attach",
      "CONTAINER_STOPPED",
    ],
    [
      "ErrorOccurred",
      "container is already running or paused",
      "INVALID_STATE",
    ],
    [
      "ErrorOccurred",
      `could not remove image ${id} as it is being used by 2 containers`,
      "INVALID_STATE",
    ],
    ["RuntimeError", "runtime has already been stopped", "RUNTIME_STOPPED"],
    [
      "ErrorOccurred",
      'parsing time "" as "2006": cannot parse',
      "ENGINE_ERROR",
    ],
    ["ErrorOccurred", "unable to pull nope: 404", "ENGINE_ERROR"],
    ["SomethingNew", "who knows", "ENGINE_ERROR"],
    ["WantsMoreRequired", "use more", "ENGINE_ERROR"],
  ])("%s: %s", (name, reason, code) => {
    const error = of(name, { reason });
    expect(error.code).toBe(code);
    expect(error.message).toBe(reason);
  });

  it.each([
    // 1.0 and before say the name and nothing else.
    ["ContainerNotFound", { name: "nope" }, "NO_SUCH_CONTAINER"],
    [
      "io.projectatomic.podman.ContainerNotFound",
      { name: "x" },
      "NO_SUCH_CONTAINER",
    ],
    ["PodNotFound", { name: "nope" }, "NO_SUCH_POD"],
    ["ImageNotFound", { name: "nope" }, "NO_SUCH_IMAGE"],
    ["NoContainerRunning", {}, "CONTAINER_STOPPED"],
    ["ErrCtrStopped", { id }, "CONTAINER_STOPPED"],
    ["NoContainersInPod", { name: "p1" }, "INVALID_STATE"],
    [
      "org.varlink.service.MethodNotImplemented",
      { method: "X" },
      "NOT_IMPLEMENTED",
    ],
    ["org.varlink.service.MethodNotFound", { method: "X" }, "NOT_SUPPORTED"],
    [
      "org.varlink.service.InvalidParameter",
      { parameter: "x" },
      "INVALID_ARGUMENT",
    ],
    ["ErrorOccurred", {}, "ENGINE_ERROR"],
    ["ErrorOccurred", { reason: 5 }, "ENGINE_ERROR"],
  ])("%s %o", (name, parameters, code) => {
    expect(of(name, parameters).code).toBe(code);
  });

  it("names the call that the daemon does not have", () => {
    const error = of("org.varlink.service.MethodNotFound", { method: "X" });
    expect(NotSupported.is(error) && error.feature).toBe("someCall");
  });

  it("tells which containers of a pod failed, without the daemon's empty places", () => {
    const error = of("PodContainerError", {
      podname: id,
      errors: [
        { containerid: "", reason: "" },
        { containerid: "c1", reason: "no network" },
      ],
    });
    if (!PodOperationFailed.is(error)) throw error;
    expect(error.podId).toBe(id);
    expect(error.failures).toEqual([
      { containerId: "c1", reason: "no network" },
    ]);
    expect(of("PodContainerError", { errors: null })).toMatchObject({
      failures: [],
    });
  });
});

describe("other errors", () => {
  it("leaves errors of libpod and of the connection as they are", () => {
    const ours = new InvalidArgument("no");
    const lost = new PortolanError("CONNECTION_LOST", "gone");
    expect(libpodError(ours, "x")).toBe(ours);
    expect(libpodError(lost, "x")).toBe(lost);
  });

  it("takes a reply that cannot be read for the engine's fault", () => {
    const error = libpodError(new TypeError("undefined is no object"), "x");
    expect(error).toMatchObject({ code: "ENGINE_ERROR" });
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it("tells of a reply without what it must have", async () => {
    const script: Script = { GetContainer: {} };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      await expect(engine.lookupContainer("x")).rejects.toMatchObject({
        code: "ENGINE_ERROR",
        message: expect.stringContaining("lookupContainer") as unknown,
      });
    });
  });
});

describe("stopping", () => {
  it.each([
    ["io.podman (1.9)", "ErrCtrStopped", { id }],
    ["io.podman (1.0)", "ErrorOccurred", { reason: "container is stopped" }],
  ] as const)("leaves what has ended alone: %s", async (daemon, name, said) => {
    const script = {
      GetContainer: { container: { id, status: "running" } },
      StopContainer: fails(name, said),
    };
    await withEngine(daemon, script, async (engine) => {
      await expect(engine.stopContainer(id)).resolves.toBeUndefined();
    });
  });

  it.each(["exited", "stopped"])(
    "does not ask Podman 1.0 for what is %s: it would forget the exit code",
    async (status) => {
      const script = { GetContainer: { container: { id, status } } };
      await withEngine("io.podman (1.0)", script, async (engine, fake) => {
        await engine.stopContainer(id);
        expect(fake.methods).toEqual(["GetContainer"]);
      });
    },
  );

  it("counts a part of a second as one, for 0 kills at once", async () => {
    const script = { StopContainer: replies({ container: id }) };
    await withEngine("io.podman (1.9)", script, async (engine, fake) => {
      const sent: unknown[] = [];
      for (const grace of [undefined, 0, 1, 1000, 1001]) {
        await engine.stopContainer(id, { grace });
        sent.push(fake.input("StopContainer")["timeout"]);
      }
      expect(sent).toEqual([10, 0, 1, 1, 2]);
    });
  });

  it("tells of what cannot be stopped", async () => {
    const script = {
      StopContainer: fails("InvalidState", { id, reason: "it is paused" }),
    };
    await withEngine("io.podman (1.9)", script, async (engine) => {
      await expect(engine.stopContainer(id)).rejects.toMatchObject({
        code: "INVALID_STATE",
      });
    });
  });
});
