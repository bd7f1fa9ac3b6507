import path from "node:path";
import type { GenerateOptions } from "../emit/generate.ts";
import type { FormsByMethod } from "../model/forms.ts";
import { type Language, languageOf } from "../model/language.ts";
import { outputProblems } from "./outputs.ts";
import { filesOf, isPattern } from "./patterns.ts";
import { configProblems } from "./problems.ts";
import type {
  Config,
  DocsConfig,
  DocumentConfig,
  InterfaceConfig,
} from "./types.ts";

/** A configuration with patterns looked up, options merged and paths absolute. */
export interface ResolvedConfig {
  /** The configuration itself. */
  readonly file: string;
  readonly output: string | undefined;
  /** In the order of the configuration, a pattern's files by name. */
  readonly interfaces: readonly ResolvedInterface[];
  readonly protoPath: readonly string[];
  readonly importExtension: ".js" | ".ts" | undefined;
  readonly templates: string | undefined;
  readonly documents: readonly ResolvedDocument[];
}

export interface ResolvedInterface {
  readonly path: string;
  readonly envelope?: string;
  readonly forms?: FormsByMethod;
  /** What the configuration says of this file or of all; the rest has its default. */
  readonly options: Omit<GenerateOptions, "root" | "load" | "templates">;
}

export interface ResolvedDocument extends DocsConfig {
  /** Ends in a separator where the configuration's path does: it is a folder then. */
  readonly output: string;
  /** At least one. */
  readonly interfaces: readonly ResolvedInterface[];
  readonly style?: "default" | "podman";
  readonly index?: string;
}

/** Options that one of the languages has no use for. */
const NEEDED_BY = {
  inputs: "varlink",
  forms: "varlink",
  envelope: "proto",
} as const satisfies Partial<Record<keyof InterfaceConfig, Language>>;

/** Options that fit one file only. */
const OF_ONE = ["name", "envelope", "forms"] as const;

/**
 * Looks up the patterns of a configuration, and gives each file its options.
 *
 * @param file - The configuration's absolute path.
 * @throws ConfigError with all problems: patterns without files, options that do
 * not fit theirs, files that two entries with options name alike, outputs in one place or in each other.
 */
export async function resolveConfig(
  config: Config,
  file: string,
): Promise<ResolvedConfig> {
  const folder = path.dirname(file);
  const problems: string[] = [];
  const entries = await entriesOf(config, folder, problems);
  const interfaces = filesOfEntries(entries, config, folder, problems);
  const documents: ResolvedDocument[] = [];
  for (const [at, document] of (config.documents ?? []).entries()) {
    documents.push(
      await resolveDocument(document, {
        setting: `documents[${at}]`,
        folder,
        all: interfaces,
        problems,
      }),
    );
  }
  problems.push(...(await outputProblems(config, folder, documents)));
  if (problems.length > 0) throw configProblems(problems, path.basename(file));
  return {
    file,
    output: config.output && path.resolve(folder, config.output),
    interfaces,
    protoPath: (config.protoPath ?? []).map((dir) => path.resolve(folder, dir)),
    importExtension: config.importExtension,
    templates: config.templates && path.resolve(folder, config.templates),
    documents,
  };
}

/** An entry of `interfaces` with the files it stands for. */
interface Entry {
  readonly setting: string;
  readonly config: InterfaceConfig;
  readonly files: readonly string[];
  /**
   * Who has a file that several entries name: a path goes before a pattern, an entry
   * with options before one without.
   */
  readonly rank: number;
}

async function entriesOf(
  { interfaces = [] }: Config,
  folder: string,
  problems: string[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const [at, entry] of interfaces.entries()) {
    const setting = `interfaces[${at}]`;
    const config = typeof entry === "string" ? { file: entry } : entry;
    const files = await lookUp(config.file, { folder, setting, problems });
    assertFits(config, files, { setting, problems });
    const rank =
      (isPattern(config.file) ? 0 : 2) + (typeof entry === "string" ? 0 : 1);
    entries.push({ setting, config, files, rank });
  }
  return entries;
}

interface Place {
  readonly setting: string;
  /** Where problems are put. */
  readonly problems: string[];
}

