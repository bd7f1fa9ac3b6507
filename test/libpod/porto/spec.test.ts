import * as fc from "fast-check";
import {
  type TContainerSpec,
  type TContainerSpecInput,
  TCreateFromSpecRequest,
} from "portolan/porto";
import { describe, expect, it } from "vitest";
import type { ContainerConfig } from "../../../src/libpod/engine.ts";
import { InvalidArgument, NotSupported } from "../../../src/libpod/errors.ts";
import { fromPorto } from "../../../src/libpod/engines/porto/spec/from-porto.ts";
import { toPorto } from "../../../src/libpod/engines/porto/spec/to-porto.ts";
import type { Spec } from "../../../src/libpod/spec.ts";

const text = fc.string({ unit: "grapheme" });

const made = (
  spec: Spec,
  rest: Partial<ContainerConfig> = {},
): TContainerSpecInput => toPorto("a", { spec, ...rest }).container ?? {};

const refused = (spec: Spec, rest: Partial<ContainerConfig> = {}): string => {
  try {
    made(spec, rest);
  } catch (error) {
    if (NotSupported.is(error)) return error.feature;
    throw error;
  }
  return "nothing is refused";
};

describe("a specification in Porto's words", () => {
  it("has command, environment, user, limits and files", () => {
    expect(
      made({
        process: {
          args: ["a", "b c"],
          env: ["A=1", "B=x=y", "C="],
          cwd: "/tmp",
          user: { uid: 1000, gid: 0 },
          rlimits: [
            { type: "RLIMIT_NOFILE", soft: 10, hard: 20 },
            { type: "RLIMIT_CORE", soft: -1, hard: 2 ** 64 },
          ],
          oomScoreAdj: -5,
          terminal: false,
          noNewPrivileges: false,
          selinuxLabel: "",
        },
        root: { path: "/srv/root", readonly: true },
        hostname: "web",
        mounts: [
          { destination: "/proc", type: "proc", options: ["nosuid"] },
          {
            destination: "/data",
            type: "bind",
            source: "/srv",
            options: ["rbind", "ro", "rprivate"],
          },
          { destination: "/x", source: "/y", options: ["bind"] },
        ],
        linux: {
          resources: {
            memory: { limit: 2 ** 40 },
            cpu: { quota: 150_000, period: 100_000, cpus: "0-3,8", mems: "0" },
            pids: { limit: 7 },
          },
          sysctl: { "net.core.somaxconn": "1" },
          devices: [],
        },
      }),
    ).toEqual({
      name: "a",
      command: "'a' 'b c'",
      command_argv: { argv: ["a", "b c"] },
      env: {
        var: [
          { name: "A", value: "1" },
          { name: "B", value: "x=y" },
          { name: "C", value: "" },
        ],
      },
      cwd: "/tmp",
      user: "1000",
      group: "0",
      ulimit: {
        ulimit: [
          { type: "nofile", soft: 10n, hard: 20n },
          { type: "core", unlimited: true },
        ],
      },
      oom_score_adj: -5,
      root: "/srv/root",
      root_readonly: true,
      hostname: "web",
      bind: {
        bind: [
          { source: "/srv", target: "/data", flag: ["rec", "ro", "private"] },
          { source: "/y", target: "/x", flag: [] },
        ],
      },
      memory_limit: 2n ** 40n,
      cpu_limit: 1.5,
      cpu_period: 100_000_000n,
      cpu_set: { policy: "set", list: "0-3,8", mems: "0" },
      thread_limit: 7n,
      sysctl: { map: [{ key: "net.core.somaxconn", val: "1" }] },
    });
  });

  it("is nothing but the name where it says nothing", () => {
    expect(toPorto("a", { spec: {} })).toEqual({ container: { name: "a" } });
  });

  it.each<[string, Spec["process"], TContainerSpecInput]>([
    ["a name", { user: { username: "www" } }, { user: "www" }],
    [
      "name and group",
      { user: { uid: 5, username: "www:data" } },
      { user: "www", group: "data" },
    ],
    ["a number", { user: { uid: 0 } }, { user: "0" }],
    ["a group", { user: { gid: 7 } }, { group: "7" }],
  ])("has the user as %s", (_how, process, expected) => {
    expect(made({ process })).toEqual({ name: "a", ...expected });
  });

  it("has no limits where none are asked for", () => {
    const resources = { memory: { limit: -1 }, cpu: { quota: -1 } };
    expect(made({ linux: { resources } })).toEqual({
      name: "a",
      memory_limit: 0n,
      cpu_limit: 0,
    });
  });

  it("bounds capabilities", () => {
    const capabilities = {
      bounding: ["CAP_CHOWN", "CAP_KILL"],
      effective: ["CAP_KILL", "CAP_CHOWN"],
      permitted: ["CAP_CHOWN", "CAP_KILL"],
      inheritable: [],
      ambient: ["CAP_KILL"],
    };
    expect(made({ process: { capabilities } })).toEqual({
      name: "a",
      capabilities: { cap: ["CHOWN", "KILL"] },
      capabilities_ambient: { cap: ["KILL"] },
    });
    const fewer = { ...capabilities, effective: ["CAP_KILL"] };
    expect(refused({ process: { capabilities: fewer } })).toContain(
      "capabilities.effective",
    );
    expect(made({ process: { capabilities: { bounding: [] } } })).toEqual({
      name: "a",
      capabilities: { cap: [] },
    });
  });

  it.each<[readonly string[], TContainerSpecInput]>([
    [[], { isolate: false }],
    [["mount"], { isolate: false }],
    [["pid", "ipc", "uts", "mount"], { isolate: true }],
    [
      ["pid", "ipc", "uts", "network"],
      { isolate: true, net: { cfg: [{ opt: "none" }] } },
    ],
  ])("of its own has the namespaces %j", (types, expected) => {
    const namespaces = types.map((type) => ({ type }));
    expect(made({ linux: { namespaces } })).toEqual({ name: "a", ...expected });
  });

  it.each([
    ["host", [{ opt: "inherited", arg: [] }]],
    ["none", [{ opt: "none", arg: [] }]],
    [
      "L3 eth0; MTU  eth0 1400;",
      [
        { opt: "L3", arg: ["eth0"] },
        { opt: "MTU", arg: ["eth0", "1400"] },
      ],
    ],
  ])("is connected by %j", (network, cfg) => {
    expect(
      made({ linux: { namespaces: [{ type: "network" }] } }, { network }).net,
    ).toEqual({ cfg });
  });

  it("has its root from a path, layers or an image", () => {
    expect(made({}, { rootfs: { path: "/r" } })).toEqual({
      name: "a",
      root: "/r",
    });
    const links = [{ container: "a", container_root: true }];
    const layered = toPorto("a", {
      spec: { root: { readonly: true } },
      rootfs: { layers: ["top", "base"] },
    });
    expect(layered).toEqual({
      container: { name: "a", root_readonly: true },
      volumes: [{ layers: ["top", "base"], links }],
    });
    expect(toPorto("a", { spec: {}, rootfs: { image: "i" } }).volumes).toEqual([
      { image: "i", links },
    ]);
  });

  it.each<[string, Spec, Partial<ContainerConfig>]>([
    ["no layers", {}, { rootfs: { layers: [] } }],
    ["two roots", { root: { path: "/a" } }, { rootfs: { path: "/b" } }],
    ["a variable without a value", { process: { env: ["A"] } }, {}],
    ["a variable without a name", { process: { env: ["=1"] } }, {}],
    ["NUL", { process: { args: ["a\0b"] } }, {}],
    ["half a byte", { linux: { resources: { memory: { limit: 0.5 } } } }, {}],
    [
      "less than nothing",
      { process: { rlimits: [{ type: "RLIMIT_CORE", soft: -2, hard: 1 }] } },
      {},
    ],
    [
      "a period that is too long",
      { linux: { resources: { cpu: { period: 2_000_000 } } } },
      {},
    ],
    [
      "a mount of nothing",
      { mounts: [{ destination: "/a", type: "bind" }] },
      {},
    ],
  ])("is not made of %s", (_what, spec, rest) => {
    expect(() => made(spec, rest)).toThrow(InvalidArgument);
  });

  it.each<[string, Spec, Partial<ContainerConfig>]>([
    ["spec.process.terminal", { process: { terminal: true } }, {}],
    [
      "spec.process.noNewPrivileges",
      { process: { noNewPrivileges: true } },
      {},
    ],
    ["spec.process.apparmorProfile", { process: { apparmorProfile: "x" } }, {}],
    [
      "spec.process.user.additionalGids",
      { process: { user: { additionalGids: [1] } } },
      {},
    ],
    ["spec.linux.cgroupsPath", { linux: { cgroupsPath: "/x" } }, {}],
    ["spec.linux.devices", { linux: { devices: [{ path: "/dev/x" }] } }, {}],
    [
      "spec.linux.uidMappings",
      { linux: { uidMappings: [{ containerID: 0, hostID: 1, size: 1 }] } },
      {},
    ],
    [
      "spec.linux.resources.blockIO",
      { linux: { resources: { blockIO: { weight: 5 } } } },
      {},
    ],
    [
      "spec.linux.resources.memory.reservation",
      { linux: { resources: { memory: { reservation: 1 } } } },
      {},
    ],
    [
      "spec.linux.resources.cpu.shares",
      { linux: { resources: { cpu: { shares: 512 } } } },
      {},
    ],
    [
      "spec.linux.resources.cpu.mems without cpus",
      { linux: { resources: { cpu: { mems: "0" } } } },
      {},
    ],
    [
      "spec.linux.resources.pids without limit",
      { linux: { resources: { pids: { limit: -1 } } } },
      {},
    ],
    [
      "spec.linux.namespaces: user",
      { linux: { namespaces: [{ type: "user" }] } },
      {},
    ],
    [
      "spec.linux.namespaces: pid at a path",
      { linux: { namespaces: [{ type: "pid", path: "/proc/1/ns/pid" }] } },
      {},
    ],
    [
      "spec.linux.namespaces: not all of pid, ipc, uts",
      { linux: { namespaces: [{ type: "pid" }] } },
      {},
    ],
    [
      "spec.mounts of type tmpfs at /tmp",
      { mounts: [{ destination: "/tmp", type: "tmpfs" }] },
      {},
    ],
    [
      "spec.mounts with the option shared",
      {
        mounts: [
          {
            destination: "/a",
            type: "bind",
            source: "/b",
            options: ["shared"],
          },
        ],
      },
      {},
    ],
    [
      "spec.root.path beside an image or layers",
      { root: { path: "/r" } },
      { rootfs: { layers: ["l"] } },
    ],
    ["spec.hooks", { hooks: { prestart: [{}] } } as Spec, {}],
    [
      "spec.linux.seccomp",
      { linux: { seccomp: { defaultAction: "x" } } } as Spec,
      {},
    ],
    [
      "sharedNamespaces",
      {},
      { sharedNamespaces: { containerId: "b", namespaces: ["net"] } },
    ],
  ])("has no word for %s", (feature, spec, rest) => {
    expect(refused(spec, rest)).toBe(`createContainer: ${feature}`);
  });
});

