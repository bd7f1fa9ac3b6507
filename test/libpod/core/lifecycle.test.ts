import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  InvalidArgument,
  InvalidState,
  NotSupported,
  Runtime,
  RuntimeFinalized,
  type RuntimeOptions,
  RuntimeStopped,
} from "portolan/libpod";
import { Fake, rejection } from "./support.ts";

describe("opening", () => {
  test("what is no address of an engine is refused, saying what is", async () => {
    for (const target of ["", "docker:", "unix:/run/x", "/run/x", "podman"]) {
      expect(await rejection(Runtime.open(target))).toMatchObject({
        code: "INVALID_ADDRESS",
        message: expect.stringContaining("podman:") as string,
      });
    }
    const nothing = { name: "x" } as never;
    expect(await rejection(Runtime.open(nothing))).toMatchObject({
      code: "INVALID_ADDRESS",
    });
  });

  test.each(["podman", "porto"])(
    "%s starts a command to reach its daemon only where that is allowed",
    async (engine) => {
      const target = `${engine}:bridge:/none/such/command`;
      expect(await rejection(Runtime.open(target))).toMatchObject({
        code: "INVALID_ADDRESS",
      });
      expect(
        await rejection(Runtime.open(target, { allow: ["bridge"] })),
      ).toMatchObject({ code: "CONNECT_FAILED" });
    },
  );

  test("where nobody listens, the connection's own error comes through", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "portolan-core-"));
    try {
      for (const scheme of ["podman", "porto"]) {
        for (const prefix of ["unix:", ""]) {
          const target = `${scheme}:${prefix}${path.join(folder, "none")}`;
          expect(await rejection(Runtime.open(target))).toMatchObject({
            code: "CONNECT_FAILED",
          });
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a runtime that is not open does nothing, and says so", async () => {
    const fake = new Fake();
    const runtime = new Runtime(fake.engine());
    expect(await rejection(runtime.containers())).toBeInstanceOf(InvalidState);
    expect(() => runtime.supports("info")).toThrow(InvalidState);
    expect(fake.asked).toEqual([]);
    await runtime.open();
    expect(await runtime.containers()).toEqual([]);
    expect(runtime.engine).toBe("fake");
    expect(runtime.address).toBe("fake:");
  });

  test("it is configured before it is open, and never after", async () => {
    const runtime = new Runtime(new Fake().engine(), { pidsLimit: 7 });
    runtime.configure({ imageConfig: { registries: ["one.example"] } });
    expect(runtime.getConfig()).toMatchObject({
      pidsLimit: 7,
      registries: ["one.example"],
    });
    const opening = runtime.open();
    expect(() => runtime.configure({})).toThrow(RuntimeFinalized);
    expect(await rejection(runtime.open())).toBeInstanceOf(RuntimeFinalized);
    await opening;
    expect(() => runtime.configure({ pidsLimit: 8 })).toThrow(RuntimeFinalized);
    expect(await rejection(runtime.open())).toBeInstanceOf(RuntimeFinalized);
    expect(runtime.getConfig().pidsLimit).toBe(7);
  });

  test("what failed to open may be configured and opened again", async () => {
    const fake = new Fake();
    const runtime = new Runtime(fake.engine(), { selinux: true });
    expect(await rejection(runtime.open())).toBeInstanceOf(NotSupported);
    runtime.configure({ selinux: undefined });
    expect(await rejection(runtime.open())).toMatchObject({
      code: "NOT_SUPPORTED",
      feature: "Runtime.open: selinux",
    });
  });

  test("closing while opening refuses the opening", async () => {
    const runtime = new Runtime(new Fake().engine());
    const opening = runtime.open();
    await runtime.close();
    expect(await rejection(opening)).toBeInstanceOf(RuntimeStopped);
    expect(await rejection(runtime.containers())).toBeInstanceOf(
      RuntimeStopped,
    );
  });
});

