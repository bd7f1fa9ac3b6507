import type { Comment } from "../../grammar/varlink/ast.ts";
import type { CallForms } from "./api.ts";

/** What the comments of a node say, as text, and what of it is for programs. */
export interface Documentation {
  readonly docs: string;
  readonly deprecated: boolean;
}

// Not `\s`: from each of many blank lines it would look through all that follow.
const deprecation = /^[^\S\n]*(?:(?:@deprecated|DEPRECATED)\b|Deprecated:)/m;

export function readDocumentation(comments: readonly Comment[]): Documentation {
  const docs = comments.map((comment) => comment.text).join("\n");
  return { docs, deprecated: saysDeprecated(docs) };
}

/** Whether docs begin a line with one of the words by which languages mark what is deprecated. */
export function saysDeprecated(docs: string): boolean {
  return deprecation.test(docs);
}

const marker = /^\s*\[(Supports|Requires) '(more|upgrade)' flag\]\s*$/;

/**
 * Reads and takes out the lines by which systemd marks how a method can be
 * called, for the language cannot say: `[Supports 'more' flag]`. Whole lines
 * only, as systemd promises them.
 */
export function readCallForms(comments: readonly Comment[]): {
  readonly forms: CallForms;
  readonly rest: readonly Comment[];
} {
  const forms: { -readonly [form in keyof CallForms]: CallForms[form] } = {
    more: "unknown",
    upgrade: "unknown",
  };
  const rest = comments.filter((comment) => {
    const [, verb, form] = marker.exec(comment.text) ?? [];
    if (form !== "more" && form !== "upgrade") return true;
    if (verb === "Requires") forms[form] = "required";
    else if (forms[form] === "unknown") forms[form] = "supported";
    return false;
  });
  // A separator line above the markers separates nothing now.
  if (rest.length < comments.length) {
    while (rest.at(-1)?.text.trim() === "") rest.pop();
  }
  return { forms, rest };
}
