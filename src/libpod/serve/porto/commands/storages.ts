import { EError } from "portolan/porto";
import { failure } from "../errors.ts";
import { matches } from "../names.ts";
import { checkArchive, writeEmptyArchive } from "../volumes/archives.ts";
import { resolvePlace } from "../volumes/places.ts";
import { checkPrivate, type KeptStorage } from "../volumes/storages.ts";
import type { Commands, Context } from "./context.ts";

/** Layers, storages and meta storages. */
export function storageCommands({
  world,
}: Context): Commands<
  | "importLayer"
  | "removeLayer"
  | "listLayers"
  | "exportLayer"
  | "getLayerPrivate"
  | "setLayerPrivate"
  | "listStorages"
  | "removeStorage"
  | "importStorage"
  | "exportStorage"
  | "createMetaStorage"
  | "resizeMetaStorage"
  | "removeMetaStorage"
> {
  const { storages } = world.volumes;
  const { counters } = world;

  const describe = (storage: KeptStorage) => ({
    name: storage.name,
    owner_user: "root",
    owner_group: "root",
    private_value: storage.private,
    last_usage: storages.unused(storage),
  });
  const describeMeta = (meta: KeptStorage) => {
    const spaceLimit = BigInt(meta.spaceLimit);
    const inodeLimit = BigInt(meta.inodeLimit);
    return {
      ...describe(meta),
      space_limit: spaceLimit,
      inode_limit: inodeLimit,
      space_used: 0n,
      inode_used: 0n,
      space_available: spaceLimit,
      inode_available: inodeLimit,
    };
  };

  return {
    async importLayer(input) {
      const { layer = "", tarball = "", merge = false } = input;
      const place = resolvePlace(input.place);
      checkPrivate(input.private_value ?? "");
      await checkArchive(tarball, input.compress);
      await storages.add("layer", place, layer, {
        private: input.private_value,
        merge,
        filled: true,
      });
      counters.layersImported += 1;
    },
    async removeLayer({ layer = "", place }) {
      await storages.remove("layer", resolvePlace(place), layer);
      counters.layersRemoved += 1;
    },
    listLayers({ place, mask }) {
      const layers = storages
        .list("layer", resolvePlace(place))
        .filter(({ name }) => mask === undefined || matches(name, mask));
      return {
        layer: layers.map(({ name }) => name),
        layers: layers.map(describe),
      };
    },
    async exportLayer({ volume = "", tarball = "", layer, place, compress }) {
      if (layer !== undefined && layer !== "") {
        const found = storages.find("layer", resolvePlace(place), layer);
        checkEmpty(`Layer ${layer}`, found.filled);
      } else {
        const view = await world.view();
        const { volume: found } = world.volumes.find(view, volume);
        const { layers, image, storage } = found;
        const kept =
          storage === "" || storage.startsWith("/")
            ? undefined
            : storages.get("storage", found.place, storage);
        checkEmpty(
          `Volume ${volume}`,
          layers.length > 0 ||
            image !== "" ||
            storage.startsWith("/") ||
            kept?.filled === true,
        );
      }
      await writeEmptyArchive(tarball, compress);
      counters.layersExported += 1;
    },
    getLayerPrivate: ({ layer = "", place }) => ({
      private_value: storages.find("layer", resolvePlace(place), layer).private,
    }),
    setLayerPrivate: ({ layer = "", place, private_value: text = "" }) =>
      storages.update("layer", resolvePlace(place), layer, { private: text }),
    listStorages({ place, mask }) {
      const at = resolvePlace(place);
      const fits = ({ name }: KeptStorage): boolean =>
        mask === undefined || matches(name, mask);
      return {
        storages: storages.list("storage", at).filter(fits).map(describe),
        meta_storages: storages.list("meta", at).filter(fits).map(describeMeta),
      };
    },
    removeStorage: ({ name = "", place }) =>
      storages.remove("storage", resolvePlace(place), name),
    async importStorage({ name = "", tarball = "", ...input }) {
      const place = resolvePlace(input.place);
      checkPrivate(input.private_value ?? "");
      await checkArchive(tarball, input.compress);
      await storages.add("storage", place, name, {
        private: input.private_value,
        filled: true,
      });
      counters.layersImported += 1;
    },
    async exportStorage({ name = "", tarball = "", place, compress }) {
      const { filled } = storages.find("storage", resolvePlace(place), name);
      checkEmpty(`Storage ${name}`, filled);
      await writeEmptyArchive(tarball, compress);
      counters.layersExported += 1;
    },
    createMetaStorage: ({ name = "", place, ...input }) =>
      storages.add("meta", resolvePlace(place), name, {
        private: input.private_value,
        spaceLimit: input.space_limit ?? 0n,
        inodeLimit: input.inode_limit ?? 0n,
      }),
    resizeMetaStorage: ({
      name = "",
      place,
      private_value: text,
      space_limit: space,
      inode_limit: inodes,
    }) =>
      storages.update("meta", resolvePlace(place), name, {
        ...(text === undefined ? {} : { private: text }),
        ...(space === undefined ? {} : { spaceLimit: String(space) }),
        ...(inodes === undefined ? {} : { inodeLimit: String(inodes) }),
      }),
    removeMetaStorage: ({ name = "", place }) =>
      storages.remove("meta", resolvePlace(place), name),
  };
}

/** What was unpacked is not kept, so that it cannot be packed again. */
function checkEmpty(what: string, filled: boolean): void {
  if (filled)
    throw failure(
      EError.NotSupported,
      `${what}: contents of archives are not kept`,
    );
}
