import type { Service } from "../../model/api.ts";
import type { PlannedFile } from "../plan.ts";
import { builtInTemplates } from "../templates/render.ts";
import { frontMatterOf } from "./front-matter.ts";
import type { MarkdownOptions } from "./options.ts";
import { viewOf as protoViewOf } from "./proto/view.ts";
import type { Place, ServiceView } from "./service-view.ts";
import { viewOf } from "./view.ts";

export type { MarkdownOptions };

/** What the template `markdown/document` shows. All text is Markdown or, in the front matter, YAML. */
interface DocumentView {
  /** Lines of YAML. */
  readonly frontMatter: readonly string[];
  readonly hasFrontMatter: boolean;
  /** The line that says where the document comes from. */
  readonly header: string;
  readonly hasHeader: boolean;
  /** What stands before the interfaces, if they share the document. */
  readonly opening: readonly string[];
  readonly services: readonly ServiceView[];
}

/**
 * Writes a service's API document, whatever language its interface file is
 * written in: GitHub Flavored Markdown, laid out as
 * Prettier lays it out, the same bytes for the same service everywhere. The
 * service's own docs stay Markdown, and whatever they hold stays in its place.
 */
export function emitMarkdown(
  service: Service,
  options: MarkdownOptions,
): PlannedFile {
  const place: Place = {
    level: 1,
    prefix: "",
    diagrams: options.diagrams ?? true,
  };
  const view: DocumentView = {
    ...frontMatterOf([service], options.frontMatter),
    header: options.header ?? "",
    hasHeader: (options.header ?? "") !== "",
    opening: [],
    services: [serviceViewOf(service, place, options)],
  };
  const { render } = options.templates ?? builtInTemplates;
  const text = render("markdown/document", view);
  return { path: options.path, text: `${text.trim()}\n` };
}

function serviceViewOf(
  service: Service,
  place: Place,
  options: MarkdownOptions,
): ServiceView {
  const isSorted = options.sections === "sorted";
  return service.wire === "varlink"
    ? viewOf(service, place, isSorted ? sortedBy("name") : asDeclared)
    : protoViewOf(service, place, isSorted ? sortedBy("shown") : asDeclared);
}

function asDeclared<T>(members: readonly T[]): readonly T[] {
  return members;
}

/** Arranges members by a name of theirs, in code-unit order. */
function sortedBy<K extends string>(
  key: K,
): <T extends Readonly<Record<K, string>>>(
  members: readonly T[],
) => readonly T[] {
  return (members) =>
    members.toSorted((a, b) =>
      a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0,
    );
}
