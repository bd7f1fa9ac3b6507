import { isUint8Array } from "node:util/types";
import { PortolanError } from "../errors.ts";
import type { Defaults } from "./draft.ts";
import { ProtobufError } from "./error.ts";
import type { DecodeOptions, EncodeOptions, MessageType } from "./message.ts";
import { type Read, Reader, type ReaderOptions } from "./reader.ts";
import { Trace } from "./trace.ts";
import { Unfit } from "./unfit.ts";
import {
  expectFields,
  expectObject,
  type Write,
  Writer,
  type WriterOptions,
} from "./writer.ts";

/** A codec as generated code has it: it also knows the types of the defaults. */
export interface Codec<
  T extends object,
  I extends object = T,
> extends MessageType<T, I> {
  readonly defaults: Defaults<T>;
}

/** As in protobuf's own readers. */
const MAX_DEPTH = 100;

const READER_DEFAULTS: ReaderOptions = {
  partial: false,
  keep: true,
  maxDepth: MAX_DEPTH,
};

const WRITER_DEFAULTS: WriterOptions = {
  partial: false,
  complete: false,
  keep: true,
  maxDepth: MAX_DEPTH,
};

// Kept for the next message. One that is in use is not here: getters of a
// message may write another one.
let idleReader: Reader | undefined;
let idleWriter: Writer | undefined;

/** Reads a message with its generated `read`: see {@link MessageType.decode}. */
export function decode<T extends object>(
  typeName: string,
  read: Read<T>,
  bytes: Uint8Array,
  options?: DecodeOptions,
): T {
  if (!isUint8Array(bytes))
    throw new PortolanError(
      "INVALID_INPUT",
      `${typeName} is read from a Uint8Array`,
    );
  const settings =
    options === undefined
      ? READER_DEFAULTS
      : readerOptions(typeName, bytes, options);
  const reader = idleReader ?? new Reader();
  idleReader = undefined;
  try {
    reader.reset(typeName, bytes, settings);
    const message = read(reader);
    reader.finish(message);
    return message;
  } finally {
    reader.release();
    idleReader = reader;
  }
}

function readerOptions(
  typeName: string,
  bytes: Uint8Array,
  options: DecodeOptions,
): ReaderOptions {
  const { partial = false, unknown = "keep", maxDepth, maxSize } = options;
  const most = limit("maxSize", maxSize, Infinity);
  if (bytes.length > most)
    throw new ProtobufError(
      `${typeName}: ${bytes.length} bytes are more than the limit of ${most}`,
      most,
    );
  return {
    partial,
    keep: keeps(unknown),
    maxDepth: limit("maxDepth", maxDepth, MAX_DEPTH),
  };
}

/** Writes a message with its generated `write`: see {@link MessageType.encode}. */
export function encode<I extends object>(
  typeName: string,
  write: Write<I>,
  message: I,
  options?: EncodeOptions,
): Uint8Array {
  const settings =
    options === undefined ? WRITER_DEFAULTS : writerOptions(options);
  const writer = idleWriter ?? new Writer();
  idleWriter = undefined;
  try {
    writer.reset(settings);
    expectObject(message);
    expectFields(message);
    write(writer, message);
    return writer.result();
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw new PortolanError(
      "INVALID_INPUT",
      [typeName, ...faultIn(write, message, settings), error.message].join(
        ": ",
      ),
    );
  } finally {
    writer.release();
    idleWriter = writer;
  }
}

function writerOptions(options: EncodeOptions): WriterOptions {
  const {
    partial = false,
    complete = false,
    unknown = "keep",
    maxDepth,
  } = options;
  return {
    partial,
    complete,
    keep: keeps(unknown),
    maxDepth: limit("maxDepth", maxDepth, MAX_DEPTH),
  };
}

function keeps(unknown: "keep" | "drop"): boolean {
  if (unknown === "keep" || unknown === "drop") return unknown === "keep";
  throw new PortolanError(
    "INVALID_INPUT",
    'the option unknown is "keep" or "drop"',
  );
}

function limit(
  name: string,
  value: number | undefined,
  standard: number,
): number {
  if (value === undefined) return standard;
  if (typeof value === "number" && value >= 0) return value;
  throw new PortolanError(
    "INVALID_INPUT",
    `the option ${name} is a number that is not negative`,
  );
}

/** The way to the value that does not fit, found by writing once more. */
function faultIn<I extends object>(
  write: Write<I>,
  message: I,
  settings: WriterOptions,
): string[] {
  const trace = new Trace();
  const writer = new Writer();
  writer.reset(settings);
  try {
    expectObject(message);
    expectFields(message);
    write(writer, trace.watch(message));
  } catch (error) {
    if (error instanceof Unfit && trace.last !== "") return [trace.last];
  }
  return [];
}
