import path from "node:path";
import type { Service } from "../model/api.ts";
import { FormsError } from "../model/forms.ts";
import type { LoadFile } from "../model/proto.ts";
import { EnvelopeError } from "../model/proto/envelope.ts";
import {
  type InterfaceText,
  readInterface,
  type ReadInterface,
  type SourceReport,
} from "../model/read.ts";
import { GenerateError } from "./errors.ts";
import { assertHeaded, headerText, originOf } from "./header.ts";
import { emitMarkdown } from "./markdown/emit.ts";
import type { PlannedFile } from "./plan.ts";
import { stemsOf } from "./stems.ts";
import type { Templates } from "./templates/render.ts";
import { emitTypescript } from "./typescript/emit.ts";
import { emitProto } from "./typescript/proto/emit.ts";

export { GenerateError };
export type { SourceReport } from "../model/read.ts";

/** An interface file, read. The stem of its path names the output folder. */
export interface SourceFile extends InterfaceText {
  /** Where it is, for headers. Default `path`, from the working folder. */
  readonly location?: string;
  /** What holds for this file, in place of what holds for all. */
  readonly options?: Omit<GenerateOptions, "root" | "load">;
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
  /**
   * What integers of 64 bits are. `bigint` is exact. `number`: Varlink rounds beyond
   * 2^53 and Protocol Buffers throw there. `string` is for Protocol Buffers alone and
   * changes nothing in Varlink. Default: `number` in Varlink, `bigint` in Protocol
   * Buffers.
   */
  readonly int64?: "bigint" | "number" | "string";
  /**
   * Protocol Buffers: finds what a file imports. Default: nothing is found but
   * `google/protobuf/…`.
   */
  readonly load?: LoadFile;
  /** Whether `API.md` has diagrams. Default true. */
  readonly diagrams?: boolean;
  /** Fields of the front matter of `API.md`. Default: none. */
  readonly frontMatter?: Readonly<Record<string, string>>;
  /** What output is made with. Default: our own templates. */
  readonly templates?: Templates;
}

export interface GeneratePlan {
  /** Empty where any interface file has an error. */
  readonly files: readonly PlannedFile[];
  readonly reports: readonly SourceReport[];
}

/**
 * Plans the output of interface files: a folder for each, named by the file's
 * stem (two files may declare the same interface). Nothing is written.
 *
 * @throws GenerateError when two files have the same stem, or what belongs to a
 * file does not fit it.
 */
export function planFiles(
  sources: readonly SourceFile[],
  options: GenerateOptions,
): GeneratePlan {
  const stems = stemsOf(sources, (stem) => `into "${stem}/"`);
  if (options.name !== undefined && sources.length > 1) {
    throw new GenerateError(
      "a name fits one interface file, and there are several",
    );
  }
  const parsed = sources.map((file) => ({ file, ...read(file, options.load) }));
  const reports = withoutRepeats(parsed.flatMap(({ reports: all }) => all));
  const services = parsed.flatMap(({ file, service }) =>
    service ? [{ file, service }] : [],
  );
  if (services.length < sources.length) return { files: [], reports };
  const files = services.flatMap(({ file, service }) =>
    planService(service, {
      ...options,
      ...file.options,
      source: file,
      stem: stems.get(file) ?? "",
    }),
  );
  return { files, reports };
}

function read(file: SourceFile, load: LoadFile | undefined): ReadInterface {
  try {
    return readInterface(file, load);
  } catch (error) {
    if (!(error instanceof EnvelopeError || error instanceof FormsError))
      throw error;
    throw new GenerateError(error.message, { cause: error });
  }
}

/** A file that several others import is told of once. */
function withoutRepeats(reports: readonly SourceReport[]): SourceReport[] {
  const told = new Set<string>();
  return reports.filter(({ source }) => {
    const isNew = !told.has(source.path);
    told.add(source.path);
    return isNew;
  });
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
  const shared = {
    stem,
    header,
    client: options.client ?? true,
    server: options.server ?? true,
    importExtension: options.importExtension ?? ".js",
    ...(options.name !== undefined && { name: options.name }),
    ...(options.templates && { templates: options.templates }),
  } as const;
  const isVarlink = service.wire === "varlink";
  const files = isVarlink
    ? emitTypescript(service, {
        ...shared,
        inputs: options.inputs ?? "exact",
        ...(options.int64 === "bigint" && { int: "bigint" }),
      })
    : emitProto(service, { ...shared, int64: options.int64 ?? "bigint" });
  if (!(options.docs ?? true)) return assertHeaded(files, options.templates);
  const document = emitMarkdown(service, {
    path: `${stem}/API.md`,
    header,
    sections: options.sections ?? "file",
    diagrams: options.diagrams ?? true,
    ...(options.frontMatter && { frontMatter: options.frontMatter }),
    ...(options.templates && { templates: options.templates }),
  });
  return assertHeaded([...files, document], options.templates);
}
