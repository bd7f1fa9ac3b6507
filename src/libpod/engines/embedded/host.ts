import { setMaxListeners } from "node:events";
import { randomBytes } from "node:crypto";
import { InvalidArgument } from "../../errors.ts";
import type { State } from "../../state.ts";
import { Events } from "./events.ts";
import { ImageStore } from "./images/store.ts";
import { Live } from "./live.ts";
import { Mutex } from "./mutex.ts";
import type { OperationHost } from "./operation.ts";
import { Output } from "./output.ts";
import type { Storage } from "./storage/types.ts";
import type { Clock, EmbeddedOptions, Program } from "./types.ts";
import { systemClock } from "./clock.ts";

/** What all parts of one embedded engine share. */
export class Host implements OperationHost {
  readonly clock: Clock;
  readonly state: State;
  readonly storage: Storage;
  readonly events: Events;
  readonly images: ImageStore;
  readonly programs: Readonly<Record<string, Program>>;
  readonly #closing = new AbortController();
  readonly #mutex = new Mutex();
  readonly #lives = new Map<string, Live>();
  readonly #ids: () => string;
  #pids = 0;

  /** @throws InvalidArgument */
  constructor(storage: Storage, options: EmbeddedOptions) {
    this.clock = options.clock ?? systemClock;
    this.state = storage.state;
    this.storage = storage;
    this.events = new Events(this.clock);
    this.programs = options.programs ?? {};
    this.#ids = options.ids ?? (() => randomBytes(32).toString("hex"));
    this.images = new ImageStore(storage, this.clock, {
      registry: options.registry,
      onEvent: (status, image) => this.events.tell("image", status, image),
    });
    // Streams and sessions listen, as many as there are.
    setMaxListeners(0, this.#closing.signal);
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** From now on every operation is refused, and those under way end. */
  close(reason: Error): void {
    this.#closing.abort(reason);
    for (const { run } of this.#lives.values()) {
      run?.process.kill();
      for (const session of run?.sessions ?? []) session.kill();
    }
  }

  /** Resolves when nothing is being written any more. @throws What the storage failed with. */
  async settled(): Promise<void> {
    await this.#mutex.idle();
    // All of them, whatever becomes of one.
    const flushed = await Promise.allSettled(
      [...this.#lives.values()].map(({ output }) => output.flush()),
    );
    const failed = flushed.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  /**
   * Changes or reads the state while nobody else does. What is waited for in there
   * must not take time by the clock.
   */
  locked<T>(job: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    const done = this.#mutex.run(job, signal);
    this.clock.busy?.(done);
    return done;
  }

  /** @throws InvalidArgument if `ids` of the options gives something else. */
  newId(): string {
    const id = this.#ids();
    if (!/^[0-9a-f]{64}$/.test(id))
      throw new InvalidArgument(
        `ids: an id has 64 hexadecimal digits, unlike "${id}"`,
      );
    return id;
  }

  /** A number for a process, as the engine's own and its host's first ones have none of these. */
  newPid(): number {
    this.#pids += 1;
    return 1000 + this.#pids;
  }

  /** What is held of a container. */
  live(id: string): Live {
    return this.#lives.get(id) ?? this.#hold(id, false);
  }

  /** What is held of a container, if anything is. */
  held(id: string): Live | undefined {
    return this.#lives.get(id);
  }

  /** Holds a container that is new. */
  born(id: string): void {
    this.#hold(id, true);
  }

  /** Lets go of a container that is no more. */
  gone(id: string): void {
    this.#lives.delete(id);
  }

  #hold(id: string, fresh: boolean): Live {
    const live = new Live(new Output(id, this.storage, this.clock, fresh));
    this.#lives.set(id, live);
    return live;
  }
}
