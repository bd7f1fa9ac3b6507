import { describe, expect, it } from "vitest";
import type {
  OutputChunk,
  Storage,
} from "../../../../src/libpod/engines/embedded/storage/types.ts";
import { container } from "./state-contract.ts";

/** A piece of output. */
export function chunk(
  text: string,
  time = 5,
  stream: OutputChunk["stream"] = "stdout",
): OutputChunk {
  return { time, stream, data: Uint8Array.from(Buffer.from(text)) };
}

/** What every {@link Storage} has to do besides its state. */
export function describeStorage(
  title: string,
  open: () => Promise<Storage>,
  again: (storage: Storage) => Promise<Storage> = async (storage) => storage,
): void {
  describe(title, () => {
    it("keeps values by key", async () => {
      const storage = await open();
      const value = { list: [1, null, "x", true], nested: { "": [] } };
      await storage.store("images", value);
      await storage.store("__proto__", "kept");
      await storage.store("gone", 1);
      await storage.store("gone", undefined);
      await storage.store("null", null);
      const reopened = await again(storage);
      expect(await reopened.load("images")).toEqual(value);
      expect(await reopened.load("__proto__")).toBe("kept");
      expect(await reopened.load("null")).toBe(null);
      expect(await reopened.load("gone")).toBe(undefined);
      expect(await reopened.load("constructor")).toBe(undefined);
    });

    it("does not see later changes of a value", async () => {
      const storage = await open();
      const value = { list: [1] };
      await storage.store("k", value);
      value.list.push(2);
      expect(await storage.load("k")).toEqual({ list: [1] });
    });

    it("appends output, and forgets it", async () => {
      const storage = await open();
      for (const id of ["c1", "c2", "../up"])
        await storage.state.addContainer(container(id, `n-${id}`));
      const buffer = Buffer.from("first");
      await storage.appendOutput("c1", [
        { time: 1.5, stream: "stdout", data: buffer },
        chunk("", 2, "stderr"),
      ]);
      buffer.fill(0);
      await storage.appendOutput("c1", []);
      await storage.appendOutput("c2", [chunk("other")]);
      await storage.appendOutput("../up", [chunk("odd")]);
      await storage.appendOutput("c1", [chunk("\u0000\n", 3)]);
      const reopened = await again(storage);
      expect(await reopened.output("c1")).toEqual([
        chunk("first", 1.5),
        chunk("", 2, "stderr"),
        chunk("\u0000\n", 3),
      ]);
      await reopened.appendOutput("c1", [chunk("more", 4)]);
      expect(await reopened.output("c1")).toHaveLength(4);
      expect(await reopened.output("../up")).toEqual([chunk("odd")]);
      await reopened.replaceOutput("c2", [chunk("x"), chunk("y")]);
      await reopened.appendOutput("c2", [chunk("other")]);
      await reopened.replaceOutput("../up", []);
      await reopened.dropOutput("c1");
      await reopened.dropOutput("c1");
      const last = await again(reopened);
      expect(await last.output("c1")).toEqual([]);
      expect(await last.output("c2")).toEqual([
        chunk("x"),
        chunk("y"),
        chunk("other"),
      ]);
      expect(await last.output("../up")).toEqual([]);
      await last.appendOutput("c1", [chunk("anew")]);
      expect(await last.output("c1")).toEqual([chunk("anew")]);
    });
  });
}
