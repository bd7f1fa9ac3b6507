import { EError, PortoError } from "portolan/porto";
import { LibpodError } from "../../errors.ts";
import type { ContainerStats } from "../../engine.ts";
import type {
  EmbeddedEngine,
  EmbeddedInside,
} from "../../engines/embedded/types.ts";
import { asPortoError } from "./errors.ts";
import { type Aftermath, Hub, ROOT_NUMBER } from "./hub.ts";
import { TreeLocks } from "./locks.ts";
import { parentName } from "./names.ts";
import { configOf } from "./project.ts";
import type { LinkSeen, Source } from "./properties/readable-kinds.ts";
import type { Changes } from "./properties/write.ts";
import { parseMap, seconds } from "./text.ts";
import { CHANGED, keptKey } from "./keys.ts";
import { type Box, type HostFacts, View } from "./view.ts";
import { Volumes } from "./volumes/volumes.ts";

/** What the daemon counts. */
export interface Counters {
  created: number;
  started: number;
  startFailed: number;
  buried: number;
  layersImported: number;
  layersExported: number;
  layersRemoved: number;
  clients: number;
  connected: number;
  requests: number;
  failed: number;
  invalidValues: number;
  invalidCommands: number;
  system: number;
}

/** What the engine has beside containers that live, for whoever decides about them. */
export interface Lifecycle {
  /** What becomes of a container that died. */
  died(id: string): Promise<Aftermath>;
  /** Containers may have lost volumes that they need. */
  volumesGone(): void;
}

/**
 * What all connections to one engine share: its containers as Porto sees them, its
 * volumes, and who waits for what.
 */
export class World implements Source {
  readonly engine: EmbeddedEngine;
  readonly inside: EmbeddedInside;
  readonly locks: TreeLocks = new TreeLocks();
  readonly hub: Hub;
  readonly volumes: Volumes;
  readonly counters: Counters = {
    created: 0,
    started: 0,
    startFailed: 0,
    buried: 0,
    layersImported: 0,
    layersExported: 0,
    layersRemoved: 0,
    clients: 0,
    connected: 0,
    requests: 0,
    failed: 0,
    invalidValues: 0,
    invalidCommands: 0,
    system: 0,
  };
  /** What clients have set of the daemon. */
  readonly settings: { frozen: boolean; verbose: boolean; debug: boolean } = {
    frozen: false,
    verbose: false,
    debug: false,
  };
  /** Milliseconds since 1970. */
  readonly began: number;
  #lifecycle: Lifecycle | undefined;
  #facts: HostFacts | undefined;

  constructor(engine: EmbeddedEngine) {
    this.engine = engine;
    this.inside = engine.inside;
    this.began = engine.inside.clock.now();
    this.volumes = new Volumes(engine.inside, async (image) => {
      await engine.getImage(image);
    });
    this.hub = new Hub(
      engine.inside,
      (id) => this.#died(id),
      (name) => this.background(this.#forget(name)),
    );
  }

  /** Loads what is kept and begins to listen. */
  async open(lifecycle: Lifecycle): Promise<void> {
    this.#lifecycle = lifecycle;
    const {
      cpus = 1,
      memoryTotal,
      hostname,
      kernel,
    } = await this.engine.info();
    this.#facts = {
      cpus,
      memory: memoryTotal ?? 0n,
      hostname: hostname ?? "localhost",
      kernel: kernel ?? "",
    };
    await this.volumes.load();
    await this.hub.open();
  }

  /** All containers as they are now. */
  async view(): Promise<View> {
    const records = await this.inside.records();
    const { hub } = this;
    if (this.#facts === undefined) throw new Error("the world is not open");
    const root = {
      state: "meta",
      number: ROOT_NUMBER,
      changeTime: seconds(this.began),
    } as const;
    return new View(records, this.#facts, (record) => hub.seen(record), root);
  }

  /** One container as it is now. @throws PortoError `ContainerDoesNotExist` */
  async box(name: string): Promise<Box> {
    return (await this.view()).find(name);
  }

  /** Keeps new values of a container's properties, and tells of new labels. */
  async apply(box: Box, changes: Changes): Promise<void> {
    if (changes.size === 0) return;
    const { id } = box.written;
    const kept = [...changes].map(
      ([property, value]) => [keptKey(property), value] as const,
    );
    await this.inside.setExtra(id, {
      ...Object.fromEntries(kept),
      [CHANGED]: String(this.inside.clock.now()),
    });
    this.hub.touched(id);
    await this.project(box.name);
    const labels = changes.get("labels");
    if (labels !== undefined) this.#tellLabels(box, labels);
  }

  /**
   * Gives the engine the configuration that a container's properties make, as far as
   * it rests; one whose command cannot be split is told so when it is started.
   */
  async project(name: string): Promise<void> {
    const box = await this.box(name);
    if (box.state !== "stopped" && box.state !== "dead") return;
    try {
      await this.inside.reconfigure(box.written.id, configOf(box));
    } catch (error) {
      const refused =
        (PortoError.is(error) && error.error === EError.InvalidCommand) ||
        (LibpodError.is(error) && error.code === "INVALID_STATE");
      if (!refused) throw error;
    }
  }

  #tellLabels(box: Box, text: string): void {
    const before = parseMap(box.text("labels"));
    const after = parseMap(text);
    const { id } = box.written;
    for (const [label, value] of after)
      if (before.get(label) !== value) this.hub.labelled(id, label, value);
    for (const label of before.keys())
      if (!after.has(label)) this.hub.labelled(id, label, "");
  }

  async stats({ record, state }: Box): Promise<ContainerStats | undefined> {
    if (record === undefined || state === "stopped" || state === "dead")
      return undefined;
    try {
      return await this.engine.containerStats(record.id);
    } catch (error) {
      // It may have ended meanwhile.
      if (LibpodError.is(error)) return undefined;
      throw error;
    }
  }

  links({ name }: Box): readonly LinkSeen[] {
    return this.volumes
      .linksOf(name)
      .map(({ path, target, readOnly, required }) => ({
        volume: path,
        ...(target === "" ? {} : { target }),
        ...(readOnly ? { read_only: true } : {}),
        ...(required ? { required: true } : {}),
      }));
  }

  owned({ name }: Box): readonly {
    readonly path: string;
    readonly place: string;
    readonly claim: bigint;
  }[] {
    return this.volumes
      .all()
      .filter(({ ownerContainer }) => ownerContainer === name)
      .map(({ path, place, spaceLimit }) => ({
        path,
        place,
        claim: BigInt(spaceLimit),
      }));
  }

  /** Volumes may be gone: those who cannot do without them are stopped. */
  volumesGone(): void {
    this.#lifecycle?.volumesGone();
  }

  /** One whose end cannot be seen to stays dead. */
  async #died(id: string): Promise<Aftermath> {
    const dead: Aftermath = { state: "dead" };
    try {
      return (await this.#lifecycle?.died(id)) ?? dead;
    } catch (error) {
      this.#countFailure(error);
      return dead;
    }
  }

  async #forget(name: string): Promise<void> {
    if (await this.volumes.forget(name, parentName(name))) this.volumesGone();
  }

  /**
   * Lets something go on that nobody waits for. What fails in it has no one to be told:
   * the container stays as it is, which clients can see.
   */
  background(work: Promise<unknown>): void {
    const told = work.catch((error: unknown) => this.#countFailure(error));
    this.inside.clock.busy?.(told);
  }

  #countFailure(error: unknown): void {
    if (!PortoError.is(asPortoError(error))) this.counters.system += 1;
  }
}
