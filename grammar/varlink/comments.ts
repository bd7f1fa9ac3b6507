import type { IToken } from "chevrotain";
import type { SourceText } from "../source/source-text.ts";
import type { Comment, Node } from "./ast.ts";
import { Comma, endOf } from "./tokens.ts";

/**
 * Which comments belong to which tokens. A block of comments directly above a
 * token belongs to that token (over a comma that begins its line), a trailing
 * one to the token before it (over a comma on its line). Found by one walk over
 * tokens and comments together; a node then asks for the tokens it begins with,
 * opens with and ends with.
 */
export class CommentIndex {
  readonly comments: readonly Comment[];
  readonly #above: ReadonlyMap<number, readonly Comment[]>;
  readonly #trailing: ReadonlyMap<number, Comment>;
  readonly #blankLines: ReadonlyMap<number, number>;

  constructor(
    source: SourceText,
    tokens: readonly IToken[],
    commentTokens: readonly IToken[],
  ) {
    const comments: Comment[] = [];
    const above = new Map<number, readonly Comment[]>();
    const trailing = new Map<number, Comment>();
    const blankLines = new Map<number, number>();

    let previousToken = -1;
    let previousEndLine = 0;
    let block: Comment[] = [];
    let nextComment = 0;
    for (let index = 0; index <= tokens.length; index++) {
      const token = tokens[index];
      const limit = token?.startOffset ?? Infinity;
      block = [];
      for (
        ;
        (commentTokens[nextComment]?.startOffset ?? Infinity) < limit;
        nextComment++
      ) {
        const commentToken = commentTokens[nextComment];
        if (commentToken === undefined) break;
        const line = source.lineAt(commentToken.startOffset);
        const comment: Comment = {
          span: { start: commentToken.startOffset, end: endOf(commentToken) },
          text: commentText(commentToken.image),
          placement: line === previousEndLine ? "trailing" : "own-line",
          blankLinesBefore: Math.max(line - previousEndLine - 1, 0),
        };
        comments.push(comment);
        if (comment.placement === "trailing") {
          const owner = ownerOfTrailing(source, tokens, previousToken, line);
          if (owner !== undefined) trailing.set(endOf(owner), comment);
        } else {
          if (comment.blankLinesBefore > 0) block = [];
          block.push(comment);
        }
        previousEndLine = line;
      }
      if (token === undefined) break;
      const line = source.lineAt(token.startOffset);
      const blank = Math.max(line - previousEndLine - 1, 0);
      if (blank > 0) blankLines.set(token.startOffset, blank);
      if (block.length > 0 && line === previousEndLine + 1) {
        const owner = token.tokenType === Comma ? tokens[index + 1] : token;
        if (owner !== undefined) above.set(owner.startOffset, block);
      }
      previousToken = index;
      previousEndLine = line;
    }
    this.comments = comments;
    this.#above = above;
    this.#trailing = trailing;
    this.#blankLines = blankLines;
  }

  /** What the AST keeps of a node that begins, opens (its first `(`) and ends with these tokens. */
  node(
    source: SourceText,
    first: IToken,
    open: IToken | undefined,
    last: IToken,
  ): Node {
    const start = first.startOffset;
    const documentation = [...(this.#above.get(start) ?? [])];
    if (open !== undefined && open !== last) {
      const comment = this.#trailing.get(endOf(open));
      const onFirstLine =
        source.lineAt(open.startOffset) === source.lineAt(start);
      if (comment !== undefined && onFirstLine) documentation.push(comment);
    }
    const tail = this.#trailing.get(endOf(last));
    if (tail !== undefined) documentation.push(tail);
    return {
      span: { start, end: endOf(last) },
      blankLinesBefore: this.#blankLines.get(start) ?? 0,
      documentation,
    };
  }
}

/** The token a trailing comment stands behind; a comma before it on the line does not count. */
function ownerOfTrailing(
  source: SourceText,
  tokens: readonly IToken[],
  previous: number,
  line: number,
): IToken | undefined {
  const token = tokens[previous];
  if (token?.tokenType !== Comma) return token;
  const beforeComma = tokens[previous - 1];
  if (beforeComma === undefined) return undefined;
  return source.lineAt(beforeComma.startOffset) === line
    ? beforeComma
    : undefined;
}

function commentText(image: string): string {
  return image.startsWith("# ") ? image.slice(2) : image.slice(1);
}
