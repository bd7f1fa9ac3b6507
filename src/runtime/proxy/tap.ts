import { inspect } from "node:util";
import { countLimit } from "../serving/options.ts";
import { DEFAULT_MAX_MESSAGE_SIZE } from "../varlink/framing.ts";
import type { TapEvent, TappedGap } from "./events.ts";
import { Following } from "./following.ts";
import type { RelayedPlaces, RelayTap, RelayTapConnection } from "./relay.ts";
import { Transcript } from "./transcript.ts";

/** Who is told by a tap, and what it may hold. */
export interface VarlinkTapOptions {
  /**
   * Told each event at once, before the next bytes are handed on: it should take
   * no time. What it throws becomes a process warning.
   */
  readonly onEvent?: ((event: TapEvent) => void) | undefined;
  /**
   * Bytes that one message may have, and that all calls of a connection may have
   * which wait for their replies. What is more ends the decoding of its
   * connection, and nothing else. Default: 16 MiB.
   */
  readonly maxMessageSize?: number | undefined;
  /** Events that wait for one iterator; it misses what is more. Default: 1024. */
  readonly maxEvents?: number | undefined;
}

/**
 * Reads along what goes through a relay, and tells the calls and replies in it:
 * to `onEvent`, and to whoever iterates. It looks at bytes that were handed on
 * already, and what it cannot read goes on all the same.
 *
 * ```ts
 * const tap = new VarlinkTap();
 * const relay = new Relay({ connect: "unix:/run/demo.socket", tap });
 * await relay.listen("unix:/tmp/tapped.socket");
 * for await (const event of tap) console.log(formatTapped(event));
 * ```
 *
 * An iterator begins with what happens next, and each gets everything. One that is
 * too slow for `maxEvents` events (or 16 MiB of messages) misses some, and is told
 * how many ({@link TappedGap}); nothing waits for it.
 *
 * Behind an upgrade the bytes are counted. Should the connection come back to
 * Varlink, as some methods of Podman do, that is not noticed.
 */
export class VarlinkTap implements RelayTap {
  readonly #onEvent: ((event: TapEvent) => void) | undefined;
  readonly #maxMessageSize: number;
  readonly #maxEvents: number;
  readonly #following = new Set<Following>();
  #connections = 0;
  #closed = false;

  /** @throws PortolanError `INVALID_INPUT` for a limit that is none. */
  constructor(options: VarlinkTapOptions = {}) {
    this.#onEvent = options.onEvent;
    this.#maxMessageSize = countLimit(
      "maxMessageSize",
      options.maxMessageSize,
      DEFAULT_MAX_MESSAGE_SIZE,
    );
    this.#maxEvents = countLimit("maxEvents", options.maxEvents, 1024);
  }

  /** Called by relays. */
  open(places: RelayedPlaces): RelayTapConnection {
    this.#connections += 1;
    return new Transcript(
      this.#connections,
      places,
      this.#maxMessageSize,
      (event) => this.#tell(event),
    );
  }

  /** Follows what happens from now on, until {@link close}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<TapEvent | TappedGap> {
    const following = new Following(this.#maxEvents, () =>
      this.#following.delete(following),
    );
    if (this.#closed) following.end();
    else this.#following.add(following);
    return following;
  }

  /** Ends all iterators, after what waits for them; `onEvent` is told no more. The relay goes on. */
  close(): void {
    this.#closed = true;
    for (const following of this.#following) following.end();
  }

  #tell(event: TapEvent): void {
    for (const following of this.#following) following.push(event);
    const onEvent = this.#onEvent;
    if (onEvent === undefined || this.#closed) return;
    try {
      const result: unknown = onEvent(event);
      if (result instanceof Promise) result.catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(
    `onEvent of a tap failed: ${inspect(error)}`,
    "PortolanWarning",
  );
}
