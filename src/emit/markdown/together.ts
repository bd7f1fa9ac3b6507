import type { Service } from "../../model/api.ts";
import { anchorsOf } from "./anchors.ts";
import { standardErrors } from "./errors.ts";
import { escapeLineStart, escapeText } from "./escape.ts";
import { firstSentence } from "./first-sentence.ts";
import { namesOf } from "./proto/names.ts";
import type { Place } from "./service-view.ts";

/** An interface among others, by what tells them apart: the stem of its file. */
export interface Titled {
  readonly service: Service;
  /** The file's name without folder and extension. */
  readonly stem: string;
}

/** An interface with a document of its own. */
export interface Documented {
  readonly service: Service;
  /** The document's name in the folder that it shares with the index. */
  readonly file: string;
}

/**
 * Where interfaces stand that share a document. An anchor is the interface's name;
 * where another's could be the same, or it could be the slug of a heading, its
 * file's behind a word that no slug begins with.
 */
export function placesOf(
  all: readonly Titled[],
  diagrams: boolean,
): readonly Place[] {
  const names = all.map(({ service }) => service.name);
  const taken = new Set<string>();
  return all.map(({ service, stem }, at) => {
    const { name } = service;
    const isClear =
      /[A-Z.]/.test(name) &&
      !name.startsWith(FILE) &&
      names.every((other, index) => index === at || !isAmong(other, service));
    const anchor = isClear ? name : unlike(taken, fileAnchor(stem));
    taken.add(anchor);
    return { level: 2, anchor, prefix: `${anchor}.`, diagrams };
  });
}

const FILE = "File.";

/** Without full stops, so that no file's anchor is that of a member of another's. */
function fileAnchor(stem: string): string {
  return FILE + stem.replaceAll(/[^\p{L}\p{N}_-]/gu, "-");
}

function unlike(taken: ReadonlySet<string>, wanted: string): string {
  let anchor = wanted;
  for (let copy = 2; taken.has(anchor); copy += 1) anchor = `${wanted}-${copy}`;
  return anchor;
}

/** Whether another interface is called as this one or as a member of it: `org.example.Lamp`. */
function isAmong(other: string, service: Service): boolean {
  if (other === service.name) return true;
  const prefix = `${service.name}.`;
  if (!other.startsWith(prefix)) return false;
  const [label] = other.slice(prefix.length).split(".");
  const isLabel = (name: string): boolean => name.split(".")[0] === label;
  const { methods, types, errors, rpcServices = [] } = service;
  return (
    [...methods, ...errors, ...rpcServices].some(({ name }) => isLabel(name)) ||
    types.some(({ path }) => {
      const full = path.join(".");
      // Shown by its full name where it is of another package or clashes.
      return (
        isLabel(full) ||
        (full.startsWith(prefix) && isLabel(full.slice(prefix.length)))
      );
    })
  );
}

/** Title and list of the interfaces that follow in the same document, and what holds for all. */
export function openingOf(
  all: readonly Titled[],
  places: readonly Place[],
): readonly string[] {
  const lines = all.map(
    (one, at) => `- ${line(one, `#${places[at]?.anchor ?? ""}`)}`,
  );
  const errors = standardErrors(
    all.map(({ service }) => service),
    "A service can answer any call of a Varlink interface",
  );
  return [TITLE, lines.join("\n"), ...errors];
}

/** An index of documents that stand beside it: every interface with its methods. */
export function indexOf(all: readonly Documented[]): readonly string[] {
  const parts = all.flatMap((one) => {
    const file = linkTo(one.file);
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
function about({ service }: Documented | Titled): string {
  return escapeLineStart(escapeText(firstSentence(service.docs)));
}

/** A file beside this one; what would end a link, or a path in it, is encoded. */
function linkTo(file: string): string {
  return encodeURIComponent(file).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
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
