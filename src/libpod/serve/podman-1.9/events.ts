import type { Event, PodmanHandlers } from "portolan/podman/1.9";
import type { EngineEvent } from "../../engine.ts";
import { parseTime } from "../../engines/podman/times.ts";
import { rfc3339Nano } from "../podman/format.ts";
import type { AllHandlers } from "../podman/handlers.ts";
import type { Served19 } from "./answers.ts";
import { type Condition, readConditions } from "./conditions.ts";

interface Reply {
  readonly events: Event;
}

/** What an event must have for a condition to hold. */
const conditions: Readonly<Record<string, Condition<EngineEvent>>> = {
  container: (value) => {
    return (event) => event.type === "container" && isCalled(event, value);
  },
  pod: (value) => (event) => event.type === "pod" && isCalled(event, value),
  volume: (value) => (event) =>
    event.type === "volume" && isCalled(event, value),
  image: (value) => (event) =>
    event.type === "image" ? isCalled(event, value) : event.image === value,
  event: (value) => {
    const status = value === "die" ? "died" : value;
    return (event) => event.status === status;
  },
  type: (value) => (event) => event.type === value,
};

function isCalled({ id, name }: EngineEvent, value: string): boolean {
  return name === value || (value !== "" && id.startsWith(value));
}

/** The method that tells what happens. */
export function eventHandlers(
  served: Served19,
): Pick<AllHandlers<PodmanHandlers>, "getEvents"> {
  return {
    getEvents({ filter, since, until }, call) {
      const events = (
        signal: AbortSignal,
      ): AsyncGenerator<EngineEvent, void, undefined> => {
        const holds = readConditions(served, filter, conditions);
        const from = readTime(served, "since", since);
        const to = readTime(served, "until", until);
        return choose(served, { from, to, signal }, holds);
      };
      return call.more
        ? replies(events(call.signal))
        : firstOf(served, events, call.signal);
    },
  };
}

interface Span {
  /** Milliseconds since 1970-01-01 UTC; absent: from now on. */
  readonly from: number | undefined;
  /** Absent: without end. */
  readonly to: number | undefined;
  readonly signal: AbortSignal;
}

/** What happened in a span of time, and what happens in the rest of it. */
async function* choose(
  { engine }: Served19,
  { from, to = Infinity, signal }: Span,
  holds: (event: EngineEvent) => boolean,
): AsyncGenerator<EngineEvent, void, undefined> {
  const { clock } = engine.inside;
  const leave = new AbortController();
  const ended = AbortSignal.any([signal, leave.signal]);
  // Both at one moment, so that none is missed and none told twice.
  const coming = engine.events({ signal: ended });
  const past = engine.inside.pastEvents();
  const isWanted = (event: EngineEvent): boolean =>
    event.time.getTime() <= to && holds(event);
  try {
    // With an end alone everything up to it is meant, as in Podman.
    if (from !== undefined || to !== Infinity) {
      for (const event of past)
        if (event.time.getTime() >= (from ?? 0) && isWanted(event)) yield event;
    }
    const left = to - clock.now();
    if (left <= 0) return;
    if (left !== Infinity)
      clock.sleep(left, ended).then(
        () => leave.abort(),
        () => undefined,
      );
    for await (const event of coming) if (isWanted(event)) yield event;
  } catch (error) {
    // The end of the span ends it well.
    if (!leave.signal.aborted) throw error;
  } finally {
    leave.abort();
  }
}

async function* replies(
  events: AsyncGenerator<EngineEvent, void, undefined>,
): AsyncGenerator<Reply, void, undefined> {
  for await (const event of events) yield reply(event);
}

/** Without `more` there is one reply: the first event that fits, once there is one. */
async function firstOf(
  { answers }: Served19,
  events: (signal: AbortSignal) => AsyncGenerator<EngineEvent, void, undefined>,
  signal: AbortSignal,
): Promise<Reply> {
  for await (const event of events(signal)) return reply(event);
  throw answers.occurred("there was no such event");
}

function reply({ id, image, name, status, time, type }: EngineEvent): Reply {
  return {
    events: {
      id,
      image: image ?? "",
      name,
      status,
      time: rfc3339Nano(time.getTime()),
      type,
    },
  };
}

/** By RFC 3339, or seconds since 1970; nothing where nothing was given. */
function readTime(
  { answers }: Served19,
  what: string,
  text: string,
): number | undefined {
  if (text === "") return undefined;
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1000;
  const time = parseTime(text);
  if (time !== undefined) return time.getTime();
  throw answers.occurred(
    `${what}: ${JSON.stringify(text)} is no time by RFC 3339, nor seconds since 1970: invalid argument`,
  );
}
