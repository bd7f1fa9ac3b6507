import { reread } from "../varlink/exact/reread.ts";
import { stringifyExact } from "../varlink/exact/write.ts";
import { isRecord } from "../varlink/schema/object.ts";
import type {
  TapEvent,
  TappedCall,
  TappedClose,
  TappedGap,
  TappedReply,
} from "./events.ts";

/** How events are written. */
export interface FormatTappedOptions {
  /** Characters of parameters, and of a name, that are shown. Default: 200. */
  readonly maxLength?: number | undefined;
}

/**
 * An event as one line for people: `#1.2 → org.example.demo.Echo {"text":"hi"}`,
 * which is call 2 of connection 1. Its form may change; integers are exact.
 *
 * What peers choose cannot do harm to a terminal: control characters, those that
 * change the direction of text, and those that nobody sees stand there as `\u202e`.
 */
export function formatTapped(
  event: TapEvent | TappedGap,
  options: FormatTappedOptions = {},
): string {
  const { maxLength = 200 } = options;
  const show = (text: string): string => visible(text, maxLength);
  switch (event.type) {
    case "gap":
      return `… ${count(event.missed, "event")} missed`;
    case "open":
      return `#${event.connection} open: ${show(event.client)} → ${show(event.service)}`;
    case "call":
      return formatCall(event, show);
    case "reply":
      return formatReply(event, show);
    case "violation": {
      const rest = event.stopped ? "; no more of it is decoded" : "";
      return `#${event.connection} the ${event.by} broke the protocol: ${show(event.error.message)}${rest}`;
    }
    default:
      return formatClose(event, show);
  }
}

type Show = (text: string) => string;

function formatCall(event: TappedCall, show: Show): string {
  const mode = event.mode === "call" ? "" : ` (${event.mode})`;
  return `${numberOf(event)} → ${show(event.method)}${parametersOf(event, show)}${mode}`;
}

function formatReply(event: TappedReply, show: Show): string {
  const parts = [
    event.error === undefined ? "" : ` ${show(event.error)}`,
    parametersOf(event, show) || (event.error === undefined ? " {}" : ""),
  ];
  const told = [
    ...(event.upgraded ? ["upgraded"] : []),
    ...(event.continues ? ["continues"] : []),
    milliseconds(event.duration),
  ];
  const sign = event.error === undefined ? "←" : "✗";
  return `${numberOf(event.to)} ${sign}${parts.join("")} (${told.join(", ")})`;
}

function formatClose(event: TappedClose, show: Show): string {
  const { sent, received } = event.raw;
  const told = [
    `${count(event.sent, "byte")} sent, ${event.received} received`,
    ...(sent + received > 0
      ? [`${sent} and ${received} of them not decoded`]
      : []),
    ...(event.unanswered.length > 0
      ? [`${count(event.unanswered.length, "call")} unanswered`]
      : []),
    ...(event.error === undefined ? [] : [show(event.error.message)]),
  ];
  return `#${event.connection} closed after ${milliseconds(event.duration)}: ${told.join("; ")}`;
}

function numberOf({ connection, call }: TappedCall): string {
  return `#${connection}.${call}`;
}

function milliseconds(duration: number): string {
  return `${duration.toFixed(duration < 100 ? 1 : 0)} ms`;
}

function count(number: number, of: string): string {
  return `${number} ${of}${number === 1 ? "" : "s"}`;
}

function parametersOf(event: TappedCall | TappedReply, show: Show): string {
  if (Object.keys(event.parameters).length === 0) return "";
  return ` ${show(exactParameters(event.text))}`;
}

/** The parameters of a message that was read already, with integers as they came. */
function exactParameters(text: string): string {
  try {
    const { parameters } = JSON.parse(text) as { parameters: object };
    if (markRounded(parameters)) reread(text, parameters, "lenient");
    return stringifyExact(parameters) ?? text;
  } catch (error) {
    // Nested too deep to be written.
    if (error instanceof RangeError) return text;
    throw error;
  }
}

/** Makes bigints of integers that JSON.parse may have rounded; whether there are any. */
function markRounded(value: object): boolean {
  let found = false;
  const mark = (container: Record<string, unknown> | unknown[]): void => {
    for (const [key, item] of Object.entries(container)) {
      if (Array.isArray(item) || isRecord(item)) mark(item);
      else if (isRounded(item)) {
        found = true;
        Object.defineProperty(container, key, {
          value: BigInt(item),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
    }
  };
  mark(value as Record<string, unknown>);
  return found;
}

/** Integers of Varlink have 64 bits, and what is beyond is a float. */
function isRounded(value: unknown): value is number {
  return (
    Number.isInteger(value) &&
    !Number.isSafeInteger(value) &&
    Math.abs(value as number) <= 2 ** 64
  );
}

/** Control and format characters, others that take no place, ends of lines, and halves of characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{DI}\p{Zl}\p{Zp}\p{Cs}]/gu;

function visible(text: string, maxLength: number): string {
  const shown = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return shown.replaceAll(INVISIBLE, (character) => {
    let escaped = "";
    for (let at = 0; at < character.length; at++)
      escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
    return escaped;
  });
}
