import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NotSupported, type OptionalCall, type Runtime } from "portolan/libpod";
import { type Bench, Made } from "./bench.ts";
import { rules } from "./rules.ts";

/** Every call that an engine may lack, with how the objects ask for it. */
const optionalCalls: Readonly<Record<OptionalCall, true>> = {
  attachContainer: true,
  commitContainer: true,
  configureContainer: true,
  configurePod: true,
  containerDiff: true,
  containerProcesses: true,
  containerSpec: true,
  containerStats: true,
  createContainer: true,
  createPod: true,
  events: true,
  execContainer: true,
  exportContainer: true,
  getImage: true,
  getPod: true,
  imageHistory: true,
  importImage: true,
  info: true,
  initContainer: true,
  inspectImage: true,
  killPod: true,
  listImages: true,
  listPods: true,
  lookupPod: true,
  mountContainer: true,
  pauseContainer: true,
  pausePod: true,
  podStats: true,
  pullImage: true,
  pushImage: true,
  removeImage: true,
  removePod: true,
  restartContainer: true,
  restartPod: true,
  startContainer: true,
  startPod: true,
  stopPod: true,
  tagImage: true,
  unmountContainer: true,
  unpauseContainer: true,
  unpausePod: true,
  untagImage: true,
};

/** The calls of {@link optionalCalls}, in order. */
export const calls = Object.keys(optionalCalls) as OptionalCall[];

/**
 * The rules of libpod's objects on one engine. Where an engine lacks what a rule
 * needs, the rule is that the engine says so.
 *
 * @param open Makes the bench, once.
 * @param limit Milliseconds for each rule, and for what is before and after them.
 */
export function describeBench(
  name: string,
  open: () => Promise<Bench>,
  limit = 60_000,
): void {
  describe(name, () => {
    let bench: Bench;
    let runtime: Runtime;
    beforeAll(async () => {
      bench = await open();
      runtime = await bench.open();
    }, limit);
    afterAll(async () => {
      await runtime?.close();
      await bench?.close();
    }, limit);

    test("it lacks what it is said to lack, and nothing else", () => {
      const lacking = calls.filter((call) => !runtime.supports(call));
      expect(lacking).toEqual(calls.filter((call) => bench.lacks.has(call)));
    });

    for (const { name: rule, needs, run } of rules) {
      test(
        rule,
        async () => {
          const missing = needs.filter((call) => bench.lacks.has(call));
          const made = new Made(runtime, bench);
          if (missing.length > 0) {
            await expectRefusal(runtime, made, missing);
            return;
          }
          try {
            await run(runtime, made, bench);
          } finally {
            await made.remove();
          }
        },
        limit,
      );
    }
  });
}

/** Without what a rule needs, trying it is refused before anything is sent. */
async function expectRefusal(
  runtime: Runtime,
  made: Made,
  missing: readonly string[],
): Promise<void> {
  expect(missing.every((call) => !runtime.supports(call as OptionalCall))).toBe(
    true,
  );
  if (missing.includes("createContainer"))
    await expect(made.container("forever")).rejects.toBeInstanceOf(
      NotSupported,
    );
  if (missing.includes("createPod"))
    await expect(made.pod()).rejects.toBeInstanceOf(NotSupported);
}
