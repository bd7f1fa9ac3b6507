import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { ContainerConfig } from "../../../src/libpod/engine.ts";
import { corpus, describeCorpus } from "../../support/corpus.ts";
import {
  type DaemonName,
  daemons,
  fails,
  FakePodman,
  replies,
  type Script,
  withEngine,
} from "./fake.ts";

const created = { CreateContainer: replies({ container: "new" }) };

function image(config: object): Script {
  return {
    ...created,
    InspectImage: { image: JSON.stringify({ Id: "i", ...config }) },
  };
}

/** What the daemon is told of a configuration. */
async function told(
  daemon: DaemonName,
  config: Partial<ContainerConfig>,
  script: Script = image({}),
): Promise<Readonly<Record<string, unknown>>> {
  return withEngine(daemon, script, async (engine, fake) => {
    const whole = { spec: {}, rootfs: { image: "busybox" }, ...config };
    expect(await engine.createContainer(whole)).toBe("new");
    return fake.input("CreateContainer")["create"] as Record<string, unknown>;
  });
}

/** Everything that both daemons have a field for. */
const everything: Partial<ContainerConfig> = {
  name: "web",
  labels: { a: "b=c", empty: "" },
  stopSignal: 2,
  podId: "pod1",
  sharedNamespaces: { containerId: "other", namespaces: ["ipc", "uts"] },
  network: "none",
  spec: {
    ociVersion: "1.0.2",
    hostname: "host",
    root: { readonly: true },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      {
        destination: "/data",
        type: "bind",
        source: "/srv",
        options: ["rbind", "ro"],
      },
      { destination: "/plain", type: "bind", source: "/srv" },
      { destination: "/tmp", type: "tmpfs", options: ["size=64k"] },
    ],
    process: {
      terminal: true,
      user: { uid: 1, gid: 2 },
      args: ["sh", "-c", "true"],
      env: ["A=b=c", "EMPTY="],
      cwd: "/work",
      capabilities: {
        bounding: ["CAP_KILL", "CAP_CHOWN"],
        effective: ["CAP_CHOWN", "CAP_KILL"],
        ambient: [],
      },
      rlimits: [
        { type: "RLIMIT_NOFILE", soft: 1024, hard: 2048 },
        { type: "RLIMIT_CORE", soft: 2 ** 64, hard: 2 ** 64 },
      ],
      noNewPrivileges: true,
      apparmorProfile: "some",
      oomScoreAdj: 5,
    },
    linux: {
      namespaces: [{ type: "pid" }],
      sysctl: { "net.core.somaxconn": "5" },
      devices: [{ path: "/dev/fuse" }],
      uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
      resources: {
        cpu: { shares: 512, quota: 1000, period: 2000, cpus: "0-1", mems: "0" },
        pids: { limit: 7 },
        blockIO: { weight: 100 },
        memory: { swappiness: 10, disableOOMKiller: true },
      },
    },
  },
};

describe("what Podman 1.9 is told", () => {
  it("is the options of its command", async () => {
    expect(await told("io.podman (1.9)", everything)).toEqual({
      args: ["busybox", "sh", "-c", "true"],
      entrypoint: "",
      pull: "never",
      name: "web",
      label: ["a=b=c", "empty="],
      stopSignal: "2",
      pod: "pod1",
      ipc: "container:other",
      uts: "container:other",
      network: "none",
      hostname: "host",
      readonly: true,
      volume: ["/srv:/data:rbind,ro", "/srv:/plain"],
      tmpfs: ["/tmp:size=64k"],
      tty: true,
      interactive: true,
      user: "1:2",
      env: ["A=b=c", "EMPTY="],
      workDir: "/work",
      capDrop: ["ALL"],
      capAdd: ["CHOWN", "KILL"],
      ulimit: ["nofile=1024:2048", "core=-1:-1"],
      securityOpt: ["no-new-privileges", "apparmor=some"],
      oomScoreAdj: 5,
      sysctl: ["net.core.somaxconn=5"],
      device: ["/dev/fuse"],
      uidmap: ["0:1000:10"],
      cpuShares: 512,
      cpuQuota: 1000,
      cpuPeriod: 2000,
      cpuSetCpus: "0-1",
      cpuSetMems: "0",
      pidsLimit: 7,
      blkioWeight: "100",
      memorySwappiness: 10,
      oomKillDisable: true,
    });
  });

  it("has limits of memory in bytes, as text", async () => {
    const memory = { limit: 67_108_864, reservation: 1, swap: -1, kernel: 2 };
    expect(
      await told("io.podman (1.9)", {
        spec: { linux: { resources: { memory } } },
      }),
    ).toMatchObject({
      memory: "67108864",
      memoryReservation: "1",
      memorySwap: "-1",
      kernelMemory: "2",
    });
  });

  it("leaves command and entry point to the image where the spec has no command", async () => {
    expect(
      await told("io.podman (1.9)", { spec: { process: { args: [] } } }),
    ).toEqual({ args: ["busybox"], pull: "never" });
  });

  it("has annotations of both places, and a root by its path", async () => {
    const config: Partial<ContainerConfig> = {
      rootfs: { path: "/srv/root" },
      annotations: { a: "1" },
      spec: { annotations: { b: "2" } },
    };
    expect(await told("io.podman (1.9)", config)).toEqual({
      args: ["/srv/root"],
      rootfs: true,
      annotation: ["b=2", "a=1"],
      pull: "never",
    });
  });

  it("asks for the image first where the daemon cannot be kept from pulling it", async () => {
    const text = daemons["io.podman (1.9)"].description.join("\n");
    const old = { description: text.replace(/\bpull: \?string,?/, "") };
    const missing = { InspectImage: fails("ImageNotFound", { id: "busybox" }) };
    await withEngine(old, missing, async (engine, fake) => {
      await expect(
        engine.createContainer({ spec: {}, rootfs: { image: "busybox" } }),
      ).rejects.toMatchObject({ code: "NO_SUCH_IMAGE" });
      expect(fake.methods).toEqual(["InspectImage"]);
    });
  });
});

