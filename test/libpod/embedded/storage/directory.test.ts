import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDirectory } from "../../../../src/libpod/engines/embedded/storage/directory.ts";
import { MemoryState } from "../../../../src/libpod/engines/embedded/storage/memory.ts";
import type { Storage } from "../../../../src/libpod/engines/embedded/storage/types.ts";
import { Disk } from "./disk.ts";
import { container, describeState, pod } from "./state-contract.ts";
import { chunk, describeStorage } from "./storage-contract.ts";

let base: string;
let count = 0;
const opened = new Set<Storage>();
const folders = new WeakMap<object, { folder: string; storage: Storage }>();

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "portolan-state-"));
});

afterAll(async () => {
  for (const storage of opened) await storage.close();
  await rm(base, { recursive: true, force: true });
});

function newFolder(): string {
  count += 1;
  return path.join(base, `${count}`, "state");
}

async function open(folder: string = newFolder()): Promise<Storage> {
  const storage = await openDirectory(folder);
  opened.add(storage);
  folders.set(storage, { folder, storage });
  folders.set(storage.state, { folder, storage });
  return storage;
}

async function again(of: object): Promise<Storage> {
  const { folder, storage } = folders.get(of) as {
    folder: string;
    storage: Storage;
  };
  await storage.close();
  return await open(folder);
}

describeStorage("a folder of the system", () => open(), again);
describeState(
  "the state in a folder of the system",
  async () => (await open()).state,
  async (state) => (await again(state)).state,
  3,
);

describe("openDirectory", () => {
  it("makes a folder for its user alone, and closes one that is there", async () => {
    const folder = newFolder();
    await (await open(folder)).close();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const there = newFolder();
    await mkdir(there, { recursive: true });
    await chmod(there, 0o755);
    const storage = await open(there);
    await storage.store("k", 1);
    expect((await stat(there)).mode & 0o777).toBe(0o700);
    for (const name of ["state.json", "log-1"])
      expect((await stat(path.join(there, name))).mode & 0o777).toBe(0o600);
  });

  it("leaves a folder with other things as it is", async () => {
    const folder = newFolder();
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
    await writeFile(path.join(folder, "thesis.txt"), "mine");
    await expect(open(folder)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("thesis.txt") as string,
    });
    expect(await readdir(folder)).toEqual(["thesis.txt"]);
    expect((await stat(folder)).mode & 0o777).toBe(0o755);
  });

  it("says what is wrong with a path", async () => {
    const file = path.join(base, "a-file");
    await writeFile(file, "");
    await expect(open(file)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(file) as string,
    });
    await expect(open(path.join(file, "below"))).rejects.toThrow(file);
  });

  it("takes a path that is too long for a socket", async () => {
    const folder = path.join(newFolder(), "x".repeat(120));
    const storage = await open(folder);
    await storage.store("k", 1);
    await expect(open(folder)).rejects.toThrow("already");
    expect(await (await again(storage)).load("k")).toBe(1);
  });

  it("refuses what another engine of this process has, until it is closed", async () => {
    const folder = newFolder();
    const storage = await open(folder);
    await storage.store("k", "v");
    await expect(open(folder)).rejects.toMatchObject({
      code: "INVALID_STATE",
      message: expect.stringContaining(folder) as string,
    });
    // The holder did not notice.
    await storage.store("k", "w");
    await storage.close();
    await storage.close();
    expect(await (await open(folder)).load("k")).toBe("w");
  });

  it("keeps nothing once it is closed, and says so", async () => {
    const storage = await open();
    await storage.close();
    const calls = [
      () => storage.store("k", 1),
      () => storage.state.addPod(pod("p", "p")),
      () => storage.appendOutput("c", [chunk("x")]),
      () => storage.dropOutput("c"),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({ code: "RUNTIME_STOPPED" });
  });

  it("closes after what was begun", async () => {
    const folder = newFolder();
    const storage = await open(folder);
    const begun = [1, 2, 3].map((value) => storage.store(`k${value}`, value));
    await storage.close();
    await Promise.all(begun);
    const reopened = await open(folder);
    for (const value of [1, 2, 3])
      expect(await reopened.load(`k${value}`)).toBe(value);
  });

  it("keeps output of the containers of a state that is elsewhere", async () => {
    const folder = newFolder();
    const state = new MemoryState();
    await state.addContainer(container("c1", "a"));
    const first = await openDirectory(folder, { state });
    expect(first.state).toBe(state);
    await first.appendOutput("c1", [chunk("x")]);
    await first.close();
    const second = await openDirectory(folder, { state });
    expect(await second.output("c1")).toEqual([chunk("x")]);
    await second.close();
  });

  it("does not keep the process alive, and is free once the process was killed", async () => {
    const folder = newFolder();
    const module = fileURLToPath(
      new URL(
        "../../../../src/libpod/engines/embedded/storage/directory.ts",
        import.meta.url,
      ),
    );
    const script = (rest: string): string[] => [
      "--conditions=portolan-source",
      "--import",
      "tsx",
      "--input-type=module",
      "--eval",
      `import { openDirectory } from ${JSON.stringify(module)};
       const storage = await openDirectory(${JSON.stringify(folder)});
       ${rest}`,
    ];
    await promisify(execFile)(
      process.execPath,
      script(`await storage.store("k", "from a process that just ended");`),
    );
    const child = spawn(
      process.execPath,
      script(
        `await storage.store("k", "killed"); console.log("open"); setInterval(() => {}, 1000);`,
      ),
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(child.stdout, "data");
    await expect(open(folder)).rejects.toMatchObject({ code: "INVALID_STATE" });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await (await open(folder)).load("k")).toBe("killed");
  });
});

