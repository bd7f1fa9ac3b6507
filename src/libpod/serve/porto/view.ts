import { EError } from "portolan/porto";
import type { ContainerRecord } from "../../state.ts";
import { failure } from "./errors.ts";
import {
  byName,
  isInside,
  joinPaths,
  levelOf,
  parentName,
  ROOT,
} from "./names.ts";
import { keptKey } from "./keys.ts";
import { foreignValue } from "./properties/foreign.ts";
import { settable } from "./properties/settable.ts";

/** Porto's words for the states of containers. */
export type PortoState =
  | "stopped"
  | "starting"
  | "running"
  | "stopping"
  | "paused"
  | "dead"
  | "meta"
  | "respawning";

/** What the engine knows of the host that it pretends to be. */
export interface HostFacts {
  readonly cpus: number;
  /** Bytes. */
  readonly memory: bigint;
  readonly hostname: string;
  readonly kernel: string;
}

/** A container as Porto sees it; the host is one too, without a record. */
export class Box {
  readonly name: string;
  readonly record: ContainerRecord | undefined;
  readonly state: PortoState;
  readonly view: View;
  /** Number of the container. */
  readonly number: number;
  /** Seconds since 1970. */
  readonly changeTime: bigint;

  constructor(
    view: View,
    name: string,
    record: ContainerRecord | undefined,
    { state, number, changeTime }: Seen,
  ) {
    this.view = view;
    this.name = name;
    this.record = record;
    this.state = state;
    this.number = number;
    this.changeTime = changeTime;
  }

  get isRoot(): boolean {
    return this.name === ROOT;
  }

  get level(): number {
    return levelOf(this.name);
  }

  get parent(): Box | undefined {
    return this.isRoot ? undefined : this.view.parentOf(this.name);
  }

  /** @throws PortoError `Permission` for the host, which has none. */
  get written(): ContainerRecord {
    if (this.record !== undefined) return this.record;
    throw failure(
      EError.Permission,
      "Write access denied: root container is read-only",
    );
  }

  /** Whether a client set a property. */
  isSet(property: string): boolean {
    return this.record?.extra[keptKey(property)] !== undefined;
  }

  /** A property that can be set, as text. */
  text(property: string): string {
    return (
      this.record?.extra[keptKey(property)] ??
      foreignValue(this.record, property) ??
      settable.get(property)?.initial(this) ??
      ""
    );
  }

  /** Where its root folder is on the host. */
  get rootPath(): string {
    const outer = this.parent?.rootPath ?? "/";
    const root = this.isRoot ? "/" : this.text("root");
    return root === "/" ? outer : joinPaths(outer, root);
  }
}

/** What changes of a container without its record. */
export interface Seen {
  readonly state: PortoState;
  readonly number: number;
  readonly changeTime: bigint;
}

/** All containers at one moment. */
export class View {
  readonly facts: HostFacts;
  readonly #boxes: ReadonlyMap<string, Box>;
  #sorted: readonly Box[] | undefined;

  constructor(
    records: readonly ContainerRecord[],
    facts: HostFacts,
    seen: (record: ContainerRecord) => Seen,
    root: Seen,
  ) {
    this.facts = facts;
    const boxes = new Map<string, Box>();
    for (const record of records)
      boxes.set(record.name, new Box(this, record.name, record, seen(record)));
    boxes.set(ROOT, new Box(this, ROOT, undefined, root));
    this.#boxes = boxes;
  }

  /** By the name that {@link resolveName} gives. */
  get(name: string): Box | undefined {
    return this.#boxes.get(name);
  }

  /** By the engine's id. */
  byId(id: string): Box | undefined {
    return this.all().find(({ record }) => record?.id === id);
  }

  /** @throws PortoError `ContainerDoesNotExist` */
  find(name: string): Box {
    const box = this.#boxes.get(name);
    if (box !== undefined) return box;
    throw failure(EError.ContainerDoesNotExist, `container ${name} not found`);
  }

  get root(): Box {
    return this.find(ROOT);
  }

  /** What a container is nested in; its parent may have gone where others than Porto remove. */
  parentOf(name: string): Box {
    const parent = this.#boxes.get(parentName(name));
    if (parent !== undefined) return parent;
    return name === ROOT ? this.root : this.parentOf(parentName(name));
  }

  /** All but the host, in the order of their names. */
  all(): readonly Box[] {
    this.#sorted ??= [...this.#boxes.values()]
      .filter(({ name }) => name !== ROOT)
      .toSorted(byName);
    return this.#sorted;
  }

  /** Those nested in a container at any depth, innermost first, and then it itself. */
  subtree(box: Box): readonly Box[] {
    const inside = this.all().filter(({ name }) => isInside(name, box.name));
    return [...inside.toReversed(), box];
  }

  /** Those from the outermost to the container's parent, without the host. */
  ancestors(name: string): readonly Box[] {
    const found: Box[] = [];
    for (
      let outer = parentName(name);
      outer !== ROOT;
      outer = parentName(outer)
    ) {
      const box = this.#boxes.get(outer);
      if (box !== undefined) found.unshift(box);
    }
    return found;
  }
}

/** Whether Porto's containers can be nested in it as it is. */
export function isUp(state: PortoState): boolean {
  return state === "running" || state === "meta";
}
