/**
 * The types that generated code is written in. Re-exported by
 * `portolan/codegen/v1`: added to, never changed.
 */
import type { Duplex } from "node:stream";

/** A JSON value, null included. */
export type Json = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly Json[];
/** Varlink's `object`. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}
/** Varlink's `any`: every JSON value but null. */
export type Any = Exclude<Json, null>;

/**
 * JSON with exact integers, where ints are bigints: `object` and `any` have no declared
 * inside, so that a number is what a number holds exactly, and a bigint what it does
 * not. Integers of either kind may be sent.
 */
export type ExactJson =
  null | boolean | number | bigint | string | ExactArray | ExactObject;
export type ExactArray = readonly ExactJson[];
/** Varlink's `object`, with exact integers: see {@link ExactJson}. */
export interface ExactObject {
  readonly [key: string]: ExactJson | undefined;
}
/** Varlink's `any`, with exact integers: see {@link ExactJson}. */
export type ExactAny = Exclude<ExactJson, null>;

/** Varlink's `[string]T`. */
export interface Dict<T> {
  readonly [key: string]: T;
}

/** A struct with no fields. */
export interface Empty {
  readonly [key: string]: never;
}

/**
 * An enum in a reply: the known values, and whatever a newer peer may add
 * (UAPI.20, Interface Evolution).
 */
export type Open<T extends string> = T | (string & {});

/**
 * The types of one method, as generated code declares them. `input` is what a
 * client sends and `output` what it gets. A server sees `parameters` (every
 * non-null field present) and answers with `reply` (enums closed) where these
 * differ.
 */
export interface MethodTypes {
  readonly input: object;
  readonly output: object;
  readonly parameters?: object;
  readonly reply?: object;
}

type ParametersOf<M extends MethodTypes> = M extends {
  readonly parameters: infer P;
}
  ? P
  : M["input"];
type ReplyOf<M extends MethodTypes> = M extends { readonly reply: infer R }
  ? R
  : M["output"];

type Arguments<I, O> = {} extends I
  ? [input?: I, options?: O]
  : [input: I, options?: O];

/** What every call takes. */
export interface CallOptions {
  /**
   * Aborts the call: it rejects with code `ABORTED` and the signal's reason as
   * `cause`, and its connection is closed, the only way Varlink has to cancel.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds until the (first) reply, waiting for a connection included.
   * Default: none.
   */
  readonly timeout?: number | undefined;
  /**
   * The call may be sent a second time, once, if its connection is lost before
   * the reply. Default `false`: what was written is never sent again. Streams
   * ignore it.
   */
  readonly idempotent?: boolean | undefined;
}

export interface StreamOptions extends CallOptions {
  /**
   * Milliseconds to wait for each reply after the first; time in which nobody
   * waits for one does not count. Default: none.
   */
  readonly idleTimeout?: number | undefined;
}

/**
 * The replies to a call with the `more` flag. Nothing is sent before the first
 * `next()`. Leaving the loop early, or `return()`, closes the stream's
 * connection; an error reply ends it with that error.
 */
