import { expect, test } from "vitest";
import type { RegistryImage } from "../../../../src/libpod/engines/embedded/index.ts";
import { all, bench, rejection } from "./support.ts";

const registry: Readonly<Record<string, RegistryImage>> = {
  web: {
    entrypoint: ["/entry"],
    command: ["serve", "--all"],
    env: ["PATH=/bin", "MODE=image"],
    labels: { from: "image", both: "image" },
    workDir: "/srv",
    user: "www",
    stopSignal: "SIGQUIT",
  },
};

async function withImage() {
  const made = await bench({ registry });
  await all(made.engine.pullImage("web"));
  return made;
}

test("what an image says counts where nothing else is said", async () => {
  const { engine } = await withImage();
  const id = await engine.createContainer({
    spec: {},
    rootfs: { image: "web" },
  });
  const details = await engine.inspectContainer(id);
  const image = await engine.getImage("web");
  expect(details).toMatchObject({
    image: "web",
    imageId: image.id,
    command: ["/entry", "serve", "--all"],
    labels: { from: "image", both: "image" },
    stopSignal: 3,
  });
  expect(image.containers).toBe(1);
  expect((await engine.containerSpec(id)).process).toEqual({
    args: ["/entry", "serve", "--all"],
    env: ["PATH=/bin", "MODE=image"],
    cwd: "/srv",
    user: { username: "www" },
  });
});

test("what is said counts more than the image", async () => {
  const { engine } = await withImage();
  const id = await engine.createContainer({
    spec: {
      process: {
        args: ["sh"],
        env: ["MODE=own", "X=1"],
        cwd: "/",
        user: { uid: 7 },
      },
    },
    rootfs: { image: "web" },
    labels: { both: "own" },
    stopSignal: 1,
  });
  expect(await engine.inspectContainer(id)).toMatchObject({
    command: ["sh"],
    labels: { from: "image", both: "own" },
    stopSignal: 1,
  });
  expect((await engine.containerSpec(id)).process).toEqual({
    args: ["sh"],
    env: ["PATH=/bin", "MODE=own", "X=1"],
    cwd: "/",
    user: { uid: 7 },
  });
});

test("an image may be taken without its configuration", async () => {
  const { engine } = await withImage();
  const spec = { hostname: "h" };
  const id = await engine.createContainer({
    spec,
    rootfs: { image: "web", useImageConfig: false },
  });
  expect(await engine.containerSpec(id)).toEqual(spec);
  expect(await engine.inspectContainer(id)).toMatchObject({
    image: "web",
    command: [],
    stopSignal: 15,
  });
});

test.each([
  ["SIGTERM", 15],
  ["TERM", 15],
  ["2", 2],
  ["SIGRTMIN+3", 37],
  ["RTMAX-1", 63],
])("an image's stop signal %s is %d", async (stopSignal, expected) => {
  const { engine } = await bench({ registry: { web: { stopSignal } } });
  await all(engine.pullImage("web"));
  const id = await engine.createContainer({
    spec: {},
    rootfs: { image: "web" },
  });
  expect((await engine.inspectContainer(id)).stopSignal).toBe(expected);
});

test("what does not fit is refused, and nothing is made", async () => {
  const { engine, container } = await bench({
    registry: { odd: { stopSignal: "SIGWHAT" } },
  });
  await all(engine.pullImage("odd"));
  const pod = await engine.createPod({ name: "pod" });
  const other = await engine.createPod({});
  const inPod = await container("any", { podId: pod, name: "taken" });
  const cases = [
    [{ name: "taken" }, "CONTAINER_EXISTS"],
    [{ name: "pod" }, "POD_EXISTS"],
    [{ name: "" }, "INVALID_ARGUMENT"],
    [{ name: "a b" }, "INVALID_ARGUMENT"],
    [{ name: "a\0b" }, "INVALID_ARGUMENT"],
    [{ name: "ü" }, "INVALID_ARGUMENT"],
    [{ name: "x".repeat(256) }, "INVALID_ARGUMENT"],
    [{ stopSignal: 65 }, "INVALID_ARGUMENT"],
    [{ rootfs: { image: "missing" } }, "NO_SUCH_IMAGE"],
    [{ rootfs: { image: "odd" } }, "INVALID_ARGUMENT"],
    [{ podId: "missing" }, "NO_SUCH_POD"],
    [
      { sharedNamespaces: { containerId: "missing", namespaces: [] } },
      "NO_SUCH_CONTAINER",
    ],
    [
      {
        podId: other,
        sharedNamespaces: { containerId: inPod, namespaces: ["net"] },
      },
      "INVALID_ARGUMENT",
    ],
  ] as const;
  for (const [config, code] of cases)
    expect(await rejection(container("any", config))).toMatchObject({ code });
  expect((await engine.listContainers()).map(({ id }) => id)).toEqual([inPod]);
});

