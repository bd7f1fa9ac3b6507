import { isUint8Array } from "node:util/types";
import { Pen } from "./pen.ts";
import { builtIn, Unfit, unfit } from "./unfit.ts";

/** Writes the fields of a message. */
export type Write<I extends object> = (writer: Writer, message: I) => void;

/** Writes a value of a packed list. */
export type WriteItem<V> = (writer: Writer, item: V) => void;

/** Writes key and value of a map's entry. */
export type WriteEntry<V> = (writer: Writer, key: string, value: V) => void;

/** How a message is written: `EncodeOptions` with nothing left open. */
export interface WriterOptions {
  readonly partial: boolean;
  readonly complete: boolean;
  readonly keep: boolean;
  readonly maxDepth: number;
}

const EMPTY: readonly never[] = [];

/** What generated code writes messages with, in one pass. */
export class Writer extends Pen {
  /** Whether fields that the peer demands are written where they are absent. */
  complete = false;
  private partial = false;
  private keep = false;
  private depth = 0;
  private maxDepth = 0;

  /** Begins anew. */
  reset(options: WriterOptions): void {
    this.clear();
    this.complete = options.complete;
    this.partial = options.partial;
    this.keep = options.keep;
    this.depth = 0;
    this.maxDepth = options.maxDepth;
  }

  /** A message, its length before it. */
  message<I extends object>(tag: number, write: Write<I>, message: I): void {
    this.deeper(message);
    const start = this.begin(tag);
    write(this, message);
    if (this.position === start || this.complete) expectFields(message);
    this.end(start);
    this.depth -= 1;
  }

  /** A message between the tags of a group; `tag` is the first of them. */
  group<I extends object>(tag: number, write: Write<I>, message: I): void {
    this.deeper(message);
    this.tag(tag);
    const start = this.position;
    write(this, message);
    if (this.position === start || this.complete) expectFields(message);
    this.tag(tag + 1);
    this.depth -= 1;
  }

  private deeper(message: object): void {
    expectObject(message);
    if (this.depth >= this.maxDepth)
      throw new Unfit(
        `messages are nested deeper than ${this.maxDepth} levels`,
      );
    this.depth += 1;
  }

  /** The elements of a list; one that is left out is empty. */
  list<E>(list: readonly E[] | undefined): readonly E[] {
    if (list === undefined) return EMPTY;
    if (!Array.isArray(list)) throw unfit("an array", list);
    return list as readonly E[];
  }

  /** A packed list; an empty one is not there. */
  packed<V>(
    tag: number,
    write: WriteItem<V>,
    list: readonly V[] | undefined,
  ): void {
    const items = this.list(list);
    if (items.length === 0) return;
    const start = this.begin(tag);
    for (const item of items) write(this, item);
    this.end(start);
  }

  /** A map: an entry for each of its own keys. */
  map<V>(
    tag: number,
    write: WriteEntry<V>,
    map: { readonly [key: string]: V } | undefined,
  ): void {
    if (map === undefined) return;
    expectObject(map);
    expectFields(map);
    for (const key of Object.keys(map)) {
      const start = this.begin(tag);
      write(this, key, map[key] as V);
      this.end(start);
    }
  }

  /** The case of a `oneof`, undefined where none is set. */
  caseOf(choice: { readonly case: string } | undefined): string | undefined {
    if (choice === undefined) return undefined;
    expectObject(choice);
    const name: unknown = choice.case;
    return typeof name === "string" ? name : this.noCase(name);
  }

  /** For a case that the `oneof` has not. */
  noCase(name?: unknown): never {
    throw unfit("the name of a case", name);
  }

  /** For a required field that is not there. */
  missing(): void {
    if (!this.partial) throw new Unfit("it is required");
  }

  /** Fields that the type does not know, as they came. */
  unknown(fields: Uint8Array | undefined): void {
    if (fields === undefined) return;
    if (!isUint8Array(fields)) throw unfit("a Uint8Array", fields);
    if (this.keep) this.raw(fields);
  }
}

/** Throws where a message or map is something else. */
export function expectObject(value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw unfit("an object", value);
}

/**
 * Throws for an object that has what it holds elsewhere than in its fields, as a
 * `Map` or a `Date`: it would be lost without a word. A message of which something
 * was written needs no look, which takes time, unless that may be what its peer
 * demands.
 */
export function expectFields(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return;
  if (builtIn(value) !== undefined) throw unfit("an object", value);
}
