import type { Draft } from "./draft.ts";
import { ProtobufError } from "./error.ts";
import { shortened } from "./path.ts";
import { Scanner } from "./scanner.ts";
import { reachable } from "./reachable.ts";
import { Unknown, varintField } from "./unknown.ts";

/** Reads the fields of a message, up to its end, into a new object or into the one given. */
export type Read<T extends object> = (reader: Reader, into?: Draft<T>) => T;

/** The same for a message that may be a group: it ends with the end tag of its field. */
export type ReadGroup<T extends object> = (
  reader: Reader,
  into: Draft<T> | undefined,
  group: number,
) => T;

/** How a message is read: `DecodeOptions` with nothing left open. */
export interface ReaderOptions {
  readonly partial: boolean;
  readonly keep: boolean;
  readonly maxDepth: number;
}

/** A required field that was not there when its message ended. */
interface Missing {
  readonly message: object;
  readonly property: string;
  readonly field: string;
  readonly offset: number;
}

/** The greatest number of a field: 2^29 - 1. */
const MAX_FIELD = 0x1fffffff;

/** What generated code reads messages with. */
export class Reader extends Scanner {
  private typeName = "";
  /** How deep we are in messages, and how deep we may get. */
  private depth = 0;
  private maxDepth = 0;
  /** Where the tags of the fields around us begin, by depth. */
  private readonly around: number[] = [];
  private keep = false;
  private partial = false;
  private unknownFields: Unknown | undefined = undefined;
  private missing: Missing[] | undefined = undefined;

  /** Begins to read `bytes`, which are a message of the type `typeName`. */
  reset(typeName: string, bytes: Uint8Array, options: ReaderOptions): void {
    this.typeName = typeName;
    this.bytes = bytes;
    this.position = 0;
    this.end = bytes.length;
    this.start = 0;
    this.depth = 0;
    this.maxDepth = options.maxDepth;
    this.keep = options.keep;
    this.partial = options.partial;
  }

  /** Does what can only be done at the end: unknown fields, and required ones that are missing. */
  finish(root: object): void {
    this.unknownFields?.settle();
    if (this.missing === undefined) return;
    // It may have come later, or what lacked it may have been replaced.
    const lacking = this.missing.filter(
      ({ message, property }) =>
        (message as { readonly [name: string]: unknown })[property] ===
        undefined,
    );
    if (lacking.length === 0) return;
    const present = reachable(root);
    const first = lacking.find(({ message }) => present.has(message));
    if (first !== undefined)
      throw new ProtobufError(
        `${this.typeName}: the required field ${first.field} is missing at byte ${first.offset}`,
        first.offset,
      );
  }

  override release(): void {
    super.release();
    this.unknownFields = undefined;
    this.missing = undefined;
  }

  // Messages, groups, packed lists and map entries

  /** Reads a message in its own bytes, into the one that was there before. */
  message<T extends object>(read: Read<T>, into?: T): T {
    const { end } = this;
    const length = this.delimited();
    this.deeper();
    this.end = this.position + length;
    const message = read(this, into as Draft<T> | undefined);
    this.depth -= 1;
    this.end = end;
    return message;
  }

  /** Reads a message between the tags of a group; `field` is its number. */
  group<T extends object>(read: ReadGroup<T>, field: number, into?: T): T {
    this.deeper();
    const message = read(this, into as Draft<T> | undefined, field);
    this.depth -= 1;
    return message;
  }

  /** A message of which nothing is there: the value of a map's entry that has none. */
  absent<T extends object>(read: Read<T>): T {
    const { end } = this;
    this.end = this.position;
    const message = read(this);
    this.end = end;
    return message;
  }

  private deeper(): void {
    const { depth } = this;
    if (depth >= this.maxDepth)
      throw this.malformed(
        `messages are nested deeper than ${this.maxDepth} levels`,
      );
    this.around[depth] = this.start;
    this.depth = depth + 1;
  }

  /** Narrows to the bytes of a packed list or map entry. Returns what to {@link close} with. */
  open(): number {
    const { end } = this;
    this.end = this.delimited() + this.position;
    return end;
  }

  close(end: number): void {
    this.end = end;
  }

  /** For a message whose bytes have ended: an error where it is a group, which ends otherwise. */
  closed(group: number): void {
    if (group === 0) return;
    // What is at fault is the group, not what was read in it last.
    this.start = this.around[this.depth - 1] ?? this.start;
    throw this.malformed(`a group of field ${group} has no end`);
  }

  // What the type does not know, or demands

  /** Passes over a field of another number or wire type, and keeps it for `message`. */
  unknown(message: object, tag: number): void {
    this.skip(tag);
    this.kept(message, this.start);
  }

  /** The same in a message that may be a group: whether `tag` ends it. */
  unknownOrEnd(message: object, tag: number, group: number): boolean {
    if (group !== 0 && tag === endTag(group)) return true;
    this.unknown(message, tag);
    return false;
  }

  /** Keeps the field that began at `start` and was just read, for its value is unknown. */
  kept(message: object, start: number): void {
    if (!this.keep) return;
    this.unknownFields ??= new Unknown(this.bytes);
    this.unknownFields.keep(message, start, this.position);
  }

  /** Keeps a value of a packed list, as a field by itself. */
  keptValue(message: object, field: number, value: number): void {
    if (!this.keep) return;
    this.unknownFields ??= new Unknown(this.bytes);
    this.unknownFields.add(message, varintField(field, value));
  }

  /** Passes over a field. */
  skip(tag: number): void {
    const field = tag >>> 3;
    if (field === 0 || field > MAX_FIELD)
      throw this.malformed(`a field has the number ${field}`);
    switch (tag & 7) {
      case 0:
        this.varint();
        return;
      case 1:
        this.twoWords();
        return;
      case 2: {
        const length = this.delimited();
        this.position += length;
        return;
      }
      case 3:
        this.skipGroup(field);
        return;
      case 4:
        throw this.malformed(
          `a group of field ${field} ends that did not begin`,
        );
      case 5:
        this.word();
        return;
      default:
        throw this.malformed(`a field has the wire type ${tag & 7}`);
    }
  }

  private skipGroup(field: number): void {
    const { start } = this;
    const last = endTag(field);
    this.deeper();
    for (;;) {
      if (this.position >= this.end) this.closed(field);
      const tag = this.tag();
      if (tag === last) break;
      this.skip(tag);
    }
    this.depth -= 1;
    this.start = start;
  }

  /** Takes note of a required field that was not there when its message ended. */
  lacks(message: object, property: string, field: string): void {
    if (this.partial) return;
    this.missing ??= [];
    this.missing.push({ message, property, field, offset: this.position });
  }

  // Errors

  protected override malformed(what: string): ProtobufError {
    const { start, typeName } = this;
    // The field may be the group that we are in.
    const offsets = new Set(this.around.slice(0, this.depth)).add(start);
    const fields = shortened(
      Array.from(offsets, (offset) => this.fieldAt(offset)),
    ).join(".");
    return new ProtobufError(
      `${typeName}: ${what}, in field ${fields} at byte ${start}`,
      start,
    );
  }

  /** The number of the field whose tag is there, if there is one. */
  private fieldAt(offset: number): string {
    let tag = 0n;
    for (let index = 0; index < 5; index += 1) {
      const byte = this.bytes[offset + index];
      if (byte === undefined) break;
      tag |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return String(tag >> 3n);
    }
    return "?";
  }
}

/** The tag that ends a group. */
function endTag(field: number): number {
  return ((field << 3) | 4) >>> 0;
}