test("names are made up where none is given: each another, for the same ids the same", async () => {
  const made = async (): Promise<readonly string[]> => {
    const { engine, container } = await bench();
    for (let count = 0; count < 40; count += 1) await container("any");
    return (await engine.listContainers()).map(({ name }) => name);
  };
  const names = await made();
  expect(new Set(names).size).toBe(40);
  expect(await made()).toEqual(names);
  // Ids that differ where no name shows it.
  let count = 0;
  const { engine, container } = await bench({
    ids: () => `${(count += 1)}`.padEnd(64, "0"),
  });
  const first = await container("any");
  const second = await container("any");
  const [one, two] = await Promise.all(
    [first, second].map((id) => engine.getContainer(id)),
  );
  expect(two?.name).toBe(`${one?.name}_2`);
});

test("ids that are none, or were given before, are refused", async () => {
  const short = await bench({ ids: () => "abc" });
  expect(await rejection(short.container("any"))).toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  const same = await bench({ ids: () => "a".repeat(64) });
  await same.container("any");
  expect(await rejection(same.container("any"))).toMatchObject({
    code: "CONTAINER_EXISTS",
  });
});

test("sharing namespaces: into the same pod, and its source goes last", async () => {
  const { engine, container } = await bench();
  const pod = await engine.createPod({});
  const from = await container("any", { podId: pod });
  const sharing = {
    sharedNamespaces: { containerId: from, namespaces: ["net", "ipc"] },
  } as const;
  const one = await container("any", sharing);
  const two = await container("any", { ...sharing, podId: pod });
  expect((await engine.getPod(pod)).containers.map(({ id }) => id)).toEqual([
    from,
    one,
    two,
  ]);
  for (const force of [false, true])
    expect(
      await rejection(engine.removeContainer(from, { force })),
    ).toMatchObject({ code: "INVALID_STATE" });
  await engine.removeContainer(one);
  await engine.removeContainer(two);
  await engine.removeContainer(from);
  // All of a pod may go together.
  const source = await container("any", { podId: pod });
  await container("any", {
    sharedNamespaces: { containerId: source, namespaces: ["net"] },
  });
  await engine.removePod(pod);
  expect(await engine.listContainers()).toEqual([]);
});

test("a container is looked up by id, name and the beginning of one id", async () => {
  const { engine, container } = await bench();
  const first = await container("any", { name: "0000" });
  const second = await container("any", { name: "two" });
  const found = async (text: string): Promise<string> =>
    (await engine.lookupContainer(text)).id;
  expect(await found("0000")).toBe(first);
  expect(await found("two")).toBe(second);
  expect(await found(second)).toBe(second);
  for (const text of ["000", "0"])
    expect(await rejection(found(text))).toMatchObject({
      code: "AMBIGUOUS_ID",
    });
  for (const text of ["", "tw", "f"])
    expect(await rejection(found(text))).toMatchObject({
      code: "NO_SUCH_CONTAINER",
    });
});

test("before it is set up a container may change, and what is not given stays", async () => {
  const { engine, container } = await withImage();
  const id = await container("any", { labels: { a: "1" }, name: "one" });
  await engine.configureContainer(id, {
    name: "two",
    annotations: { b: "2" },
    rootfs: { image: "web" },
  });
  expect(await engine.inspectContainer(id)).toMatchObject({
    name: "two",
    command: ["any"],
    labels: { a: "1", from: "image" },
    annotations: { b: "2" },
    image: "web",
  });
  await container("any", { name: "one" });
  expect(
    await rejection(engine.configureContainer(id, { name: "one" })),
  ).toMatchObject({ code: "CONTAINER_EXISTS" });
  expect(
    await rejection(engine.configureContainer(id, { name: "a b" })),
  ).toMatchObject({ code: "INVALID_ARGUMENT" });
});
