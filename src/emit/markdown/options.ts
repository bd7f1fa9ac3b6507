import type { Templates } from "../templates/render.ts";

/** What an API document is made with. */
export interface MarkdownOptions {
  /** Where the document goes, below the output folder: `io.podman/API.md`. */
  readonly path: string;
  /**
   * One line that says where the document comes from, for a comment at its top;
   * it must not hold `--`, `>` at its start, or a line end. Default: no comment.
   */
  readonly header?: string;
  /** The order of the members of each section: the file's, or by name in code-unit order. Default `file`. */
  readonly sections?: "file" | "sorted";
  /** Draw what a method reaches, as Mermaid diagrams. Default true. */
  readonly diagrams?: boolean;
  /**
   * Fields of a YAML front matter, in order, for site generators: `title` and
   * `description` are filled in where they are not given. Default: no front matter.
   */
  readonly frontMatter?: Readonly<Record<string, string>>;
  /** Default: our own. */
  readonly templates?: Templates;
}
