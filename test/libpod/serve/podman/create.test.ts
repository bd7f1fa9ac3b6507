import { ErrorOccurred } from "portolan/podman";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryState } from "../../../../src/libpod/engines/embedded/storage/memory.ts";
import type { ContainerRecord } from "../../../../src/libpod/state.ts";
import { failure } from "../../../support/peer.ts";
import { type Bench, create, openBench } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench({
    registry: {
      "docker.io/library/alpine": {},
      "docker.io/library/web:2": {
        entrypoint: ["/bin/web"],
        command: ["--port", "80"],
        env: ["PATH=/bin", "MODE=image"],
        workDir: "/srv",
        user: "web",
        labels: { from: "image" },
        size: 1234,
      },
    },
  });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  expect(bench.mistakes).toEqual([]);
});

interface Inspected {
  readonly [member: string]: unknown;
  readonly Config: { readonly [member: string]: unknown };
  readonly HostConfig: { readonly [member: string]: unknown };
}

async function inspect(name: string): Promise<Inspected> {
  const { container } = await bench.podman.inspectContainer({ name });
  return JSON.parse(container) as Inspected;
}

async function refusal(wanted: Parameters<typeof create>[2]): Promise<string> {
  const error = await failure(create(bench, "web", wanted));
  expect(error).toBeInstanceOf(ErrorOccurred);
  // Nothing is left of it.
  expect(await bench.podman.listContainers()).toEqual({ containers: [] });
  return (error as ErrorOccurred).parameters.reason;
}

describe("the command line", () => {
  it.each([
    ["the image's", {}, ["/bin/web", "--port", "80"]],
    [
      "a command behind the image's entry point",
      { command: ["--help"] },
      ["/bin/web", "--help"],
    ],
    [
      "an entry point instead of both",
      { entrypoint: ["sh", "-c"] },
      ["sh", "-c"],
    ],
    [
      "an entry point and a command",
      { entrypoint: ["sh"], command: ["-l"] },
      ["sh", "-l"],
    ],
    [
      "a command without an entry point",
      { entrypoint: [""], command: ["ls"] },
      ["ls"],
    ],
  ])("is %s", async (_what, wanted, command) => {
    await create(bench, "web", { image: "web:2", command: [], ...wanted });
    const { container } = await bench.podman.getContainer({ name: "web" });
    expect(container.command).toEqual(command);
    const { Path, Args } = await inspect("web");
    expect([Path, ...(Args as string[])]).toEqual(command);
  });

  it("is missing where the entry point is taken away and nothing given", async () => {
    expect(await refusal({ entrypoint: [""], command: [] })).toMatch(
      /^no command.*invalid argument$/,
    );
  });
});

