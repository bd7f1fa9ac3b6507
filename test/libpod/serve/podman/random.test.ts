import { podmanDescriptor } from "portolan/podman";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Program } from "../../../../src/libpod/engines/embedded/index.ts";
import { VarlinkError } from "../../../../src/runtime/errors.ts";
import { type Bench, openBench } from "./support.ts";

const programs: Readonly<Record<string, Program>> = {
  job: {
    output: ["one", { stderr: "two", after: 40 }],
    runsFor: 300,
    exitCode: 3,
  },
  async *ticks({ sleep }) {
    for (;;) {
      yield "tick\n";
      await sleep(50);
    }
  },
};

interface Call {
  readonly method: string;
  readonly input: object;
  /** Milliseconds that pass once it is answered. Nothing here needs time to end. */
  readonly passed: number;
}

/** Where files are, whatever the folder is called. */
const FOLDER = "/the-folder";
const files = ["docker-archive", "oci-archive", "dir", "oci"].map(
  (kind) => `${kind}:${FOLDER}/${kind}`,
);

const container = fc.constantFrom("web", "db", "job", "ticks", "0001", "no");
const pod = fc.constantFrom("shop", "lab", "0002", "no");
const image = fc.constantFrom("alpine", "busybox:1", "localhost/x:1", "no");
const anything = fc.oneof(container, pod, image);
/** One of these, mostly the first. */
function often<T>(first: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(first) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}
const text = fc.constantFrom("", "web", "__proto__", "UPPER case", "ü\0");

/** What methods are given besides a name: such as mostly makes sense. */
const inputs: Readonly<Record<string, fc.Arbitrary<object>>> = {
  CreateContainer: fc.record({
    create: fc.record({
      image: often("alpine", "busybox:1", "localhost/x:1", ""),
      name: fc.constantFrom("web", "db", "job", "ticks", ""),
      command: fc.constantFrom([], ["job"], ["ticks"], ["sleep", "1"]),
      pod: often("", "shop", "lab", "no"),
      net_mode: often("", "host", "container:web"),
      publish: often<string[]>([], ["80:80"], ["x"]),
      labels: fc.dictionary(text, text, { maxKeys: 2 }),
      volumes: fc.constantFrom([], ["/a:/b:ro"], ["name:/c"]),
      interactive: fc.boolean(),
      tty: fc.boolean(),
      resources: fc.record({
        memory: fc.constantFrom(0, 2 ** 20, 2 ** 53),
      }),
    }),
  }),
  CreatePod: fc.record({
    create: fc.record({
      name: fc.constantFrom("shop", "lab", "", "web"),
      labels: fc.dictionary(text, text, { maxKeys: 2 }),
      share: fc.constantFrom([], ["net"]),
      infra: fc.boolean(),
    }),
  }),
  KillContainer: fc.record({
    name: container,
    signal: fc.constantFrom(-1, 0, 9, 15, 64, 65, 2 ** 40),
  }),
  KillPod: fc.record({ name: pod, signal: fc.constantFrom(-1, 0, 9, 17) }),
  StopContainer: fc.record({
    name: container,
    timeout: fc.constantFrom(0, 1, -1, 2 ** 53 - 1),
  }),
  RestartContainer: fc.record({
    name: container,
    timeout: fc.constantFrom(0, 1, -1),
  }),
  ExportContainer: fc.record({
    name: container,
    path: fc.constantFrom(`${FOLDER}/c.tar`, `${FOLDER}/no/c.tar`, "\0"),
  }),
  ExportImage: fc.record({
    name: image,
    destination: fc.constantFrom(...files, "x", "", "ostree:/x"),
    compress: fc.boolean(),
    tags: often<string[]>([], ["x:1"]),
  }),
  ImportImage: fc.record({
    source: fc.constantFrom(...files, `${FOLDER}/c.tar`, "http://x", ""),
    reference: often("x:1", "", "UPPER"),
    message: text,
    changes: often<string[]>([], ["CMD=x"], ["NO=x"]),
  }),
  PullImage: fc.record({ name: fc.oneof(image, fc.constantFrom(...files)) }),
  PushImage: fc.record({
    name: image,
    tag: fc.constantFrom("", "y:2", ...files),
    tlsverify: fc.boolean(),
  }),
  Commit: fc.record({
    name: container,
    image_name: often("x:1", "", "UPPER"),
    changes: often(["CMD=job"], [], ["no"]),
    manifestType: often("", "oci", "docker", "no"),
  }),
  TagImage: fc.record({
    name: image,
    tagged: fc.constantFrom("x:1", "alpine", "no way", "x@sha256:1"),
  }),
  SearchImage: fc.record({
    name: text,
    limit: fc.constantFrom(0, -1, 2, 2 ** 50),
  }),
  ListContainerProcesses: fc.record({
    name: container,
    opts: fc.constantFrom([], ["pid", "comm"], ["no", "x"]),
  }),
};

