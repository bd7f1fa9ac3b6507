import {
  EError,
  type TVolumeDescriptionInput,
  type TVolumeLink,
  type TVolumeResource,
  type TVolumeSpec,
  type TVolumeSpecInput,
} from "portolan/porto";
import { failure } from "../errors.ts";
import { ROOT } from "../names.ts";
import { checkIdentity, credOf, nameOf } from "../properties/identity.ts";
import { invalid } from "../properties/kinds.ts";
import {
  formatTime,
  mergeEscaped,
  parseBool,
  parseSize,
  splitEscaped,
  splitTuples,
} from "../text.ts";

/** A link of a volume as it is kept. */
export interface KeptLink {
  readonly container: string;
  /** Path in the container; empty for a link that only keeps the volume alive. */
  readonly target: string;
  readonly readOnly: boolean;
  readonly required: boolean;
}

/** A volume as it is kept: plain data, with 64-bit numbers as text. */
export interface KeptVolume {
  readonly id: number;
  readonly path: string;
  readonly autoPath: boolean;
  readonly backend: string;
  readonly place: string;
  readonly storage: string;
  readonly layers: readonly string[];
  readonly image: string;
  readonly readOnly: boolean;
  readonly permissions: number;
  readonly user: string;
  readonly group: string;
  readonly ownerUser: string;
  readonly ownerGroup: string;
  readonly ownerContainer: string;
  readonly private: string;
  readonly spaceLimit: string;
  readonly spaceGuarantee: string;
  readonly inodeLimit: string;
  readonly inodeGuarantee: string;
  readonly links: readonly KeptLink[];
  /** Seconds since 1970. */
  readonly buildTime: number;
  readonly changeTime: number;
}

/** Who made all volumes: clients are root of the host. */
const CREATOR = "/ root root";

/** Nothing is ever written to a volume; this much there is room for, where there is no limit. */
const SPACE = 2n ** 40n;
const INODES = 2n ** 20n;

/** `user` of a volume's owner, group or root folder, as names. */
export const DEFAULT_PERMISSIONS = 0o775;

interface VolumeProperty {
  readonly name: string;
  readonly description: string;
  readonly readOnly?: true;
}

/** The properties of volumes, as `ListVolumeProperties` tells of them. */
export const volumeProperties: readonly VolumeProperty[] = [
  {
    name: "backend",
    description:
      "how it is made: dir | plain | bind | rbind | tmpfs | hugetmpfs | quota | native | overlay | squash | loop",
  },
  { name: "storage", description: "where its data are kept: a name or a path" },
  { name: "ready", description: "it is built", readOnly: true },
  { name: "state", description: "its state", readOnly: true },
  { name: "private", description: "text for its users" },
  { name: "target_container", description: "container whose paths are meant" },
  { name: "owner_container", description: "container that it counts for" },
  { name: "owner_user", description: "user that it belongs to" },
  { name: "owner_group", description: "group that it belongs to" },
  { name: "user", description: "user of its root folder" },
  { name: "group", description: "group of its root folder" },
  { name: "permissions", description: "mode of its root folder, octal" },
  {
    name: "creator",
    description: "container, user and group that made it",
    readOnly: true,
  },
  { name: "read_only", description: "nobody may write to it" },
  {
    name: "containers",
    description: "links: <container> [<target>] [ro] [!]; ...",
  },
  { name: "image", description: "Docker image that it is built from" },
  {
    name: "layers",
    description:
      "layers that it is built from, the topmost first: <layer>; ...",
  },
  { name: "place", description: "folder of its layers and storage" },
  { name: "device_name", description: "disk that holds it", readOnly: true },
  { name: "space_limit", description: "bytes that it may use" },
  { name: "inode_limit", description: "inodes that it may use" },
  { name: "space_guarantee", description: "bytes that are set aside for it" },
  { name: "inode_guarantee", description: "inodes that are set aside for it" },
  { name: "space_used", description: "bytes in use", readOnly: true },
  { name: "inode_used", description: "inodes in use", readOnly: true },
  {
    name: "space_available",
    description: "bytes that are left",
    readOnly: true,
  },
  {
    name: "inode_available",
    description: "inodes that are left",
    readOnly: true,
  },
];

/** Reads properties as text into a specification. @throws PortoError `InvalidProperty`, `InvalidValue` */
export function specOf(
  path: string,
  properties: ReadonlyMap<string, string>,
): TVolumeSpec {
  for (const name of properties.keys()) {
    const known = volumeProperties.find((each) => each.name === name);
    if (name === "path") continue;
    if (known === undefined)
      throw failure(EError.InvalidProperty, `Unknown property: ${name}`);
    if (known.readOnly === true)
      throw failure(EError.InvalidProperty, `Read-only property: ${name}`);
  }
  const get = (name: string): string | undefined => properties.get(name);
  const size = (name: string): bigint | undefined => {
    const text = get(name);
    return text === undefined ? undefined : parseSize(text);
  };
  const mode = get("permissions");
  if (mode !== undefined && !/^[0-7]{1,6}$/.test(mode))
    throw invalid(`Bad oct value: ${mode}`);
  const readOnly = get("read_only");
  const cred = (user: string, group: string): TVolumeSpec["cred"] =>
    get(user) === undefined && get(group) === undefined
      ? undefined
      : { user: get(user), group: get(group), grp: [] };
  const asked = path === "" ? (get("path") ?? "") : path;
  return {
    path: asked === "" ? undefined : asked,
    container: get("target_container"),
    links: splitTuples(get("containers") ?? "").map(linkOf),
    private_value: get("private"),
    backend: get("backend"),
    place: get("place"),
    storage: get("storage"),
    image: get("image"),
    layers: splitEscaped(get("layers") ?? "", ";"),
    read_only: readOnly === undefined ? undefined : parseBool(readOnly),
    cred: cred("user", "group"),
    owner: cred("owner_user", "owner_group"),
    permissions: mode === undefined ? undefined : Number.parseInt(mode, 8),
    space: { limit: size("space_limit"), guarantee: size("space_guarantee") },
    inodes: { limit: size("inode_limit"), guarantee: size("inode_guarantee") },
    owner_container: get("owner_container"),
    directories: [],
    symlinks: [],
    shares: [],
  };
}