describe("the cost of a change", () => {
  it("does not grow with what is there", async () => {
    const disk = new Disk();
    const storage = await openDirectory("/state", {
      files: disk,
      lock: async () => ({ release: async () => undefined }),
    });
    let written = 0;
    const openFile = disk.open.bind(disk);
    disk.open = async (file) => {
      const handle = await openFile(file);
      return {
        ...handle,
        write: async (data, position) => {
          written += data.length;
          await handle.write(data, position);
        },
      };
    };
    const add = async (from: number, to: number): Promise<number> => {
      written = 0;
      for (let at = from; at < to; at += 1)
        await storage.state.addContainer(container(`c${at}`, `n${at}`));
      return written / (to - from);
    };
    const first = await add(0, 300);
    await add(300, 1500);
    const later = await add(1500, 1800);
    expect(later).toBeLessThan(first * 4);
  });
});

describe("damage", () => {
  /** A folder with something in every file. */
  async function filled(): Promise<Disk> {
    const disk = new Disk();
    const storage = await openOn(disk);
    await storage.state.addPod(pod("p1", "one"), [
      container("c1", "web", { podId: "p1" }),
    ]);
    await storage.store("images", [{ id: "i" }]);
    await storage.appendOutput("c1", [chunk("first")]);
    await storage.appendOutput("c1", [chunk("second"), chunk("third")]);
    return disk;
  }

  function openOn(disk: Disk): Promise<Storage> {
    return openDirectory("/state", {
      files: disk,
      lock: async () => ({ release: async () => undefined }),
    });
  }

  async function expectReported(disk: Disk, file: string): Promise<void> {
    const before = disk.files().map((name) => disk.bytes(name));
    await expect(openOn(disk)).rejects.toMatchObject({
      code: "STATE_CORRUPTED",
      path: expect.stringMatching(/^\/state\/(state\.json|log-1)$/) as string,
      message: expect.stringContaining("Nothing was changed") as string,
    });
    expect(disk.files().map((name) => disk.bytes(name))).toEqual(before);
    expect(disk.files()).toEqual(expect.arrayContaining([file]));
  }

  for (const file of ["/state/state.json", "/state/log-1"]) {
    it(`of any byte of ${file} is reported`, async () => {
      const disk = await filled();
      const bytes = disk.bytes(file);
      for (let at = 0; at < bytes.length; at += 1) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (bytes[at] as number) ^ 1;
        await expectReported(disk.with(file, damaged), file);
      }
    });

    it(`by cutting off ${file} anywhere is reported`, async () => {
      const disk = await filled();
      const bytes = disk.bytes(file);
      for (let length = 0; length < bytes.length; length += 1)
        await expectReported(disk.with(file, bytes.subarray(0, length)), file);
    });

    it(`by removing ${file} is reported`, async () => {
      const disk = (await filled()).with(file, undefined);
      await expect(openOn(disk)).rejects.toMatchObject({
        code: "STATE_CORRUPTED",
        path: file,
      });
    });
  }

  it("is not what a later version or something else wrote: it says so", async () => {
    const disk = await filled();
    const head = JSON.parse(
      disk.bytes("/state/state.json").toString().split("\n")[0] as string,
    ) as object;
    const file = "/state/state.json";
    const texts: [string, RegExp][] = [
      [JSON.stringify({ ...head, version: 2 }), /newer version.*format 2/],
      [JSON.stringify({ ...head, format: "x" }), /no file of this engine/],
      ["hello", /no file of this engine/],
      ["null", /no file of this engine/],
      ["", /no file of this engine/],
    ];
    for (const [text, message] of texts) {
      await expect(
        openOn(disk.with(file, Buffer.from(text))),
      ).rejects.toMatchObject({
        code: "STATE_CORRUPTED",
        message: expect.stringMatching(message) as string,
      });
    }
  });

  it("of output is reported, but for a last record that was being written", async () => {
    const disk = await filled();
    const file = "/state/output/c1";
    const bytes = disk.bytes(file);
    const all = await (await openOn(disk)).output("c1");
    expect(all.map(({ data }) => Buffer.from(data).toString())).toEqual([
      "first",
      "second",
      "third",
    ]);
    const firstRecord = 12 + 13 + "first".length + 1;
    const read = async (data: Buffer): Promise<number | string> => {
      const storage = await openOn(disk.with(file, data));
      return await storage.output("c1").then(
        (chunks) => chunks.length,
        (error: { code: string; path: string }) =>
          `${error.code} ${error.path}`,
      );
    };
    const reported = `STATE_CORRUPTED ${file}`;
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (bytes[at] as number) ^ 1;
      expect([at, await read(damaged)]).toEqual([at, reported]);
    }
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length);
      const kept = length < firstRecord ? 0 : 1;
      expect(await read(cut)).toBe(kept);
      const zeros = Buffer.alloc(bytes.length);
      zeros.set(cut);
      expect(await read(zeros)).toBe(kept);
    }
  });

  it("goes on behind a record that was cut off", async () => {
    const disk = await filled();
    const file = "/state/output/c1";
    const cut = disk.bytes(file).subarray(0, -3);
    const storage = await openOn(disk.with(file, cut));
    await storage.appendOutput("c1", [chunk("anew")]);
    expect(
      (await storage.output("c1")).map(({ data }) =>
        Buffer.from(data).toString(),
      ),
    ).toEqual(["first", "anew"]);
  });

  it("to output also refuses to append", async () => {
    const disk = await filled();
    const file = "/state/output/c1";
    const damaged = Buffer.from(disk.bytes(file));
    damaged[3] = (damaged[3] as number) ^ 1;
    const storage = await openOn(disk.with(file, damaged));
    await expect(
      storage.appendOutput("c1", [chunk("x")]),
    ).rejects.toMatchObject({ code: "STATE_CORRUPTED", path: file });
    // Forgetting it helps.
    await storage.dropOutput("c1");
    await storage.appendOutput("c1", [chunk("x")]);
    expect(await storage.output("c1")).toEqual([chunk("x")]);
  });

  it("on a real disk is found too", async () => {
    const folder = newFolder();
    const storage = await open(folder);
    await storage.store("k", "v");
    await storage.close();
    const log = path.join(folder, "log-1");
    const bytes = await readFile(log);
    await writeFile(log, bytes.subarray(1));
    await expect(open(folder)).rejects.toMatchObject({
      code: "STATE_CORRUPTED",
      path: log,
    });
    // The lock was given back, and a repaired folder opens.
    await writeFile(log, bytes);
    expect(await (await open(folder)).load("k")).toBe("v");
  });
});
