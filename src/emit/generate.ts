import path from "node:path";
import type { Diagnostic, SourceText } from "../model/diagnostics.ts";
import { parseVarlink } from "../model/varlink.ts";
import type { Service } from "../model/api.ts";
import { headerText, originOf } from "./header.ts";
import { emitMarkdown } from "./markdown/emit.ts";
import type { PlannedFile } from "./plan.ts";
import { emitTypescript } from "./typescript/emit.ts";

/** An interface file, read. */
export interface SourceFile {
  /** Where it came from, for messages; its stem names the output folder. */
  readonly path: string;
  /** Where it is, for headers. Default `path`, from the working folder. */
  readonly location?: string;
  readonly text: string;
}

/** What {@link planFiles} makes of interface files. Every option has a default. */
export interface GenerateOptions {
  /** Folder the output is meant for; headers name the interface file as seen from it. */
  readonly root: string;
  /** Emit `client.ts`. Default true. */
  readonly client?: boolean;
  /** Emit `server.ts`. Default true. */
  readonly server?: boolean;
  /** Emit `API.md`. Default true. */
  readonly docs?: boolean;
  /**
   * `partial`: non-null inputs may be left out at any depth and mean zero, as
   * peers written in Go read them. Default `exact`.
   */
  readonly inputs?: "exact" | "partial";
  /** What imports between generated files end in. Default `.js`. */
  readonly importExtension?: ".js" | ".ts";
  /** Order of the members in `API.md`. Default `file`. */
  readonly sections?: "file" | "sorted";
  /** The name that clients and services get (`Podman`), in place of the interface's last label. */
  readonly name?: string;
}

/** The problems of one interface file. */
export interface SourceReport {
  readonly source: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

export interface GeneratePlan {
  /** Empty where any interface file has an error. */
  readonly files: readonly PlannedFile[];
  readonly reports: readonly SourceReport[];
}

/** Two inputs cannot be told apart in the output, or an option does not fit. */
export class GenerateError extends Error {
  override readonly name: string = "GenerateError";
}

/**
 * Plans the output of interface files: a folder for each, named by the file's
 * stem (two files may declare the same interface). Nothing is written.
 *
 * @throws GenerateError when two files have the same stem.
 */
export function planFiles(
  sources: readonly SourceFile[],
  options: GenerateOptions,
): GeneratePlan {
  const stems = distinctStems(sources);
  if (options.name !== undefined && sources.length > 1) {
    throw new GenerateError(
      "a name fits one interface file, and there are several",
    );
  }
  const parsed = sources.map((file) => ({
    file,
    ...parseVarlink(file.text, file),
  }));
  const reports = parsed.map(({ source, diagnostics }) => ({
    source,
    diagnostics,
  }));
  const services = parsed.flatMap(({ file, service }) =>
    service ? [{ file, service }] : [],
  );
  if (services.length < sources.length) return { files: [], reports };
  const files = services.flatMap(({ file, service }) =>
    planService(service, {
      ...options,
      source: file,
      stem: stems.get(file) ?? "",
    }),
  );
  return { files, reports };
}

function planService(
  service: Service,
  options: GenerateOptions & {
    readonly source: SourceFile;
    readonly stem: string;
  },
): PlannedFile[] {
  const { source, stem } = options;
  const folder = path.join(options.root, stem);
  const header = headerText(
    originOf({
      source: source.location ?? source.path,
      text: source.text,
      folder,
    }),
  );
  const files: PlannedFile[] = [
    ...emitTypescript(service, {
      stem,
      header,
      client: options.client ?? true,
      server: options.server ?? true,
      inputs: options.inputs ?? "exact",
      importExtension: options.importExtension ?? ".js",
      ...(options.name === undefined ? {} : { name: options.name }),
    }),
  ];
  if (options.docs ?? true) {
    files.push(
      emitMarkdown(service, {
        path: `${stem}/API.md`,
        header,
        sections: options.sections ?? "file",
      }),
    );
  }
  return files;
}

/** A file's name without folder and extension: the name of its output folder. */
function stemOf(source: SourceFile): string {
  return path.basename(source.path).replace(/\.varlink$/, "");
}

function distinctStems(
  sources: readonly SourceFile[],
): ReadonlyMap<SourceFile, string> {
  const stems = new Map<SourceFile, string>();
  const taken = new Map<string, SourceFile>();
  for (const source of sources) {
    const stem = stemOf(source);
    // Two folders whose names differ in case alone are one on some systems.
    const key = stem.toLowerCase();
    const other = taken.get(key);
    if (other !== undefined) {
      throw new GenerateError(
        `"${other.path}" and "${source.path}" would both be generated into "${stem}/": rename one of them`,
      );
    }
    taken.set(key, source);
    stems.set(source, stem);
  }
  return stems;
}
