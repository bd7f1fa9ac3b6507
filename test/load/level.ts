import { readdirSync } from "node:fs";

/** What a process holds, to be compared with what it held before. */
export interface Level {
  /** Resident memory, in bytes. */
  readonly rss: number;
  /** JavaScript's heap after the collection of garbage, in bytes. */
  readonly heap: number;
  readonly descriptors: number;
  /** Listeners of the process and what else lives long, by the event's name. */
  readonly listeners: { readonly [event: string]: number };
  /** Warnings so far: `MaxListenersExceededWarning`, for one. */
  readonly warnings: readonly string[];
}

const warnings: string[] = [];
process.on("warning", (warning) => warnings.push(String(warning)));

/** Of a process that was started with `--expose-gc`. */
export function level(): Level {
  // Twice: what finalizers let go of is garbage only then.
  for (let times = 0; times < 2; times += 1) globalThis.gc?.();
  const listeners: { [event: string]: number } = {};
  for (const event of process.eventNames())
    listeners[String(event)] = process.listenerCount(event);
  const { rss, heapUsed } = process.memoryUsage();
  return {
    rss,
    heap: heapUsed,
    // Not that of looking.
    descriptors: readdirSync("/proc/self/fd").length - 1,
    listeners,
    warnings,
  };
}

/** Resident memory over a time. */
export interface Course {
  readonly peak: number;
  /** Some values in their order, ten at most. */
  readonly values: readonly number[];
}

/** Looks at the resident memory of this process from now on. */
export function watchMemory(): { stop(): Course } {
  const values: number[] = [];
  const look = (): void => void values.push(process.memoryUsage.rss());
  look();
  const timer = setInterval(look, 25);
  return {
    stop() {
      clearInterval(timer);
      look();
      const step = Math.max(1, Math.ceil(values.length / 10));
      return {
        peak: Math.max(...values),
        values: values.filter((_value, index) => index % step === 0),
      };
    },
  };
}