describe("a container", () => {
  it("is what its image says where nothing else is asked for", async () => {
    await create(bench, "web", { image: "web:2", env: { MODE: "own" } });
    const { Config } = await inspect("web");
    expect(Config).toMatchObject({
      Image: "web:2",
      WorkingDir: "/srv",
      User: { username: "web" },
      Labels: { from: "image" },
      StopSignal: 15,
    });
    expect((Config["Env"] as string[]).toSorted()).toEqual([
      "MODE=own",
      "PATH=/bin",
    ]);
    expect(await bench.podman.getContainer({ name: "web" })).toMatchObject({
      container: { rootfssize: 1234 },
    });
  });

  it("has every setting where the engine, or who inspects it, finds it", async () => {
    const other = await create(bench, "other");
    const id = await create(bench, "web", {
      hostname: "h",
      user: "7:8",
      group_add: ["9", "wheel"],
      work_dir: "/w",
      tty: true,
      interactive: true,
      readonly_rootfs: true,
      no_new_privs: true,
      labels: { a: "b" },
      stop_signal: 2,
      sys_ctl: { "net.x": "1" },
      volumes: ["/srv:/data:ro"],
      tmpfs: ["/run:size=1m"],
      devices: ["/dev/null:/dev/nul:r"],
      cap_drop: ["all"],
      cap_add: ["NET_ADMIN"],
      uidmap: ["0:1000:10"],
      id_mappings: { gid_map: { container_id: 0, host_id: 5, size: 6 } },
      net_mode: "container:other",
      ipc_mode: "container:other",
      publish: ["127.0.0.1:8080:80/udp"],
      dns_servers: ["9.9.9.9"],
      host_add: ["db:10.0.0.1"],
      rm: true,
      log_driver: "k8s-file",
      log_driver_opt: ["path=/x=y"],
      security_opts: ["label=disable"],
      resources: {
        memory: 1024,
        memory_swappiness: -1,
        cpus: 1.5,
        cpu_shares: 2,
        pids_limit: 3,
        shm_size: 4,
        ulimit: ["nofile=1:2"],
        oom_score_adj: 5,
      },
    });
    expect(await bench.engine.containerSpec(id)).toMatchObject({
      hostname: "h",
      root: { readonly: true },
      mounts: [
        { destination: "/data", type: "bind", source: "/srv", options: ["ro"] },
        { destination: "/run", type: "tmpfs", options: ["size=1m"] },
      ],
      process: {
        terminal: true,
        cwd: "/w",
        user: { uid: 7, gid: 8, additionalGids: [9] },
        capabilities: { effective: [] },
        rlimits: [{ type: "RLIMIT_NOFILE", soft: 1, hard: 2 }],
        noNewPrivileges: true,
        oomScoreAdj: 5,
      },
      linux: {
        resources: {
          memory: { limit: 1024 },
          cpu: { shares: 2, period: 100_000, quota: 150_000 },
          pids: { limit: 3 },
        },
        sysctl: { "net.x": "1" },
        uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 5, size: 6 }],
        devices: [{ path: "/dev/nul" }],
      },
    });
    const record = await bench.engine.inside.record(id);
    expect(record.config.sharedNamespaces).toEqual({
      containerId: other,
      namespaces: ["net", "ipc"],
    });
    expect(await inspect("web")).toMatchObject({
      ID: id,
      Name: "web",
      Created: "2026-11-21T22:24:05.5Z",
      State: {
        Status: "configured",
        Running: false,
        StartedAt: "0001-01-01T00:00:00Z",
      },
      Dependencies: [other],
      NetworkSettings: {
        Ports: [
          {
            hostPort: 8080,
            containerPort: 80,
            protocol: "udp",
            hostIP: "127.0.0.1",
          },
        ],
      },
      Config: {
        Hostname: "h",
        Tty: true,
        OpenStdin: true,
        StopSignal: 2,
        Labels: { a: "b" },
      },
      HostConfig: {
        PortBindings: { "80/udp": [{ HostIp: "127.0.0.1", HostPort: "8080" }] },
        AutoRemove: true,
        CapAdd: ["NET_ADMIN"],
        CapDrop: ["all"],
        DNS: ["9.9.9.9"],
        ExtraHosts: ["db:10.0.0.1"],
        IpcMode: "container:other",
        LogConfig: { Type: "k8s-file", Config: { path: "/x=y" } },
        Memory: 1024,
        CpuQuota: 150_000,
        MemorySwappiness: null,
        PidsLimit: 3,
        ReadonlyRootfs: true,
        SecurityOpt: ["label=disable"],
        ShmSize: 4,
        Tmpfs: ["/run:size=1m"],
        Ulimits: ["nofile=1:2"],
      },
    });
  });

  it("tells how it runs and how it ended", async () => {
    const { podman, clock } = bench;
    const name = "web";
    await create(bench, name);
    await podman.startContainer({ name });
    expect((await inspect(name))["State"]).toMatchObject({
      Status: "running",
      Running: true,
      ExitCode: 0,
      StartedAt: "2026-11-21T22:24:05.5Z",
      FinishedAt: "0001-01-01T00:00:00Z",
    });
    await clock.advance(250);
    await podman.killContainer({ name, signal: 9 });
    await podman.waitContainer({ name });
    expect((await inspect(name))["State"]).toMatchObject({
      Status: "exited",
      Running: false,
      Pid: 0,
      ExitCode: 137,
      FinishedAt: "2026-11-21T22:24:05.75Z",
    });
  });

  it("gets a name, where it has none, that follows from its id", async () => {
    const names = async (): Promise<string> => {
      await using again = await openBench();
      const { container } = await again.podman.createContainer({
        create: { image: "alpine" },
      });
      const found = await again.podman.getContainer({ name: container });
      return found.container.names;
    };
    const name = await names();
    expect(name).not.toBe("");
    expect(await names()).toBe(name);
  });

  it("keeps labels and variables that objects have of their own", async () => {
    const odd = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<
      string,
      string
    >;
    await create(bench, "constructor", { labels: odd });
    const { container } = await bench.podman.getContainer({
      name: "constructor",
    });
    expect(Object.entries(container.labels)).toEqual(Object.entries(odd));
  });

  it("is there whole or not at all: with its options from the first record on", async () => {
    const added: ContainerRecord[] = [];
    class Watched extends MemoryState {
      override async addContainer(record: ContainerRecord): Promise<void> {
        added.push(record);
        if (record.name === "full") throw new Error("no room");
        await super.addContainer(record);
      }
    }
    await using other = await openBench({ state: new Watched() });
    await create(other, "web", { privileged: true });
    expect(added.map(({ extra }) => Object.values(extra))).toEqual([
      [JSON.stringify({ privileged: true })],
    ]);
    const error = await failure(create(other, "full", { privileged: true }));
    expect(String(error)).toMatch(/no room/);
    const left = await other.engine.listContainers();
    expect(left.map(({ name }) => name)).toEqual(["web"]);
  });
});

