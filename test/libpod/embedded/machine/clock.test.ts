import fc from "fast-check";
import { expect, test } from "vitest";
import {
  manualClock,
  systemClock,
} from "../../../../src/libpod/engines/embedded/clock.ts";
import { rejection } from "./support.ts";

test("it stands still until it is moved", async () => {
  const clock = manualClock(5);
  let awake = false;
  const sleeping = clock.sleep(10).then(() => (awake = true));
  await clock.advance(9);
  expect([clock.now(), awake]).toEqual([14, false]);
  await clock.advance(1);
  expect([clock.now(), awake]).toEqual([15, true]);
  await sleeping;
});

test("sleepers wake in order of their times, each at its time, equal ones as they came", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 12 }),
      async (times) => {
        const clock = manualClock();
        const woken: (readonly [number, number])[] = [];
        const sleeping = times.map((time, index) =>
          clock.sleep(time).then(() => woken.push([clock.now(), index])),
        );
        await clock.advance(20);
        await Promise.all(sleeping);
        const expected = times
          .map((time, index) => [time, index] as const)
          .sort(([a, first], [b, second]) => a - b || first - second);
        expect(woken).toEqual(expected);
      },
    ),
    { numRuns: 30 },
  );
});

test("what one sleeper sets off is done before the next wakes", async () => {
  const clock = manualClock();
  const steps: string[] = [];
  const first = (async () => {
    await clock.sleep(1);
    await Promise.resolve();
    steps.push("one", `now ${clock.now()}`);
    await clock.sleep(1);
    steps.push("then", `now ${clock.now()}`);
  })();
  const second = clock.sleep(3).then(() => steps.push("two"));
  await clock.advance(3);
  await Promise.all([first, second]);
  expect(steps).toEqual(["one", "now 1", "then", "now 2", "two"]);
});

test("work that was announced is waited for, also where it fails", async () => {
  const clock = manualClock();
  const steps: string[] = [];
  const sleeping = clock.sleep(1).then(() => {
    const work = new Promise<void>((_resolve, reject) => {
      setTimeout(() => {
        steps.push("work");
        reject(new Error("expected"));
      }, 30);
    });
    clock.busy?.(work);
    return work.catch(() => undefined);
  });
  const after = clock.sleep(2).then(() => steps.push("after"));
  await clock.advance(2);
  await Promise.all([sleeping, after]);
  expect(steps).toEqual(["work", "after"]);
});

test("no time is slept through the event loop, without moving", async () => {
  const clock = manualClock();
  await clock.sleep(0);
  await clock.sleep(-1);
  await clock.sleep(Number.NaN);
  expect(clock.now()).toBe(0);
});

test("moves queue up, and do not go back", async () => {
  const clock = manualClock();
  await Promise.all([clock.advance(1), clock.advance(2), clock.advance(0)]);
  expect(clock.now()).toBe(3);
  for (const back of [-1, Number.NaN])
    expect(await rejection(clock.advance(back))).toBeInstanceOf(RangeError);
  await clock.advance(1);
  expect(clock.now()).toBe(4);
});

for (const [name, clock] of [
  ["manual", manualClock()],
  ["system", systemClock],
] as const) {
  test(`${name}: an aborted sleep rejects with the signal's reason`, async () => {
    const leave = new AbortController();
    const reason = new Error("enough");
    const sleeping = rejection(clock.sleep(60_000, leave.signal));
    leave.abort(reason);
    expect(await sleeping).toBe(reason);
    expect(await rejection(clock.sleep(1, leave.signal))).toBe(reason);
    expect(await rejection(clock.sleep(0, leave.signal))).toBe(reason);
  });
}

test("system: it tells the time and lets it pass", async () => {
  const before = Date.now();
  await systemClock.sleep(20);
  await systemClock.sleep(Number.NaN);
  expect(systemClock.now()).toBeGreaterThanOrEqual(before + 15);
});

test("system: a sleep longer than timers take does not end at once", async () => {
  const leave = new AbortController();
  const sleeping = rejection(systemClock.sleep(2 ** 40, leave.signal));
  await systemClock.sleep(20);
  leave.abort(new Error("still asleep"));
  expect(await sleeping).toEqual(new Error("still asleep"));
});

test("what never comes to rest is told instead of waited for", async () => {
  const clock = manualClock();
  const stop = new AbortController();
  const restless = async (): Promise<void> => {
    while (!stop.signal.aborted) await clock.sleep(0);
  };
  const running = restless();
  expect(String(await rejection(clock.advance(1)))).toContain("no end");
  stop.abort();
  await running;
  await clock.advance(1);
  expect(clock.now()).toBe(1);
});