describe("a specification out of Porto's properties", () => {
  const specs = fc.record({
    process: fc.record({
      args: fc.array(
        text.filter((argument) => !argument.includes("\0")),
        { minLength: 1 },
      ),
      env: fc.uniqueArray(fc.stringMatching(/^[A-Z]{1,5}=[a-z =]{0,5}$/)),
      cwd: fc.constant("/srv"),
      rlimits: fc.uniqueArray(
        fc.record({
          type: fc.constantFrom("RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_NPROC"),
          soft: fc.oneof(fc.nat(), fc.constant(2 ** 64)),
          hard: fc.oneof(fc.nat(), fc.constant(2 ** 64)),
        }),
        { selector: ({ type }) => type },
      ),
      oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
    }),
    root: fc.record({
      path: fc.constantFrom("/", "/r"),
      readonly: fc.boolean(),
    }),
    hostname: fc.constantFrom("web", "db"),
    mounts: fc.array(
      fc.record({
        destination: fc.constantFrom("/a", "/b"),
        type: fc.constant("bind"),
        source: fc.constantFrom("/s", "/t"),
        options: fc.tuple(
          fc.constantFrom("bind", "rbind"),
          fc.constantFrom("ro", "rw"),
        ),
      }),
      { maxLength: 3 },
    ),
    annotations: fc
      .dictionary(text, text, { minKeys: 1, maxKeys: 3 })
      .map((given) => ({ ...given })),
    linux: fc.record({
      namespaces: fc.constantFrom(
        [{ type: "mount" }, { type: "pid" }, { type: "ipc" }, { type: "uts" }],
        [
          { type: "mount" },
          { type: "pid" },
          { type: "ipc" },
          { type: "uts" },
          { type: "network" },
        ],
        [{ type: "mount" }],
      ),
      resources: fc.record({
        memory: fc.record({ limit: fc.integer({ min: 1, max: 2 ** 50 }) }),
        cpu: fc.record({
          quota: fc.integer({ min: 1, max: 1_000_000 }),
          period: fc.integer({ min: 1000, max: 1_000_000 }),
          cpus: fc.constantFrom("0-3", "1"),
        }),
        pids: fc.record({ limit: fc.integer({ min: 1, max: 2 ** 40 }) }),
      }),
    }),
  });

  it("is the one that it was made with, over the wire", () => {
    fc.assert(
      fc.property(specs, (given) => {
        const request = TCreateFromSpecRequest.encode(
          toPorto("a", { spec: given }),
        );
        const { container } = TCreateFromSpecRequest.decode(request);
        const { process, mounts, linux, ...rest } = fromPorto(
          container as TContainerSpec,
        );
        expect({ ...rest, mounts, linux, process }).toEqual({
          ociVersion: "1.0.2",
          ...given,
          process: { ...given.process, user: {} },
        });
      }),
    );
  });

  it("has what Porto adds: groups, capabilities, flags in one word", () => {
    const rebuilt = fromPorto({
      task_cred: { user: "www", uid: 33, gid: 33, grp: [33, 7] },
      user: "www",
      group: "data",
      command: "sleep '1 0'",
      capabilities: { cap: ["CHOWN"] },
      env: {
        var: [
          { name: "A", value: "1" },
          { name: "B", unset: true },
        ],
      },
      ulimit: { ulimit: [{ type: "memlock", soft: 1n, inherited: true }] },
      bind: { bind: [{ source: "/a", target: "/b", flag: ["ro,rec"] }] },
      cpu_limit: 2,
    });
    expect(rebuilt.process).toEqual({
      args: ["sleep", "1 0"],
      env: ["A=1"],
      user: { uid: 33, gid: 33, additionalGids: [33, 7], username: "www:data" },
      capabilities: { bounding: ["CAP_CHOWN"], ambient: undefined },
      rlimits: [],
    });
    expect(rebuilt.mounts).toEqual([
      {
        destination: "/b",
        type: "bind",
        source: "/a",
        options: ["rbind", "ro"],
      },
    ]);
    expect(rebuilt.linux?.resources).toEqual({
      cpu: { quota: 200_000, period: 100_000 },
    });
  });
});
