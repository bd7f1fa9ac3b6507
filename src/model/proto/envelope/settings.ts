/**
 * How an envelope RPC is told of: what its messages are, and what neither they
 * nor their file can say. A project keeps it as JSON beside the interface file.
 *
 * Ways to fields inside a command's message are dotted: `container.name`.
 */
export interface EnvelopeConfig {
  /** What client and service are called by. Default: the package's last label. */
  readonly label?: string;
  /** Full names of the two messages: `Porto.TPortoRequest`. */
  readonly request: string;
  readonly response: string;
  readonly error: {
    /** The response's field with the error code: one of an enum. */
    readonly field: string;
    /** The response's field with the error's text. */
    readonly message?: string;
    /** The enum's value for no error. */
    readonly success: string;
    /** The enum's value that an absent code means. */
    readonly absent: string;
  };
  /** The response's field with the service's time: an integer. */
  readonly timestamp?: string;
  /** Where clients connect when nothing else is said. */
  readonly address?: string;
  /** By command: those that subscribe to pushes of the response's field of their name. */
  readonly push?: {
    readonly [command: string]: {
      /** The command that ends the subscription, given the same input. */
      readonly stop?: string;
      /**
       * When the service ends it by itself: after a push all of whose fields have
       * the values that one of these says.
       */
      readonly ends?: readonly PushEndConfig[];
    };
  };
  /** By command: those that make what lives as long as the connection. */
  readonly bound?: {
    readonly [command: string]: {
      /** Where its name is. */
      readonly name: string;
      /** Only where this field is true. Default: always. */
      readonly when?: string;
    };
  };
  /** By command: those after which what was bound is so no more. */
  readonly unbound?: {
    readonly [command: string]: {
      readonly name: string;
      /** Only where these fields have these values. Default: always. */
      readonly where?: { readonly [way: string]: ConfigValue };
    };
  };
  /**
   * By message full name: fields that the peer demands although the file says that
   * they are optional, with the value to write where none is given. Integers of 64
   * bits may be text, bytes are base64, an enum's value is its name, and `{}` is a
   * message with nothing in it but what is demanded inside of it.
   */
  readonly required?: {
    readonly [message: string]: {
      readonly [field: string]: ConfigValue | EmptyMessage;
    };
  };
  /** By command: milliseconds beyond the usual time. */
  readonly extraTime?: { readonly [command: string]: number };
  /**
   * By command: the field with the milliseconds that the service itself may take;
   * `absent` where none is given, left out for without end.
   */
  readonly ownTime?: {
    readonly [command: string]: {
      readonly field: string;
      readonly absent?: number;
    };
  };
  /** Commands that only read, so that they may be sent again. */
  readonly idempotent?: readonly string[];
  /** Commands whose successful replies have neither the error's text nor the time. */
  readonly bare?: readonly string[];
  /**
   * Commands in the order in which a server looks for them in a request that has
   * several. Those that are not listed come after, in the order of the file.
   */
  readonly priority?: readonly string[];
  /** What servers answer by themselves. */
  readonly failures?: {
    /** A request without a command that is known and served. */
    readonly method?: FailureConfig;
    /** Nothing is subscribed as the stopping command says. */
    readonly subscription?: FailureConfig;
    /** A handler failed. */
    readonly internal?: FailureConfig;
  };
}

export type ConfigValue = boolean | number | string;

/** A message with nothing in it. */
export type EmptyMessage = { readonly [field: string]: never };

/** Fields of what is pushed, by name: a value, or the field of the input that has it. */
export interface PushEndConfig {
  readonly [field: string]: ConfigValue | { readonly input: string };
}

export interface FailureConfig {
  /** A value of the error's enum. */
  readonly code: string;
  readonly text?: string;
}
