import { embedded, NotSupported, Runtime } from "portolan/libpod";
import { expect, test } from "vitest";

const wrong = (member: string): object => ({ [member]: 1 });

const calls: Readonly<Record<string, (runtime: Runtime) => Promise<unknown>>> =
  {
    containers: (runtime) => runtime.containers(wrong("tiemout")),
    getContainer: (runtime) => runtime.getContainer("a", wrong("tiemout")),
    hasContainer: (runtime) => runtime.hasContainer("a", wrong("tiemout")),
    newContainer: (runtime) => runtime.newContainer({}, wrong("naem")),
    newPod: (runtime) => runtime.newPod(wrong("naem")),
    removeImage: (runtime) => runtime.removeImage("a", wrong("forec")),
    pullImage: (runtime) => runtime.pullImage("a", wrong("allTag")),
    registry: (runtime) =>
      runtime.pullImage("a", { registry: wrong("tlsverify") }),
    signing: (runtime) =>
      runtime.pushImage("a", "b", { signing: wrong("singBy") }),
    pushImage: (runtime) => runtime.pushImage("a", "b", wrong("compress")),
    importImage: (runtime) => runtime.importImage("/a", wrong("refernce")),
    version: (runtime) => runtime.version(wrong("tiemout")),
    events: (runtime) => runtime.events(wrong("tiemout")).next(),
    shutdown: (runtime) => runtime.shutdown(wrong("forec")),
  };

for (const [name, options] of [
  ["stop", { graze: 1 }],
  ["restart", { graze: 1 }],
  ["start", { force: true }],
  ["unmount", { forec: true }],
  ["commit", { imgae: "a" }],
  ["attach", { sdtin: true }],
  ["refresh", { tiemout: 1 }],
] as const)
  Object.assign(calls, {
    [`container.${name}`]: async (runtime: Runtime) => {
      const container = await runtime.newContainer({});
      return container[name](options as object);
    },
  });
Object.assign(calls, {
  "container.exec": async (runtime: Runtime) =>
    (await runtime.newContainer({})).exec(["a"], wrong("ttty")),
  "container.logs": async (runtime: Runtime) =>
    (await runtime.newContainer({})).logs(wrong("folow")).next(),
  "container.configure": async (runtime: Runtime) =>
    (await runtime.newContainer({})).configure(wrong("naem")),
  removeContainer: async (runtime: Runtime) =>
    runtime.removeContainer(await runtime.newContainer({}), wrong("forec")),
  "pod.stop": async (runtime: Runtime) =>
    (await runtime.newPod()).stop(wrong("graze")),
  "pod.configure": async (runtime: Runtime) =>
    (await runtime.newPod()).configure(wrong("naem")),
  removePod: async (runtime: Runtime) =>
    runtime.removePod(await runtime.newPod(), wrong("volumes")),
});

test.each(Object.entries(calls))(
  "%s refuses options with a member that it does not know",
  async (_, call) => {
    await using runtime = await Runtime.open("embedded:");
    await expect(call(runtime)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(
        /^options\.[\w.]+: there is no such member; there are /,
      ) as string,
    });
  },
);

test("options that are no object are refused", async () => {
  await using runtime = await Runtime.open("embedded:");
  const container = await runtime.newContainer({});
  for (const options of [null, 5, "10s"])
    await expect(container.stop(options as never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^options: /) as string,
    });
});

test("at the top of a specification there is what OCI has there, on any system", async () => {
  await using runtime = await Runtime.open("embedded:");
  await expect(
    runtime.newContainer({ proces: {} } as object),
  ).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(/^spec\.proces: .*\bprocess\b/) as string,
  });
  const more = { hooks: { prestart: [] }, windows: {}, domainname: "d" };
  const container = await runtime.newContainer(more as object);
  expect(await container.spec()).toMatchObject(more);
});

test("what an engine lacks is told with how it is talked to", async () => {
  await using inner = await closing();
  const { execContainer: _, ...without } = inner.engine;
  const api = "io.podman (1.0)";
  const engine = { ...without, name: "podman", api };
  await using runtime = await Runtime.open(engine);
  const container = await runtime.newContainer({});
  const exec = container.exec(["a"]);
  await expect(exec).rejects.toThrow(NotSupported);
  await expect(exec).rejects.toMatchObject({
    engine: "podman",
    feature: "execContainer",
    message: "the podman engine (io.podman 1.0) cannot do this: execContainer",
  });
});

async function closing() {
  const engine = await embedded();
  return { engine, [Symbol.asyncDispose]: () => engine.close() };
}
