import { EError } from "portolan/porto";
import { failure } from "../errors.ts";
import { firstForbidden, normalPath } from "../names.ts";
import { invalid } from "../properties/kinds.ts";

/** The place of what names no other. */
const DEFAULT_PLACE = "/place";

const SYSTEM_FOLDERS =
  /^\/(?:bin|boot|dev|etc|lib|lib32|lib64|proc|sbin|sys|usr)?(?:\/|$)/;

/** Whether a path is one that Porto leaves alone. */
export function isSystemPath(path: string): boolean {
  return SYSTEM_FOLDERS.test(path);
}

/** The place that is meant. @throws PortoError `Permission`, `InvalidPath` */
export function resolvePlace(place: string | undefined): string {
  if (place === undefined || place === "") return DEFAULT_PLACE;
  // What is no path is an alias, of which a host has none.
  if (!place.startsWith("/"))
    throw failure(EError.Permission, `Place ${place} is not permitted`);
  if (normalPath(place) !== place)
    throw failure(EError.InvalidPath, `Place path ${place} must be normalized`);
  if (isSystemPath(place))
    throw failure(
      EError.InvalidPath,
      `Place path ${place} in system directory`,
    );
  return place;
}

const RESERVED =
  /^(?:_tmp_|_import_|_remove_|_asyncremove_|_private_|_meta_|_layer_)/;

/**
 * Checks the name of a layer or storage; one in a meta storage is `meta/name`.
 *
 * @throws PortoError `InvalidValue`
 */
export function checkStorageName(name: string, meta = false): void {
  const slash = meta ? -1 : name.indexOf("/");
  if (slash >= 0) {
    checkStorageName(name.slice(0, slash), true);
    checkStorageName(name.slice(slash + 1), true);
    return;
  }
  const forbidden = firstForbidden(name);
  if (forbidden !== undefined)
    throw invalid(`forbidden character ${forbidden}`);
  if (name === "" || name === "." || name === ".." || RESERVED.test(name))
    throw invalid(`invalid layer name '${name}'`);
}

/** The meta storage that a layer or storage is in. */
export function metaOf(name: string): string | undefined {
  const slash = name.indexOf("/");
  return slash < 0 ? undefined : name.slice(0, slash);
}

/** Whether it goes with the last volume that uses it. */
export function isWeak(name: string): boolean {
  return name.slice(name.indexOf("/") + 1).startsWith("_weak_");
}
