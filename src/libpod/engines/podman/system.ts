import type { Engine, EngineEvent } from "../../engine.ts";
import type { Daemon, Limited } from "./daemon.ts";
import { integer, told } from "./summaries.ts";
import { parseTime } from "./times.ts";

/** The engine's calls about the daemon itself. */
export type SystemCalls = Pick<Required<Engine>, "version" | "info" | "events">;

/** The engine's calls about the daemon itself. */
export function systemCalls(daemon: Daemon): SystemCalls {
  return {
    version: (options) =>
      daemon.run("version", options, async (limited) => {
        const raw = await versionOf(daemon, limited);
        return {
          version: raw.version,
          api: daemon.dialect,
          osArch: told(raw.os_arch),
          raw,
        };
      }),

    info: (options) =>
      daemon.run("info", options, async (limited) => {
        const { info } = await daemon.v10.getInfo({}, limited);
        const { host, store } = info;
        return {
          hostname: told(host.hostname),
          kernel: told(host.kernel),
          os: told(host.os),
          architecture: told(host.arch),
          cpus: host.cpus,
          memoryTotal: integer(host.mem_total),
          memoryFree: integer(host.mem_free),
          containers: store.containers,
          images: store.images,
          raw: info,
        };
      }),

    events: (options) =>
      daemon.stream("events", options, (limited) => events(daemon, limited)),
  };
}

interface Version {
  readonly version: string;
  readonly os_arch: string;
}

/** Podman 1.0 wraps it into a struct; both outputs begin with `version`. */
async function versionOf(daemon: Daemon, limited: Limited): Promise<Version> {
  if (daemon.dialect === "io.podman (1.9)")
    return daemon.v19.getVersion({}, limited);
  return (await daemon.common.getVersion({}, limited)).version;
}

const TYPES: ReadonlySet<string> = new Set<EngineEvent["type"]>([
  "container",
  "pod",
  "image",
  "volume",
  "system",
]);

function isType(type: string): type is EngineEvent["type"] {
  return TYPES.has(type);
}

/** The daemon never ends this: leaving the loop closes the connection. */
async function* events(
  { v19 }: Daemon,
  limited: Limited,
): AsyncGenerator<EngineEvent, void, undefined> {
  const stream = v19.getEvents.more(
    { filter: [], since: "", until: "" },
    limited,
  );
  for await (const { events: event } of stream) {
    const { id, name, status, type } = event;
    yield {
      type: isType(type) ? type : "system",
      status,
      id,
      name,
      image: told(event.image),
      // One that says no time came now.
      time: parseTime(event.time) ?? new Date(),
    };
  }
}
