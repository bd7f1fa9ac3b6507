import { EError, type TDockerImageInput } from "portolan/porto";
import type { ImageDetails } from "../../../engine.ts";
import { rawFields } from "../../../../runtime/protobuf/raw-fields.ts";
import { AmbiguousId, InvalidState } from "../../../errors.ts";
import { failure } from "../errors.ts";
import { MAX_CONTAINERS } from "../lifecycle.ts";
import { matches } from "../names.ts";
import { seconds } from "../text.ts";
import { resolvePlace } from "../volumes/places.ts";
import { MAX_VOLUMES } from "../volumes/volumes.ts";
import type { Commands, Context } from "./context.ts";

/** The version of Porto whose protocol this is; the revision says who speaks it. */
const VERSION = { tag: "5.3.15", revision: "portolan-embedded" } as const;

/** Connections at a time, as Porto's daemon and our server have it. */
const MAX_CLIENTS = 1000n;

/**
 * `fatals`, a field that clients of the daemon itself demand and the interface has not:
 * without it they hang up.
 */
const FATALS = rawFields([{ number: 11, type: "fixed64", value: 0n }]);

/** The daemon itself. */
export function systemCommands({
  world,
}: Context): Commands<"version" | "getSystem" | "setSystem"> {
  return {
    version: () => VERSION,
    async getSystem() {
      const view = await world.view();
      const { counters, settings, volumes, inside } = world;
      const uptime = seconds(inside.clock.now() - world.began);
      const links = volumes.all().flatMap((volume) => volume.links);
      const all = view.all();
      return {
        porto_version: VERSION.tag,
        porto_revision: VERSION.revision,
        kernel_version: view.facts.kernel,
        porto_starts: 1n,
        porto_uptime: uptime,
        master_uptime: uptime,
        ...settings,
        container_count: BigInt(all.length),
        container_limit: BigInt(MAX_CONTAINERS),
        container_running: BigInt(
          all.filter(({ state }) => state === "running").length,
        ),
        container_created: BigInt(counters.created),
        container_started: BigInt(counters.started),
        container_start_failed: BigInt(counters.startFailed),
        container_buried: BigInt(counters.buried),
        volume_count: BigInt(volumes.all().length),
        volume_limit: BigInt(MAX_VOLUMES),
        volume_created: BigInt(volumes.counts.made),
        volume_failed: BigInt(volumes.counts.failed),
        volume_links: BigInt(links.length),
        volume_links_mounted: BigInt(
          links.filter(({ target }) => target !== "").length,
        ),
        layer_import: BigInt(counters.layersImported),
        layer_export: BigInt(counters.layersExported),
        layer_remove: BigInt(counters.layersRemoved),
        client_count: BigInt(counters.clients),
        client_max: MAX_CLIENTS,
        client_connected: BigInt(counters.connected),
        request_completed: BigInt(counters.requests),
        request_failed: BigInt(counters.failed),
        fail_system: BigInt(counters.system),
        fail_invalid_value: BigInt(counters.invalidValues),
        fail_invalid_command: BigInt(counters.invalidCommands),
        $unknown: FATALS,
      };
    },
    setSystem({ frozen, verbose, debug }) {
      const { settings } = world;
      // Debugging is more of the same: the one brings the other along.
      if (verbose !== undefined) {
        settings.verbose = verbose;
        settings.debug &&= verbose;
      }
      if (debug !== undefined) {
        settings.debug = debug;
        settings.verbose ||= debug;
      }
      if (frozen !== undefined) settings.frozen = frozen;
    },
  };
}

/** Docker images: those of the engine. */
export function imageCommands({
  world,
}: Context): Commands<
  | "dockerImageStatus"
  | "listDockerImages"
  | "pullDockerImage"
  | "removeDockerImage"
> {
  const { engine } = world;
  const find = async (name: string): Promise<ImageDetails> => {
    try {
      return await engine.inspectImage(name);
    } catch (error) {
      // Porto names images whole: what could be several is none.
      if (AmbiguousId.is(error))
        throw failure(EError.DockerImageNotFound, error.message);
      throw error;
    }
  };
  return {
    async dockerImageStatus({ name, place }) {
      resolvePlace(place);
      return { image: describe(await find(name)) };
    },
    async listDockerImages({ place, mask = "" }) {
      resolvePlace(place);
      const images = [];
      for (const { id, names } of await engine.listImages())
        if (mask === "" || names.some((name) => matches(name, mask)))
          images.push(describe(await engine.inspectImage(id)));
      return { images };
    },
    async pullDockerImage({ name, place }) {
      resolvePlace(place);
      const progress = engine.pullImage(name);
      // Porto tells nothing until it is there.
      for (
        let step = await progress.next();
        step.done !== true;
        step = await progress.next()
      );
      return { image: describe(await find(name)) };
    },
    async removeDockerImage({ name, place }) {
      resolvePlace(place);
      const { names } = await find(name);
      const user = world.volumes
        .all()
        .find(
          ({ image }) =>
            image !== "" && (image === name || names.includes(image)),
        );
      if (user !== undefined)
        throw failure(
          EError.Busy,
          `Image ${name} in use by volume ${user.path}`,
        );
      try {
        await engine.removeImage(name);
      } catch (error) {
        if (InvalidState.is(error)) throw failure(EError.Busy, error.message);
        throw error;
      }
    },
  };
}

function describe(image: ImageDetails): TDockerImageInput {
  const id = image.id.replace(/^sha256:/, "");
  return {
    id,
    tags: image.names,
    digests: [`sha256:${id}`],
    size: image.size ?? 0n,
    config: {
      cmd: [...image.entrypoint, ...image.command],
      env: image.env,
    },
  };
}
