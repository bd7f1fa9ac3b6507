import type { IToken } from "chevrotain";
import { DiagnosticCollector } from "../source/diagnostics.ts";
import type { SourceText } from "../source/source-text.ts";
import type { FileItem, ProtoFile, SyntaxDeclaration } from "./ast.ts";
import { Build } from "./build.ts";
import type { Problems } from "./codes.ts";
import { CommentIndex } from "./comments.ts";
import { checkComments, isEnded, withoutIllegal } from "./illegal.ts";
import { markKeywords } from "./keywords.ts";
import { parse } from "./parser.ts";
import { repair } from "./repair.ts";
import { tokenize } from "./tokens.ts";

/**
 * Reads a Protocol Buffers file: proto2, proto3 and editions, as protoc reads
 * them. Always gives a tree; what no version of the language allows goes to
 * `problems`. Whether the file's own version allows it, and whether names,
 * numbers and types are right, is not looked at here.
 */
export function readProto(source: SourceText, problems: Problems): ProtoFile {
  // Most files are right, and read without a thought of what could be wrong.
  const probe: Problems = new DiagnosticCollector();
  const scan = scanText(source, probe);
  if (probe.errors === 0 && markKeywords(scan.tokens)) {
    const build = createBuild(source, scan, scan.tokens, probe);
    const items = parse(scan.tokens, build);
    if (probe.errors === 0) return finish(build, items, problems);
  }
  // From the beginning: what was read of the tokens is in them.
  const again = scanText(source, problems);
  const last = again.comments.at(-1);
  const isCutOff = last !== undefined && !isEnded(last);
  const tokens = repair(again.tokens, source, problems, isCutOff);
  const build = createBuild(source, again, tokens, problems);
  return finish(build, parse(tokens, build), problems);
}

interface Scan {
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
}

function scanText(source: SourceText, problems: Problems): Scan {
  const { tokens, comments } = tokenize(source.text);
  checkComments(comments, problems);
  return { tokens: withoutIllegal(tokens, source, problems), comments };
}

function createBuild(
  source: SourceText,
  { comments }: Scan,
  tokens: readonly IToken[],
  problems: Problems,
): Build {
  const index = new CommentIndex(source.text, tokens, comments);
  return new Build(source, index, problems);
}

function finish(
  { source, comments, unread, warnings }: Build,
  items: readonly FileItem[],
  problems: Problems,
): ProtoFile {
  for (const { code, span, words } of warnings)
    problems.warning(code, span, words);
  return {
    source,
    syntax: items.find(isSyntax),
    items,
    comments: comments.comments,
    unread,
  };
}

function isSyntax(item: FileItem): item is SyntaxDeclaration {
  return item.kind === "syntax" || item.kind === "edition";
}
