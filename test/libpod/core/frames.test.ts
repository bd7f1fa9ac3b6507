import {
  embedded,
  type Engine,
  NoSuchContainer,
  Runtime,
} from "portolan/libpod";
import { expect, test } from "vitest";

/** What a call rejects with. */
async function failure(call: () => Promise<unknown>): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

const calls: readonly [string, (runtime: Runtime) => Promise<unknown>][] = [
  [
    "that is awaited",
    async function callerOfOurs(runtime) {
      await runtime.getContainer("none");
    },
  ],
  [
    "of an object",
    async function callerOfOurs(runtime) {
      const container = await runtime.newContainer({});
      await container.start();
      await container.start();
    },
  ],
  [
    "whose result is passed on",
    async function callerOfOurs(runtime) {
      const container = await runtime.newContainer({});
      await container.stats();
    },
  ],
  [
    "of a pod",
    async function callerOfOurs(runtime) {
      await runtime.newPod({ name: "twice" });
      await runtime.newPod({ name: "twice" });
    },
  ],
  [
    "that is refused before anything is asked",
    async function callerOfOurs(runtime) {
      await runtime.newContainer({ process: { args: ["x", "\0"] } });
    },
  ],
];

test.each(calls)("the stack of a call %s shows the caller", async (_, call) => {
  await using engine = {
    [Symbol.asyncDispose]: () => inner.close(),
    inner: await embedded(),
  };
  const { inner } = engine;
  await using runtime = await Runtime.open(inner);
  const { stack = "" } = await failure(() => call(runtime));
  expect(stack.match(/callerOfOurs/g)).toHaveLength(1);
});

test("an error that is frozen is passed on as it is", async () => {
  const frozen = Object.freeze(new NoSuchContainer("frozen"));
  const inner = await embedded();
  const engine: Engine = {
    ...inner,
    getContainer: () => Promise.reject(frozen),
  };
  await using runtime = await Runtime.open(engine);
  expect(await failure(() => runtime.getContainer("any"))).toBe(frozen);
  await inner.close();
});
