import path from "node:path";
import { systemCode } from "../../../../runtime/transport/failure.ts";
import { InvalidArgument, RuntimeStopped } from "../../../errors.ts";
import type { State } from "../../../state.ts";
import { Mutex } from "../mutex.ts";
import type { StoredValue } from "../types.ts";
import { fileError, systemFiles, temporaryName, type Files } from "./files.ts";
import { isLockName, lockFolder, type Lock } from "./lock.ts";
import {
  ChangeLog,
  headName,
  isLogName,
  outputFolder,
  type LogEntry,
} from "./log.ts";
import { frozenCopy, MemoryState, type StateChange } from "./memory.ts";
import { OutputFiles } from "./output.ts";
import type { OutputChunk, Storage } from "./types.ts";

export interface DirectoryOptions {
  /** Where containers and pods are kept instead of in the folder. */
  readonly state?: State | undefined;
  /** Default: the system's. */
  readonly files?: Files | undefined;
  /** How the folder is kept from others. Default: {@link lockFolder}. */
  readonly lock?: ((folder: string) => Promise<Lock>) | undefined;
}

/**
 * Opens a folder that keeps everything over restarts, or makes one (mode 0700).
 *
 * | in the folder | is |
 * | --- | --- |
 * | `state.json` | which log is in force, and how much of it, with checksums |
 * | `log-N` | changes of containers, pods, images and values, a line of JSON each |
 * | `output/` | what containers wrote, a file each |
 * | `lock` | a socket that the engine which has the folder listens at |
 *
 * Everything but output is in memory as well, so it has to fit there; a change costs
 * its own size on disk and two or three synchronisations, however much there is
 * (see {@link ChangeLog}).
 *
 * @throws InvalidArgument if the folder holds other things; InvalidState if an engine
 *   has it; StateCorrupted if something in it is damaged, or from a newer version;
 *   EngineError if it cannot be read or written.
 */
