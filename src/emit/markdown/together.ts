import type { Service } from "../../model/api.ts";
import { anchorsOf } from "./anchors.ts";
import { escapeLineStart, escapeText } from "./escape.ts";
import { firstSentence } from "./front-matter.ts";
import { namesOf } from "./proto/names.ts";
import type { Place } from "./service-view.ts";

/** An interface among others, by what tells them apart: the stem of its file. */
export interface Titled {
  readonly service: Service;
  /** The file's name without folder and extension. */
  readonly stem: string;
}

/**
 * Where interfaces stand that share a document. An anchor is the interface's name;
 * where two have the same, or it could be the slug of a heading, its file's behind a
 * word that no slug begins with.
 */
export function placesOf(
  all: readonly Titled[],
  diagrams: boolean,
): readonly Place[] {
  const named = new Map<string, number>();
  for (const { service } of all)
    named.set(service.name, (named.get(service.name) ?? 0) + 1);
  return all.map(({ service: { name }, stem }) => {
    const isAlone = named.get(name) === 1 && /[A-Z.]/.test(name);
    const anchor = isAlone ? name : `File.${stem}`;
    return { level: 2, anchor, prefix: `${anchor}.`, diagrams };
  });
}

/** Title and list of the interfaces that follow in the same document. */
export function openingOf(
  all: readonly Titled[],
  places: readonly Place[],
): readonly string[] {
  const lines = all.map(
    (one, at) => `- ${line(one, `#${places[at]?.anchor ?? ""}`)}`,
  );
  return [TITLE, lines.join("\n")];
}

/** An index of documents that stand beside it: every interface with its methods. */
export function indexOf(
  all: readonly (Titled & { readonly file: string })[],
): readonly string[] {
  const parts = all.flatMap((one) => {
    const file = encodeURI(one.file);
    const links = methodAnchors(one.service).map(
      ({ name, anchor }) => `[${escapeText(name)}](${file}#${anchor})`,
    );
    const methods = links.length === 0 ? [] : [links.join(", ")];
    return [
      `## [${escapeText(one.service.name)}](${file})`,
      about(one),
      ...methods,
    ];
  });
  return [TITLE, ...parts.filter(Boolean)];
}

const TITLE = "# Interfaces";

function line(one: Titled, target: string): string {
  const link = `[${escapeText(one.service.name)}](${target})`;
  const text = about(one);
  return text === "" ? link : `${link}: ${text}`;
}

/** The first sentence of its docs, as a paragraph. */
function about({ service }: Titled): string {
  return escapeLineStart(escapeText(firstSentence(service.docs)));
}

function methodAnchors(
  service: Service,
): { readonly name: string; readonly anchor: string }[] {
  const anchors =
    service.wire === "varlink"
      ? anchorsOf(service, "")
      : namesOf(service, "").commands;
  return service.methods.map(({ name }) => ({
    name,
    anchor: anchors.of(name) ?? "",
  }));
}
