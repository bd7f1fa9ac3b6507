import type { Service } from "../../model/api.ts";
import type { PlannedFile } from "../plan.ts";
import { builtInTemplates } from "../templates/render.ts";
import { firstSentence } from "./first-sentence.ts";
import { frontMatterOf } from "./front-matter.ts";
import type { MarkdownOptions } from "./options.ts";
import { viewOf as protoViewOf } from "./proto/view.ts";
import type { Place, ServiceView } from "./service-view.ts";
import {
  indexOf,
  openingOf,
  placesOf,
  type Documented,
  type Titled,
} from "./together.ts";
import { viewOf } from "./view.ts";

export type { MarkdownOptions };

/** What the template `markdown/document` shows. All text is Markdown or, in the front matter, YAML. */
interface DocumentView {
  /** Lines of YAML. */
  readonly frontMatter: readonly string[];
  /** Whether a front matter is asked for. */
  readonly hasFrontMatter: boolean;
  /** The line that says where the document comes from. */
  readonly header: string;
  /** Whether there is such a line. */
  readonly hasHeader: boolean;
  /** What stands before the interfaces, if they share the document. */
  readonly opening: readonly string[];
  /** The interfaces: what `markdown/service` shows. */
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
    anchor: undefined,
    prefix: "",
    diagrams: options.diagrams ?? true,
  };
  return fill(options, {
    title: service.name,
    description: firstSentence(service.docs),
    services: [serviceViewOf(service, place, options)],
  });
}

/**
 * Writes one document of several services: a list of them, then each as in its
 * own document, a level deeper, with its name (or, where two have the same, its
 * file's) in front of its anchors.
 */
export function emitTogether(
  all: readonly Titled[],
  options: MarkdownOptions,
): PlannedFile {
  const places = placesOf(all, options.diagrams ?? true);
  const services = all.flatMap(({ service }, at) => {
    const place = places[at];
    return place === undefined ? [] : serviceViewOf(service, place, options);
  });
  return fill(options, {
    ...TOGETHER,
    opening: openingOf(all, places),
    services,
  });
}

/** Writes the index of documents that stand in one folder. */
export function emitIndex(
  all: readonly Documented[],
  options: MarkdownOptions,
): PlannedFile {
  return fill(options, { ...TOGETHER, opening: indexOf(all) });
}

const TOGETHER = { title: "Interfaces", description: "" };

function fill(
  options: MarkdownOptions,
  parts: {
    readonly title: string;
    readonly description: string;
    readonly opening?: readonly string[];
    readonly services?: readonly ServiceView[];
  },
): PlannedFile {
  const { header = "", templates = builtInTemplates } = options;
  const view: DocumentView = {
    ...frontMatterOf(parts, options.frontMatter),
    header,
    hasHeader: header !== "",
    opening: parts.opening ?? [],
    services: parts.services ?? [],
  };
  const text = templates.render("markdown/document", view);
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
