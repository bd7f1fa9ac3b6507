import { type Life, Lives } from "./lives.ts";

/**
 * What a runtime knows of containers and pods: whether they are there, and what was
 * done to them through it, which is its own to undo.
 */
export class Ledger {
  readonly #containers: Lives = Lives.ofContainers();
  readonly #pods: Lives = Lives.ofPods();
  /** The containers that were made through this runtime, with their pods. */
  readonly #made = new Map<string, string | undefined>();
  /** How often a container was mounted through this runtime, and not unmounted. */
  readonly #mounts = new Map<string, number>();

  container(id: string): Life {
    return this.#containers.of(id);
  }

  pod(id: string): Life {
    return this.#pods.of(id);
  }

  /** A container was made. Where ids are names, what had this one before is gone. */
  containerMade(id: string, podId: string | undefined): void {
    this.containerGone(id);
    this.#made.set(id, podId);
  }

  /** A pod was made, with the containers that came with it. */
  podMade(id: string, containers: readonly { readonly id: string }[]): void {
    this.podGone(id);
    for (const container of containers) this.containerMade(container.id, id);
  }

  /** Nothing that has this id later is ours. */
  containerGone(id: string): void {
    this.#containers.end(id);
    this.#made.delete(id);
    this.#mounts.delete(id);
  }

  /** As {@link containerGone}, with all that was in it. */
  podGone(id: string): void {
    this.#pods.end(id);
    const made = [...this.#made].filter(([, podId]) => podId === id);
    for (const [member] of made) this.containerGone(member);
    for (const member of this.#containers.inPod(id)) this.containerGone(member);
  }

  /** What an engine's answer means to those who knew that this existed. */
  explain(error: unknown, life: Life): unknown {
    const explained = life.explain(error);
    if (explained === error) return error;
    if (this.#pods.has(life)) this.podGone(life.id);
    else if (this.#containers.has(life)) this.containerGone(life.id);
    return explained;
  }

  isMade(id: string): boolean {
    return this.#made.has(id);
  }

  mountsOf(id: string): number {
    return this.#mounts.get(id) ?? 0;
  }

  setMounts(id: string, count: number): void {
    if (count > 0) this.#mounts.set(id, count);
    else this.#mounts.delete(id);
  }
}
