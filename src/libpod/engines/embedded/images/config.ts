import { createHash } from "node:crypto";
import { InvalidArgument } from "../../../errors.ts";

/**
 * An image's configuration as registries and archives carry it (OCI image-spec's
 * `config.json`, Docker's the same with more members). Members that are not named
 * may be there too and are kept.
 */
export interface ImageConfig {
  /** RFC 3339. */
  readonly created?: string | null | undefined;
  readonly author?: string | null | undefined;
  readonly architecture?: string | null | undefined;
  readonly os?: string | null | undefined;
  /** Docker's; OCI has it in the history only. */
  readonly comment?: string | null | undefined;
  readonly config?: RunConfig | null | undefined;
  readonly rootfs?: ImageRootFs | null | undefined;
  readonly history?: readonly HistoryStep[] | null | undefined;
}

/** What containers of an image run with where they say nothing else. */
export interface RunConfig {
  readonly User?: string | null | undefined;
  /** Keys are `80/tcp`. */
  readonly ExposedPorts?: Readonly<Record<string, object>> | null | undefined;
  readonly Env?: readonly string[] | null | undefined;
  readonly Entrypoint?: readonly string[] | null | undefined;
  readonly Cmd?: readonly string[] | null | undefined;
  /** Keys are paths. */
  readonly Volumes?: Readonly<Record<string, object>> | null | undefined;
  readonly WorkingDir?: string | null | undefined;
  readonly Labels?: Readonly<Record<string, string>> | null | undefined;
  /** `SIGTERM`, or a number. */
  readonly StopSignal?: string | null | undefined;
  readonly OnBuild?: readonly string[] | null | undefined;
}

export interface ImageRootFs {
  readonly type?: string | null | undefined;
  /** Digests of the layers' tar archives, not compressed, the lowest first. */
  readonly diff_ids?: readonly string[] | null | undefined;
}

/** A step in the making of an image, the first one first. */
export interface HistoryStep {
  readonly created?: string | null | undefined;
  readonly created_by?: string | null | undefined;
  readonly author?: string | null | undefined;
  readonly comment?: string | null | undefined;
  /** It made no layer. */
  readonly empty_layer?: boolean | null | undefined;
}

/** The two kinds of manifests that images are described with. */
export type ImageFormat = "oci" | "docker";

/** `sha256:…` of bytes, or of a text in UTF-8. */
export function digestOf(data: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is a list of strings. */
export function textList(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every(isText)
    ? (value as string[])
    : undefined;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const mapOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);

const members: Readonly<Record<keyof ImageConfig, Check>> = {
  created: isText,
  author: isText,
  architecture: isText,
  os: isText,
  comment: isText,
  config: isObject,
  rootfs: isObject,
  history: listOf(isObject),
};

const runMembers: Readonly<Record<keyof RunConfig, Check>> = {
  User: isText,
  ExposedPorts: mapOf(isObject),
  Env: listOf(isText),
  Entrypoint: listOf(isText),
  Cmd: listOf(isText),
  Volumes: mapOf(isObject),
  WorkingDir: isText,
  Labels: mapOf(isText),
  StopSignal: isText,
  OnBuild: listOf(isText),
};

const rootfsMembers: Readonly<Record<keyof ImageRootFs, Check>> = {
  type: isText,
  diff_ids: listOf(isText),
};

const stepMembers: Readonly<Record<keyof HistoryStep, Check>> = {
  created: isText,
  created_by: isText,
  author: isText,
  comment: isText,
  empty_layer: isFlag,
};

/**
 * Reads a configuration; `null` stands for a member that is absent.
 *
 * @param where Whose configuration it is, for errors.
 * @throws InvalidArgument naming the first member that is not as it should be.
 */
export function parseConfig(text: string, where: string): ImageConfig {
  const document = parseJson(text, where);
  if (!isObject(document))
    throw new InvalidArgument(`${where}: it is no JSON object`);
  checkMembers(document, members, where);
  const { config, rootfs, history } = document as ImageConfig;
  checkMembers(config ?? {}, runMembers, `${where}: config`);
  checkMembers(rootfs ?? {}, rootfsMembers, `${where}: rootfs`);
  for (const [index, step] of (history ?? []).entries())
    checkMembers(step, stepMembers, `${where}: history[${index}]`);
  return document;
}

/** How deep values may be in each other: so that writing them again is no trouble. */
const MAX_DEPTH = 100;

/** @throws InvalidArgument */
export function parseJson(text: string, where: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidArgument(
      `${where}: it is no JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
  if (isDeeper(value, MAX_DEPTH)) {
    throw new InvalidArgument(
      `${where}: its values are more than ${MAX_DEPTH} deep in each other`,
    );
  }
  return value;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return (
    depth === 0 ||
    Object.values(value).some((member) => isDeeper(member, depth - 1))
  );
}

function checkMembers(
  value: object,
  checks: Readonly<Record<string, Check>>,
  where: string,
): void {
  for (const [name, check] of Object.entries(checks)) {
    const member = (value as Record<string, unknown>)[name];
    if (member !== undefined && member !== null && !check(member))
      throw new InvalidArgument(
        `${where}: its "${name}" is not what it should be`,
      );
  }
}

/** When a configuration says that its image was made; absent if it does not, or in no form that is known. */
export function dateOf(text: string | null | undefined): Date | undefined {
  if (text === undefined || text === null) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
