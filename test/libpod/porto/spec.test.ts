import * as fc from "fast-check";
import {
  type TContainerSpec,
  type TContainerSpecInput,
  TCreateFromSpecRequest,
} from "portolan/porto";
import { describe, expect, it } from "vitest";
import type { ContainerConfig } from "../../../src/libpod/engine.ts";
import { InvalidArgument, NotSupported } from "../../../src/libpod/errors.ts";
import {
  readKept,
  splitLabels,
  writeKept,
} from "../../../src/libpod/engines/porto/kept.ts";
import {
  isPortoLabel,
  nameProblem,
} from "../../../src/libpod/engines/porto/names.ts";
import { fromPorto } from "../../../src/libpod/engines/porto/spec/from-porto.ts";
import { toPorto } from "../../../src/libpod/engines/porto/spec/to-porto.ts";
import {
  quoteCommand,
  splitCommand,
} from "../../../src/libpod/engines/porto/words.ts";
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
    if (NotSupported.is(error)) return (error as NotSupported).feature;
    throw error;
  }
  return "nothing is refused";
};

describe("a command line", () => {
  it("splits into what was quoted", () => {
    fc.assert(
      fc.property(fc.array(text), (argv) => {
        expect(splitCommand(quoteCommand(argv))).toEqual(argv);
      }),
    );
  });

  it.each([
    ["", []],
    ["  a\tb\n c ", ["a", "b", "c"]],
    ["bash -c 'echo out; sleep 1000'", ["bash", "-c", "echo out; sleep 1000"]],
    [
      String.raw`a\ b "c \" \d \\ \$x" 'e\'f`,
      ["a b", String.raw`c " \d \ $x`, String.raw`e\f`],
    ],
    [`"" '' a''b`, ["", "", "ab"]],
    ["$HOME/*.c", ["$HOME/*.c"]],
    ["'open", ["open"]],
    ["a\\", ["a\\"]],
    [`a"'"b`, ["a'b"]],
  ])("%j is %j", (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });
});

describe("names", () => {
  const part = fc
    .stringMatching(/^[A-Za-z0-9_@:-][A-Za-z0-9_@:.-]{0,19}$/)
    .filter((name) => name !== "self");

  it("are what Porto takes", () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 10 }), (parts) => {
        expect(nameProblem(parts.join("/"))).toBeUndefined();
      }),
    );
  });

  it("have no other characters", () => {
    fc.assert(
      fc.property(
        part,
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
        part,
        (before, character, after) => {
          const problem = nameProblem(before + character + after);
          const fits = /^[A-Za-z0-9_\-@:./]$/.test(character);
          expect(
            problem === undefined ||
              /^(self|\.\.?)$/.test(`${before}${character}${after}`),
          ).toBe(fits);
        },
      ),
    );
  });

  it("are neither too long nor too deep", () => {
    expect(nameProblem(`${"x".repeat(128)}/${"y".repeat(91)}`)).toBeUndefined();
    expect(nameProblem(`${"x".repeat(128)}/${"y".repeat(92)}`)).toContain(
      "220",
    );
    expect(nameProblem(Array(16).fill("a").join("/"))).toBeUndefined();
    expect(nameProblem(Array(17).fill("a").join("/"))).toContain("16");
  });
});

describe("labels", () => {
  it.each([
    ["AB.x", "1", true],
    ["ABCDEFGHIJKLMNOP.a-b_c@d:e.f", "v", true],
    ["AB.", "v", true],
    ["A.x", "1", false],
    ["ABCDEFGHIJKLMNOPQ.x", "1", false],
    ["PORTO.x", "1", false],
    ["PORTOLAN.pod", "1", false],
    ["app.tier", "1", false],
    ["AB", "1", false],
    ["AB.x y", "1", false],
    ["AB.x/y", "1", false],
    ["AB.x", "", false],
    ["AB.x", "two words", false],
    ["AB.x", "x".repeat(257), false],
    [`AB.${"x".repeat(126)}`, "1", false],
  ])("%s: %j fits: %s", (name, value, fits) => {
    expect(isPortoLabel(name, value)).toBe(fits);
  });

  it("are all kept, those of Porto's and the rest", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(text, fc.stringMatching(/^[A-Z]{1,4}\.[a-z]{0,3}$/)),
          fc.oneof(text, fc.constant("v")),
        ),
        (labels) => {
          const { porto, rest } = splitLabels(labels);
          const own = Object.fromEntries(
            porto.map(({ key, val }) => [key, val]),
          );
          expect({ ...own, ...rest }).toEqual({ ...labels });
          expect(porto.every(({ key, val }) => isPortoLabel(key, val))).toBe(
            true,
          );
        },
      ),
    );
  });

  it("beyond those that Porto takes are kept beside them", () => {
    const labels = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`AB.n${index}`, "1"]),
    );
    const { porto, rest } = splitLabels(labels);
    expect([porto.length, Object.keys(rest).length]).toEqual([99, 51]);
  });

  it("are read back", () => {
    fc.assert(
      fc.property(
        fc.record({
          labels: fc.dictionary(text, text, { maxKeys: 5 }),
          annotations: fc.dictionary(text, text, { maxKeys: 5 }),
          stopSignal: fc.option(fc.integer({ min: 1, max: 64 }), {
            nil: undefined,
          }),
          image: fc.option(text, { nil: undefined }),
          imageId: fc.option(text, { nil: undefined }),
        }),
        (kept) => {
          const written = writeKept(kept);
          const empty =
            Object.keys(kept.labels).length +
              Object.keys(kept.annotations).length ===
            0;
          if (
            empty &&
            (kept.stopSignal ?? kept.image ?? kept.imageId) === undefined
          )
            expect(written).toBeUndefined();
          else
            expect(readKept(written)).toEqual({
              ...kept,
              labels: { ...kept.labels },
              annotations: { ...kept.annotations },
            });
        },
      ),
    );
  });

  it("never fail on a text of somebody else's", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.json(),
          fc.json().map((json) => `{"libpod":${json}}`),
        ),
        (foreign) => {
          const {
            labels = {},
            annotations = {},
            stopSignal,
            image,
          } = readKept(foreign);
          for (const value of [
            ...Object.values(labels),
            ...Object.values(annotations),
          ])
            expect(value).toBeTypeOf("string");
          expect(["number", "undefined"]).toContain(typeof stopSignal);
          expect(["string", "undefined"]).toContain(typeof image);
        },
      ),
    );
  });
});

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
  const spec = fc.record({
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
      fc.property(spec, (given) => {
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
    const spec = fromPorto({
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
    expect(spec.process).toEqual({
      args: ["sleep", "1 0"],
      env: ["A=1"],
      user: { uid: 33, gid: 33, additionalGids: [33, 7], username: "www:data" },
      capabilities: { bounding: ["CAP_CHOWN"], ambient: undefined },
      rlimits: [],
    });
    expect(spec.mounts).toEqual([
      {
        destination: "/b",
        type: "bind",
        source: "/a",
        options: ["rbind", "ro"],
      },
    ]);
    expect(spec.linux?.resources).toEqual({
      cpu: { quota: 200_000, period: 100_000 },
    });
  });
});
