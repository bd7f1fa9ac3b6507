import { InvalidArgument } from "./errors.ts";

/**
 * The signals of Linux, where containers run, whatever this program runs on; by
 * signal(7), without the numbers that differ between architectures of servers.
 */
export const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

/** The name of a signal: `SIGTERM`. */
export type SignalName = keyof typeof signals;

/** A signal by name, or by number: 1 to 64, the real-time ones among them. */
export type Signal = SignalName | number;

const LAST_SIGNAL = 64;

/**
 * The number of a signal.
 *
 * @param what Where it was given, for the error: `stopSignal`.
 * @throws InvalidArgument for what is no signal.
 */
export function signalNumber(signal: Signal, what = "signal"): number {
  const number: unknown =
    typeof signal === "string" && Object.hasOwn(signals, signal)
      ? signals[signal]
      : signal;
  if (
    typeof number === "number" &&
    Number.isInteger(number) &&
    number >= 1 &&
    number <= LAST_SIGNAL
  ) {
    return number;
  }
  throw new InvalidArgument(
    `${what}: a signal is a name (SIGTERM) or a number from 1 to ${LAST_SIGNAL}, not ${typeof number === "string" ? `"${number}"` : String(number)}`,
  );
}
