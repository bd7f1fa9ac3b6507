import { podmanDescriptor } from "portolan/podman";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { VarlinkError } from "../../../../src/runtime/errors.ts";
import { type Bench, create, openBench } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
  await create(bench, "web");
  await bench.podman.startContainer({ name: "web" });
  await bench.podman.createPod({ create: { name: "shop" } });
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** Methods that something is named to, without those that wait for what is found. */
const named = Object.entries(podmanDescriptor.methods)
  .filter(([, { input }]) => "name" in input)
  .map(([method]) => method);

async function ask(
  method: string,
  parameters: object,
): Promise<string | undefined> {
  try {
    // So that nothing of it is written where the tests run.
    const input = { ...parameters, path: `${bench.folder}/x.tar` };
    await bench.podman.$connection.call(`io.podman.${method}`, input, {
      timeout: 20_000,
    });
    return undefined;
  } catch (error) {
    if (!VarlinkError.is(error)) throw error;
    return error.error;
  }
}

/** The server is well, and what was there is as it was. */
async function expectUnharmed(): Promise<void> {
  expect(bench.mistakes).toEqual([]);
  const { containers } = await bench.podman.listContainers();
  expect(containers).toMatchObject([{ names: "web", status: "running" }]);
  expect((await bench.podman.listPods()).pods).toHaveLength(1);
}

it.each([
  ["nothing", ""],
  ["a NUL", "we\0b"],
  ["a mebibyte", "w".repeat(2 ** 20)],
  ["what objects have of their own", "__proto__"],
  ["a constructor", "constructor"],
  ["half a character", "\ud800"],
  ["a path", "../../etc/passwd"],
  ["a pattern", ".*"],
])("names that are %s find nothing", async (_what, name) => {
  for (const method of named) {
    const error = await ask(method, { name });
    // A search may well find nothing, and two methods say 1 for it.
    if (["SearchImage", "ImageExists", "ContainerExists"].includes(method))
      continue;
    // The registry of this engine has every name that is one.
    if (method === "PullImage") continue;
    expect(error, method).toMatch(
      /\.(ContainerNotFound|PodNotFound|ImageNotFound|ErrorOccurred|MethodNotImplemented)$/,
    );
  }
  await expectUnharmed();
});

it("parameters of any kind get an answer that the interface has", async () => {
  const value = fc.oneof(
    fc.constantFrom("web", "shop", "alpine", "", "__proto__", "\0"),
    fc.constantFrom(0, -1, 9, 2 ** 53, -(2 ** 63), 1e300, 0.5),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  );
  // What changes the engine for good is left out, and what would wait for ever.
  const asked = Object.keys(podmanDescriptor.methods).filter(
    (method) =>
      !/^(Remove|Delete|Stop|Kill|Pause|Restart|Wait|Create|Import|Export|Commit)/.test(
        method,
      ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...asked),
      fc.dictionary(
        fc.constantFrom("name", "opts", "limit", "tag", "tagged", "force", "x"),
        value,
      ),
      async (method, parameters) => {
        const error = await ask(method, parameters);
        if (error !== undefined) {
          expect(error).toMatch(
            /^(io\.podman|org\.varlink\.service)\.[A-Z]\w+$/,
          );
        }
      },
    ),
    { numRuns: 150 },
  );
  await expectUnharmed();
});

it("containers of any description are made, or refused in words", async () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom("/a:/b:ro", "80:80", "nofile=1", "container:web", "none"),
  );
  const texts = fc.array(text, { maxLength: 3 });
  const number = fc.constantFrom(0, -1, 1, 15, 2 ** 53, 2 ** 62, -(2 ** 62));
  const description = fc.record(
    {
      name: text,
      command: texts,
      entrypoint: texts,
      env: fc.dictionary(text, text, { maxKeys: 3 }),
      labels: fc.dictionary(text, text, { maxKeys: 3 }),
      volumes: texts,
      publish: texts,
      tmpfs: texts,
      devices: texts,
      cap_add: texts,
      uidmap: texts,
      user: text,
      net_mode: text,
      pid_mode: text,
      pod: text,
      stop_signal: number,
      resources: fc.record(
        {
          memory: number,
          cpus: fc.double({ noNaN: true, noDefaultInfinity: true }),
          ulimit: texts,
        },
        { requiredKeys: [] },
      ),
      log_driver_opt: texts,
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(description, async (wanted) => {
      const { podman } = bench;
      const [made] = await Promise.allSettled([
        podman.createContainer({ create: { image: "alpine", ...wanted } }),
      ]);
      if (made.status === "rejected") {
        expect(made.reason).toMatchObject({ error: "io.podman.ErrorOccurred" });
        return;
      }
      const { container: name } = made.value;
      const { container } = await podman.inspectContainer({ name });
      expect(JSON.parse(container)).toMatchObject({ ID: name });
      expect((await podman.getContainer({ name })).container.id).toBe(name);
      await podman.removeContainer({ name });
    }),
    { numRuns: 150 },
  );
  await expectUnharmed();
});
