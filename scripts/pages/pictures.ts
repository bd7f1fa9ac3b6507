import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { ADDRESS } from "./html.ts";

/** The kinds of pictures that GitHub shows, by the end of the file's name. */
const KINDS: ReadonlyMap<string, string> = new Map([
  [".gif", "image/gif"],
  [".jpeg", "image/jpeg"],
  [".jpg", "image/jpeg"],
  [".png", "image/png"],
  [".svg", "image/svg+xml"],
  [".webp", "image/webp"],
]);

/** A picture, as a browser's request for it is answered. */
export interface Picture {
  readonly contentType: string;
  readonly body: Buffer;
}

/**
 * The picture that an address means, for a document that stands in `folder`.
 * Undefined for all that is not a file below that folder with a picture's name;
 * links of the file system that lead out of the folder are not followed.
 *
 * @throws Error of the file system, where a file is there and cannot be read.
 */
export function pictureAt(
  address: string,
  folder: string,
): Picture | undefined {
  const { origin, pathname } = new URL(address);
  if (origin !== new URL(ADDRESS).origin) return undefined;
  const root = realpathSync(folder);
  const file = existing(path.join(root, fileName(pathname)));
  if (file?.startsWith(root + path.sep) !== true) return undefined;
  const contentType = KINDS.get(path.extname(file).toLowerCase());
  return contentType === undefined
    ? undefined
    : { contentType, body: readFileSync(file) };
}

/** A path without its percent signs; as it stands where they mean no text. */
function fileName(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/** Where a file really is; undefined where there is none. */
function existing(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
