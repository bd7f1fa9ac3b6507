import { expect } from "vitest";
import type { PortolanError } from "../../../src/runtime/errors.ts";
import type { TapEvent } from "../../../src/runtime/proxy/events.ts";
import { relayStreams } from "../../../src/runtime/proxy/relay.ts";
import {
  VarlinkTap,
  type VarlinkTapOptions,
} from "../../../src/runtime/proxy/tap.ts";
import { memoryPair } from "../../../src/runtime/transport/memory.ts";
import { Wire } from "./support.ts";

/** A conversation of bytes, and what a tap tells of it. */
export interface Talk {
  readonly client: Wire;
  readonly service: Wire;
  readonly events: TapEvent[];
  readonly tap: VarlinkTap;
  readonly over: Promise<void>;
}

/** A client and a service made of bytes, with a tap between them. */
export function talk(
  options: VarlinkTapOptions = {},
  cut: number = Number.MAX_SAFE_INTEGER,
): Talk {
  const events: TapEvent[] = [];
  const tap = new VarlinkTap({
    onEvent: (event) => events.push(event),
    ...options,
  });
  const split = function* (bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += cut)
      yield bytes.subarray(at, at + cut);
  };
  const [clientEnd, client] = memoryPair({ split });
  const [service, serviceEnd] = memoryPair({ split });
  return {
    client: new Wire(clientEnd),
    service: new Wire(serviceEnd),
    events,
    tap,
    over: relayStreams(client, service, { tap }),
  };
}

/** Writes on one side, and waits until it is there on the other. */
export async function pass(from: Wire, to: Wire, text: string): Promise<void> {
  const before = to.size;
  from.stream.write(text, "latin1");
  await to.until(({ size }) => size === before + text.length);
  expect(to.text.slice(before)).toBe(text);
}

/** Ends both sides, and waits until that is over. */
export async function finish({ client, service, over }: Talk): Promise<void> {
  client.stream.end();
  service.stream.end();
  await over;
}

/** A message as bytes. */
export const frame = (message: object): string =>
  `${JSON.stringify(message)}\0`;

/** Events without what differs from run to run. */
export function told(events: readonly TapEvent[]): unknown[] {
  return events.map((event) => {
    switch (event.type) {
      case "call":
        return {
          call: event.call,
          method: event.method,
          mode: event.mode,
          parameters: event.parameters,
        };
      case "reply":
        return {
          to: event.to.call,
          parameters: event.parameters,
          ...(event.error === undefined ? {} : { error: event.error }),
          ...(event.continues ? { continues: true } : {}),
          ...(event.upgraded ? { upgraded: true } : {}),
        };
      case "violation":
        return {
          by: event.by,
          code: event.error.code,
          stopped: event.stopped,
        };
      case "close":
        return {
          closed: codeOf(event.error),
          raw: event.raw,
          unanswered: event.unanswered.map(({ call }) => call),
        };
      default:
        return event.type;
    }
  });
}

function codeOf(error: PortolanError | undefined): string | undefined {
  return error?.code;
}
