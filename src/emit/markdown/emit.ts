import type { Member, Service } from "../../model/api.ts";
import type { PlannedFile } from "../plan.ts";
import { render } from "../templates/render.ts";
import type { MarkdownOptions } from "./options.ts";
import { emitProtoMarkdown } from "./proto/emit.ts";
import { viewOf } from "./view.ts";

export type { MarkdownOptions };

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
  if (service.wire !== "varlink") return emitProtoMarkdown(service, options);
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
