import {
  ErrorOccurred,
  NoContainerRunning,
  NoContainersInPod,
  PodContainerError,
  PodNotFound,
} from "portolan/podman";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matching } from "../../../support/matching.ts";
import { failure } from "../../../support/peer.ts";
import { type Bench, create, openBench } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

async function makePod(...names: string[]): Promise<string> {
  const { pod } = await bench.podman.createPod({
    create: { name: "shop", labels: { a: "b" } },
  });
  for (const name of names) await create(bench, name, { pod: "shop" });
  return pod;
}

describe("pods", () => {
  it("are told in short and whole, in Podman's form", async () => {
    const { podman } = bench;
    const id = await makePod();
    const pod = {
      id,
      name: "shop",
      createdat: "2026-11-21 22:24:05.5 +0000 UTC",
      cgroup: "/libpod_parent",
      status: "Created",
      labels: { a: "b" },
      numberofcontainers: "0",
      containersinfo: [],
    };
    expect(await podman.listPods()).toEqual({ pods: [pod] });
    expect(await podman.getPod({ name: "shop" })).toEqual({ pod });
    const till = await create(bench, "till", { pod: id.slice(0, 4) });
    await podman.startPod({ name: "shop" });
    expect(await podman.getPod({ name: id })).toMatchObject({
      pod: {
        status: "Running",
        numberofcontainers: "1",
        containersinfo: [{ name: "till", id: till, status: "running" }],
      },
    });
    const { pod: text } = await podman.inspectPod({ name: "shop" });
    expect(JSON.parse(text)).toMatchObject({
      Config: {
        id,
        name: "shop",
        hostname: "shop",
        labels: { a: "b" },
        cgroupParent: "/libpod_parent",
        created: "2026-11-21T22:24:05.5Z",
        infraConfig: { makeInfraContainer: false },
      },
      State: {
        cgroupPath: `/libpod_parent/${id}`,
        infraContainerID: "",
        status: "Running",
      },
      Containers: [{ id: till, state: "running" }],
    });
  });

  it("do together what their containers can, and tell whose", async () => {
    const { podman } = bench;
    const id = await makePod("one", "two");
    const states = async (): Promise<string[]> =>
      (await podman.listContainers()).containers.map(({ status }) => status);
    expect(await podman.startPod({ name: "shop" })).toEqual({ pod: id });
    expect(await states()).toEqual(["running", "running"]);
    await podman.pausePod({ name: "shop" });
    expect(await states()).toEqual(["paused", "paused"]);
    await podman.unpausePod({ name: "shop" });
    await podman.killPod({ name: "shop", signal: -1 });
    await podman.waitContainer({ name: "one" });
    await podman.waitContainer({ name: "two" });
    expect(await states()).toEqual(["exited", "exited"]);
    expect((await podman.getPod({ name: "shop" })).pod.status).toBe("Exited");
    await podman.restartPod({ name: "shop" });
    expect(await states()).toEqual(["running", "running"]);
    await podman.stopPod({ name: "shop" });
    expect(await states()).toEqual(["exited", "exited"]);
  });

  it("say which of their containers failed", async () => {
    const { podman } = bench;
    const id = await makePod("one", "two");
    const { container } = await podman.getContainer({ name: "two" });
    await podman.startPod({ name: "shop" });
    await podman.pauseContainer({ name: "two" });
    const error = await failure(podman.restartPod({ name: "shop" }));
    expect(error).toBeInstanceOf(PodContainerError);
    expect(error).toMatchObject({
      parameters: {
        podname: id,
        errors: [{ containerid: container.id, reason: matching(/paused/) }],
      },
    });
  });

  it("without containers cannot be started, nor measured", async () => {
    const { podman } = bench;
    await makePod();
    const name = "shop";
    for (const call of [podman.startPod, podman.restartPod]) {
      const error = await failure(call({ name }));
      expect(error).toBeInstanceOf(NoContainersInPod);
      expect(error).toMatchObject({ parameters: { name } });
    }
    expect(await failure(podman.getPodStats({ name }))).toBeInstanceOf(
      NoContainerRunning,
    );
    await create(bench, "till", { pod: name });
    await podman.startPod({ name });
    const { containers } = await podman.getPodStats({ name });
    expect(containers).toMatchObject([{ name: "till", pids: 1 }]);
  });

  it("with containers go by force only", async () => {
    const { podman } = bench;
    const id = await makePod("one");
    const error = await failure(podman.removePod({ name: "shop" }));
    expect(error).toBeInstanceOf(ErrorOccurred);
    expect((await podman.listContainers()).containers).toHaveLength(1);
    expect(await podman.removePod({ name: "shop", force: true })).toEqual({
      pod: id,
    });
    expect(await podman.listContainers()).toEqual({ containers: [] });
    await makePod();
    await podman.removePod({ name: "shop" });
    expect(await podman.listPods()).toEqual({ pods: [] });
  });

  it("that are not there are not found", async () => {
    const { podman } = bench;
    await makePod();
    for (const name of ["nope", "", "__proto__", "a\0"]) {
      for (const call of [
        podman.getPod,
        podman.inspectPod,
        podman.startPod,
        podman.stopPod,
        podman.restartPod,
        podman.killPod,
        podman.pausePod,
        podman.unpausePod,
        podman.removePod,
        podman.getPodStats,
      ]) {
        const error = await failure(call({ name }));
        expect(error).toBeInstanceOf(PodNotFound);
        expect(error).toMatchObject({ parameters: { name } });
      }
    }
  });

  it.each([
    [{ name: "shop" }, /pod already exists$/],
    [{ name: "a/b" }, /^names begin .*invalid argument$/],
    [{ share: ["net"] }, /without an infra container: invalid argument$/],
    [{ infra: true }, /must share kernel namespaces/],
    [{ infra: true, share: ["mnt"] }, /"mnt" is nothing/],
    [{ infra: true, share: ["__proto__"] }, /is nothing/],
  ])("cannot be made of %j", async (wanted, reason) => {
    await makePod();
    const error = await failure(bench.podman.createPod({ create: wanted }));
    expect(error).toBeInstanceOf(ErrorOccurred);
    expect((error as ErrorOccurred).parameters.reason).toMatch(reason);
    expect((await bench.podman.listPods()).pods).toHaveLength(1);
  });

  it("note what is shared, without an infra container", async () => {
    const { podman } = bench;
    await podman.createPod({
      create: { name: "net", infra: true, share: ["net", "cgroup"] },
    });
    expect(await podman.getPod({ name: "net" })).toMatchObject({
      pod: { numberofcontainers: "0" },
    });
  });
});