export async function openDirectory(
  folder: string,
  options: DirectoryOptions = {},
): Promise<Storage> {
  const { files = systemFiles, lock: lockIt = lockFolder } = options;
  const absolute = path.resolve(folder);
  await prepare(files, absolute);
  const lock = await lockIt(absolute);
  try {
    return await DirectoryStorage.open(files, absolute, lock, options.state);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Makes the folder ours alone; one that holds other things stays as it is. */
async function prepare(files: Files, folder: string): Promise<void> {
  try {
    const isNew = await files.makeFolder(folder);
    const names = await files.list(folder);
    const isOurs = names.some(isRecord) || names.every(isScaffold);
    if (!isOurs) {
      throw new InvalidArgument(
        `${folder}: the folder holds other things (${names.slice(0, 3).join(", ")}); give an empty one, or one that does not exist`,
      );
    }
    await files.closeFolder(folder);
    if (isNew) await files.syncFolder(path.dirname(folder));
  } catch (error) {
    if (InvalidArgument.is(error)) throw error;
    throw systemCode(error) === "ENOTDIR"
      ? new InvalidArgument(`${folder}: it is no folder`, { cause: error })
      : fileError(folder, "the folder cannot be used", error);
  }
}

function isRecord(name: string): boolean {
  return name === headName || name === outputFolder || isLogName(name);
}

/** What may be there before anything was kept. */
function isScaffold(name: string): boolean {
  return (
    isLockName(name) ||
    name === temporaryName(headName) ||
    // Of file systems that were made for nothing but this.
    name === "lost+found"
  );
}

/** Writes a change, then has it made in memory. */
type Write = (entry: LogEntry, apply: () => void) => Promise<void>;

/** A {@link MemoryState} whose changes are on the disk before they are made. */
class DirectoryState extends MemoryState {
  readonly #write: Write;

  constructor(write: Write) {
    super();
    this.#write = write;
  }

  protected override async commit(change: StateChange): Promise<void> {
    // Found unfit for JSON before anything is written.
    const state = frozenCopy(change);
    await this.#write({ state }, () => this.apply(state));
  }

  /** Makes a change that was read from the disk. */
  replay(change: StateChange): void {
    this.apply(change);
  }
}

class DirectoryStorage implements Storage {
  readonly state: State;
  readonly #kept: DirectoryState;
  readonly #values = new Map<string, StoredValue>();
  readonly #log: ChangeLog;
  readonly #changes = new Mutex();
  readonly #outputs: OutputFiles;
  readonly #outputChanges = new Mutex();
  readonly #lock: Lock;
  #closing: Promise<void> | undefined;

  private constructor(
    log: ChangeLog,
    outputs: OutputFiles,
    lock: Lock,
    state: State | undefined,
  ) {
    this.#log = log;
    this.#outputs = outputs;
    this.#lock = lock;
    this.#kept = new DirectoryState((entry, apply) =>
      this.#change(entry, apply),
    );
    this.state = state ?? this.#kept;
  }

  static async open(
    files: Files,
    folder: string,
    lock: Lock,
    state: State | undefined,
  ): Promise<Storage> {
    const names = await files.list(folder);
    const { log, entries } = await ChangeLog.open(files, folder, names);
    const outputs = new OutputFiles(files, folder);
    const storage = new DirectoryStorage(log, outputs, lock, state);
    for (const entry of entries) storage.#replay(entry);
    // Everything was found right; what a crash left may go.
    for (const name of names) {
      if (name.endsWith(temporaryName("")) || name.startsWith(".socket-"))
        await files.remove(path.join(folder, name));
    }
    const containers = await storage.state.getAllContainers();
    await outputs.clean(containers.map(({ id }) => id));
    return storage;
  }

  async load(key: string): Promise<StoredValue | undefined> {
    return this.#values.get(key);
  }

  async store(key: string, value: StoredValue | undefined): Promise<void> {
    const stored = frozenCopy({ key, value });
    await this.#change({ stored }, () => this.#replay({ stored }));
  }

  output(containerId: string): Promise<readonly OutputChunk[]> {
    return this.#outputChanges.run(() => this.#outputs.read(containerId));
  }

  async appendOutput(
    containerId: string,
    chunks: readonly OutputChunk[],
  ): Promise<void> {
    this.#checkOpen();
    await this.#outputChanges.run(() =>
      this.#outputs.append(containerId, chunks),
    );
  }

  async replaceOutput(
    containerId: string,
    chunks: readonly OutputChunk[],
  ): Promise<void> {
    this.#checkOpen();
    await this.#outputChanges.run(() =>
      this.#outputs.replace(containerId, chunks),
    );
  }

  async dropOutput(containerId: string): Promise<void> {
    this.#checkOpen();
    await this.#outputChanges.run(() => this.#outputs.drop(containerId));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    // What was begun before is written; nothing is kept back.
    await Promise.all([this.#changes.idle(), this.#outputChanges.idle()]);
    await this.#lock.release();
  }

  async #change(entry: LogEntry, apply: () => void): Promise<void> {
    this.#checkOpen();
    await this.#changes.run(async () => {
      if (this.#log.isLong) await this.#log.rewrite(await this.#entries());
      await this.#log.append(entry);
      apply();
    });
  }

  #replay({ state, stored }: LogEntry): void {
    if (state !== undefined) this.#kept.replay(state);
    if (stored?.value !== undefined) this.#values.set(stored.key, stored.value);
    else if (stored !== undefined) this.#values.delete(stored.key);
  }

  /** All that is in force, as changes from nothing. */
  async #entries(): Promise<readonly LogEntry[]> {
    const pods = await this.#kept.getAllPods();
    const containers = await this.#kept.getAllContainers();
    return [
      ...pods.map((pod) => ({ state: { pods: [pod] } })),
      ...containers.map((container) => ({
        state: { containers: [container] },
      })),
      ...[...this.#values].map(([key, value]) => ({ stored: { key, value } })),
    ];
  }

  #checkOpen(): void {
    if (this.#closing !== undefined)
      throw new RuntimeStopped("the storage is closed");
  }
}
