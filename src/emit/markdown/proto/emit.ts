import type { Service } from "../../../model/api.ts";
import type { PlannedFile } from "../../plan.ts";
import { render } from "../../templates/render.ts";
import type { MarkdownOptions } from "../options.ts";
import { type Order, viewOf } from "./view.ts";

/**
 * Writes the API document of a file of Protocol Buffers: its commands, if it is
 * bound to an envelope RPC, and its messages and enums. Like
 * the one of a Varlink interface it is GitHub Flavored Markdown as Prettier lays it out,
 * the same bytes for the same service everywhere, and whatever the file's docs
 * hold stays in its place.
 */
export function emitProtoMarkdown(
  service: Service,
  options: MarkdownOptions,
): PlannedFile {
  const order = options.sections === "sorted" ? sorted : asDeclared;
  const view = viewOf(service, options.header ?? "", order);
  const text = render("markdown/proto", view);
  return { path: options.path, text: `${text.trim()}\n` };
}

const asDeclared: Order = (members) => members;

const sorted: Order = (members) =>
  members.toSorted((a, b) =>
    a.shown < b.shown ? -1 : a.shown > b.shown ? 1 : 0,
  );
