import fc from "fast-check";
import { podmanDescriptor } from "portolan/podman/1.9";
import { afterEach, beforeEach, expect, it } from "vitest";
import { VarlinkError } from "../../../../src/runtime/errors.ts";
import { type Bench, openBench, run } from "./support.ts";

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
  await run(bench, "web");
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** Those that are to remove what is there, that wait, or that write where they are told. */
const left: ReadonlySet<string> = new Set([
  "Reset",
  "GetEvents",
  "WaitContainer",
  "ExportContainer",
  "ExportImage",
  "PushImage",
  "DeleteUnusedImages",
]);

const asked = Object.entries(podmanDescriptor.methods)
  .filter(([method]) => !left.has(method))
  .map(([method, { input }]) => ({ method, members: Object.keys(input) }));

/** The error that a call is answered with, if it is. */
async function ask(
  method: string,
  parameters: object,
): Promise<string | undefined> {
  try {
    await bench.podman.$connection.call(`io.podman.${method}`, parameters, {
      timeout: 20_000,
    });
    return undefined;
  } catch (error) {
    if (!VarlinkError.is(error)) throw error;
    return error.error;
  }
}

it.each([
  ["nothing", ""],
  ["a NUL", "we\0b"],
  ["a mebibyte", "w".repeat(2 ** 20)],
  ["what objects have of their own", "__proto__"],
  ["half a character", "\ud800"],
  ["a path", "../../etc/passwd"],
  ["a pattern", ".*"],
])("names that are %s find nothing, and harm nothing", async (_what, name) => {
  const keys = new Set("name id nameOrID pod path inputFile source".split(" "));
  for (const { method, members } of asked) {
    if (method === "PullImage") continue;
    const own = members.filter((member) => keys.has(member));
    if (own.length === 0) continue;
    const input = Object.fromEntries(own.map((member) => [member, name]));
    const error = await ask(method, input);
    if (/^(ImageExists|ContainerExists|VolumeRemove)$/.test(method)) continue;
    expect(error, method).toMatch(
      /\.(ContainerNotFound|PodNotFound|ImageNotFound|ErrorOccurred|MethodNotImplemented|ExpectedUpgrade)$/,
    );
  }
  expect(bench.mistakes).toEqual([]);
  const { containers } = await bench.podman.listContainers();
  expect(containers).toMatchObject([{ names: "web", status: "running" }]);
});

it("parameters of any kind get an answer that the interface has", async () => {
  const value = fc.oneof(
    fc.constantFrom("web", "alpine", "", "__proto__", "\0", "=", "a=b", ":"),
    fc.constantFrom(0, -1, 9, 2 ** 53, -(2 ** 63), 1e300, 0.5),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.constantFrom("", "=", "a=b", "status=x", "running", "x:y:z")),
    fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
  );
  const call = fc.constantFrom(...asked).chain(({ method, members }) =>
    fc.tuple(...members.map(() => value)).map((values) => ({
      method,
      parameters: Object.fromEntries(
        members.map((member, index) => [member, values[index]]),
      ),
    })),
  );
  const known =
    /^(io\.podman\.\w+|org\.varlink\.service\.(InvalidParameter|MethodNotImplemented|ExpectedUpgrade|ExpectedMore))$/;
  await fc.assert(
    fc.asyncProperty(call, async ({ method, parameters }) => {
      const error = await ask(method, parameters);
      if (error !== undefined) expect(error, method).toMatch(known);
      expect(bench.mistakes).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it("options of any kind make a container or an error, and never half of one", async () => {
  const text = fc.constantFrom(
    "",
    "x",
    "-1",
    "1m",
    "0",
    "none",
    "a=b",
    "/a:/b",
    "host",
    "\0",
  );
  const value = fc.oneof(
    text,
    fc.array(text, { maxLength: 2 }),
    fc.integer({ min: -2, max: 2000 }),
    fc.boolean(),
  );
  const members = Object.keys(podmanDescriptor.types["Create"] ?? {});
  expect(members.length).toBeGreaterThan(90);
  const options = fc.dictionary(fc.constantFrom(...members), value, {
    maxKeys: 4,
  });
  await fc.assert(
    fc.asyncProperty(options, async (some) => {
      const before = (await bench.engine.listContainers()).length;
      const error = await ask("CreateContainer", {
        create: { ...some, args: ["alpine", "x"] },
      });
      const made = (await bench.engine.listContainers()).length - before;
      expect(made).toBe(error === undefined ? 1 : 0);
      expect(bench.mistakes).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
