import type { PodmanHandlers, Volume } from "portolan/podman/1.9";
import { Mutex } from "../../engines/embedded/mutex.ts";
import type { StoredValue } from "../../engines/embedded/types.ts";
import { InvalidArgument } from "../../errors.ts";
import { rfc3339Nano } from "../podman/format.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import { parseName } from "../podman/parse.ts";
import { unlessGone } from "../podman/served.ts";
import type { Served19 } from "./answers.ts";

type VolumeHandlers = Pick<
  AllHandlers<PodmanHandlers>,
  | "volumeCreate"
  | "volumeRemove"
  | "getVolumes"
  | "inspectVolume"
  | "volumesPrune"
>;

/** A volume as it is kept. */
interface Kept {
  readonly name: string;
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly createdAt: number;
}

/** By what the engine keeps them for us. */
const KEY = "podman.volumes";

/** Where volumes are said to be. Nothing is there. */
function mountPointOf(name: string): string {
  return `/run/portolan/embedded/volumes/${name}/_data`;
}

/** The volumes of an engine, which are names with labels: there are no files in them. */
export class Volumes {
  readonly #served: Served19;
  /** What is read must be as it is when the changed list is written. */
  readonly #mutex = new Mutex();

  constructor(served: Served19) {
    this.#served = served;
  }

  /** In the order in which they were made. */
  async all(): Promise<readonly Kept[]> {
    const kept = await this.#served.engine.inside.load(KEY);
    return (kept ?? []) as unknown as readonly Kept[];
  }

  /**
   * @param asked Absent: one that is free.
   * @returns The name.
   * @throws InvalidArgument if there is one of this name.
   */
  async create(
    asked: string | undefined,
    rest: Partial<Pick<Kept, "driver" | "labels" | "options">> = {},
  ): Promise<string> {
    let name = asked ?? "";
    await this.#change((volumes) => {
      const taken = new Set(volumes.map((volume) => volume.name));
      if (asked === undefined) name = freeName(taken);
      else if (taken.has(asked)) {
        throw new InvalidArgument(
          `volume with name ${asked} already exists: volume already exists`,
        );
      }
      return [...volumes, this.#make(name, rest)];
    });
    return name;
  }

  /** Makes those that a container mounts by name and that are not there. */
  async makeFor(id: string): Promise<void> {
    const names = volumesOf(await this.#served.engine.containerSpec(id));
    if (names.length === 0) return;
    await this.#change((volumes) => {
      const missing = new Set(names);
      for (const { name } of volumes) missing.delete(name);
      return [...volumes, ...[...missing].map((name) => this.#make(name, {}))];
    });
  }

  async remove(names: ReadonlySet<string>): Promise<void> {
    await this.#change((volumes) =>
      volumes.filter(({ name }) => !names.has(name)),
    );
  }

  /** Removes those that no container mounts; tells which. */
  async prune(): Promise<readonly string[]> {
    const users = await this.users();
    const all = await this.all();
    const names = all.flatMap(({ name }) => (users.has(name) ? [] : [name]));
    await this.remove(new Set(names));
    return names;
  }

  /** Ids of the containers that mount each volume, by its name. */
  async users(): Promise<ReadonlyMap<string, readonly string[]>> {
    const users = new Map<string, string[]>();
    for (const { id, config } of await this.#served.engine.inside.records()) {
      for (const name of volumesOf(config.spec)) {
        const ids = users.get(name) ?? [];
        ids.push(id);
        users.set(name, ids);
      }
    }
    return users;
  }

  #make(
    name: string,
    { driver = "local", labels = {}, options = {} }: Partial<Kept>,
  ): Kept {
    const createdAt = this.#served.engine.inside.clock.now();
    return { name, driver, labels, options, createdAt };
  }

  async #change(
    change: (volumes: readonly Kept[]) => readonly Kept[],
  ): Promise<void> {
    await this.#mutex.run(async () => {
      const changed = change(await this.all()) as unknown as StoredValue;
      await this.#served.engine.inside.store(KEY, changed);
    });
  }
}

