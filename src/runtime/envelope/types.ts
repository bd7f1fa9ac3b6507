/**
 * The types that generated code of envelope RPCs is written in. Re-exported by
 * `portolan/codegen/v1`: added to, never changed.
 */
import type { Stream } from "../varlink/types.ts";

/**
 * The types of one command, as generated code declares them: `input` is what a
 * client gives and `output` what it gets (`void` where there is no result);
 * `parameters` is what a handler sees and `reply` what it answers with, where
 * these differ. `response` is the whole envelope as a client reads it.
 */
export interface CommandTypes {
  readonly input: object;
  readonly output: object | void;
  readonly parameters?: object;
  readonly reply?: object;
  readonly response: object;
}

type ParametersOf<M extends CommandTypes> = M extends {
  readonly parameters: infer P;
}
  ? P
  : M["input"];
type ReplyOf<M extends CommandTypes> = M extends { readonly reply: infer R }
  ? R
  : M["output"];
type Arguments<I, O> = {} extends I
  ? [input?: I, options?: O]
  : [input: I, options?: O];

/** What every command takes. */
export interface CommandOptions {
  /** Aborts the call: it rejects with code `ABORTED`, and its connection is closed. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds until the reply, waiting for a connection and being sent again
   * included. It is the whole limit, whatever the command itself may take: give
   * more than the time in its input. Default: the client's `timeout` and what the
   * command itself may take. `Infinity` is none.
   */
  readonly timeout?: number | undefined;
  /**
   * The command may be sent again, once, if its connection is lost before the
   * reply; a time in its input is then shortened by what has passed. In a pipeline
   * nothing is sent again. Default: true for commands that only read, else false.
   */
  readonly idempotent?: boolean | undefined;
}

export interface SubscriptionOptions {
  /** Ends the subscription: the stream rejects with code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the service has taken the subscription. Default: the client's `timeout`. */
  readonly timeout?: number | undefined;
}

/** A result with the envelope around it. */
export interface CommandReply<M extends CommandTypes> {
  readonly result: M["output"];
  /** The whole response: time, and fields that are not known. */
  readonly response: M["response"];
}

/**
 * A command of a generated client: a call sends it and resolves with its result.
 *
 * The signature has no words of its own: editors show those of the property then.
 */
export interface Command<M extends CommandTypes> {
  (...args: Arguments<M["input"], CommandOptions>): Promise<M["output"]>;
  /** The same, with everything else that the response says. */
  reply(
    ...args: Arguments<M["input"], CommandOptions>
  ): Promise<CommandReply<M>>;
}

/**
 * A command that subscribes. Every push is an item of the stream. Nothing is sent
 * before the first `next()`; leaving the loop ends the subscription.
 *
 * A subscription that was taken is made again when its connection is lost (see the
 * client's `restoreTimeout`): the service may then tell again how things stand,
 * and what happened meanwhile is not told. It ends as the service ends it: with
 * the push that says so as its last item. A service that says what cannot be read
 * ends it with an error.
 */
export interface Subscription<M extends CommandTypes> {
  (
    ...args: Arguments<M["input"], SubscriptionOptions>
  ): Stream<Exclude<M["output"], void>>;
}

/** What a handler knows of the command it answers. */
export interface CommandCall {
  /** The command's name in the request: `Create`. */
  readonly method: string;
  /**
   * Aborted when the connection ends or the server closes by force; that of a
   * subscription also when the client ends it or makes another in its place.
   */
  readonly signal: AbortSignal;
  /** The whole request, with what else the client sent in it. */
  readonly request: object;
  /**
   * What lives as long as the connection: the same object for every call of one,
   * its `signal` aborted when it ends.
   */
  readonly connection: EnvelopeConnection;
}

/** A client's connection, as handlers see it. */
export interface EnvelopeConnection {
  readonly address: string;
  readonly signal: AbortSignal;
}

type OrVoid<R> = R extends void ? void : {} extends R ? R | void : R;

/**
 * Answers one command. Throw the service's error class to answer with an error;
 * anything else that is thrown goes to the server's `onError`, and the client gets
 * an error without details. What a handler throws when its `call.signal` is aborted
 * goes nowhere.
 */
export type CommandHandler<M extends CommandTypes> = (
  input: ParametersOf<M>,
  call: CommandCall,
) => OrVoid<ReplyOf<M>> | Promise<OrVoid<ReplyOf<M>>>;

/**
 * Answers one command that subscribes: each item is pushed, as fast as the client
 * reads.
 *
 * The empty reply is sent when the items first have to be waited for, or end: what
 * a generator yields before (without awaiting anything but promises that are
 * settled) is pushed in front of it, as Porto's daemon does with initial states.
 * Where these take time to find, an async function finds them and returns the
 * generator. What is thrown before the reply is the reply, and an earlier
 * subscription goes on; what is thrown after it goes to the server's `onError`
 * and ends the connection, for no message could tell the client.
 *
 * A connection has one subscription: a new one takes the place of the old. When
 * the client ends it, makes another or goes away, `call.signal` is aborted and
 * the generator's `return()` is called.
 */
export type SubscriptionHandler<M extends CommandTypes> = (
  input: ParametersOf<M>,
  call: CommandCall,
) => SubscriptionItems<M> | Promise<SubscriptionItems<M>>;

type SubscriptionItems<M extends CommandTypes> =
  | AsyncIterable<Exclude<ReplyOf<M>, void>>
  | Iterable<Exclude<ReplyOf<M>, void>>;
