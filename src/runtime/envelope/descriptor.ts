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
}

/** A codec whose types only generated code knows. */
export type AnyMessageType = MessageType<object>;

export interface EnvelopeMethodDescriptor {
  readonly input: AnyMessageType;
  /** Left out where the method has no result. */
  readonly output?: AnyMessageType;
  /**
   * The method subscribes: the response's field of its name is pushed, before or
   * after any reply; its own reply is empty. `stop` is the method that ends it.
   */
  readonly push?: { readonly stop?: string };
  /**
   * What the method makes lives as long as its connection: always, or where the
   * input's field at `when` is true. `name` is the way to its name.
   */
  readonly bound?: {
    readonly name: readonly string[];
    readonly when?: readonly string[];
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
  /** It only reads: it may be sent again when its connection is lost. */
  readonly idempotent?: boolean;
}