describe("options", () => {
  const daemons: readonly RuntimeOptions[] = [
    { cgroupManager: "systemd" },
    { conmonEnv: ["A=b"] },
    { conmonPath: "/usr/bin/conmon" },
    { ociRuntime: "/usr/bin/runc" },
    { selinux: true },
    { signaturePolicy: "/etc/policy.json" },
    { storage: { graphDriver: "overlay" } },
  ];

  test.each(daemons)(
    "%j is a daemon's own business, and the embedded engine's to keep",
    async (options) => {
      const [name] = Object.keys(options);
      const fake = new Fake();
      for (const target of [fake.engine(), "podman:", "porto:"]) {
        expect(await rejection(Runtime.open(target, options))).toMatchObject({
          code: "NOT_SUPPORTED",
          feature: `Runtime.open: ${name}`,
        });
      }
      expect(fake.asked).toEqual([]);
      await using runtime = await Runtime.open("embedded:", options);
      expect(runtime.engine).toBe("embedded");
    },
  );

  test("getConfig has them all, as a copy of its own", async () => {
    const options = {
      cgroupManager: "systemd",
      conmonEnv: ["A=b"],
      conmonPath: "/usr/bin/conmon",
      imageConfig: {
        defaultTransport: "docker-archive:",
        insecureRegistries: ["bad.example"],
        registries: ["one.example"],
      },
      ociRuntime: "/usr/bin/runc",
      pidsLimit: 100,
      selinux: true,
      signaturePolicy: "/etc/policy.json",
      storage: { runRoot: "/run/x", graphDriverOptions: ["a"] },
    };
    await using runtime = await Runtime.open("embedded:", options);
    const config = runtime.getConfig();
    expect(config).toEqual({
      storageConfig: { runRoot: "/run/x", graphDriverOptions: ["a"] },
      imageDefaultTransport: "docker-archive:",
      insecureRegistries: ["bad.example"],
      registries: ["one.example"],
      signaturePolicyPath: "/etc/policy.json",
      runtimePath: "/usr/bin/runc",
      conmonPath: "/usr/bin/conmon",
      conmonEnvVars: ["A=b"],
      cgroupManager: "systemd",
      selinuxEnabled: true,
      pidsLimit: 100,
    });
    (config.registries as string[]).push("two.example");
    options.imageConfig.registries.push("three.example");
    expect(runtime.getConfig().registries).toEqual(["one.example"]);
  });

  test("nothing set is what libpod takes for it", async () => {
    const runtime = new Runtime("embedded:");
    expect(runtime.getConfig()).toMatchObject({
      imageDefaultTransport: "docker://",
      registries: [],
      insecureRegistries: [],
      conmonEnvVars: [],
      selinuxEnabled: false,
      pidsLimit: -1,
      storageConfig: {},
    });
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ["options.cgroupManager", { cgroupManager: "" }],
    ["options.conmonEnv[1]", { conmonEnv: ["A=", "b"] }],
    ["options.conmonPath", { conmonPath: "a\0b" }],
    ["options.imageConfig", { imageConfig: [] }],
    ["options.imageConfig.registry", { imageConfig: { registry: "a" } }],
    [
      "options.imageConfig.defaultTransport",
      { imageConfig: { defaultTransport: "docker" } },
    ],
    ["options.imageConfig.registries", { imageConfig: { registries: "a" } }],
    ["options.ociRuntime", { ociRuntime: 1 }],
    ["options.pidsLimit", { pidsLimit: 1.5 }],
    ["options.pidsLimit", { pidsLimit: -2 }],
    ["options.selinux", { selinux: "yes" }],
    ["options.storage.graphRoot", { storage: { graphRoot: "relative" } }],
    [
      "options.storage.uidMap[0].size",
      { storage: { uidMap: [{ containerID: 0, hostID: 0 }] } },
    ],
    ["options.pidLimit", { pidLimit: 1 }],
  ];

  test.each(wrong)("%s is named where it is wrong", (name, options) => {
    const make = (): Runtime => new Runtime("embedded:", options as never);
    expect(make).toThrow(InvalidArgument);
    expect(make).toThrow(new RegExp(`^${quoted(name)}: `));
  });

  test("a folder is named once", async () => {
    const graphRoot = path.join(tmpdir(), "portolan-never-made");
    const storage = { graphRoot };
    expect(
      await rejection(Runtime.open(`embedded:${graphRoot}`, { storage })),
    ).toBeInstanceOf(InvalidArgument);
    const engine = new Fake().engine({ name: "embedded" });
    expect(await rejection(Runtime.open(engine, { storage }))).toBeInstanceOf(
      InvalidArgument,
    );
  });

  test("storage.graphRoot is the folder of an embedded engine", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "portolan-core-"));
    const graphRoot = path.join(folder, "kept");
    try {
      {
        await using runtime = await Runtime.open("embedded:", {
          storage: { graphRoot },
        });
        await runtime.newContainer({}, { name: "kept" });
      }
      await using again = await Runtime.open(`embedded:${graphRoot}`);
      expect((await again.lookupContainer("kept")).name).toBe("kept");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the end", () => {
  test("a closed runtime refuses everything, and its objects do", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine());
    const pod = await runtime.newPod();
    const container = await runtime.newContainer({}, { pod });
    fake.images.set("i", { id: "i", names: [], digests: [], labels: {} });
    const image = await runtime.getImage("i");
    const logs = container.logs();
    await runtime.close();
    fake.names();
    const calls: readonly (() => unknown)[] = [
      () => runtime.open(),
      () => runtime.engine,
      () => runtime.address,
      () => runtime.supports("info"),
      () => runtime.getConfig(),
      () => runtime.version(),
      () => runtime.info(),
      () => runtime.events().next(),
      () => runtime.containers(),
      () => runtime.getContainer(container.id),
      () => runtime.lookupContainer(container.name),
      () => runtime.hasContainer(container.id),
      () => runtime.newContainer({}),
      () => runtime.removeContainer(container),
      () => runtime.pods(),
      () => runtime.getPod(pod.id),
      () => runtime.lookupPod(pod.name),
      () => runtime.hasPod(pod.id),
      () => runtime.newPod(),
      () => runtime.removePod(pod),
      () => runtime.getImages(),
      () => runtime.getImage("i"),
      () => runtime.getImageRef("i"),
      () => runtime.pullImage("i"),
      () => runtime.pushImage(image, "i"),
      () => runtime.importImage("/i"),
      () => runtime.tagImage(image, "j"),
      () => runtime.untagImage(image, "j"),
      () => runtime.removeImage(image),
      () => runtime.shutdown(),
      () => container.start(),
      () => container.configure({}),
      () => logs.next(),
      () => pod.start(),
      () => pod.configure({}),
      () => image.inspect(),
    ];
    for (const call of calls) {
      const refused = Promise.resolve().then(call);
      expect(await rejection(refused), String(call)).toBeInstanceOf(
        RuntimeStopped,
      );
    }
    expect(fake.asked).toEqual([]);
    // Closing again is none.
    await runtime.close();
  });

  test("what is under way ends with it", async () => {
    const fake = new Fake();
    const runtime = await Runtime.open(fake.engine());
    const container = await runtime.newContainer({});
    await container.start();
    const events = runtime.events();
    await events.next();
    const under = [
      rejection(container.wait()),
      rejection(events.next()),
      rejection(container.wait({ timeout: 600_000 })),
    ];
    await runtime.close();
    for (const error of await Promise.all(under)) {
      expect(error).toBeInstanceOf(RuntimeStopped);
      expect((error as Error).cause).toMatchObject({ code: "ABORTED" });
    }
  });

  test("an engine belongs to who opened it", async () => {
    const fake = new Fake();
    const engine = fake.engine();
    await (await Runtime.open(engine)).close();
    await (await Runtime.open(engine)).shutdown();
    expect(fake.closed).toBe(0);
    await using again = await Runtime.open(engine);
    expect(await again.containers()).toEqual([]);
  });
});

