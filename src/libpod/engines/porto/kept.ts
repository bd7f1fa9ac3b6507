import { InvalidArgument } from "../../errors.ts";
import { isPortoLabel } from "./names.ts";

/**
 * The label that tells that a container of Porto's is a pod. (Prefixes that begin
 * with `PORTO` are reserved by the daemon.)
 */
export const POD_LABEL = "LIBPOD.pod";
/** Its value. */
export const POD_VALUE = "1";

const OUR_PREFIX = "LIBPOD.";

/** Most labels of one container. */
const MAX_LABELS = 100;
/** Most bytes of Porto's property `private`. */
const MAX_PRIVATE = 4096;

/** What a container is made with and Porto has no property for. */
export interface Kept {
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly stopSignal?: number | undefined;
  /** The image's name as it was asked for. */
  readonly image?: string | undefined;
  readonly imageId?: string | undefined;
}

/** Labels as Porto takes them, and those that it does not take. */
export interface SplitLabels {
  readonly porto: readonly { readonly key: string; readonly val: string }[];
  readonly rest: Readonly<Record<string, string>>;
}

/**
 * Sorts labels by whether Porto takes them as its own.
 *
 * @param room How many labels it gets besides.
 */
export function splitLabels(
  labels: Readonly<Record<string, string>> = {},
  room = 1,
): SplitLabels {
  const porto: { key: string; val: string }[] = [];
  const rest: [string, string][] = [];
  for (const [key, val] of Object.entries(labels)) {
    const fits =
      isPortoLabel(key, val) &&
      !key.startsWith(OUR_PREFIX) &&
      porto.length + room < MAX_LABELS;
    if (fits) porto.push({ key, val });
    else rest.push([key, val]);
  }
  return { porto, rest: Object.fromEntries(rest) };
}

/**
 * The text for Porto's property `private`; undefined where nothing is to be kept.
 *
 * @throws InvalidArgument if it is longer than Porto takes.
 */
export function writeKept(kept: Kept): string | undefined {
  const said = Object.entries(kept).filter(([, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? Object.keys(value).length > 0
      : value !== undefined,
  );
  if (said.length === 0) return undefined;
  const text = JSON.stringify({ libpod: Object.fromEntries(said) });
  const size = Buffer.byteLength(text);
  if (size > MAX_PRIVATE)
    throw new InvalidArgument(
      `labels that Porto does not take, annotations, stop signal and image are kept in its property "private", which has room for ${MAX_PRIVATE} bytes: these need ${size}`,
    );
  return text;
}

/** What is kept in a text of `private`; of a text that is not ours, nothing. */
export function readKept(text: string | undefined): Kept {
  if (text === undefined || !text.startsWith("{")) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Somebody else's, who may write there what they like.
    return {};
  }
  const { labels, annotations, stopSignal, image, imageId } = asRecord(
    asRecord(parsed)["libpod"],
  );
  return {
    labels: texts(labels),
    annotations: texts(annotations),
    stopSignal: typeof stopSignal === "number" ? stopSignal : undefined,
    image: typeof image === "string" ? image : undefined,
    imageId: typeof imageId === "string" ? imageId : undefined,
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asRecord(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
