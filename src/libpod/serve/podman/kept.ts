import { EngineError } from "../../errors.ts";
import type { ContainerRecord } from "../../state.ts";
import type { PublishedPort } from "./ports.ts";

/**
 * What Podman's clients ask of a container and an embedded engine has no use for. It
 * is kept with the container and shown when it is inspected.
 */
export interface KeptOptions {
  /** As it was given; empty: the image's was taken away. */
  readonly entrypoint?: readonly string[] | undefined;
  readonly ports?: readonly PublishedPort[] | undefined;
  readonly publishAll?: boolean | undefined;
  readonly capAdd?: readonly string[] | undefined;
  readonly capDrop?: readonly string[] | undefined;
  readonly privileged?: boolean | undefined;
  readonly interactive?: boolean | undefined;
  /** Nothing removes it. */
  readonly autoRemove?: boolean | undefined;
  readonly dns?: readonly string[] | undefined;
  readonly dnsOptions?: readonly string[] | undefined;
  readonly dnsSearch?: readonly string[] | undefined;
  readonly extraHosts?: readonly string[] | undefined;
  readonly groupAdd?: readonly string[] | undefined;
  readonly ipcMode?: string | undefined;
  readonly pidMode?: string | undefined;
  readonly utsMode?: string | undefined;
  readonly usernsMode?: string | undefined;
  readonly cgroupParent?: string | undefined;
  readonly conmonPidFile?: string | undefined;
  readonly logDriver?: string | undefined;
  readonly logOptions?: readonly string[] | undefined;
  readonly securityOptions?: readonly string[] | undefined;
  /** Bytes. */
  readonly shmSize?: number | undefined;
  readonly devices?: readonly string[] | undefined;
  /** The command of the health check. */
  readonly healthCheck?: readonly string[] | undefined;
  /** Milliseconds that the health check may take. */
  readonly healthTimeout?: number | undefined;
  readonly tmpfs?: readonly string[] | undefined;
  readonly ulimits?: readonly string[] | undefined;
  readonly weightDevices?: readonly string[] | undefined;
  readonly readBps?: readonly string[] | undefined;
  readonly writeBps?: readonly string[] | undefined;
  readonly readIops?: readonly string[] | undefined;
  readonly writeIops?: readonly string[] | undefined;
}

/** Where they are among a container's extra values. */
const KEY = "podman.options";

function isWorthKeeping(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : value !== undefined && value !== "" && value !== false && value !== 0;
}

/** What is kept with a container of its options: what is not empty, false or zero. */
export function extraOf(
  options: KeptOptions,
): Readonly<Record<string, string>> {
  const { entrypoint, ...rest } = options;
  const kept = Object.entries(rest).filter(([, value]) =>
    isWorthKeeping(value),
  );
  // An empty entry point says something: there is none.
  if (entrypoint !== undefined) kept.push(["entrypoint", entrypoint]);
  if (kept.length === 0) return {};
  return { [KEY]: JSON.stringify(Object.fromEntries(kept)) };
}

/** What was kept with a container; nothing for those that others made. */
export function keptOptions(record: ContainerRecord): KeptOptions {
  const text = record.extra[KEY];
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as KeptOptions;
  } catch (error) {
    throw new EngineError(
      `what was kept with container ${record.id} as ${KEY} is no JSON`,
      { cause: error },
    );
  }
}