function linkOf([
  container = "",
  target,
  ...flags
]: readonly string[]): TVolumeLink {
  return {
    container,
    target,
    read_only: flags.includes("ro"),
    required: flags.includes("!"),
  };
}

/** The users of a volume by name: those of a specification, or root. @throws PortoError `InvalidValue` */
export function namesOf({
  user,
  uid = 0,
  group,
  gid = 0,
}: {
  readonly user?: string | undefined;
  readonly uid?: number | undefined;
  readonly group?: string | undefined;
  readonly gid?: number | undefined;
} = {}): { readonly user: string; readonly group: string } {
  return {
    user: nameOf(checkIdentity(user ?? String(uid))),
    group: nameOf(checkIdentity(group ?? String(gid))),
  };
}

function room(limit: string, all: bigint): bigint {
  const given = BigInt(limit);
  return given > 0n && given < all ? given : all;
}

function linksSeen(links: readonly KeptLink[]): TVolumeLink[] {
  return links.map(({ container, target, readOnly, required }) => ({
    container,
    ...(target === "" ? {} : { target }),
    ...(readOnly ? { read_only: true } : {}),
    ...(required ? { required: true } : {}),
  }));
}

/**
 * A volume with its properties as text.
 *
 * @param path Where it is seen.
 * @param links Those that are told of. Default: all.
 */
export function describeVolume(
  volume: KeptVolume,
  path: string,
  links: readonly KeptLink[] = volume.links,
): TVolumeDescriptionInput {
  const properties = new Map([
    ["id", String(volume.id)],
    ["storage", volume.storage],
    ["backend", volume.backend],
    ["owner_container", volume.ownerContainer],
    ["owner_user", volume.ownerUser],
    ["owner_group", volume.ownerGroup],
    ["user", volume.user],
    ["group", volume.group],
    ["permissions", `0${volume.permissions.toString(8)}`],
    ["creator", CREATOR],
    ["ready", "true"],
    ["state", "ready"],
    ["build_time", formatTime(BigInt(volume.buildTime))],
    ["change_time", formatTime(BigInt(volume.changeTime))],
    ["private", volume.private],
    ["read_only", String(volume.readOnly)],
    ["image", volume.image],
    ["space_limit", volume.spaceLimit],
    ["inode_limit", volume.inodeLimit],
    ["space_guarantee", volume.spaceGuarantee],
    ["inode_guarantee", volume.inodeGuarantee],
    ["place", volume.place],
    ["place_key", volume.place],
    ["space_used", "0"],
    ["inode_used", "0"],
    ["space_available", String(room(volume.spaceLimit, SPACE))],
    ["inode_available", String(room(volume.inodeLimit, INODES))],
  ]);
  if (volume.layers.length > 0)
    properties.set("layers", mergeEscaped(volume.layers, ";"));
  return {
    path,
    properties: Object.fromEntries(properties),
    containers: links.map(({ container }) => container),
    links: linksSeen(links),
    change_time: BigInt(volume.changeTime),
  };
}

function amounts(
  limit: string,
  guarantee: string,
  all: bigint,
): TVolumeResource {
  return {
    ...(limit === "0" ? {} : { limit: BigInt(limit) }),
    ...(guarantee === "0" ? {} : { guarantee: BigInt(guarantee) }),
    usage: 0n,
    available: room(limit, all),
  };
}

/** A volume in typed fields. */
export function volumeSpec(volume: KeptVolume, path: string): TVolumeSpecInput {
  const owner = credOf(volume.ownerUser, volume.ownerGroup);
  return {
    path,
    container: ROOT,
    links: linksSeen(volume.links),
    id: String(volume.id),
    state: "ready",
    ...(volume.private === "" ? {} : { private_value: volume.private }),
    backend: volume.backend,
    place: volume.place,
    ...(volume.storage === "" ? {} : { storage: volume.storage }),
    ...(volume.image === "" ? {} : { image: volume.image }),
    layers: volume.layers,
    read_only: volume.readOnly,
    cred: credOf(volume.user, volume.group),
    permissions: volume.permissions,
    space: amounts(volume.spaceLimit, volume.spaceGuarantee, SPACE),
    inodes: amounts(volume.inodeLimit, volume.inodeGuarantee, INODES),
    owner: {
      ...owner,
      grp: owner.gid === undefined ? [] : [owner.gid],
    },
    owner_container: volume.ownerContainer,
    place_key: volume.place,
    creator: CREATOR,
    ...(volume.autoPath ? { auto_path: true } : {}),
    build_time: BigInt(volume.buildTime),
    change_time: BigInt(volume.changeTime),
  };
}
