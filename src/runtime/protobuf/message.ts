/**
 * What the codec of a message looks like to those who use it. Generated code has
 * one for each message; reading and writing are code, not data, for speed.
 */

/**
 * Reads and writes one type of message.
 *
 * @typeParam T The message as it is read.
 * @typeParam I The message as it may be given: what a reader always fills in
 * (lists, maps) may be left out.
 */
export interface MessageType<T extends object, I extends object = T> {
  /** Full name: `Porto.TError`. */
  readonly typeName: string;
  /** What absent fields mean: declared defaults, and the zeros of all others. */
  readonly defaults: object;
  /**
   * @throws PortolanError `INVALID_INPUT` for a value that does not fit its field,
   * a required field that is missing, or a value nested too deep; the message says
   * where. `LIMIT_EXCEEDED` beyond the size a message can have (2 GiB less one).
   */
  encode(message: I, options?: EncodeOptions): Uint8Array;
  /**
   * @throws ProtobufError for bytes that are no message of this type: it has their
   * offset.
   */
  decode(bytes: Uint8Array, options?: DecodeOptions): T;
}

/** How to write a message. */
export interface EncodeOptions {
  /**
   * Required fields may be missing (protobuf's "partial" serialisation). Default
   * false: a missing one is an error.
   */
  readonly partial?: boolean | undefined;
  /**
   * Fields that the peer demands although the interface says that they are
   * optional are written with the value that its configuration gives. Default
   * false.
   */
  readonly complete?: boolean | undefined;
  /** `drop` leaves unknown fields out. Default `keep`. */
  readonly unknown?: "keep" | "drop" | undefined;
  /** Most levels of messages in messages. Default 100. */
  readonly maxDepth?: number | undefined;
}

/** How to read a message. */
export interface DecodeOptions {
  /**
   * Required fields may be missing (protobuf's "partial" parsing); they are then
   * absent, whatever their type says. Default false: a missing one is an error.
   */
  readonly partial?: boolean | undefined;
  /** `drop` leaves unknown fields out of what is read. Default `keep`. */
  readonly unknown?: "keep" | "drop" | undefined;
  /** Most levels of messages in messages. Default 100, as in protobuf's own readers. */
  readonly maxDepth?: number | undefined;
  /** Most bytes. Default: no limit but the bytes that are there. */
  readonly maxSize?: number | undefined;
}

/**
 * What every message may hold: fields that its type does not know, as they came,
 * in one piece of tags and values. They are written back after the known ones,
 * and a program may add its own (see `rawFields`).
 */
export interface Message {
  readonly $unknown?: Uint8Array | undefined;
}
