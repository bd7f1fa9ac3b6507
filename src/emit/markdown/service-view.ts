import type { Service } from "../../model/api.ts";
import { escapeText } from "./escape.ts";

/**
 * What the template `markdown/service` shows of one interface, whatever language
 * its file is in. All text is Markdown, ready to stand where it is put; what is
 * empty is left out with its blank line.
 */
export interface ServiceView {
  /** A whole line, as every `heading` here. */
  readonly heading: string;
  /** What the interface says of itself, and how to read the rest. */
  readonly opening: readonly string[];
  /** Whether there is anything to list. */
  readonly hasIndex: boolean;
  /** `## Index`. */
  readonly indexHeading: string;
  /** The kinds of members that the interface has. */
  readonly index: readonly IndexGroup[];
  /** The members, a section for each kind. */
  readonly sections: readonly SectionView[];
}

/** One kind of member in the index. */
export interface IndexGroup {
  /** What they are: `Methods`. */
  readonly label: string;
  /** One line for each, with a link to it. */
  readonly signatures: readonly string[];
}

/** One kind of member, each in full. */
export interface SectionView {
  /** `## Methods`. */
  readonly heading: string;
  /** What holds for all its members: paragraphs, lists, tables, with no blank line around. */
  readonly blocks: readonly string[];
  /** Each in full: what `markdown/member` shows. */
  readonly members: readonly MemberView[];
}

/** What the template `markdown/member` shows of a method, type, command or error. */
export interface MemberView {
  /** Its name, with the anchor that links lead to. */
  readonly heading: string;
  /** Paragraphs, lists, tables and so on, each with no blank line around it. */
  readonly blocks: readonly string[];
}

/** Where an interface stands in its document. */
export interface Place {
  /** The level of its own heading: 1 where it has the document for itself. */
  readonly level: 1 | 2;
  /** The anchor of its own heading, where others share the document. */
  readonly anchor: string | undefined;
  /**
   * What its members' anchors begin with: nothing where it has the document for
   * itself, else `anchor` and a full stop, since two interfaces may have a `Create` each.
   */
  readonly prefix: string;
  /** Whether diagrams are drawn. */
  readonly diagrams: boolean;
}

/** A heading, with the anchor that links to it use. */
export function heading(level: number, text: string, anchor?: string): string {
  const mark = anchor === undefined ? "" : `<a id="${anchor}"></a>`;
  return `${"#".repeat(level)} ${mark}${text}`;
}

/** An interface's own heading. */
export function serviceHeading({ name }: Service, place: Place): string {
  return heading(place.level, escapeText(name), place.anchor);
}
