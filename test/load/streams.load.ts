import { expect, it } from "vitest";
import type { Course } from "./level.ts";
import { ITEMS } from "./size.ts";
import { figures, inMB, levels, startPair, untilSeen } from "./support.ts";

const STREAMS = 200;

/** Resident memory that either side may take for all streams, beyond what it takes without. */
const SERVER_LIMIT = 120 * 1024 * 1024;
const CLIENT_LIMIT = 480 * 1024 * 1024;

it(`${STREAMS} streams with slow readers: everything comes in its turn, and memory is bounded`, async () => {
  await using pair = await startPair();
  const before = await levels(pair);
  await pair.server.ask("watch");
  await pair.client.ask("openStreams", STREAMS);
  // Nobody reads on: the generators stop where all buffers are full.
  let made = -1;
  for (let calm = 0; calm < 20;) {
    const seen = await untilSeen(pair, () => true);
    calm = seen.made === made ? calm + 1 : 0;
    ({ made } = seen);
  }
  const full = await levels(pair);
  const began = performance.now();
  const { inOrder, course } = await pair.client.ask<{
    readonly inOrder: number;
    readonly course: Course;
  }>("readStreams");
  const took = performance.now() - began;
  expect(inOrder).toBe(STREAMS);
  const seen = await untilSeen(pair, ({ closed }) => closed === STREAMS);
  expect(seen.made).toBe(STREAMS * ITEMS);
  expect(seen.errors).toEqual([]);
  const served = await pair.server.ask<Course>("watched");
  const rise = {
    server: served.peak - before.server.rss,
    client: course.peak - before.client.rss,
  };
  const list = (values: readonly number[]): string =>
    values.map(inMB).join(", ");
  figures(
    `${STREAMS} streams of ${ITEMS} replies of 1 KB (${STREAMS * ITEMS} in all)`,
    {
      "made before anybody read on": made,
      "server, heap with all buffers full": inMB(full.server.heap),
      "client, heap with all buffers full": inMB(full.client.heap),
      "read slowly in": `${took.toFixed(0)} ms`,
      "server, resident": `${inMB(served.peak)} at most, ${inMB(rise.server)} more than at rest`,
      "server, over the run": list(served.values),
      "client, resident": `${inMB(course.peak)} at most, ${inMB(rise.client)} more than at rest`,
      "client, over the run": list(course.values),
    },
  );
  // What was made for nobody yet is a part of it all.
  expect(made).toBeLessThan((STREAMS * ITEMS) / 2);
  expect(rise.server).toBeLessThan(SERVER_LIMIT);
  expect(rise.client).toBeLessThan(CLIENT_LIMIT);
});
