/** What Podman's daemons put where something never happened. */
export const NO_TIME = "0001-01-01T00:00:00Z";

/** A fraction of a second with its point and without zeros at its end: ".5", or nothing. */
function fraction(digits: string): string {
  const significant = digits.replace(/0+$/, "");
  return significant === "" ? "" : `.${significant}`;
}

/** Date and time of day to the second, and the fraction of it. */
function split(time: number): {
  readonly date: string;
  readonly clock: string;
  readonly rest: string;
} {
  const [date = "", rest = ""] = new Date(time).toISOString().split("T");
  return { date, clock: rest.slice(0, 8), rest: fraction(rest.slice(9, 12)) };
}

/**
 * A time as Go prints it: `2018-12-20 09:30:00.5 +0000 UTC`.
 *
 * @param time Milliseconds since 1970-01-01 UTC.
 */
export function goTime(time: number): string {
  const { date, clock, rest } = split(time);
  return `${date} ${clock}${rest} +0000 UTC`;
}

/**
 * A time by RFC 3339, to the second: `2018-12-20T09:30:00Z`.
 *
 * @param time Milliseconds since 1970-01-01 UTC.
 */
export function rfc3339(time: number): string {
  const { date, clock } = split(time);
  return `${date}T${clock}Z`;
}

/**
 * A time by RFC 3339 with as much of a fraction as it has, as Go writes times into
 * JSON; {@link NO_TIME} where there is none.
 *
 * @param time Milliseconds since 1970-01-01 UTC.
 */
export function rfc3339Nano(time: number | undefined): string {
  if (time === undefined) return NO_TIME;
  const { date, clock, rest } = split(time);
  return `${date}T${clock}${rest}Z`;
}

/**
 * A time as the log files of Podman's monitor have it: always nine digits and a zone.
 *
 * @param time Milliseconds since 1970-01-01 UTC.
 */
export function logTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, -1)}000000+00:00`;
}

const MILLISECOND = 1_000_000n;
const SECOND = 1000n * MILLISECOND;

/** `value` units of `unit` nanoseconds, as a decimal number. */
function decimal(value: bigint, unit: bigint): string {
  const width = String(unit).length - 1;
  return `${value / unit}${fraction(String(value % unit).padStart(width, "0"))}`;
}

/**
 * A length of time as Go prints it: `26h3m0.5s`, `580.6ms`, `0s`.
 *
 * @param nanoseconds Negative ones are taken for zero: clocks may be set back.
 */
export function goDuration(nanoseconds: bigint): string {
  if (nanoseconds <= 0n) return "0s";
  if (nanoseconds < 1000n) return `${nanoseconds}ns`;
  if (nanoseconds < MILLISECOND) return `${decimal(nanoseconds, 1000n)}µs`;
  if (nanoseconds < SECOND) return `${decimal(nanoseconds, MILLISECOND)}ms`;
  const minutes = nanoseconds / (60n * SECOND);
  const seconds = `${decimal(nanoseconds % (60n * SECOND), SECOND)}s`;
  if (minutes === 0n) return seconds;
  if (minutes < 60n) return `${minutes}m${seconds}`;
  return `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** The time between two moments in milliseconds, as {@link goDuration} prints it. */
export function goElapsed(from: number, to: number): string {
  return goDuration(BigInt(Math.trunc(to - from)) * MILLISECOND);
}

const architectures: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  mipsel: "mipsle",
  ppc64: "ppc64le",
};

/** Go's name of an architecture that Node names; most are the same. */
export function goArch(arch: string): string {
  return architectures[arch] ?? arch;
}

/** Go's name of a platform that Node names; most are the same. */
export function goOs(platform: string): string {
  return platform === "win32" ? "windows" : platform;
}
