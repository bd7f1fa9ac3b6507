import {
  EError,
  type TContainerStatusInput,
  type TUintMap,
} from "portolan/porto";
import type { ContainerStats } from "../../../engine.ts";
import type { EmbeddedInside } from "../../../engines/embedded/types.ts";
import { failure } from "../errors.ts";
import { formatCores, formatMap, formatTime, seconds } from "../text.ts";
import type { Box } from "../view.ts";
import { uintEntries } from "./kinds.ts";

/** A link of a container to a volume, as the container's properties tell of it. */
export interface LinkSeen {
  readonly volume: string;
  readonly target?: string | undefined;
  readonly read_only?: boolean | undefined;
  readonly required?: boolean | undefined;
}

/** What reading takes besides the container's own properties. */
export interface Source {
  readonly inside: EmbeddedInside;
  /** Figures of a container; undefined where it does not run. */
  stats(box: Box): Promise<ContainerStats | undefined>;
  links(box: Box): readonly LinkSeen[];
  /** Volumes that count for a container, with the space that they claim. */
  owned(box: Box): readonly {
    readonly path: string;
    readonly place: string;
    readonly claim: bigint;
  }[];
}

/** A value as text and in its typed field. */
export interface Reading {
  readonly text: string;
  readonly typed?: unknown;
}

/** A property that only the daemon sets. */
export interface Readable {
  readonly name: string;
  readonly description: string;
  /** It is told only of containers that are not stopped. */
  readonly runtime: boolean;
  /** It is told only of dead containers. */
  readonly dead: boolean;
  read(box: Box, source: Source): Promise<Reading>;
  /** One part of it, by what stands in brackets. */
  readonly entry:
    | ((box: Box, key: string, source: Source) => Promise<string> | string)
    | undefined;
  /** Its field in a status; undefined for one that has none. */
  readonly field: keyof TContainerStatusInput | undefined;
}

type Read = (box: Box, source: Source) => Reading | Promise<Reading>;

interface Options {
  readonly runtime?: true;
  readonly dead?: true;
  readonly entry?: Readable["entry"];
  /** Default: named as the property; `null` for none. */
  readonly field?: keyof TContainerStatusInput | null;
}

/** Collects properties. */
export interface Definitions {
  readonly list: readonly Readable[];
  readonly define: (
    name: string,
    description: string,
    read: Read,
    options?: Options,
  ) => void;
  /** A property that is a map, with its entries; told of what runs, unless options say else. */
  readonly defineMap: (
    name: string,
    description: string,
    read: (box: Box, source: Source) => Promise<Map<string, bigint>>,
    options?: Options,
  ) => void;
}

/** Begins a list of properties. */
export function definitions(): Definitions {
  const list: Readable[] = [];
  const define: Definitions["define"] = (
    name,
    description,
    read,
    { runtime, dead, entry, field } = {},
  ) => {
    list.push({
      name,
      description,
      runtime: runtime === true,
      dead: dead === true,
      read: async (box, source) => read(box, source),
      entry,
      field:
        field === null
          ? undefined
          : (field ?? (name as keyof TContainerStatusInput)),
    });
  };
  return {
    list,
    define,
    defineMap(name, description, read, options = { runtime: true }) {
      define(
        name,
        description,
        async (box, source) => mapOf(await read(box, source)),
        {
          ...options,
          async entry(box, key, source) {
            const found = (await read(box, source)).get(key);
            if (found === undefined) throw invalidIndex(key);
            return String(found);
          },
        },
      );
    },
  };
}

export const word = (value: string): Reading => ({
  text: value,
  typed: value === "" ? undefined : value,
});
export const number = (value: number | bigint): Reading => ({
  text: String(value),
  typed: value,
});
export const flag = (value: boolean): Reading => ({
  text: String(value),
  typed: value,
});
export const coresOf = (value: number): Reading => ({
  text: value === 0 ? "" : formatCores(value),
  typed: value,
});
export const mapOf = (map: ReadonlyMap<string, bigint>): Reading => ({
  text: formatMap(map),
  typed: { map: uintEntries(map) } satisfies TUintMap,
});
export const moment = (value: bigint): Reading =>
  value === 0n ? { text: "" } : { text: formatTime(value), typed: value };

/** The record's time, or 0. */
export const at = (time: number | undefined): bigint =>
  time === undefined ? 0n : seconds(time);

const invalidIndex = (key: string): Error =>
  failure(EError.InvalidValue, `invalid index ${key}`);

/** `time[raw]`: in seconds since 1970. */
export function rawTime(time: (box: Box) => bigint): Readable["entry"] {
  return (box, key) => {
    if (key !== "raw") throw failure(EError.InvalidValue, `What ${key}?`);
    return String(time(box));
  };
}
