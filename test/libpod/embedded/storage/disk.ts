import path from "node:path";
import type {
  Files,
  OpenFile,
} from "../../../../src/libpod/engines/embedded/storage/files.ts";

interface Node {
  data: Buffer;
  /** What a `sync` has put on the disk. */
  synced: Buffer;
}

/** A name: of a file, or of a folder. */
type Entry = Node | "folder";

/** What a disk has of that which was not synchronised when the power went. */
export type Crash =
  /** Nothing. */
  | "lost"
  /** All of it. */
  | "kept"
  /** The names of files, but not their bytes. */
  | "names"
  /** The names, and room for the bytes, filled with zeros. */
  | "zeros";

export const crashes: readonly Crash[] = ["lost", "kept", "names", "zeros"];

/** What everything throws once the power is gone. */
export class PowerCut extends Error {}

/**
 * Files in memory that know what of them would outlive a power cut. `failAt` makes
 * the power go in the midst of a step; `breakAt` makes one step fail, and the rest go on.
 */
export class Disk implements Files {
  #live: Map<string, Entry>;
  #durable: Map<string, Entry>;
  /** Steps that changed something, or were to. */
  steps = 0;
  failAt: number = Infinity;
  breakAt: number = Infinity;

  constructor(entries: ReadonlyMap<string, Entry> = new Map()) {
    this.#live = new Map(entries);
    this.#durable = new Map(entries);
  }

  /** The disk as it is found after the power went. */
  after(crash: Crash): Disk {
    const names = crash === "lost" ? this.#durable : this.#live;
    const entries = new Map<string, Entry>();
    for (const [name, entry] of names) {
      if (!this.#isReachable(name, names)) continue;
      entries.set(name, entry === "folder" ? entry : recovered(entry, crash));
    }
    return new Disk(entries);
  }

  /** The paths of the files that are there. */
  files(): readonly string[] {
    return [...this.#live].flatMap(([name, entry]) =>
      entry === "folder" ? [] : [name],
    );
  }

  /** A disk that differs in one file. */
  with(file: string, data: Buffer | undefined): Disk {
    const entries = new Map(this.#live);
    if (data === undefined) entries.delete(file);
    else entries.set(file, { data, synced: data });
    return new Disk(entries);
  }

  bytes(file: string): Buffer {
    return this.#file(file).data;
  }

  async makeFolder(folder: string): Promise<boolean> {
    if (this.#live.has(folder)) return false;
    this.#step();
    this.#live.set(folder, "folder");
    return true;
  }

  async closeFolder(): Promise<void> {
    this.#step();
  }

  async list(folder: string): Promise<readonly string[]> {
    this.#check();
    if (!this.#live.has(folder)) throw systemError("ENOENT");
    return [...this.#live.keys()]
      .filter((name) => path.dirname(name) === folder)
      .map((name) => path.basename(name));
  }

  async read(file: string): Promise<Uint8Array | undefined> {
    this.#check();
    return this.#live.has(file) ? this.#file(file).data : undefined;
  }

  async open(file: string): Promise<OpenFile> {
    this.#check();
    if (!this.#live.has(path.dirname(file))) throw systemError("ENOENT");
    if (!this.#live.has(file)) {
      this.#step();
      this.#live.set(file, { data: Buffer.alloc(0), synced: Buffer.alloc(0) });
    }
    const node = this.#file(file);
    return {
      write: async (data, position) => {
        const write = (length: number): void => {
          const size = Math.max(node.data.length, position + length);
          const next = Buffer.alloc(size);
          next.set(node.data);
          next.set(data.subarray(0, length), position);
          node.data = next;
        };
        try {
          this.#step();
        } catch (error) {
          // The power goes, or the disk is full, in the midst of it.
          write(Math.floor(data.length / 2));
          throw error;
        }
        write(data.length);
      },
      truncate: async (length) => {
        this.#step();
        node.data = node.data.subarray(0, length);
      },
      sync: async () => {
        this.#step();
        node.synced = node.data;
      },
      close: async () => this.#check(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step();
    const node = this.#file(from);
    this.#live.delete(from);
    this.#live.set(to, node);
  }

  async remove(target: string): Promise<void> {
    this.#step();
    for (const name of this.#live.keys()) {
      if (name === target || name.startsWith(`${target}/`))
        this.#live.delete(name);
    }
  }

  async syncFolder(folder: string): Promise<void> {
    this.#step();
    for (const name of this.#durable.keys()) {
      if (path.dirname(name) === folder && !this.#live.has(name))
        this.#durable.delete(name);
    }
    for (const [name, entry] of this.#live) {
      if (path.dirname(name) === folder) this.#durable.set(name, entry);
    }
  }

  #file(file: string): Node {
    const entry = this.#live.get(file);
    if (entry === undefined || entry === "folder") throw systemError("ENOENT");
    return entry;
  }

  #isReachable(name: string, names: ReadonlyMap<string, Entry>): boolean {
    const folder = path.dirname(name);
    return (
      folder === "/" || (names.has(folder) && this.#isReachable(folder, names))
    );
  }

  #check(): void {
    if (this.steps >= this.failAt) throw new PowerCut();
  }

  #step(): void {
    this.#check();
    this.steps += 1;
    this.#check();
    if (this.steps === this.breakAt) throw systemError("ENOSPC");
  }
}

function recovered({ data, synced }: Node, crash: Crash): Node {
  const bytes =
    crash === "kept"
      ? data
      : crash === "zeros" && data.length > synced.length
        ? Buffer.concat([synced, Buffer.alloc(data.length - synced.length)])
        : synced;
  return { data: bytes, synced: bytes };
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made to fail`), { code });
}
