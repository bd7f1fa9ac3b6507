import { Journal } from "./journal.ts";
import { asOurs } from "./operation.ts";
import type { OutputChunk, Storage } from "./storage/types.ts";
import type { Clock } from "./types.ts";

/** Bytes of output that are kept of a container; of more, the oldest go. */
export const OUTPUT_LIMIT: number = 1024 * 1024;

/** What a piece of output counts at least, for a short one takes room as well. */
const LEAST = 64;

function weightOf({ data }: OutputChunk): number {
  return Math.max(data.length, LEAST);
}

interface Follower {
  /** Position to stop before, once the container has ended. */
  end: number | undefined;
}

/** What a container wrote, over all its runs: in memory for readers, and on its way to the storage. */
export class Output {
  readonly #id: string;
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #journal = new Journal<OutputChunk>(OUTPUT_LIMIT, weightOf);
  /** Ends of followers that wait for the container to end. */
  readonly #followers = new Set<Follower>();
  #loaded: Promise<void> | undefined;
  #pending: OutputChunk[] = [];
  /** Bytes in `#pending`. */
  #backlog = 0;
  #writing: Promise<void> | undefined;
  /** What the storage holds, as it counts. */
  #stored = 0;
  #written = 0;
  /** Bytes of each stream since the output was last forgotten, or loaded. */
  #totals = { stdout: 0, stderr: 0 };
  /** Why the storage has not got everything. */
  #failure: Error | undefined;

  /** @param fresh The storage has nothing of this container. */
  constructor(id: string, storage: Storage, clock: Clock, fresh: boolean) {
    this.#id = id;
    this.#storage = storage;
    this.#clock = clock;
    if (fresh) this.#loaded = Promise.resolve();
  }

  /** Bytes that were written since the engine was opened. */
  get written(): number {
    return this.#written;
  }

  /** Reads what the storage has. To be awaited before anything else is asked. @throws StateCorrupted */
  load(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  /** Takes output; a promise, which never rejects, for when the storage has caught up. */
  append(
    stream: OutputChunk["stream"],
    data: Uint8Array,
  ): Promise<void> | void {
    const time = this.#clock.now();
    this.#written += data.length;
    this.#totals[stream] += data.length;
    if (data.length === 0) return undefined;
    const chunk = { time, stream, data };
    this.#journal.push(chunk);
    this.#pending.push(chunk);
    this.#backlog += weightOf(chunk);
    if (this.#writing === undefined) void this.#begin();
    return this.#backlog > OUTPUT_LIMIT ? this.#writing : undefined;
  }

  /**
   * Resolves when the storage has everything; not before the program rests. What it
   * failed to take is tried once more.
   *
   * @throws What the storage failed with.
   */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) await this.#begin();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** All that is kept. */
  all(): readonly OutputChunk[] {
    return this.#journal.all();
  }

  /** Bytes of a stream that went, as far as that is known. */
  lost(stream: OutputChunk["stream"]): number {
    return this.all().reduce(
      (left, chunk) =>
        chunk.stream === stream ? left - chunk.data.length : left,
      this.#totals[stream],
    );
  }

  /** Position behind what is there. */
  get next(): number {
    return this.#journal.next;
  }

  /** The container has ended: so do those who follow it. */
  ended(): void {
    for (const follower of this.#followers) follower.end = this.#journal.next;
    this.#followers.clear();
    this.#journal.wake();
  }

  /** Forgets everything, the storage as well. */
  async drop(): Promise<void> {
    await this.#writing;
    this.#journal.clear();
    this.#totals = { stdout: 0, stderr: 0 };
    this.#failure = undefined;
    this.#stored = 0;
    await this.#storage.dropOutput(this.#id);
  }

  /**
   * Reads on from a position to the container's next end.
   *
   * @throws PortolanError `LIMIT_EXCEEDED` where output went before it was read; the
   *   signal's reason.
   */
  follow(
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<OutputChunk, void, undefined> {
    // Signed up now, not when reading begins: the container may end in between.
    const follower: Follower = { end: undefined };
    this.#followers.add(follower);
    const leave = (): boolean => this.#followers.delete(follower);
    signal.addEventListener("abort", leave, { once: true });
    return this.#journal.read(from, () => follower.end, signal);
  }

  async #load(): Promise<void> {
    for (const chunk of await this.#storage.output(this.#id)) {
      this.#journal.push(chunk);
      this.#stored += weightOf(chunk);
      this.#totals[chunk.stream] += chunk.data.length;
    }
  }

  #begin(): Promise<void> {
    const writing = this.#write();
    this.#writing = writing;
    this.#clock.busy?.(writing);
    return writing;
  }

  async #write(): Promise<void> {
    try {
      do {
        // After a failure there may be a gap, so all of it is written anew. What is
        // too old goes once it is as much as is kept.
        const isAnew =
          this.#failure !== undefined || this.#stored > 2 * OUTPUT_LIMIT;
        const written = isAnew ? this.#journal.all() : this.#pending;
        this.#pending = [];
        this.#backlog = 0;
        if (isAnew) await this.#storage.replaceOutput(this.#id, written);
        else await this.#storage.appendOutput(this.#id, written);
        this.#failure = undefined;
        this.#stored = written.reduce(
          (sum, chunk) => sum + weightOf(chunk),
          isAnew ? 0 : this.#stored,
        );
      } while (this.#pending.length > 0 || this.#stored > 2 * OUTPUT_LIMIT);
    } catch (error) {
      this.#failure = asOurs(error);
      this.#pending = [];
      this.#backlog = 0;
    } finally {
      this.#writing = undefined;
    }
  }
}
