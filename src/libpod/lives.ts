import {
  ContainerRemoved,
  NoSuchContainer,
  NoSuchPod,
  PodRemoved,
} from "./errors.ts";

/** The errors of one kind of thing. */
interface Kind {
  readonly name: string;
  readonly Removed: typeof ContainerRemoved | typeof PodRemoved;
  isMissing(error: unknown): boolean;
}

const container: Kind = {
  name: "container",
  Removed: ContainerRemoved,
  isMissing: (error) => NoSuchContainer.is(error),
};

const pod: Kind = {
  name: "pod",
  Removed: PodRemoved,
  isMissing: (error) => NoSuchPod.is(error),
};

/**
 * Whether one container or pod is still there: what all objects of it share. It is
 * not the id that says so, for an engine whose ids are names gives them again.
 */
export class Life {
  readonly #kind: Kind;
  readonly #id: string;
  #removed = false;
  /** The pod that a container is in, where that is known. */
  podId: string | undefined;
  /** Whether a container was set up through this runtime: what was before cannot be again. */
  finalized = false;

  constructor(kind: Kind, id: string) {
    this.#kind = kind;
    this.#id = id;
  }

  get id(): string {
    return this.#id;
  }

  get removed(): boolean {
    return this.#removed;
  }

  end(): void {
    this.#removed = true;
  }

  /** @throws ContainerRemoved; PodRemoved */
  check(): void {
    if (this.#removed) throw this.#error("was removed");
  }

  /** What an engine's answer means to those who knew that this existed. */
  explain(error: unknown): unknown {
    if (!this.#kind.isMissing(error)) return error;
    this.end();
    return this.#error("is not there any more", { cause: error });
  }

  #error(what: string, options?: ErrorOptions): Error {
    const { name, Removed } = this.#kind;
    return new Removed(`${name} ${this.#id} ${what}`, options);
  }
}

/** The lives of all containers, or all pods, that objects exist of. */
export class Lives {
  readonly #kind: Kind;
  // A program may list containers for years: what nobody holds is forgotten.
  readonly #lives = new Map<string, WeakRef<Life>>();
  readonly #forgotten = new FinalizationRegistry<string>((id) => {
    if (this.#lives.get(id)?.deref() === undefined) this.#lives.delete(id);
  });

  private constructor(kind: Kind) {
    this.#kind = kind;
  }

  static ofContainers(): Lives {
    return new Lives(container);
  }

  static ofPods(): Lives {
    return new Lives(pod);
  }

  /** The life of what has this id now. */
  of(id: string): Life {
    const known = this.#lives.get(id)?.deref();
    if (known !== undefined && !known.removed) return known;
    const life = new Life(this.#kind, id);
    this.#lives.set(id, new WeakRef(life));
    this.#forgotten.register(life, id);
    return life;
  }

  /** What had this id is gone. */
  end(id: string): void {
    this.#lives.get(id)?.deref()?.end();
    this.#lives.delete(id);
  }

  /** Whether this is the life of what has its id now. */
  has(life: Life): boolean {
    return this.#lives.get(life.id)?.deref() === life;
  }

  /** The ids of those that are known to be in a pod. */
  inPod(podId: string): readonly string[] {
    const all = [...this.#lives];
    return all
      .filter(([, reference]) => reference.deref()?.podId === podId)
      .map(([id]) => id);
  }
}
