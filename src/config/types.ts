import type { FormsByMethod } from "../model/forms.ts";

/**
 * What `portolan.config.ts` (or `.mts`, `.js`, `.mjs`, `.json`) says. Paths are
 * relative to the folder that the file stands in; every option may be left out.
 */
export interface Config extends FileOptions {
  /** Folder for what `portolan generate` writes. It has no default: `generate` needs it. */
  readonly output?: string;
  /**
   * Interface files: paths, patterns (`*` within a name, `**` for any folders), or
   * either with options of its own. A file that is named by its path is not one of
   * a pattern's, so that `"*.varlink"` is the rest. Default: none.
   */
  readonly interfaces?: readonly (string | InterfaceConfig)[];
  /** Folders to find imports of `.proto` files in. Default: those of the interface files. */
  readonly protoPath?: readonly string[];
  /** What imports between generated files end in. Default `.js`. */
  readonly importExtension?: ".js" | ".ts";
  /** Folder with templates in place of built-in ones. Default: none. */
  readonly templates?: string;
  /** What `portolan docs` writes. Default: nothing. */
  readonly documents?: readonly DocumentConfig[];
}

/** What may differ from one interface file to another. */
export interface FileOptions {
  /**
   * Varlink: `partial` lets inputs leave out fields at any depth, which peers
   * written in Go read as zero. Default `exact`.
   */
  readonly inputs?: "exact" | "partial";
  /**
   * What integers of 64 bits are. `bigint` is exact. `number`: Varlink rounds beyond
   * 2^53, Protocol Buffers throw there. `string`: Protocol Buffers only. Default:
   * `number` in Varlink, `bigint` in Protocol Buffers.
   */
  readonly int64?: "bigint" | "number" | "string";
  /** Whether there is a `client.ts`. Default true. */
  readonly client?: boolean;
  /** Whether there is a `server.ts`. Default true. */
  readonly server?: boolean;
  /** Whether there is an `API.md`, and how it is made. Default true. */
  readonly docs?: boolean | DocsConfig;
}

/** Interface files with options of their own, which go before those of the whole. */
export interface InterfaceConfig extends FileOptions {
  /** A path or a pattern. */
  readonly file: string;
  /**
   * Name of client and service: `Podman` for `PodmanClient`. For one file. Default:
   * the last label of the interface's name, or the envelope's label.
   */
  readonly name?: string;
  /**
   * Protocol Buffers: the file that says how messages carry calls. For one file.
   * Default: `NAME.envelope.json` beside `NAME.proto`, where there is one.
   */
  readonly envelope?: string;
  /**
   * Varlink: call forms of methods, `{ GetEvents: { more: "required" } }`, which
   * the language has no words for. For one file. Default: what the docs say.
   */
  readonly forms?: FormsByMethod;
}

/** How a document is made. */
export interface DocsConfig {
  /** Order of the members of each section: the file's, or by name. Default `file`. */
  readonly sections?: "file" | "sorted";
  /** Whether diagrams are drawn. Default true. */
  readonly diagrams?: boolean;
  /**
   * Fields of a YAML front matter; `title` and `description` are filled in where
   * they are not given, so that `{}` asks for these two. Default: no front matter.
   */
  readonly frontMatter?: Readonly<Record<string, string>>;
}

/**
 * A document, or a folder of documents with an index, that `portolan docs` writes.
 * {@link FileOptions.docs} says nothing of it.
 */
export interface DocumentConfig extends DocsConfig {
  /**
   * The document of all files (`docs/api.md`), or a folder for one each
   * (`docs/api/`), as `-o` of `portolan docs` takes them.
   */
  readonly output: string;
  /**
   * Paths and patterns. Envelope and call forms are those that
   * {@link Config.interfaces} has for the file. Default: all of these.
   */
  readonly interfaces?: readonly string[];
  /** `podman`: byte for byte what Podman's own generator wrote, of one interface. Default `default`. */
  readonly style?: "default" | "podman";
  /** File name of a folder's index. Default `README.md`. */
  readonly index?: string;
}

/** A configuration, with the types that let an editor help and a compiler check. */
export function defineConfig(config: Config): Config {
  return config;
}
