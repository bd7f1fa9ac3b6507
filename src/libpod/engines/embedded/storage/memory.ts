import {
  ContainerExists,
  InvalidArgument,
  NoSuchContainer,
  NoSuchPod,
  PodExists,
} from "../../../errors.ts";
import { lookUp } from "../../../lookup.ts";
import type { ContainerRecord, PodRecord, State } from "../../../state.ts";
import type { StoredValue } from "../types.ts";
import type { OutputChunk, Storage } from "./types.ts";

type Named = Pick<ContainerRecord, "id" | "name">;

/** What one call changes of a {@link MemoryState}: all of it or nothing. */
export interface StateChange {
  /** Pods that are new, or replace those with their ids. */
  readonly pods?: readonly PodRecord[] | undefined;
  /** Containers that are new, or replace those with their ids. */
  readonly containers?: readonly ContainerRecord[] | undefined;
  /** Ids of containers that go. */
  readonly removedContainers?: readonly string[] | undefined;
  /** Ids of pods that go. */
  readonly removedPods?: readonly string[] | undefined;
}

/**
 * A {@link State} in memory. A name belongs to one container or pod only, as it
 * does in Podman.
 *
 * To keep a state elsewhere as well, extend this class and override
 * {@link MemoryState.commit}: every change is checked first, and goes through it.
 *
 * Records are copied on their way in and frozen, so that nobody changes what is
 * kept without saying so.
 */
export class MemoryState implements State {
  // A Map keeps the order of adding, also over replacements.
  readonly #containers = new Map<string, ContainerRecord>();
  readonly #pods = new Map<string, PodRecord>();
  /** Whose names are given, by name. */
  readonly #names = new Map<string, string>();

  /**
   * Makes a change that was found right. What an override throws is what the
   * caller gets, and nothing has changed then.
   */
  protected async commit(change: StateChange): Promise<void> {
    this.apply(change);
  }

  /** Makes a change in memory only, unchecked: for states read from elsewhere. */
  protected apply(change: StateChange): void {
    // Copied first: what cannot be kept must not leave half a change.
    const pods = (change.pods ?? []).map(frozenCopy);
    const containers = (change.containers ?? []).map(frozenCopy);
    for (const id of change.removedContainers ?? [])
      this.#take(this.#containers, id);
    for (const id of change.removedPods ?? []) this.#take(this.#pods, id);
    for (const pod of pods) this.#put(this.#pods, pod);
    for (const container of containers) this.#put(this.#containers, container);
  }

