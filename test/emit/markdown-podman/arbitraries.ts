import * as fc from "fast-check";

/** A piece of a file, and what the document shows of it. All text is Latin-1. */
export interface Piece {
  readonly source: string;
  readonly shown: string;
}

interface TypePiece extends Piece {
  readonly isName: boolean;
  readonly isNullable: boolean;
}

interface FieldPiece {
  readonly source: string;
  readonly name: string;
  readonly type: string;
}

export interface MemberPiece {
  readonly keyword: "error" | "method" | "type";
  readonly name: string;
  readonly source: string;
  readonly docs: string;
  readonly inputs: readonly FieldPiece[];
  readonly outputs: readonly FieldPiece[];
}

/** Any bytes but line ends, as characters. */
const upToLineEnd: fc.Arbitrary<string> = fc
  .uint8Array({ maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString("latin1").replaceAll("\n", ""));

/** A comment with its line end, and the text that is left of it. */
const comment: fc.Arbitrary<Piece> = fc
  .tuple(
    fc.constantFrom("", " ", "\t "),
    fc.oneof(
      // The line end itself is skipped, and the next line is the text.
      { arbitrary: fc.constantFrom(" ", "\n"), weight: 4 },
      {
        arbitrary: fc
          .integer({ min: 0, max: 255 })
          .map((byte) => String.fromCharCode(byte)),
        weight: 1,
      },
    ),
    upToLineEnd,
  )
  .map(([indent, lost, text]) => ({
    source: `${indent}#${lost}${text}\n`,
    shown: text,
  }));

const comments: fc.Arbitrary<Piece> = fc
  .array(comment, { maxLength: 4 })
  .map((lines) => ({
    source: lines.map(({ source }) => source).join(""),
    shown: lines
      .map(({ shown }) => shown)
      // Empty lines at the beginning leave no trace.
      .filter((_, at, all) => all.slice(0, at + 1).some((text) => text !== ""))
      .join("\n"),
  }));

/** Blanks and comments where they mean nothing. */
const gap: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom("", " "), weight: 6 },
  { arbitrary: fc.constantFrom("\t", "\n", " \n\n "), weight: 2 },
  { arbitrary: comment.map(({ source }) => source), weight: 1 },
);

const memberName = fc.stringMatching(/^[A-Za-z0-9]{1,4}$/);
const fieldName = fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,4}$/);
/** A use of a name may not begin with a lower-case letter. */
const usedName = fc.stringMatching(/^[A-Z0-9][A-Za-z0-9]{0,4}$/);

const pieces = fc.letrec<{
  type: TypePiece;
  plain: TypePiece;
  fields: readonly FieldPiece[];
  struct: string;
}>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie("plain"),
    tie("type").map((type) => ({
      source: type.isNullable ? type.source : `?${type.source}`,
      shown: type.isNullable ? type.shown : `?${type.shown}`,
      isName: false,
      isNullable: true,
    })),
    tie("type").map((type) => ({
      source: `[]${type.source}`,
      shown: type.isName ? type.shown : `[]${type.shown}`,
      isName: false,
      isNullable: false,
    })),
    tie("type").map((type) => ({
      source: `[string]${type.source}`,
      shown: "map[string]",
      isName: false,
      isNullable: false,
    })),
  ),
  plain: fc
    .oneof(
      fc
        .constantFrom("string", "int", "bool", "float")
        .map((name) => ({ source: name, shown: name, isName: false })),
      usedName.map((name) => ({ source: name, shown: name, isName: true })),
      fc.constant({ source: "object", shown: "", isName: false }),
      tie("struct").map((source) => ({ source, shown: "", isName: false })),
      fc
        .tuple(fc.array(fieldName, { minLength: 1, maxLength: 3 }), gap)
        .map(([names, blank]) => ({
          source: `(${blank}x${names.map((name) => `,${blank}${name}`).join("")}${blank})`,
          shown: "",
          isName: false,
        })),
    )
    .map((type) => ({ ...type, isNullable: false })),
  fields: fc.array(
    fc
      .tuple(fieldName, tie("type"), gap, gap, gap, gap)
      .map(([name, type, ...[a, b, c, d]]) => ({
        source: `${a}${name}${b}:${c}${type.source}${d}`,
        name,
        type: type.shown,
      })),
    { maxLength: 3 },
  ),
  struct: tie("fields").map((fields) => structOf(fields)),
}));

function structOf(fields: readonly FieldPiece[]): string {
  return `(${fields.map(({ source }) => source).join(",")})`;
}

const { fields } = pieces;

const member: fc.Arbitrary<MemberPiece> = fc
  .record({
    keyword: fc.constantFrom("error", "method", "type"),
    name: memberName,
    docs: comments,
    blanks: fc.stringMatching(/^[ \t]{0,2}$/),
    inputs: fields,
    outputs: fields,
    gaps: fc.tuple(gap, gap, gap),
    spaces: fc.stringMatching(/^ {0,2}$/),
  })
  .map(({ keyword, name, docs, blanks, gaps, spaces, ...spec }) => {
    const [before, arrow, after] = gaps;
    const { inputs, outputs } = spec;
    const rest = {
      type: `${before}${structOf(inputs)}`,
      method: `${before}${structOf(inputs)}${arrow}->${after}${structOf(outputs)}`,
      error: `${spaces}${structOf(inputs)}`,
    }[keyword];
    return {
      keyword,
      name,
      // The empty line ends what a comment inside of a struct has begun.
      source: `\n${docs.source}${keyword}${/^[a-z]/.test(name) ? " " : ""}${blanks}${name}${rest}\n`,
      docs: docs.shown,
      inputs,
      outputs,
    };
  });

/** A file without a mistake. */
export const interfaceFile: fc.Arbitrary<{
  readonly source: string;
  readonly name: string;
  readonly docs: string;
  readonly members: readonly MemberPiece[];
}> = fc
  .record({
    name: fc.stringMatching(
      /^[a-z]{1,3}(\.[a-z0-9]{1,3}(-[a-z0-9]{1,2})?){1,2}$/,
    ),
    docs: comments,
    members: fc.uniqueArray(member, {
      minLength: 1,
      maxLength: 8,
      selector: ({ name }) => name,
    }),
    end: fc.constantFrom("", "\n\n", "  ", "# end", "\n# \n"),
  })
  .filter(({ members }) => members.some(({ keyword }) => keyword === "method"))
  .map(({ name, docs, members, end }) => ({
    source: `${docs.source}interface ${name}\n${members.map(({ source }) => source).join("")}${end}`,
    name,
    docs: docs.shown,
    members,
  }));

/** What looks like a file from afar. */
export const soup: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."interface a.b|type|method M() -> ()|error|error E|T|(|)|()|[|]|[]|[string]|?|:|,|->|-|>|#|# x|\n| |\t|\r|int|string|foo|a|a: int|(a: int)|(one, two)|\u00c3|\u00a9|\0".split(
          "|",
        ),
      ),
      upToLineEnd,
    ),
    { maxLength: 40 },
  )
  .map((tokens) => tokens.join(""));
