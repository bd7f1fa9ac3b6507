import { stat } from "node:fs/promises";
import path from "node:path";
import { PortolanError } from "../errors.ts";
import { systemCode } from "../transport/failure.ts";

/** Whose registry: the machine's, or that of the user who runs this process. */
export type RegistryScope = "system" | "user";

/** Which registry is meant. */
export interface RegistryOptions {
  /** `/run/varlink/registry`, or `$XDG_RUNTIME_DIR/varlink/registry`. */
  readonly scope?: RegistryScope | undefined;
  /** A folder instead of these two: that of a container, for one. */
  readonly directory?: string | undefined;
}

/** A folder whose entries are sockets, or links to sockets, by the names of interfaces. */
export interface Registry {
  readonly folder: string;
  /** Whose it is; `undefined` for a folder that was named. */
  readonly scope: RegistryScope | undefined;
}

const SYSTEM = "/run/varlink/registry";

/**
 * The registries that are meant, those first whose entries count more: the user's,
 * then the system's, unless the options say otherwise. They may not exist.
 *
 * @throws PortolanError `INVALID_INPUT` for options that contradict each other;
 * for `scope: "user"`, where the environment names no such folder, or one of
 * another user.
 */
export async function registries(
  options: RegistryOptions,
): Promise<readonly Registry[]> {
  const { scope, directory } = options;
  if (directory !== undefined) {
    if (scope !== undefined) throw invalid("give a scope or a directory");
    return [{ folder: path.resolve(directory), scope: undefined }];
  }
  switch (scope) {
    case "system":
      return [{ folder: SYSTEM, scope }];
    case "user":
      return [await userRegistry()];
    case undefined:
      return [
        ...(await userRegistry().then(
          (registry) => [registry],
          () => [],
        )),
        { folder: SYSTEM, scope: "system" },
      ];
    default:
      throw invalid('scope must be "system" or "user"');
  }
}

/**
 * The folder is the environment's to name, and that may come from somebody else:
 * from the user who has called `sudo`, say. So it has to be this user's.
 */
async function userRegistry(): Promise<Registry> {
  const base = process.env["XDG_RUNTIME_DIR"];
  if (base === undefined || !path.isAbsolute(base)) {
    throw invalid(
      "there is no registry of this user: XDG_RUNTIME_DIR is not set to an absolute path",
    );
  }
  const registry: Registry = {
    folder: path.join(base, "varlink", "registry"),
    scope: "user",
  };
  let owner: number;
  try {
    owner = (await stat(base)).uid;
  } catch (error) {
    // Nothing is registered there, then.
    if (systemCode(error) === "ENOENT") return registry;
    throw invalid(`XDG_RUNTIME_DIR cannot be looked at (${base})`, error);
  }
  if (owner !== process.getuid?.()) {
    throw invalid(`XDG_RUNTIME_DIR is the folder of another user (${base})`);
  }
  return registry;
}

function invalid(problem: string, cause?: unknown): PortolanError {
  return new PortolanError(
    "INVALID_INPUT",
    problem,
    cause === undefined ? undefined : { cause },
  );
}
