import type { EngineEvent } from "../../engine.ts";
import type { ContainerRecord } from "../../state.ts";
import { Journal } from "./journal.ts";
import type { Clock } from "./types.ts";

/** Events that are kept for listeners; one that is further behind is told so. */
const BACKLOG = 4096;

/** A state that a container has come to. */
export interface StateChange {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerRecord["state"] | "removed";
}

type Subject = Pick<EngineEvent, "id" | "name" | "image">;

/** What happens, for everyone who listens, each at a pace of its own. */
export class Events {
  readonly #clock: Clock;
  readonly #events = new Journal<EngineEvent>(BACKLOG);
  readonly #changes = new Journal<StateChange>(BACKLOG);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  tell(
    type: EngineEvent["type"],
    status: string,
    { id, name, image }: Subject,
  ): void {
    const time = new Date(this.#clock.now());
    this.#events.push({ type, status, id, name, image, time });
  }

  changed({ id, name, state }: StateChange): void {
    this.#changes.push({ id, name, state });
  }

  /** Events from this moment on. @throws PortolanError `LIMIT_EXCEEDED`; the signal's reason */
  listen(signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
    return this.#events.read(this.#events.next, () => undefined, signal);
  }

  /** Changes from this moment on, until the signal is aborted. @throws PortolanError `LIMIT_EXCEEDED` */
  watch(signal: AbortSignal): AsyncGenerator<StateChange, void, undefined> {
    return untilEnd(
      this.#changes.read(this.#changes.next, () => undefined, signal),
      signal,
    );
  }
}

/** Takes a stream's abort for its end. */
export async function* untilEnd<T>(
  items: AsyncGenerator<T, void, undefined>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
