import type { MessageType } from "../protobuf/message.ts";

/**
 * An envelope RPC as generated code hands it to the runtime: a request message
 * whose optional message fields are the commands, and a response message whose
 * field of the same name is the result.
 */
export interface EnvelopeDescriptor {
  /** What it is called by: `Porto`. */
  readonly name: string;
  /** Where clients connect when nothing else is said. */
  readonly address?: string;
  readonly request: AnyMessageType;
  readonly response: AnyMessageType;
  /** The response's fields with error code, its text, and the service's time. */
  readonly error: string;
  readonly errorMessage?: string;
  readonly timestamp?: string;
  /** The error codes by name. */
  readonly codes: { readonly [name: string]: number };
  /** The code for no error, and the one that an absent code means. */
  readonly success: number;
  readonly absent: number;
  /** By the name of the field in request and response: `Create`. */
  readonly methods: { readonly [name: string]: EnvelopeMethodDescriptor };
  /**
   * Servers: commands in the order in which they are looked for in a request; the
   * first that is there is answered and others beside it are not. Those that are
   * not listed come after, in the order of `methods`.
   */
  readonly priority?: readonly string[];
  /** What servers answer by themselves. */
  readonly failures?: EnvelopeFailures;
}

/**
 * What a server answers where no handler does. A failure that is left out has
 * the code that an absent one means.
 */
export interface EnvelopeFailures {
  /** A request without a command, or with one that is not known or not served. */
  readonly method?: EnvelopeFailure;
  /** A subscription is to be stopped, and there is none of this input. */
  readonly subscription?: EnvelopeFailure;
  /** A handler failed. Say nothing of why: clients get it as it is. */
  readonly internal?: EnvelopeFailure;
}

/** An error code with its text; without one the text is empty. */
export interface EnvelopeFailure {
  readonly code: number;
  readonly text?: string;
}

/** A codec whose types only generated code knows. */
export type AnyMessageType = MessageType<object>;

export interface EnvelopeMethodDescriptor {
  readonly input: AnyMessageType;
  /** Left out where the method has no result. */
  readonly output?: AnyMessageType;
  /**
   * The method subscribes: the response's field of its name is pushed, before or
   * after any reply; its own reply is empty. `stop` is the method that ends it,
   * given the same input; the field of `ownTime` aside, which says how long and
   * not what.
   *
   * `ends`: the service drops the subscription by itself once it has pushed
   * something for which any of these holds; where that is before its reply, it
   * may still tell how other things stand until it replies.
   */
  readonly push?: {
    readonly stop?: string;
    readonly ends?: readonly PushEnd[];
  };
  /**
   * What the method makes lives as long as its connection: always, or where the
   * input's field at `when` is true. `name` is the way to its name.
   */
  readonly bound?: {
    readonly name: readonly string[];
    readonly when?: readonly string[];
  };
  /**
   * What the input's field at `name` names is bound no more, once the method has
   * succeeded: always, or where the input's fields have all the values of `where`
   * (ways to fields are dotted).
   */
  readonly unbound?: {
    readonly name: readonly string[];
    readonly where?: { readonly [way: string]: boolean | number | string };
  };
  /** Milliseconds beyond the usual time. */
  readonly extraTime?: number;
  /**
   * Way to the input's field with the milliseconds that the service itself may
   * take; `absent` is what it takes where none is given, and left out where that
   * is without end.
   */
  readonly ownTime?: {
    readonly field: readonly string[];
    readonly absent?: number;
  };
  /** Its successful replies have neither the error's text nor the time. */
  readonly bare?: boolean;
  /** It only reads: it may be sent again when its connection is lost. */
  readonly idempotent?: boolean;
}

/**
 * Holds for what is pushed if all its fields do: a field has this value (or
 * is absent where that is its default), or the one that the subscription's input
 * has at `input`, if it has any there but the empty one.
 */
export interface PushEnd {
  readonly [field: string]:
    boolean | number | string | { readonly input: string };
}