describe("signals and time limits", () => {
  test("an aborted signal keeps a call from being made", async () => {
    const fake = new Fake();
    await using runtime = await Runtime.open(fake.engine());
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    for (const call of [
      runtime.containers({ signal }),
      runtime.newContainer({}, { signal }),
      runtime.events({ signal }).next(),
    ]) {
      expect(await rejection(call)).toMatchObject({
        code: "ABORTED",
        cause: reason,
      });
    }
    expect(fake.asked).toEqual([]);
  });

  test("an abort ends the call, with its reason", async () => {
    const fake = new Fake();
    await using runtime = await Runtime.open(fake.engine());
    const container = await runtime.newContainer({});
    const leave = new AbortController();
    const waiting = rejection(container.wait({ signal: leave.signal }));
    const other = rejection(container.wait());
    const reason = new Error("enough");
    leave.abort(reason);
    expect(await waiting).toMatchObject({ code: "ABORTED", cause: reason });
    fake.exit(container.id, 3);
    expect(await other.catch(() => "resolved")).toBe("resolved");
  });

  test("the time that calls of one operation get is what the ones before left", async () => {
    const fake = new Fake();
    const engine = fake.engine();
    const limits: (number | undefined)[] = [];
    const create = engine.createContainer?.bind(engine);
    const get = engine.getContainer.bind(engine);
    engine.createContainer = async (config, options) => {
      limits.push(options?.timeout);
      return (create as NonNullable<typeof create>)(config, options);
    };
    engine.getContainer = async (id, options) => {
      limits.push(options?.timeout);
      return get(id, options);
    };
    await using runtime = await Runtime.open(engine);
    await runtime.newContainer({}, { timeout: 50_000 });
    const [first = 0, second = 0] = limits;
    expect(first).toBeLessThanOrEqual(50_000);
    expect(second).toBeLessThanOrEqual(first);
    expect(second).toBeGreaterThan(0);
    await runtime.newContainer({});
    expect(limits.slice(2)).toEqual([undefined, undefined]);
  });

  test("filters are part of a listing: what ends it asks no further one", async () => {
    const fake = new Fake();
    await using runtime = await Runtime.open(fake.engine());
    for (let made = 0; made < 3; made++) {
      await runtime.newContainer({});
      await runtime.newPod();
    }
    const enough = new AbortController();
    const { signal } = enough;
    let asked = 0;
    const filter = async (): Promise<boolean> => {
      asked += 1;
      enough.abort();
      return true;
    };
    expect(
      await rejection(runtime.containers({ signal }, filter)),
    ).toMatchObject({ code: "ABORTED" });
    expect(asked).toBe(1);
    const closing = runtime.pods(() => {
      asked += 1;
      void runtime.close();
      return true;
    });
    expect(await rejection(closing)).toBeInstanceOf(RuntimeStopped);
    expect(asked).toBe(2);
  });

  test("a time limit is a number", async () => {
    await using runtime = await Runtime.open(new Fake().engine());
    for (const timeout of [-1, Number.NaN]) {
      expect(await rejection(runtime.containers({ timeout }))).toBeInstanceOf(
        InvalidArgument,
      );
    }
  });
});

test("a limit of processes is put into every specification that has none", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.option(fc.integer({ min: -1, max: 5 }), { nil: undefined }),
      fc.option(fc.integer({ min: -1, max: 5 }), { nil: undefined }),
      async (pidsLimit, own) => {
        const fake = new Fake();
        await using runtime = await Runtime.open(fake.engine(), { pidsLimit });
        const spec = {
          linux: { resources: { memory: { limit: 1 }, pids: { limit: own } } },
        };
        const { id } = await runtime.newContainer(spec);
        const { linux } = fake.containers.get(id)?.config.spec ?? {};
        const limit =
          own ?? (pidsLimit === -1 || pidsLimit === 0 ? undefined : pidsLimit);
        expect(linux?.resources?.pids?.limit).toBe(limit);
        expect(linux?.resources?.memory).toEqual({ limit: 1 });
      },
    ),
    { numRuns: 50 },
  );
});

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
