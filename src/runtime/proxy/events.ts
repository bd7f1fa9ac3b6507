/** What a tap tells. */
import type { PortolanError } from "../errors.ts";

/** What all events have. */
interface Tapped {
  /** Which connection of the tap, counted from 1. */
  readonly connection: number;
  /** When it was seen: milliseconds since 1970. */
  readonly time: number;
}

/** A client has connected. */
export interface TappedOpen extends Tapped {
  readonly type: "open";
  /** Where the client came to. */
  readonly client: string;
  /** Where the service is. */
  readonly service: string;
}

/** A client calls. */
export interface TappedCall extends Tapped {
  readonly type: "call";
  /** Which call of the connection, counted from 1. */
  readonly call: number;
  /** Full method name, as the client wrote it. */
  readonly method: string;
  /** `oneway` gets no reply, `more` any number, `upgrade` ends the Varlink conversation. */
  readonly mode: "call" | "more" | "oneway" | "upgrade";
  /** Empty where the call has none. Numbers beyond 2^53 are rounded: `text` is not. */
  readonly parameters: object;
  /** The message as it came, without its NUL. */
  readonly text: string;
  /** Bytes of the message, its NUL not counted. */
  readonly size: number;
}

/** A service replies. */
export interface TappedReply extends Tapped {
  readonly type: "reply";
  /** The call that it answers. */
  readonly to: TappedCall;
  /** See {@link TappedCall.parameters}. */
  readonly parameters: object;
  /** Full name of the error, if it is one. */
  readonly error: string | undefined;
  /** Whether further replies follow. */
  readonly continues: boolean;
  /** Whether it confirms an upgrade: what follows is counted and not decoded. */
  readonly upgraded: boolean;
  /** Milliseconds since the call. */
  readonly duration: number;
  /** The message as it came, without its NUL. */
  readonly text: string;
  /** Bytes of the message, its NUL not counted. */
  readonly size: number;
}

/** Somebody broke the protocol. The bytes went on to the other side all the same. */
export interface TappedViolation extends Tapped {
  readonly type: "violation";
  readonly by: "client" | "service";
  /** `PROTOCOL`, or `LIMIT_EXCEEDED` for what is more than the tap holds. */
  readonly error: PortolanError;
  /** Nothing more of this connection is decoded, for it cannot be told what is what. */
  readonly stopped: boolean;
}

/** A connection is over. */
export interface TappedClose extends Tapped {
  readonly type: "close";
  /** Why, unless it ended as connections do. */
  readonly error: PortolanError | undefined;
  /** Milliseconds that it was open. */
  readonly duration: number;
  /** Bytes that the client sent, all told. */
  readonly sent: number;
  /** Bytes that the service sent, all told. */
  readonly received: number;
  /** How many of them were not decoded: behind an upgrade, or a violation that stopped it. */
  readonly raw: { readonly sent: number; readonly received: number };
  /** Calls that were not answered to the end. */
  readonly unanswered: readonly TappedCall[];
}

/** An iterator was slower than what went through; counted, and lost to it. */
export interface TappedGap {
  readonly type: "gap";
  /** How many events. */
  readonly missed: number;
}

/** What a tap tells of what goes through a relay. */
export type TapEvent =
  TappedOpen | TappedCall | TappedReply | TappedViolation | TappedClose;
