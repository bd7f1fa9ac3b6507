import type { Member, Service } from "../../model/api.ts";
import type { PlannedFile } from "../plan.ts";
import { render } from "../templates/render.ts";
import { viewOf } from "./view.ts";

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
}

/**
 * Writes a service's API document: GitHub Flavored Markdown, laid out as
 * Prettier lays it out, the same bytes for the same service everywhere. The
 * service's own docs stay Markdown, and whatever they hold stays in its place.
 */
export function emitMarkdown(
  service: Service,
  options: MarkdownOptions,
): PlannedFile {
  const order = options.sections === "sorted" ? sortMembers : keepMembers;
  const text = render(
    "markdown/api",
    viewOf(service, options.header ?? "", order),
  );
  return { path: options.path, text: `${text.trim()}\n` };
}

function keepMembers(members: readonly Member[]): readonly Member[] {
  return members;
}

function sortMembers(members: readonly Member[]): readonly Member[] {
  return members.toSorted((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
  );
}