function called(method: string): fc.Arbitrary<Call> {
  const name = method.includes("Pod")
    ? pod
    : /Image/.test(method)
      ? image
      : /Container|Commit/.test(method)
        ? container
        : anything;
  return fc.record({
    method: fc.constant(method),
    input: inputs[method] ?? fc.record({ name, force: fc.boolean() }),
    passed: fc.constantFrom(0, 10, 100, 1000),
  });
}

const methods = Object.keys(podmanDescriptor.methods);
/** Things are made and started more often than they are taken away. */
function weight(method: string): number {
  if (/^(CreateContainer|CreatePod|StartContainer)$/.test(method)) return 16;
  return /^(Remove|Delete)/.test(method) ? 1 : 3;
}

const calls = fc.array(
  fc.oneof(
    ...methods
      // It may well wait for ever.
      .filter((method) => method !== "WaitContainer")
      .map((method) => ({ weight: weight(method), arbitrary: called(method) })),
  ),
  { minLength: 250, maxLength: 250 },
);

async function answer(bench: Bench, call: Call): Promise<string> {
  const { folder } = bench;
  const input = JSON.parse(
    JSON.stringify(call.input).replaceAll(FOLDER, folder),
  ) as object;
  const answered = await bench.podman.$connection
    .call(`io.podman.${call.method}`, input, { timeout: 20_000 })
    .catch((error: unknown) => {
      if (!VarlinkError.is(error)) throw error;
      return { error: error.error, parameters: error.parameters as unknown };
    });
  await bench.clock.advance(call.passed);
  return JSON.stringify(answered).replaceAll(folder, FOLDER);
}

async function answersTo(all: readonly Call[]): Promise<readonly string[]> {
  const bench = await openBench({ programs });
  try {
    const answers: string[] = [];
    for (const call of all)
      answers.push(`${call.method}: ${await answer(bench, call)}`);
    // No answer was against the interface, and nothing failed in no words.
    expect(bench.mistakes).toEqual([]);
    return answers;
  } finally {
    await bench[Symbol.asyncDispose]();
  }
}

it("whatever is asked, answers are the interface's own, and the same twice", async () => {
  const answered = new Set<string>();
  // The same calls every time: what they reach is a matter of luck otherwise.
  for (const all of fc.sample(calls, { numRuns: 8, seed: 4 })) {
    const answers = await answersTo(all);
    const again = await answersTo(all);
    for (const [index, each] of answers.entries()) {
      expect(again[index]).toBe(each);
      if (!each.includes('"error":"'))
        answered.add(each.split(":", 1)[0] ?? "");
    }
  }
  // What can succeed did, so that more than refusals was looked at.
  const succeeding =
    "CreateContainer StartContainer InspectContainer StopContainer PauseContainer " +
    "RemoveContainer ExportContainer Commit CreatePod StartPod InspectPod RemovePod " +
    "ImportImage ExportImage PushImage InspectImage TagImage";
  for (const method of succeeding.split(" "))
    expect(answered).toContain(method);
});

it("who reads a log too slowly is told so in the interface's words", async () => {
  const bench = await openBench({
    programs: {
      async *flood({ sleep }) {
        await sleep(10);
        const line = `${"x".repeat(65_535)}\n`;
        // More than is kept of it, and is on its way.
        for (let piece = 0; piece < 256; piece += 1) yield line;
        await sleep(1000);
      },
    },
  });
  try {
    const { podman, clock, mistakes } = bench;
    await podman.createContainer({ create: { name: "flood", image: "a" } });
    await podman.startContainer({ name: "flood" });
    const logs = podman.getContainerLogs.more({ name: "flood" });
    expect(await logs.next()).toMatchObject({ value: { container: [] } });
    await clock.advance(10);
    const reading = (async () => {
      for await (const { container: lines } of logs)
        expect(lines.join("").length).toBeLessThan(2 ** 20);
    })();
    await expect(reading).rejects.toMatchObject({
      error: "io.podman.ErrorOccurred",
      parameters: { reason: expect.stringMatching(/too slowly/) as string },
    });
    expect(mistakes).toEqual([]);
  } finally {
    await bench[Symbol.asyncDispose]();
  }
});
