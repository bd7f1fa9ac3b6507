import path from "node:path";
import type {
  ResolvedConfig,
  ResolvedDocument,
  ResolvedInterface,
} from "../config/resolve.ts";
import { targetOf } from "../config/target.ts";
import type { Templates } from "../emit/templates/render.ts";
import { UsageError } from "./exit.ts";
import type { InputFlags } from "./input.ts";
import type { Io } from "./io.ts";

/** Options of commands that a configuration can stand behind. */
export interface ConfigFlags extends InputFlags {
  /** The configuration's path. Default, where no files are named: the one that is found. */
  readonly config?: string;
  /** Folder with templates of the user's. */
  readonly templates?: string;
}

/** What a command works on, with a configuration or without. */
export interface Settings<T extends ConfigFlags> {
  /** Interface files, from the working folder. */
  readonly names: readonly string[];
  readonly flags: T;
  readonly config: ResolvedConfig | undefined;
}

/**
 * Fills in from the configuration what the command line leaves out. Where interface
 * files are named these are meant, and a configuration counts only if it is named too.
 *
 * @throws ConfigError if there is no configuration, or it is wrong.
 */
export async function settingsOf<T extends ConfigFlags>(
  names: readonly string[],
  flags: T,
  io: Io,
  filesOf: (config: ResolvedConfig) => readonly ResolvedInterface[] = (
    config,
  ) => config.interfaces,
): Promise<Settings<T>> {
  if (names.length > 0 && flags.config === undefined)
    return { names, flags, config: undefined };
  const { readConfig } = await import("../config/read.ts");
  const config = await readConfig(io.cwd, flags.config);
  const files = filesOf(config);
  if (names.length === 0 && files.length === 0) {
    throw new UsageError(
      `"${fromHere(config.file, io)}" names no interface files, and neither does the command line`,
    );
  }
  return {
    names:
      names.length > 0 ? names : files.map((file) => fromHere(file.path, io)),
    flags: withConfig(flags, config, files, io),
    config,
  };
}

/** Options of `portolan docs` that a configuration's documents have too. */
export interface DocumentFlags extends ConfigFlags {
  readonly output?: string;
  readonly style?: "default" | "podman";
  readonly sections?: "file" | "sorted";
  /** The command line can turn them off only. */
  readonly diagrams?: boolean;
  readonly frontMatter?: Readonly<Record<string, string>>;
  readonly index?: string;
}

/** One document, or folder of documents, to be made. */
export interface DocumentRun<T extends DocumentFlags> {
  readonly names: readonly string[];
  readonly flags: T;
  /** Where the configuration asks for it, if it does. */
  readonly setting?: string;
}

/**
 * What `portolan docs` makes: of the files that are named, else, if an output is
 * named, of all that are configured, else each of the configuration's documents.
 * What the command line says goes before what they say, where it can mean something.
 *
 * @throws ConfigError if there is no configuration, or it is wrong.
 */
export async function documentRuns<T extends DocumentFlags>(
  given: readonly string[],
  flags: T,
  io: Io,
): Promise<readonly DocumentRun<T>[]> {
  if (given.length > 0 || flags.output !== undefined)
    return [await settingsOf(given, flags, io)];
  const { readConfig } = await import("../config/read.ts");
  const config = await readConfig(io.cwd, flags.config);
  if (config.documents.length === 0) {
    throw new UsageError(
      `"${fromHere(config.file, io)}" has no "documents": add some, or name interface files`,
    );
  }
  const { documents } = config;
  const takers = await takersOf(documents, flags);
  return documents.map((document, at) => {
    const { interfaces, output, ...said } = document;
    const isMeant = ([option]: readonly [string, unknown]): boolean => {
      // The command line can turn them off only.
      if (option === "diagrams" && flags.diagrams !== false) return false;
      const those = takers.get(option) ?? [];
      return those.length === 0 || those.includes(document);
    };
    const own = Object.fromEntries(
      Object.entries(flags as object).filter(isMeant),
    );
    return {
      setting: `documents[${at}] of "${fromHere(config.file, io)}"`,
      names: interfaces.map((file) => fromHere(file.path, io)),
      flags: withConfig(
        {
          ...said,
          ...own,
          // A separator at its end says that it is a folder.
          output: fromHere(output, io) + (output.endsWith("/") ? "/" : ""),
          // What is left out of a generic type and put back is its type again.
        } as unknown as T,
        config,
        interfaces,
        io,
      ),
    };
  });
}

/**
 * Which documents an option of the command line can mean something for. Where there
 * is none all of them get it, to say so.
 */
async function takersOf(
  documents: readonly ResolvedDocument[],
  flags: DocumentFlags,
): Promise<ReadonlyMap<string, readonly ResolvedDocument[]>> {
  const folders: ResolvedDocument[] = [];
  for (const document of documents) {
    const { output, interfaces } = document;
    const target = await targetOf(output, interfaces.length, "");
    if (target === "folder") folders.push(document);
  }
  const isPodman = ({ style }: ResolvedDocument): boolean =>
    (flags.style ?? style) === "podman";
  const ours = documents.filter((document) => !isPodman(document));
  return new Map([
    ["sections", ours],
    ["diagrams", ours],
    ["frontMatter", ours],
    ["index", folders],
  ]);
}

/** Options with those of a configuration behind them. */
export function withConfig<T extends ConfigFlags>(
  flags: T,
  config: ResolvedConfig,
  files: readonly ResolvedInterface[],
  io: Io,
): T {
  const { protoPath, templates } = config;
  return {
    ...(protoPath.length > 0 && {
      protoPath: protoPath.map((folder) => fromHere(folder, io)),
    }),
    ...(templates !== undefined && { templates: fromHere(templates, io) }),
    ...flags,
    configured: new Map(files.map((file) => [file.path, file])),
  };
}

/** A path as the user would write it. */
export function fromHere(file: string, io: Io): string {
  return path.relative(io.cwd, file) || ".";
}

/**
 * The templates that options name; undefined for our own.
 *
 * @throws TemplateError if one of them is wrong.
 */
export async function templatesOf(
  { templates }: ConfigFlags,
  io: Io,
): Promise<Templates | undefined> {
  if (templates === undefined) return undefined;
  const { loadTemplates } = await import("../emit/templates/render.ts");
  return loadTemplates(templates, io.cwd);
}
