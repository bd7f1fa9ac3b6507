import { describe, expect, test } from "vitest";
import {
  type Container,
  type ContainerOptions,
  ContainerRemoved,
  InvalidArgument,
  Runtime,
  type Spec,
} from "portolan/libpod";
import { Fake, rejection } from "./support.ts";

async function open(fake = new Fake()): Promise<Runtime> {
  return Runtime.open(fake.engine());
}

describe("making", () => {
  test("a member for each option reaches the engine", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const pod = await runtime.newPod();
    const from = await runtime.newContainer({}, { pod });
    const spec: Spec = {
      process: { args: ["sh"], env: ["A=b"] },
      hostname: "h",
    };
    const container = await runtime.newContainer(spec, {
      name: "web",
      labels: { a: "b" },
      annotations: { c: "d" },
      rootfs: { image: "alpine", useImageConfig: false },
      stopSignal: "SIGQUIT",
      network: "none",
      sharedNamespaces: { from, namespaces: ["net", "ipc"] },
    });
    expect(fake.containers.get(container.id)?.config).toEqual({
      spec,
      name: "web",
      labels: { a: "b" },
      annotations: { c: "d" },
      rootfs: { image: "alpine", useImageConfig: false },
      stopSignal: 3,
      network: "none",
      podId: pod.id,
      sharedNamespaces: { containerId: from.id, namespaces: ["net", "ipc"] },
    });
    expect((await container.pod())?.id).toBe(pod.id);
  });

  test("what is not asked for is absent", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const { id } = await runtime.newContainer({}, { name: undefined });
    expect(Object.keys(fake.containers.get(id)?.config ?? {})).toEqual([
      "spec",
    ]);
  });

  test("what the caller changes later changes nothing", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const args = ["one"];
    const labels: Record<string, string> = { a: "b" };
    const making = runtime.newContainer({ process: { args } }, { labels });
    args.push("two");
    labels["c"] = "d";
    const { config } = fake.containers.get((await making).id) ?? {};
    expect(config?.spec.process?.args).toEqual(["one"]);
    expect(config?.labels).toEqual({ a: "b" });
  });

  test("labels may have any name, also those of objects", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const labels = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<
      string,
      string
    >;
    const { id } = await runtime.newContainer({}, { labels });
    const kept = fake.containers.get(id)?.config.labels ?? {};
    expect(Object.entries(kept)).toEqual(Object.entries(labels));
  });

  const wrongOptions: readonly (readonly [string, object])[] = [
    ["options.name", { name: "" }],
    ["options.name", { name: "a\0b" }],
    ["options.labels", { labels: ["a"] }],
    ['options.labels["a"]', { labels: { a: 1 } }],
    ["options.labels", { labels: { "": "a" } }],
    ["options.annotations", { annotations: null }],
    ["options.rootfs", { rootfs: {} }],
    ["options.rootfs", { rootfs: { image: "a", path: "/b" } }],
    ["options.rootfs.image", { rootfs: { image: "" } }],
    ["options.rootfs.path", { rootfs: { path: "b" } }],
    ["options.rootfs.layers", { rootfs: { layers: [] } }],
    ["options.rootfs.layers[0]", { rootfs: { layers: [""] } }],
    [
      "options.rootfs.useImageConfig",
      { rootfs: { path: "/b", useImageConfig: true } },
    ],
    [
      "options.rootfs.useImageConfig",
      { rootfs: { image: "b", useImageConfig: 1 } },
    ],
    ["options.rootfs.folder", { rootfs: { folder: "/b" } }],
    ["options.stopSignal", { stopSignal: 0 }],
    ["options.stopSignal", { stopSignal: "TERM" }],
    ["options.stopSignal", { stopSignal: "toString" }],
    ["options.network", { network: "" }],
    ["options.pod", { pod: {} }],
    [
      "options.sharedNamespaces.from",
      { sharedNamespaces: { from: {}, namespaces: ["net"] } },
    ],
    ["options.label", { label: {} }],
  ];

  test.each(wrongOptions)(
    "%s is refused and named: %j",
    async (name, options) => {
      const fake = new Fake();
      await using runtime = await open(fake);
      const error = await rejection(runtime.newContainer({}, options));
      expect(error).toBeInstanceOf(InvalidArgument);
      expect(
        (error as Error).message.startsWith(`${name}: `),
        String(error),
      ).toBe(true);
      expect(fake.asked).toEqual([]);
    },
  );

  const wrongSpecs: readonly (readonly [string, unknown])[] = [
    ["spec", null],
    ["spec.hostname", { hostname: 1 }],
    ["spec.process", { process: [] }],
    ["spec.process.args", { process: { args: "sh -c" } }],
    ["spec.process.args[0]", { process: { args: [""] } }],
    ["spec.process.args[1]", { process: { args: ["a", 1] } }],
    ["spec.process.args[0]", { process: { args: [undefined] } }],
    ["spec.process.env[0]", { process: { env: ["=x"] } }],
    ["spec.process.env[0]", { process: { env: ["A"] } }],
    ["spec.process.cwd", { process: { cwd: "home" } }],
    ["spec.process.terminal", { process: { terminal: "yes" } }],
    ["spec.process.user.uid", { process: { user: { uid: -1 } } }],
    [
      "spec.process.capabilities.bounding[0]",
      { process: { capabilities: { bounding: [1] } } },
    ],
    [
      "spec.process.rlimits[0].type",
      { process: { rlimits: [{ type: "NOFILE", soft: 1, hard: 1 }] } },
    ],
    [
      "spec.process.rlimits[0].soft",
      { process: { rlimits: [{ type: "RLIMIT_NOFILE", soft: 2, hard: 1 }] } },
    ],
    [
      "spec.process.rlimits[0].hard",
      { process: { rlimits: [{ type: "RLIMIT_NOFILE", soft: 2 }] } },
    ],
    ["spec.mounts[0].destination", { mounts: [{}] }],
    ["spec.mounts[0].destination", { mounts: [{ destination: "x" }] }],
    ["spec.linux.namespaces[0].type", { linux: { namespaces: [{}] } }],
    ["spec.linux.devices[0].path", { linux: { devices: [{}] } }],
    [
      "spec.linux.gidMappings[0].hostID",
      { linux: { gidMappings: [{ containerID: 0, size: 1 }] } },
    ],
    [
      "spec.linux.resources.memory.limit",
      { linux: { resources: { memory: { limit: 0.5 } } } },
    ],
    [
      "spec.linux.resources.pids.limit",
      { linux: { resources: { pids: { limit: "1" } } } },
    ],
    ["spec", { hooks: () => undefined }],
  ];

  test.each(wrongSpecs)("%s is refused and named: %j", async (name, spec) => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const error = await rejection(runtime.newContainer(spec as Spec));
    expect(error).toBeInstanceOf(InvalidArgument);
    expect(
      (error as Error).message.startsWith(`${name}: `),
      String(error),
    ).toBe(true);
    expect(fake.asked).toEqual([]);
  });

  test("members that nobody here knows are kept", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const spec = { linux: { seccomp: { defaultAction: "x" } }, vm: {} } as Spec;
    const { id } = await runtime.newContainer(spec);
    expect(fake.containers.get(id)?.config.spec).toEqual(spec);
  });

  test("who shares namespaces with one of a pod is in that pod", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    const pod = await runtime.newPod();
    const other = await runtime.newPod();
    const inside = await runtime.newContainer({}, { pod });
    const outside = await runtime.newContainer({});
    const shared = (from: Container): ContainerOptions => ({
      sharedNamespaces: { from, namespaces: ["net"] },
    });
    const joined = await runtime.newContainer({}, shared(inside));
    expect((await joined.pod())?.id).toBe(pod.id);
    // Another object does not know the pod by itself: the engine is asked.
    const again = await runtime.getContainer(inside.id);
    expect(await again.podId()).toBe(pod.id);
    const alone = await runtime.newContainer({}, shared(outside));
    expect(await alone.pod()).toBeUndefined();
    for (const [from, asked] of [
      [inside, other],
      [outside, pod],
    ] as const)
      expect(
        await rejection(
          runtime.newContainer({}, { ...shared(from), pod: asked }),
        ),
      ).toBeInstanceOf(InvalidArgument);
    const both = await runtime.newContainer({}, { ...shared(inside), pod });
    expect(await both.podId()).toBe(pod.id);
  });

  test.each([[[]], [["network"]], [["net", "net"]], ["net"]])(
    "namespaces must be some, known, each once: %j",
    async (namespaces) => {
      await using runtime = await open();
      const from = await runtime.newContainer({});
      const options = { sharedNamespaces: { from, namespaces } };
      expect(
        await rejection(runtime.newContainer({}, options as never)),
      ).toBeInstanceOf(InvalidArgument);
    },
  );

  test("objects of another runtime, or removed ones, are no company", async () => {
    const fake = new Fake();
    await using runtime = await open(fake);
    await using other = await open(fake);
    const theirs = await other.newContainer({});
    const pod = await other.newPod();
    expect(await rejection(runtime.newContainer({}, { pod }))).toBeInstanceOf(
      InvalidArgument,
    );
    for (const container of [theirs, await runtime.newPod(), null, "x"])
      expect(
        await rejection(runtime.removeContainer(container as Container)),
      ).toBeInstanceOf(InvalidArgument);
    const ours = await runtime.getContainer(theirs.id);
    await runtime.removeContainer(ours);
    fake.names();
    const sharedNamespaces = { from: ours, namespaces: ["net"] } as const;
    expect(
      await rejection(runtime.newContainer({}, { sharedNamespaces })),
    ).toBeInstanceOf(ContainerRemoved);
    expect(fake.asked).toEqual([]);
  });
});