async function lookUp(
  text: string,
  { folder, setting, problems }: Place & { readonly folder: string },
): Promise<string[]> {
  if (!isPattern(text)) return [path.resolve(folder, text)];
  const all = await filesOf(text, folder).catch((error: unknown) => {
    problems.push(
      `${setting}: files like ${JSON.stringify(text)} cannot be looked for: ${(error as Error).message}`,
    );
  });
  if (all === undefined) return [];
  const files = all.filter((name) => languageOf(name) !== undefined);
  if (files.length === 0) {
    problems.push(
      `${setting}: no interface file (.varlink, .proto) is named like ${JSON.stringify(text)}`,
    );
  }
  return files;
}

/** An option that changes nothing is a mistake, and silence would hide it. */
function assertFits(
  config: InterfaceConfig,
  files: readonly string[],
  { setting, problems }: Place,
): void {
  const languages = new Set(files.map(languageOf));
  for (const [option, language] of Object.entries(NEEDED_BY)) {
    if (!Object.hasOwn(config, option) || files.length === 0) continue;
    if (languages.has(language)) continue;
    problems.push(
      `${setting}.${option} means nothing for ${JSON.stringify(config.file)}: it is for .${language} files`,
    );
  }
  if (
    config.int64 === "string" &&
    files.length > 0 &&
    !languages.has("proto")
  ) {
    problems.push(
      `${setting}.int64: "string" means nothing for ${JSON.stringify(config.file)}: it is for .proto files`,
    );
  }
  for (const option of OF_ONE) {
    if (!Object.hasOwn(config, option) || files.length < 2) continue;
    problems.push(
      `${setting}.${option} is for one file, and ${JSON.stringify(config.file)} stands for ${files.length}`,
    );
  }
}

function filesOfEntries(
  entries: readonly Entry[],
  config: Config,
  folder: string,
  problems: string[],
): ResolvedInterface[] {
  const owners = new Map<string, Entry>();
  for (const entry of entries) {
    for (const file of entry.files) {
      const other = owners.get(file);
      if (other === undefined || entry.rank > other.rank)
        owners.set(file, entry);
      else if (entry.rank === other.rank && entry.rank % 2 === 1) {
        const name = JSON.stringify(path.relative(folder, file));
        problems.push(
          `${other.setting} and ${entry.setting} both have options for ${name}`,
        );
      }
    }
  }
  // A map keeps the place of the first entry that names a file.
  return [...owners].map(([file, entry]) =>
    resolveInterface(file, entry.config, config, folder),
  );
}

function resolveInterface(
  file: string,
  own: InterfaceConfig,
  all: Config,
  folder: string,
): ResolvedInterface {
  const { client, server, inputs, int64 } = { ...all, ...own };
  return {
    path: file,
    ...(own.envelope !== undefined && {
      envelope: path.resolve(folder, own.envelope),
    }),
    ...(own.forms && { forms: own.forms }),
    options: {
      ...(client !== undefined && { client }),
      ...(server !== undefined && { server }),
      ...(inputs !== undefined && { inputs }),
      ...(int64 !== undefined && { int64 }),
      ...(own.name !== undefined && { name: own.name }),
      ...docsOf(all.docs),
      ...docsOf(own.docs),
    },
  };
}

/** Whether there is a document, and how it is made where that is said. */
function docsOf(
  docs: Config["docs"],
): Partial<DocsConfig & { readonly docs: boolean }> {
  if (docs === undefined) return {};
  return typeof docs === "boolean" ? { docs } : { docs: true, ...docs };
}

async function resolveDocument(
  config: DocumentConfig,
  place: Place & {
    readonly folder: string;
    readonly all: readonly ResolvedInterface[];
  },
): Promise<ResolvedDocument> {
  const { folder, all, setting, problems } = place;
  const { interfaces: patterns, output, ...rest } = config;
  const files = new Set<string>();
  for (const [at, pattern] of (patterns ?? []).entries()) {
    const own = { folder, problems, setting: `${setting}.interfaces[${at}]` };
    for (const file of await lookUp(pattern, own)) files.add(file);
  }
  const known = new Map(all.map((one) => [one.path, one]));
  const interfaces =
    patterns === undefined
      ? all
      : [...files].map(
          (file) => known.get(file) ?? { path: file, options: {} },
        );
  if (patterns === undefined && all.length === 0)
    problems.push(`${setting} has no interfaces, and neither has the whole`);
  return {
    ...rest,
    output: path.resolve(folder, output) + (/[/\\]$/.test(output) ? "/" : ""),
    interfaces,
  };
}
