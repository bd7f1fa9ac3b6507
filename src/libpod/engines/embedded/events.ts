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

  /** Something happened. */
  tell(
    type: EngineEvent["type"],
    status: string,
    { id, name, image }: Subject,
  ): void {
    const time = new Date(this.#clock.now());
    this.#events.push({ type, status, id, name, image, time });
  }

  /** A container came to a state. */
  changed({ id, name, state }: StateChange): void {
    this.#changes.push({ id, name, state });
  }

  /** Events from this moment on, not from that of reading. */
  listen(): Stream<EngineEvent> {
    return from(this.#events);
  }

  /** Events that are known, oldest first. */
  past(): readonly EngineEvent[] {
    return this.#events.all();
  }

  /** Changes from this moment on. */
  watch(): Stream<StateChange> {
    return from(this.#changes);
  }
}

/** Items until the signal is aborted. @throws PortolanError `LIMIT_EXCEEDED`; the signal's reason */
export type Stream<T> = (
  signal: AbortSignal,
) => AsyncGenerator<T, void, undefined>;

function from<T>(journal: Journal<T>): Stream<T> {
  const { next } = journal;
  return (signal) => journal.read(next, () => undefined, signal);
}

/** Takes the abort of one of these for the end of a stream. */
export async function* untilEnd<T>(
  items: AsyncGenerator<T, void, undefined>,
  ...signals: readonly AbortSignal[]
): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    if (!signals.some(({ aborted }) => aborted)) throw error;
  }
}