describe("what Podman 1.0 is told", () => {
  it("is in its own fields", async () => {
    expect(await told("io.podman (1.0)", everything)).toEqual({
      image: "busybox",
      command: ["sh", "-c", "true"],
      entrypoint: [""],
      name: "web",
      labels: { a: "b=c", empty: "" },
      stop_signal: 2,
      pod: "pod1",
      ipc_mode: "container:other",
      uts_mode: "container:other",
      net_mode: "none",
      hostname: "host",
      readonly_rootfs: true,
      volumes: ["/srv:/data:rbind,ro", "/srv:/plain"],
      tmpfs: ["/tmp:size=64k"],
      tty: true,
      interactive: true,
      user: "1:2",
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        A: "b=c",
        EMPTY: "",
      },
      work_dir: "/work",
      cap_drop: ["ALL"],
      cap_add: ["CHOWN", "KILL"],
      no_new_privs: true,
      apparmor_profile: "some",
      sys_ctl: { "net.core.somaxconn": "5" },
      devices: ["/dev/fuse"],
      uidmap: ["0:1000:10"],
      resources: {
        ulimit: ["nofile=1024:2048", "core=-1:-1"],
        oom_score_adj: 5,
        cpu_shares: 512,
        cpu_quota: 1000,
        cpu_period: 2000,
        cpuset_cpus: "0-1",
        cpuset_mems: "0",
        pids_limit: 7,
        blkio_weight: 100,
        memory_swappiness: 10,
        disable_oomkiller: true,
      },
    });
  });

  it("has the environment and the directory of the image, which the daemon leaves out", async () => {
    const Config = { Env: ["PATH=/x", "A=image"], WorkingDir: "/srv" };
    for (const inspected of [{ Config }, { ContainerConfig: Config }]) {
      const create = await told(
        "io.podman (1.0)",
        { spec: { process: { env: ["A=spec"] } } },
        image(inspected),
      );
      expect(create).toMatchObject({
        env: { PATH: "/x", A: "spec" },
        work_dir: "/srv",
        resources: { memory_swappiness: -1 },
      });
    }
  });

  const limited: ContainerConfig = {
    spec: { linux: { resources: { memory: { limit: 1024 } } } },
    rootfs: { image: "busybox" },
  };

  it.each([
    ["has it", { HostConfig: { Memory: 1024 } }],
    ["does not say", {}],
  ])("takes a limit of memory where the container %s", async (_, inspected) => {
    const script = {
      ...image({}),
      InspectContainer: { container: JSON.stringify(inspected) },
    };
    const create = await told("io.podman (1.0)", limited, script);
    expect(create).toMatchObject({ resources: { memory: 1024 } });
  });

  it("removes the container where the daemon forgot a limit of memory", async () => {
    const inspected = JSON.stringify({ HostConfig: { Memory: 0 } });
    const script = {
      ...image({}),
      InspectContainer: { container: inspected },
      RemoveContainer: { container: "new" },
    };
    await withEngine("io.podman (1.0)", script, async (engine, fake) => {
      await expect(engine.createContainer(limited)).rejects.toMatchObject({
        code: "NOT_SUPPORTED",
        feature: "createContainer: spec.linux.resources.memory.limit",
      });
      expect(fake.input("RemoveContainer")).toEqual({
        name: "new",
        force: true,
      });
    });
  });
});

