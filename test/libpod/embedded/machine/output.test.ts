import { expect, test } from "vitest";
import { manualClock } from "../../../../src/libpod/engines/embedded/clock.ts";
import {
  Output,
  OUTPUT_LIMIT,
} from "../../../../src/libpod/engines/embedded/output.ts";
import { memoryStorage } from "../../../../src/libpod/engines/embedded/storage/memory.ts";
import type { Storage } from "../../../../src/libpod/engines/embedded/storage/types.ts";
import { rejection } from "./support.ts";

const PIECE = 64 * 1024;

function outputIn(storage: Storage): Output {
  return new Output("id", storage, manualClock(), true);
}

const bytesIn = async (storage: Storage): Promise<number> =>
  (await storage.output("id")).reduce((sum, { data }) => sum + data.length, 0);

test("the storage has what memory has, and never more than twice as much and a batch", async () => {
  const storage = memoryStorage();
  const output = outputIn(storage);
  let most = 0;
  for (let piece = 0; piece < 100; piece += 1) {
    void output.append("stdout", Buffer.alloc(PIECE, piece));
    await output.flush();
    most = Math.max(most, await bytesIn(storage));
  }
  expect(most).toBeLessThanOrEqual(2 * OUTPUT_LIMIT + PIECE);
  expect(output.lost("stdout")).toBe(100 * PIECE - OUTPUT_LIMIT);
  expect(output.lost("stderr")).toBe(0);

  const again = new Output("id", storage, manualClock(), false);
  await again.load();
  const firstBytes = (of: Output): readonly unknown[] =>
    of.all().map(({ data }) => [data[0], data.length]);
  expect(firstBytes(again)).toEqual(firstBytes(output));
  expect(firstBytes(again).at(-1)).toEqual([99, PIECE]);
});

test("a storage that is slow holds the program up once it is far behind", async () => {
  let proceed = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const storage: Storage = {
    ...memoryStorage(),
    appendOutput: () => gate,
  };
  const output = outputIn(storage);
  const rooms = Array.from({ length: 20 }, () =>
    output.append("stdout", Buffer.alloc(PIECE)),
  );
  // The first is on its way; of the rest a limit's worth may wait.
  expect(rooms.findIndex((room) => room !== undefined)).toBe(17);
  proceed();
  await Promise.all(rooms.map(async (room) => room));
});

test("pieces of a few bytes do not take more room than they are allowed", () => {
  const output = outputIn(memoryStorage());
  for (let piece = 0; piece < 50_000; piece += 1)
    void output.append("stdout", Buffer.from("x"));
  // A byte each: what they are made of is many times as much.
  expect(output.all().length).toBeLessThanOrEqual(OUTPUT_LIMIT / 64);
  expect(output.lost("stdout")).toBe(50_000 - output.all().length);
});

test("what cannot be kept is told, and kept as a whole once there is room", async () => {
  const kept = memoryStorage();
  let full = false;
  const storage: Storage = {
    ...kept,
    async appendOutput(id, chunks) {
      if (full) throw new Error("the disk is full");
      await kept.appendOutput(id, chunks);
    },
    async replaceOutput(id, chunks) {
      if (full) throw new Error("the disk is full");
      await kept.replaceOutput(id, chunks);
    },
  };
  const output = outputIn(storage);
  void output.append("stdout", Buffer.from("one"));
  await output.flush();
  full = true;
  void output.append("stdout", Buffer.from("two"));
  expect(await rejection(output.flush())).toMatchObject({
    code: "ENGINE_ERROR",
    cause: new Error("the disk is full"),
  });
  void output.append("stdout", Buffer.from("three"));
  expect(await rejection(output.flush())).toBeDefined();
  // No gap: what came before it is all there is.
  expect(await bytesIn(storage)).toBe(3);
  full = false;
  await output.flush();
  const text = (await storage.output("id")).map(({ data }) =>
    Buffer.from(data).toString(),
  );
  expect(text.join(" ")).toBe("one two three");
  void output.append("stdout", Buffer.from("four"));
  await output.flush();
  expect(await bytesIn(storage)).toBe(15);
});
