import { PortolanError } from "../errors.ts";
import { FrameReader } from "../varlink/framing.ts";
import { decodeReply, type Reply } from "../varlink/messages.ts";
import { answersOneway } from "../varlink/oneway.ts";
import { Queue } from "../varlink/queue.ts";
import { type CallMessage, parseCall } from "../varlink/server/message.ts";
import type { TapEvent, TappedCall } from "./events.ts";
import type { RelayedPlaces, RelayTapConnection } from "./relay.ts";

/** Calls without their replies, and oneway calls behind the last reply, that are kept. */
const MAX_PENDING = 10_000;

/** A call that waits for its reply, or for further ones. */
interface Pending {
  readonly call: TappedCall;
  /** When it was seen, by the clock that only goes forward. */
  readonly at: number;
  /** Methods of oneway calls between the one before and this one. */
  readonly oneways: readonly string[];
}

/** What the client's bytes are. */
type State =
  | "calls"
  /** Undecided: behind a call that asks for an upgrade. */
  | "waiting"
  /** No messages, in both directions: behind an upgrade, or a violation. */
  | "raw";

/** Reads along one connection. */
export class Transcript implements RelayTapConnection {
  readonly #connection: number;
  readonly #limit: number;
  readonly #tell: (event: TapEvent) => void;
  readonly #opened = performance.now();
  #calls: FrameReader;
  #replies: FrameReader;
  readonly #pending = new Queue<Pending>();
  /** Bytes of the calls that are pending, and of what waits behind an upgrade. */
  #held = 0;
  #oneways: string[] = [];
  #state: State = "calls";
  #count = 0;
  #sent = 0;
  #received = 0;
  /** Of these, bytes of messages, with their NULs. */
  #read = { sent: 0, received: 0 };

  /** @param limit Bytes of one message, and of all calls without their replies. */
  constructor(
    connection: number,
    places: RelayedPlaces,
    limit: number,
    tell: (event: TapEvent) => void,
  ) {
    this.#connection = connection;
    this.#limit = limit;
    this.#tell = tell;
    this.#calls = new FrameReader(limit);
    this.#replies = new FrameReader(limit);
    tell({
      type: "open",
      ...this.#stamp(),
      client: places.client,
      service: places.service,
    });
  }

  fromClient(chunk: Buffer): void {
    this.#sent += chunk.length;
    if (this.#state === "raw") return;
    this.#calls.push(chunk);
    if (this.#state === "calls") this.#readCalls();
    else this.#hold("client", chunk.length);
  }

  fromService(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#state === "raw") return;
    this.#replies.push(chunk);
    this.#readAll("service", this.#replies, (text) => this.#onReply(text));
  }

  closed(error: PortolanError | undefined): void {
    this.#tell({
      type: "close",
      ...this.#stamp(),
      error,
      duration: performance.now() - this.#opened,
      sent: this.#sent,
      received: this.#received,
      raw: {
        sent: this.#sent - this.#read.sent,
        received: this.#received - this.#read.received,
      },
      unanswered: this.#pending.drain().map(({ call }) => call),
    });
    this.#goRaw();
  }