  #put<T extends Named>(records: Map<string, T>, record: T): void {
    const before = records.get(record.id);
    if (before !== undefined) this.#names.delete(before.name);
    this.#names.set(record.name, record.id);
    records.set(record.id, record);
  }

  #take(records: Map<string, Named>, id: string): void {
    const record = records.get(id);
    if (record !== undefined) this.#names.delete(record.name);
    records.delete(id);
  }

  async getContainer(id: string): Promise<ContainerRecord> {
    return this.#container(id);
  }

  async lookupContainer(idOrName: string): Promise<ContainerRecord> {
    const found = lookUp([...this.#containers.values()], idOrName, "container");
    if (found === undefined) throw noSuchContainer(idOrName);
    return found;
  }

  async hasContainer(id: string): Promise<boolean> {
    return this.#containers.has(id);
  }

  async addContainer(container: ContainerRecord): Promise<void> {
    this.#checkPod(container);
    this.#checkFree([container]);
    await this.commit({ containers: [container] });
  }

  async removeContainer(id: string): Promise<void> {
    this.#container(id);
    await this.commit({ removedContainers: [id] });
  }

  async getAllContainers(): Promise<readonly ContainerRecord[]> {
    return [...this.#containers.values()];
  }

  async getPod(id: string): Promise<PodRecord> {
    return this.#pod(id);
  }

  async lookupPod(idOrName: string): Promise<PodRecord> {
    const found = lookUp([...this.#pods.values()], idOrName, "pod");
    if (found === undefined) throw noSuchPod(idOrName);
    return found;
  }

  async hasPod(id: string): Promise<boolean> {
    return this.#pods.has(id);
  }

  async addPod(
    pod: PodRecord,
    containers: readonly ContainerRecord[] = [],
  ): Promise<void> {
    const stranger = containers.find(({ podId }) => podId !== pod.id);
    if (stranger !== undefined) {
      throw new InvalidArgument(
        `container ${stranger.id} is not one of pod ${pod.id}`,
      );
    }
    this.#checkFree([pod, ...containers]);
    await this.commit({ pods: [pod], containers });
  }

  async removePod(id: string): Promise<void> {
    this.#pod(id);
    const members = [...this.#containers.values()].filter(
      ({ podId }) => podId === id,
    );
    await this.commit({
      removedContainers: members.map((member) => member.id),
      removedPods: [id],
    });
  }

  async getAllPods(): Promise<readonly PodRecord[]> {
    return [...this.#pods.values()];
  }

  async saveContainer(container: ContainerRecord): Promise<void> {
    this.#container(container.id);
    this.#checkPod(container);
    this.#checkName(container);
    await this.commit({ containers: [container] });
  }

  async savePod(pod: PodRecord): Promise<void> {
    this.#pod(pod.id);
    this.#checkName(pod);
    await this.commit({ pods: [pod] });
  }

  #container(id: string): ContainerRecord {
    const found = this.#containers.get(id);
    if (found === undefined) throw noSuchContainer(id);
    return found;
  }

  #pod(id: string): PodRecord {
    const found = this.#pods.get(id);
    if (found === undefined) throw noSuchPod(id);
    return found;
  }

  #checkPod({ podId }: ContainerRecord): void {
    if (podId !== undefined) this.#pod(podId);
  }

  /** That what is to be added has ids and names that nothing has, nor each other. */
  #checkFree(added: readonly (ContainerRecord | PodRecord)[]): void {
    const names = new Set<string>();
    const ids = new Set<string>();
    for (const { id, name } of added) {
      if (this.#containers.has(id)) throw containerExists("id", id);
      if (this.#pods.has(id)) throw podExists("id", id);
      if (ids.has(id)) throw containerExists("id", id);
      if (names.has(name)) throw containerExists("name", name);
      ids.add(id);
      names.add(name);
      this.#checkName({ id, name });
    }
  }

  #checkName({ id, name }: Named): void {
    const holder = this.#names.get(name);
    if (holder === undefined || holder === id) return;
    throw this.#pods.has(holder)
      ? podExists("name", name)
      : containerExists("name", name);
  }
}

function noSuchContainer(idOrName: string): NoSuchContainer {
  return new NoSuchContainer(`there is no container "${idOrName}"`);
}

function noSuchPod(idOrName: string): NoSuchPod {
  return new NoSuchPod(`there is no pod "${idOrName}"`);
}

function containerExists(what: "id" | "name", value: string): ContainerExists {
  return new ContainerExists(`a container has the ${what} "${value}" already`);
}

function podExists(what: "id" | "name", value: string): PodExists {
  return new PodExists(`a pod has the ${what} "${value}" already`);
}

/**
 * A copy that nobody can change, at any depth, through JSON: so that what is read
 * from memory equals what is read from a file.
 *
 * @throws InvalidArgument if the value does not fit into JSON.
 */
export function frozenCopy<T>(value: T): T {
  try {
    return freeze(JSON.parse(JSON.stringify(value)) as T);
  } catch (cause) {
    throw new InvalidArgument(
      `what is to be kept is no plain data: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}

/**
 * A {@link Storage} that is gone with the process.
 *
 * @param state Where containers and pods are kept. Default: a {@link MemoryState}.
 */
export function memoryStorage(state: State = new MemoryState()): Storage {
  const values = new Map<string, StoredValue>();
  const outputs = new Map<string, OutputChunk[]>();
  return {
    state,
    async load(key) {
      return values.get(key);
    },
    async store(key, value) {
      if (value === undefined) values.delete(key);
      else values.set(key, frozenCopy(value));
    },
    async output(containerId) {
      return [...(outputs.get(containerId) ?? [])];
    },
    async appendOutput(containerId, chunks) {
      const kept = outputs.get(containerId) ?? [];
      for (const chunk of chunks) kept.push(copyChunk(chunk));
      outputs.set(containerId, kept);
    },
    async replaceOutput(containerId, chunks) {
      outputs.set(containerId, chunks.map(copyChunk));
    },
    async dropOutput(containerId) {
      outputs.delete(containerId);
    },
    async close() {},
  };
}

/** Callers may use their buffer again; the `slice` of a Buffer would be the same bytes. */
function copyChunk({ time, stream, data }: OutputChunk): OutputChunk {
  return { time, stream, data: Uint8Array.from(data) };
}