describe("what cannot be created", () => {
  it.each([
    [{ image: "" }, /needs an image/],
    [{ image: "nowhere" }, /no image "nowhere".*no such image$/],
    [{ name: "a/b" }, /^names begin/],
    [{ name: "a\0b" }, /^names begin/],
    [{ name: "a".repeat(300) }, /invalid argument$/],
    [{ pod: "nope" }, /no such pod$/],
    [{ net_mode: "container:nope" }, /no such container$/],
    [{ volumes: ["data"] }, /is no volume/],
    [{ publish: ["no"] }, /publishes no port/],
    [{ publish: ["1-65535", "1-65535"] }, /more than 65536 ports/],
    [{ devices: ["null"] }, /is no device/],
    [{ tmpfs: ["run"] }, /no place for a tmpfs/],
    [{ cap_add: ["FLY"] }, /no capability/],
    [{ uidmap: ["0"] }, /maps no ids/],
    [{ env: { "A=B": "" } }, /no environment variable/],
    [{ stop_signal: 99 }, /invalid argument$/],
    [{ resources: { ulimit: ["nofile"] } }, /is no limit/],
    [{ resources: { cpus: 1, cpu_quota: 1 } }, /cannot be given as well/],
  ])("%j", async (wanted, reason) => {
    expect(await refusal(wanted)).toMatch(reason);
  });

  it("shares namespaces of two containers", async () => {
    await create(bench, "one");
    await create(bench, "two");
    const error = await failure(
      create(bench, "web", {
        net_mode: "container:one",
        pid_mode: "container:two",
      }),
    );
    expect((error as ErrorOccurred).parameters.reason).toMatch(
      /two containers/,
    );
  });
});

it("members that the interface does not have are read past, as Podman's clients need it", async () => {
  const { container } = await bench.podman.createContainer({
    create: { image: "alpine", network_mode: "none" } as object,
    detached: true,
  } as object);
  expect(container).toMatch(/^[0-9a-f]{64}$/);
});