function freeName(taken: ReadonlySet<string>): string {
  for (let number = taken.size + 1; ; number += 1)
    if (!taken.has(`volume-${number}`)) return `volume-${number}`;
}

/** The names of the volumes that a specification mounts. */
function volumesOf({
  mounts = [],
}: {
  readonly mounts?:
    | readonly {
        readonly type?: string | undefined;
        readonly source?: string | undefined;
      }[]
    | undefined;
}): readonly string[] {
  return mounts.flatMap(({ type, source }) =>
    type === "volume" && source !== undefined && source !== "" ? [source] : [],
  );
}

/** The methods for volumes. */
export function volumeHandlers(
  served: Served19,
  volumes: Volumes,
): VolumeHandlers {
  const { engine, answers } = served;

  /** By name, or the beginning of one. */
  const find = async (name: string): Promise<Kept> => {
    const all = await served.attempt(volumes.all());
    const exact = all.find((volume) => volume.name === name);
    if (exact !== undefined) return exact;
    const fitting =
      name === "" ? [] : all.filter((volume) => volume.name.startsWith(name));
    const [first, ...others] = fitting;
    if (first !== undefined && others.length === 0) return first;
    throw answers.occurred(
      first === undefined
        ? `no volume with name "${name}" found: no such volume`
        : `more than one result for volume name ${name}`,
    );
  };

  return {
    async volumeCreate({ options: { volumeName, driver, labels, options } }) {
      const made = async (): Promise<string> => {
        const name = parseName(volumeName);
        if (driver !== "" && driver !== "local") {
          throw new InvalidArgument(
            `there is no volume driver ${JSON.stringify(driver)}: only local`,
          );
        }
        return volumes.create(name, { labels, options });
      };
      return { volumeName: await served.attempt(made()) };
    },

    async volumeRemove({ options: { volumes: names, all, force } }) {
      const wanted = all
        ? (await served.attempt(volumes.all())).map(({ name }) => name)
        : names;
      const successes: string[] = [];
      const failures: Record<string, string> = {};
      for (const asked of wanted) {
        try {
          const { name } = await find(asked);
          const users = (await volumes.users()).get(name) ?? [];
          if (users.length > 0 && !force) {
            throw answers.occurred(
              `volume ${name} is being used by the following container(s): ${users.join(", ")}: volume is being used`,
            );
          }
          for (const id of users)
            await unlessGone(() => engine.removeContainer(id, { force }));
          await volumes.remove(new Set([name]));
          successes.push(name);
        } catch (error) {
          failures[asked] = reasonIn(served.translate(error));
        }
      }
      return { successes, failures };
    },

    async getVolumes({ args, all }) {
      const found = all
        ? await served.attempt(volumes.all())
        : await Promise.all(args.map(find));
      return { volumes: found.map(listVolume) };
    },

    async inspectVolume({ name }) {
      const volume = await find(name);
      const { mountPoint, driver, labels, options } = listVolume(volume);
      return {
        volume: JSON.stringify({
          Name: volume.name,
          Driver: driver,
          Mountpoint: mountPoint,
          CreatedAt: rfc3339Nano(volume.createdAt),
          Labels: labels,
          Scope: "local",
          Options: options,
          UID: 0,
          GID: 0,
        }),
      };
    },

    async volumesPrune() {
      return {
        prunedNames: await served.attempt(volumes.prune()),
        prunedErrors: [],
      };
    },
  };
}

/** Why something failed, of an error of the interface. Others are mistakes, and none of the answer's. */
function reasonIn(error: unknown): string {
  const { parameters } = error as {
    readonly parameters?: { readonly reason?: unknown };
  };
  if (typeof parameters?.reason === "string") return parameters.reason;
  throw error;
}

function listVolume({ name, labels, driver, options }: Kept): Volume {
  return {
    name,
    labels: { ...labels },
    mountPoint: mountPointOf(name),
    driver,
    options: { ...options },
  };
}
