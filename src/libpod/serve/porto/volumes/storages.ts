import { EError, type PortoError } from "portolan/porto";
import type { EmbeddedInside } from "../../../engines/embedded/types.ts";
import { failure } from "../errors.ts";
import { byName } from "../names.ts";
import { invalid } from "../properties/kinds.ts";
import { Kept } from "./kept.ts";
import { checkStorageName, isWeak, metaOf } from "./places.ts";
import { systemError } from "./system-errors.ts";

/** Bytes of what users may note. */
const MAX_PRIVATE = 4096;

/** A layer, a storage or a meta storage as it is kept. */
export interface KeptStorage {
  readonly kind: "layer" | "storage" | "meta";
  readonly place: string;
  readonly name: string;
  readonly private: string;
  /** Seconds since 1970. */
  readonly lastUsed: number;
  /** Something was unpacked into it, and that is not kept. */
  readonly filled: boolean;
  /** Of a meta storage, as text: 64 bits. */
  readonly spaceLimit: string;
  readonly inodeLimit: string;
}

type Kind = KeptStorage["kind"];

/** Whether something uses a layer or storage, and then what does. */
export type Usage = (
  kind: Kind,
  place: string,
  name: string,
) => string | undefined;

/** Layers, storages and meta storages: their names, and what users note; no contents. */
export class Storages {
  readonly #kept: Kept<readonly KeptStorage[]>;
  readonly #now: () => number;
  readonly #usage: Usage;

  constructor(inside: EmbeddedInside, usage: Usage) {
    this.#kept = new Kept<readonly KeptStorage[]>(inside, "porto.storages", []);
    this.#now = () => Math.floor(inside.clock.now() / 1000);
    this.#usage = usage;
  }

  load(): Promise<void> {
    return this.#kept.load();
  }

  list(kind: Kind, place: string): readonly KeptStorage[] {
    return this.#kept.value
      .filter((each) => each.kind === kind && each.place === place)
      .toSorted(byName);
  }

  get(kind: Kind, place: string, name: string): KeptStorage | undefined {
    return this.#kept.value.find(is(kind, place, name));
  }

  /** @throws PortoError as Porto says that there is none */
  find(kind: Kind, place: string, name: string): KeptStorage {
    checkStorageName(name, kind === "meta");
    const found = this.get(kind, place, name);
    if (found === undefined) throw notFound(kind, name);
    return found;
  }

  /** Which volume uses it, if one does. */
  userOf(kind: Kind, place: string, name: string): string | undefined {
    return this.#usage(kind, place, name);
  }

  /** Seconds since something last used it. */
  unused({ lastUsed }: KeptStorage): bigint {
    return BigInt(Math.max(this.#now() - lastUsed, 0));
  }

  /**
   * Makes one, or fills one that is there where that is wanted.
   *
   * @throws PortoError `LayerAlreadyExists`; `Busy`; `Unknown` without its meta storage
   */
  add(
    kind: Kind,
    place: string,
    name: string,
    options: {
      readonly private?: string | undefined;
      readonly merge?: boolean;
      readonly filled?: boolean;
      readonly spaceLimit?: bigint;
      readonly inodeLimit?: bigint;
    } = {},
  ): Promise<void> {
    checkStorageName(name, kind === "meta");
    const { private: text, merge = false, filled = false } = options;
    checkPrivate(text ?? "");
    const meta = metaOf(name);
    return this.#kept.change((all) => {
      if (meta !== undefined && !all.some(is("meta", place, meta)))
        throw systemError("No such file or directory", `mkdir ${name}`);
      const before = all.find(is(kind, place, name));
      if (before !== undefined && kind === "meta")
        throw systemError("File exists", `mkdir ${name}`);
      if (before !== undefined && !merge)
        throw failure(EError.LayerAlreadyExists, "Layer already exists");
      if (before !== undefined) this.#checkUnused(before);
      const made: KeptStorage = {
        kind,
        place,
        name,
        private: text ?? before?.private ?? "",
        lastUsed: this.#now(),
        filled: filled || before?.filled === true,
        spaceLimit: String(options.spaceLimit ?? 0n),
        inodeLimit: String(options.inodeLimit ?? 0n),
      };
      return [[...all.filter((each) => each !== before), made], undefined];
    });
  }

  /** @throws PortoError `LayerNotFound`, `VolumeNotFound`, `Busy` */
  remove(kind: Kind, place: string, name: string): Promise<void> {
    checkStorageName(name, kind === "meta");
    return this.#kept.change((all) => {
      const found = all.find(is(kind, place, name));
      if (found === undefined) throw notFound(kind, name);
      this.#checkUnused(found);
      return [all.filter((each) => each !== found), undefined];
    });
  }

  /** @throws PortoError as {@link Storages.find}; `InvalidValue` for what is too long */
  update(
    kind: Kind,
    place: string,
    name: string,
    changes: Partial<
      Pick<KeptStorage, "private" | "spaceLimit" | "inodeLimit">
    >,
  ): Promise<void> {
    checkPrivate(changes.private ?? "");
    checkStorageName(name, kind === "meta");
    return this.#kept.change((all) => {
      const found = all.find(is(kind, place, name));
      if (found === undefined) throw notFound(kind, name);
      return [
        all.map((each) => (each === found ? { ...each, ...changes } : each)),
        undefined,
      ];
    });
  }

  /** A volume uses these from now on, or no longer. What is weak goes with its last user. */
  touch(
    place: string,
    used: readonly { readonly kind: Kind; readonly name: string }[],
    left: boolean,
  ): Promise<void> {
    return this.#kept.change((all) => {
      const next = all.flatMap((each) => {
        const meant = used.some(({ kind, name }) =>
          is(kind, place, name)(each),
        );
        if (!meant) return [each];
        const free =
          left && this.#usage(each.kind, each.place, each.name) === undefined;
        return free && isWeak(each.name)
          ? []
          : [{ ...each, lastUsed: this.#now() }];
      });
      return [next, undefined];
    });
  }

  #checkUnused({ kind, place, name }: KeptStorage): void {
    const user =
      kind === "meta"
        ? this.#kept.value.find(
            (each) => each.place === place && metaOf(each.name) === name,
          )?.name
        : this.#usage(kind, place, name);
    if (user === undefined) return;
    throw failure(
      EError.Busy,
      kind === "meta"
        ? `MetaStorage ${name} in use, not empty`
        : `${kind === "layer" ? "Layer" : "Storage"} ${name} in use by volume ${user}`,
    );
  }
}

function is(kind: Kind, place: string, name: string) {
  return (each: KeptStorage): boolean =>
    each.kind === kind && each.place === place && each.name === name;
}

function notFound(kind: Kind, name: string): PortoError {
  if (kind === "layer")
    return failure(EError.LayerNotFound, `Layer ${name} not found`);
  if (kind === "storage")
    return failure(EError.VolumeNotFound, `Storage ${name} not found`);
  return systemError("No such file or directory", `stat ${name}`);
}

/** @throws PortoError `InvalidValue` */
export function checkPrivate(text: string): void {
  if (Buffer.byteLength(text) > MAX_PRIVATE)
    throw invalid(`Private value too long, max ${MAX_PRIVATE} bytes`);
}
