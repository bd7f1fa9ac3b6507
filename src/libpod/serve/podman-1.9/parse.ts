import { InvalidArgument } from "../../errors.ts";

const units: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/**
 * A size as Podman's options have it: bytes, or a number with `b`, `k`, `m`, `g` or
 * `t`, each 1024 times the one before; `undefined` for the empty text.
 *
 * @param what Where it was given, for the error.
 * @throws InvalidArgument
 */
export function parseSize(text: string, what: string): number | undefined {
  if (text === "") return undefined;
  const found = /^(\d{1,16}(?:\.\d{1,9})?) ?([bkmgt]?)(?:i?b)?$/i.exec(text);
  const [, number = "", unit = ""] = found ?? [];
  const size = Math.floor(Number(number) * (units[unit.toLowerCase()] ?? NaN));
  if (found !== null && Number.isSafeInteger(size)) return size;
  throw new InvalidArgument(
    `${what}: ${JSON.stringify(text)} is no size: expected bytes, or a number with b, k, m or g`,
  );
}

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * A length of time as Go has it, such as `1m30s`, in milliseconds; `undefined` for the
 * empty text.
 *
 * @param what Where it was given, for the error.
 * @throws InvalidArgument
 */
export function parseDuration(text: string, what: string): number | undefined {
  if (text === "") return undefined;
  if (text === "0") return 0;
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) {
    throw new InvalidArgument(
      `${what}: ${JSON.stringify(text)} is no length of time, such as 1m30s`,
    );
  }
  let sum = 0;
  for (const [, number = "", unit = ""] of text.matchAll(
    /([\d.]+)(ns|us|µs|ms|s|m|h)/g,
  ))
    sum += Number(number) * (milliseconds[unit] ?? NaN);
  return sum;
}

/**
 * `KEY=VALUE` each, the last of several counting. A key alone stands for the variable
 * of the machine that serves, and the one that is pretended here has none.
 *
 * @param what Where they were given, for the error.
 * @throws InvalidArgument
 */
export function parsePairs(
  texts: readonly string[],
  what: string,
): Readonly<Record<string, string>> {
  const pairs = texts.flatMap((text) => {
    const end = text.indexOf("=");
    if (text === "" || end === 0) {
      throw new InvalidArgument(
        `${what}: ${JSON.stringify(text)} has no name: expected NAME=VALUE`,
      );
    }
    if (end > 0) return [[text.slice(0, end), text.slice(end + 1)] as const];
    return what === "label" ? [[text, ""] as const] : [];
  });
  return Object.fromEntries(pairs);
}

/**
 * A mount in long form, `type=bind,source=/data,destination=/x,ro`, in the short form
 * that volumes or tmpfs have.
 *
 * @throws InvalidArgument
 */
export function parseMount(text: string): {
  readonly volume?: string;
  readonly tmpfs?: string;
} {
  let type = "volume";
  let source = "";
  let destination = "";
  const options: string[] = [];
  for (const part of text.split(",")) {
    const end = part.indexOf("=");
    const key = end < 0 ? part : part.slice(0, end);
    const value = end < 0 ? "" : part.slice(end + 1);
    if (key === "type") type = value;
    else if (key === "source" || key === "src") source = value;
    else if (key === "destination" || key === "dst" || key === "target")
      destination = value;
    else if (key === "ro" || key === "readonly") {
      if (value !== "false") options.push("ro");
    } else if (key === "bind-propagation") options.push(value);
    else if (key.startsWith("tmpfs-")) options.push(`${key.slice(6)}=${value}`);
    else if (key !== "") options.push(part);
  }
  const end = options.length === 0 ? "" : `:${options.join(",")}`;
  if (destination.startsWith("/")) {
    if (type === "tmpfs") return { tmpfs: `${destination}${end}` };
    if (type === "volume" || (type === "bind" && source.startsWith("/"))) {
      const from = source === "" ? "" : `${source}:`;
      return { volume: `${from}${destination}${end}` };
    }
  }
  throw new InvalidArgument(
    `${JSON.stringify(text)} is no mount: expected type=bind|volume|tmpfs,source=SOURCE,destination=PATH`,
  );
}