  #readCalls(): void {
    this.#readAll("client", this.#calls, (text) => this.#onCall(text));
  }

  /** Reads messages until there is none, or what follows may be something else. */
  #readAll(
    by: "client" | "service",
    reader: FrameReader,
    onMessage: (text: string) => void,
  ): void {
    try {
      for (;;) {
        const reads =
          this.#state === "calls" ||
          (by === "service" && this.#state === "waiting");
        const text = reads ? reader.next() : undefined;
        if (text === undefined) return;
        onMessage(text);
      }
    } catch (error) {
      if (!PortolanError.is(error)) throw error;
      this.#stop(by, error);
    }
  }

  #onCall(text: string): void {
    const message = this.#parseCall(text);
    const size = Buffer.byteLength(text);
    this.#read.sent += size + 1;
    this.#count += 1;
    const call: TappedCall = {
      type: "call",
      ...this.#stamp(),
      call: this.#count,
      method: message.method,
      mode: modeOf(message),
      parameters: message.parameters,
      text,
      size,
    };
    if (message.oneway) {
      this.#oneways.push(message.method);
      if (this.#oneways.length > MAX_PENDING) this.#oneways = [];
      this.#tell(call);
      return;
    }
    this.#pending.push({
      call,
      at: performance.now(),
      oneways: this.#oneways,
    });
    this.#oneways = [];
    if (message.upgrade) this.#state = "waiting";
    // Last: who is told may close the relay, which hands on what is there.
    this.#tell(call);
    this.#hold("client", call.size);
  }

  /** What old servers take is told, and taken for what they take it for. */
  #parseCall(text: string): CallMessage {
    try {
      return parseCall(text);
    } catch (error) {
      const message = parseCall(text, "lenient");
      if (!PortolanError.is(error)) throw error;
      this.#violation("client", error, false);
      return message;
    }
  }

  #onReply(text: string): void {
    const pending = this.#pending.peek();
    // What nobody asked for may say that more of it comes.
    const more = pending === undefined || pending.call.mode === "more";
    const reply = decodeReply(text, more);
    const size = Buffer.byteLength(text);
    this.#read.received += size + 1;
    if (pending === undefined || answersOther(reply, pending)) {
      this.#violation(
        "service",
        new PortolanError(
          "PROTOCOL",
          "the service sent a reply that no call asked for",
        ),
        false,
      );
      return;
    }
    const { call, at } = pending;
    const upgraded = call.mode === "upgrade" && reply.error === undefined;
    if (!reply.continues) {
      this.#pending.shift();
      this.#held -= call.size;
    }
    this.#tell({
      type: "reply",
      ...this.#stamp(),
      to: call,
      parameters: reply.parameters,
      error: reply.error,
      continues: reply.continues,
      upgraded,
      duration: performance.now() - at,
      text,
      size,
    });
    // Who was told may have closed the connection.
    if (call.mode !== "upgrade" || this.#state !== "waiting") return;
    if (upgraded) {
      this.#goRaw();
      return;
    }
    // Refused: what came behind it are calls.
    this.#state = "calls";
    this.#held = 0;
    this.#readCalls();
  }

  /** Counts bytes that have to be kept, and gives up where they are too many. */
  #hold(by: "client" | "service", size: number): void {
    this.#held += size;
    const tooMany = this.#pending.length > MAX_PENDING;
    if (!tooMany && this.#held <= this.#limit) return;
    this.#stop(
      by,
      new PortolanError(
        "LIMIT_EXCEEDED",
        tooMany
          ? `more than ${MAX_PENDING} calls wait for their replies`
          : `calls of more than ${this.#limit} bytes wait for their replies (maxMessageSize)`,
      ),
    );
  }

  #stop(by: "client" | "service", error: PortolanError): void {
    this.#goRaw();
    this.#violation(by, error, true);
  }

  /** What has come and was not read are no messages, and neither is what will come. */
  #goRaw(): void {
    this.#state = "raw";
    // What they hold is held no longer.
    this.#calls = new FrameReader(this.#limit);
    this.#replies = new FrameReader(this.#limit);
  }

  #violation(
    by: "client" | "service",
    error: PortolanError,
    stopped: boolean,
  ): void {
    this.#tell({ type: "violation", ...this.#stamp(), by, error, stopped });
  }

  #stamp(): { readonly connection: number; readonly time: number } {
    return { connection: this.#connection, time: Date.now() };
  }
}

function modeOf({ more, oneway, upgrade }: CallMessage): TappedCall["mode"] {
  if (more) return "more";
  if (oneway) return "oneway";
  return upgrade ? "upgrade" : "call";
}

/** Whether a reply belongs to a oneway call before the one whose turn it is. */
function answersOther(reply: Reply, { call, oneways }: Pending): boolean {
  return (
    oneways.length > 0 &&
    reply.error !== undefined &&
    answersOneway(reply, call.method, oneways)
  );
}