describe("what a daemon cannot be told", () => {
  const both: readonly DaemonName[] = ["io.podman (1.9)", "io.podman (1.0)"];

  async function refusal(
    daemon: DaemonName,
    config: Partial<ContainerConfig>,
  ): Promise<unknown> {
    const fake = await FakePodman.start(daemon, {});
    await fake.close();
    return withEngine(daemon, {}, async (engine, { methods }) => {
      const whole = { spec: {}, rootfs: { image: "i" }, ...config };
      const error: unknown = await engine.createContainer(whole).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      // Nothing was sent.
      expect(methods).toEqual([]);
      return error;
    });
  }

  const refused: readonly (readonly [string, Partial<ContainerConfig>])[] = [
    ["rootfs.layers", { rootfs: { layers: ["a"] } }],
    [
      "rootfs.useImageConfig: false",
      { rootfs: { image: "i", useImageConfig: false } },
    ],
    ["spec.process.selinuxLabel", { spec: { process: { selinuxLabel: "x" } } }],
    ["spec.linux.cgroupsPath", { spec: { linux: { cgroupsPath: "/x" } } }],
    ["spec.hooks", { spec: { hooks: { prestart: [{}] } } as object }],
    [
      "sharedNamespaces: mount",
      { sharedNamespaces: { containerId: "a", namespaces: ["mount"] } },
    ],
    [
      "spec.linux.namespaces: pid",
      { spec: { linux: { namespaces: [{ type: "pid", path: "/x" }] } } },
    ],
    [
      "spec.mounts of type nfs",
      { spec: { mounts: [{ destination: "/a", type: "nfs" }] } },
    ],
    [
      "spec.process.capabilities that differ by set",
      {
        spec: {
          process: { capabilities: { bounding: ["A"], permitted: [] } },
        },
      },
    ],
    [
      "spec.process.user.additionalGids",
      { spec: { process: { user: { uid: 1, additionalGids: [3] } } } },
    ],
  ];

  for (const daemon of both) {
    it.each(refused)(`${daemon}: %s`, async (feature, config) => {
      expect(await refusal(daemon, config)).toMatchObject({
        code: "NOT_SUPPORTED",
        feature: `createContainer: ${feature}`,
      });
    });

    it.each<readonly [string, Partial<ContainerConfig>]>([
      ["a variable without a value", { spec: { process: { env: ["HOME"] } } }],
      ["no root at all", { rootfs: undefined }],
      [
        "a colon in a path",
        {
          spec: {
            mounts: [{ destination: "/a:b", type: "bind", source: "/" }],
          },
        },
      ],
      [
        "two networks",
        {
          network: "none",
          sharedNamespaces: { containerId: "a", namespaces: ["net"] },
        },
      ],
    ])(`${daemon}: %s makes no sense`, async (_, config) => {
      expect(await refusal(daemon, config)).toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    });
  }

  it("1.0 has no annotations and no root by its path", async () => {
    for (const config of [
      { annotations: { a: "b" } },
      { rootfs: { path: "/srv" } },
    ])
      expect(await refusal("io.podman (1.0)", config)).toMatchObject({
        code: "NOT_SUPPORTED",
      });
  });

  it("what says only what is so anyway is not asked for", async () => {
    const create = await told("io.podman (1.9)", {
      annotations: {},
      spec: {
        process: {
          terminal: false,
          noNewPrivileges: false,
          selinuxLabel: undefined,
        },
        linux: { namespaces: [], resources: { pids: {} } },
      },
    });
    expect(create).toEqual({ args: ["busybox"], pull: "never" });
  });
});

describeCorpus("the interfaces of the versions between", () => {
  const folder = corpus("podman", "pairs");
  const versions = readdirSync(folder)
    .filter((name) => name.startsWith("style4-"))
    .map((name) => [
      name,
      readFileSync(path.join(folder, name, "in.varlink"), "utf8"),
    ]);

  it.each(versions)("%s has a field for everything", async (_, text = "") => {
    const description = text.replace(/^#.*\n/gm, "");
    await withEngine({ description }, image({}), async (engine, fake) => {
      const config = { spec: {}, rootfs: { image: "busybox" }, ...everything };
      expect(await engine.createContainer(config)).toBe("new");
      const { create } = fake.input("CreateContainer");
      expect(create).toMatchObject({ args: ["busybox", "sh", "-c", "true"] });
      expect(engine.events).toBeDefined();
      expect(engine.execContainer !== undefined).toBe(
        /method ExecContainer/.test(description),
      );
      expect(engine.untagImage !== undefined).toBe(
        /method UntagImage/.test(description),
      );
    });
  });
});