export interface Stream<T> extends AsyncIterableIterator<T> {
  next(): Promise<IteratorResult<T, void>>;
  return(): Promise<IteratorResult<T, void>>;
  [Symbol.asyncIterator](): Stream<T>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A connection that the service has upgraded: behind its reply come bytes that are
 * no Varlink, both ways. It is the caller's alone until it is given back or closed,
 * and counts as one of the client's connections; closing the client closes it.
 */
export interface Upgraded<T> extends AsyncDisposable {
  /** What the service replied. */
  readonly output: T;
  /**
   * The bytes behind the reply, from the first one on, with backpressure both
   * ways. `end()` ends this side alone, and a `for await` loop that came to the
   * peer's end leaves this side open. `destroy()` closes the connection at once, and
   * so does leaving such a loop early: to go on behind that, loop over
   * `stream.iterator({ destroyOnReturn: false })`. A connection that breaks destroys
   * it with `CONNECTION_LOST`, which is told to who reads, writes or listens to
   * `error`; where nobody listens nothing is thrown.
   */
  readonly stream: Duplex;
  /**
   * Gives the connection back to Varlink, once both sides know by their own count
   * that they are done with raw bytes. What was written is still sent, before
   * anything else. What has arrived and was not read is Varlink again (read too
   * much? `stream.unshift` it first), and `stream` is destroyed. Does nothing where
   * that has happened already, or the connection is closed.
   *
   * @throws PortolanError `INVALID_INPUT` if `stream` was ended or has an encoding:
   * such a connection can only be closed, and is left as it is.
   */
  release(): void;
  /** Closes the connection, unless it was given back. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A method of a generated client: a call of it resolves with its reply.
 *
 * The signature has no words of its own: editors show those of the property then.
 */
export interface Method<M extends MethodTypes>
  extends StreamMethod<M>, UpgradeMethod<M> {
  (...args: Arguments<M["input"], CallOptions>): Promise<M["output"]>;
  /**
   * Calls without asking for a reply; resolves once the message is written. That
   * it was read, let alone done, nobody tells: other services than those of Portolan
   * may stop when the connection is closed.
   */
  oneway(...args: Arguments<M["input"], CallOptions>): Promise<void>;
}

/** A method that must be called with the `more` flag. */
export interface StreamMethod<M extends MethodTypes> {
  /**
   * Calls with the `more` flag: every reply is an item, except a last one without
   * parameters, which is the end of the stream.
   */
  more(...args: Arguments<M["input"], StreamOptions>): Stream<M["output"]>;
}

/** A method that must be called with the `upgrade` flag. */
export interface UpgradeMethod<M extends MethodTypes> {
  /**
   * Calls with the `upgrade` flag: after the reply the connection speaks what the
   * service says it does, and is the caller's. An error reply leaves it as it was.
   * Not to be called in a pipeline.
   */
  upgrade(
    ...args: Arguments<M["input"], CallOptions>
  ): Promise<Upgraded<M["output"]>>;
}

/** What a handler knows of the call it answers. */
export interface Call {
  /** Fully qualified method name. */
  readonly method: string;
  /** Whether the client takes more than one reply. */
  readonly more: boolean;
  /** Whether the client takes no reply at all. */
  readonly oneway: boolean;
  /** Whether the client asks to speak something else than Varlink after the reply. */
  readonly upgrade: boolean;
  /**
   * Aborted when the connection ends or the server closes by force; not where an
   * upgraded connection was ended by both sides. The client of a oneway call need not
   * stay: its call is aborted only if the server closes by force, and the oneway calls
   * that had arrived behind it are done as well.
   */
  readonly signal: AbortSignal;
  /**
   * Replies with the items of an iterable, the last of them marked as last.
   * Return what it returns.
   */
  stream<T>(items: Iterable<T> | AsyncIterable<T>): StreamReply<T>;
  /**
   * Confirms an upgrade: replies with `output`, then hands the connection's bytes
   * to `speak`, those behind the call first. Return what it returns.
   *
   * Where `speak` is done and has left the stream open, the connection speaks
   * Varlink again, from the first byte that was not read (`stream.unshift` what was
   * read too much); where it has ended or destroyed the stream, the connection is
   * closed. If it throws, `onError` is told and the connection is cut. No further
   * call of the connection is answered before it is done.
   *
   * Without the `upgrade` flag the client gets `ExpectedUpgrade`, and `speak` is not
   * called.
   */
  upgraded<T>(
    output: T,
    speak: (stream: Duplex) => void | PromiseLike<unknown>,
  ): UpgradeReply<T>;
}

declare const streamItem: unique symbol;

/** Made by {@link Call.stream}. The member is for the compiler: there is none. */
export interface StreamReply<T> {
  // Were it optional, every empty object would be one.
  readonly [streamItem]: T;
}

declare const upgradeOutput: unique symbol;

/** Made by {@link Call.upgraded}. The member is for the compiler: there is none. */
export interface UpgradeReply<T> {
  readonly [upgradeOutput]: T;
}

type OrVoid<R> = {} extends R ? R | void : R;

/**
 * Answers one method. A plain (async) function answers once. A generator sends
 * each `yield` at once with `continues`, and what it returns last; returning
 * nothing ends the stream with an empty reply. A returned array, or
 * `call.stream(…)`, is sent item by item, the last one marked as last. Streams
 * need the `more` flag: without it the client gets `ExpectedMore`.
 *
 * `call.upgraded(…)` confirms a call with the `upgrade` flag. Nothing else may: a
 * reply that is no error would confirm it as well, so if such a call
 * (`call.upgrade`) is answered with a plain reply, the client gets
 * `MethodNotImplemented`, and `onError` is told: the handler has run by then. Mark
 * methods that upgrade (`[Supports 'upgrade' flag]`), and the handlers of all others
 * in the interface never see such a call.
 *
 * Throw a declared error to answer with it. Anything else that is thrown goes to
 * the server's `onError`, and the client gets an internal error without details.
 * What a handler throws when its `call.signal` is aborted goes nowhere, unless the
 * call is `oneway`.
 */
export type Handler<M extends MethodTypes> = (
  input: ParametersOf<M>,
  call: Call,
) => HandlerResult<ReplyOf<M>>;

/**
 * Answers a method that must be called with the `more` flag, as {@link Handler} does,
 * except that it cannot confirm an upgrade. One plain reply is a legal answer: a
 * stream of one item.
 */
export type StreamHandler<M extends MethodTypes> = (
  input: ParametersOf<M>,
  call: Call,
) => StreamHandlerResult<ReplyOf<M>>;

/**
 * Answers a method that must be called with the `upgrade` flag: with what
 * `call.upgraded(…)` returns, or by throwing, as in {@link Handler}.
 */
export type UpgradeHandler<M extends MethodTypes> = (
  input: ParametersOf<M>,
  call: Call,
) => UpgradeHandlerResult<ReplyOf<M>>;

// Names of their own, for compilers print these where a handler does not fit.
type Replies<R> = OrVoid<R> | readonly R[] | StreamReply<R>;
type RepliesOrUpgrade<R> = Replies<R> | UpgradeReply<R>;
type Yielded<R> =
  Generator<R, R | void, undefined> | AsyncGenerator<R, R | void, undefined>;

/** What a {@link Handler} returns. */
export type HandlerResult<R> =
  RepliesOrUpgrade<R> | Promise<RepliesOrUpgrade<R>> | Yielded<R>;

/** What a {@link StreamHandler} returns. */
export type StreamHandlerResult<R> =
  Replies<R> | Promise<Replies<R>> | Yielded<R>;

/** What an {@link UpgradeHandler} returns. */
export type UpgradeHandlerResult<R> =
  UpgradeReply<R> | Promise<UpgradeReply<R>>;
