import type { IToken } from "chevrotain";
import type { Problems } from "./codes.ts";
import type { SourceText } from "../source/source-text.ts";
import type {
  EnumType,
  InterfaceDeclaration,
  InterfaceFile,
  Member,
  Name,
  StructType,
} from "./ast.ts";
import { type Build, spanOf, tellName } from "./build-context.ts";
import { buildBody } from "./build-types.ts";
import { CommentIndex } from "./comments.ts";
import {
  clip,
  interfaceNameFault,
  isAscii,
  isBuiltin,
  memberNameFault,
} from "./names.ts";
import type {
  FileSyntax,
  InterfaceSyntax,
  MemberSyntax,
  PartSyntax,
  StraySyntax,
  TypeSyntax,
} from "./syntax.ts";
import { Colon, endOf, LeftParenthesis, Word } from "./tokens.ts";
import type { Scan } from "./scan.ts";

/** Makes the AST of what was read, and tells of all that the language does not allow. */
export function buildFile(
  source: SourceText,
  { tokens, comments: commentTokens }: Scan,
  syntax: FileSyntax,
  problems: Problems,
): InterfaceFile {
  const comments = new CommentIndex(source, tokens, commentTokens);
  const build: Build = { source, comments, problems, unclosedAt: -1 };
  const members: Member[] = [];
  const unread = new Set<string>();
  let declaration: InterfaceDeclaration | undefined;
  let previous: IToken | undefined;
  // Whether what stands before was told of already: what follows it is then no news.
  let told = false;
  for (const [index, part] of syntax.parts.entries()) {
    const errors = problems.errors;
    const next = syntax.parts[index + 1];
    if (part.kind !== "stray" && !told)
      tellSameLine(build, previous, part.keyword);
    if (part.kind === "stray") {
      if (!told || beginsLine(source, previous, part.first))
        tellStray(build, part, declaration !== undefined || members.length > 0);
      for (const token of part.tokens)
        if (token.tokenType === Word) unread.add(token.image);
    } else if (part.kind === "interface") {
      const line = buildInterface(build, part);
      if (declaration !== undefined)
        tellSecondInterface(build, part, declaration);
      else if (members.length > 0) tellMisplacedInterface(build, part);
      declaration ??= line;
    } else if (part.kind === "unknown") {
      if (part.name !== undefined) unread.add(part.name.image);
    } else {
      if (declaration === undefined && members.length === 0)
        tellMissingInterface(build, syntax, part.keyword);
      members.push(buildMember(build, part, next));
    }
    told = part.kind === "unknown" || problems.errors > errors;
    previous = lastToken(part);
  }
  // Of strays alone, the first was told of: that it is not `interface`.
  if (syntax.parts.every((part) => part.kind === "unknown")) {
    tellMissingInterface(build, syntax, tokens[0]);
  } else if (
    members.length === 0 &&
    declaration !== undefined &&
    problems.errors === 0
  ) {
    tellEmptyInterface(build, declaration);
  }
  return { source, declaration, members, comments: comments.comments, unread };
}

function buildInterface(
  build: Build,
  { keyword, name }: InterfaceSyntax,
): InterfaceDeclaration {
  if (name === undefined)
    tellNoName(
      build,
      keyword,
      "interface",
      "for example `interface org.example.service`",
    );
  else
    tellName(
      build,
      name,
      "varlink/invalid-interface-name",
      "interface name",
      interfaceNameFault,
    );
  return {
    kind: "interface",
    name: nameOf(keyword, name),
    ...build.comments.node(build.source, keyword, undefined, name ?? keyword),
  };
}

function buildMember(
  build: Build,
  part: MemberSyntax,
  next: PartSyntax | undefined,
): Member {
  const { keyword, first, second } = part;
  const what = keyword.image;
  if (part.name === undefined)
    tellNoName(build, keyword, what, `for example \`${what} Example (…)\``);
  else
    tellName(
      build,
      part.name,
      "varlink/invalid-member-name",
      `${part.kind} name`,
      memberNameFault,
    );
  const name = nameOf(keyword, part.name);
  const core = first?.core;
  const open = core !== undefined && "open" in core ? core.open : undefined;
  const node = build.comments.node(
    build.source,
    keyword,
    open,
    lastToken(part),
  );
  const head = { name, ...node };
  if (part.kind === "method") {
    const input = buildStruct(build, part, first, "parameters", next);
    if (
      part.arrow === undefined &&
      first !== undefined &&
      second !== undefined
    ) {
      build.problems.error(
        "varlink/missing-arrow",
        spanOf(second.first),
        () => ({ message: "expected `->` before the results of a method" }),
      );
    }
    // Without parameters or what follows them, the results are not what is missing.
    const hasResults =
      part.arrow !== undefined ||
      second !== undefined ||
      (first !== undefined && next?.kind !== "stray");
    const end = endOf(lastToken(part));
    const output: StructType = hasResults
      ? buildStruct(build, part, second, "results", next)
      : { kind: "struct", fields: [], span: { start: end, end } };
    return { kind: "method", input, output, ...head };
  }
  if (part.kind === "error") {
    return {
      kind: "error",
      parameters: buildStruct(build, part, first, "parameters", next),
      ...head,
    };
  }
  return { kind: "type", body: buildTypeBody(build, part, next), ...head };
}

function buildTypeBody(
  build: Build,
  part: MemberSyntax,
  next: PartSyntax | undefined,
): StructType | EnumType {
  return (
    buildOuterBody(build, part.first) ??
    tellNoStruct(build, part, part.first, "body", next)
  );
}

/** The body of a declaration, which no `?` or `[]` may stand before; undefined if it is none. */
function buildOuterBody(
  build: Build,
  type: TypeSyntax | undefined,
): StructType | EnumType | undefined {
  if (type?.core === undefined || !("open" in type.core)) return undefined;
  const { open } = type.core;
  if (type.modifiers.length > 0) {
    const start = type.first.startOffset;
    const text = build.source.text.slice(start, open.startOffset).trimEnd();
    const span = { start, end: start + text.length };
    build.problems.error("varlink/expected-struct", span, () => ({
      message: `\`${clip(text)}\` cannot stand here, before a declaration's \`(\``,
      help: "remove it: only the types of fields can be nullable, arrays or maps",
    }));
  }
  return buildBody(build, type.core);
}

function buildStruct(
  build: Build,
  part: MemberSyntax,
  type: TypeSyntax | undefined,
  role: "parameters" | "results",
  next: PartSyntax | undefined,
): StructType {
  const body = buildOuterBody(build, type);
  if (body === undefined) return tellNoStruct(build, part, type, role, next);
  if (body.kind === "struct") return body;
  const [value] = body.values;
  build.problems.error("varlink/expected-struct", body.span, () => ({
    message: `the ${role} of ${part.kind} \`${clip(part.name?.image ?? "")}\` have no types`,
    help: value && helpToType(value.name.text),
  }));
  return { kind: "struct", fields: [], span: body.span };
}

function helpToType(word: string): string {
  const isType = isBuiltin(word) || /^[A-Z]/.test(word);
  return `write \`${isType ? `name: ${clip(word)}` : `${clip(word)}: type`}\``;
}

/** Tells that something else, or nothing, stands where a struct must. */
function tellNoStruct(
  build: Build,
  part: MemberSyntax,
  type: TypeSyntax | undefined,
  role: "body" | "parameters" | "results",
  next: PartSyntax | undefined,
): StructType {
  const anchor =
    type?.first ??
    (role === "results" ? (part.arrow ?? part.first?.last) : undefined) ??
    part.name ??
    part.keyword;
  const owner = `${part.kind} \`${clip(part.name?.image ?? "")}\``;
  const end = endOf(type?.last ?? anchor);
  const span = { start: anchor.startOffset, end };
  const empty: StructType = {
    kind: "struct",
    fields: [],
    span: { start: end, end },
  };
  // `method` alone: that the name is missing says it all.
  if (part.name === undefined && type === undefined) return empty;
  const follower = next?.kind === "stray" ? next.first : undefined;
  // `type A: (…)`
  const isBeforeBody =
    next?.kind === "stray" && next.tokens[1]?.tokenType === LeftParenthesis;
  if (follower?.tokenType === Colon && isBeforeBody && type === undefined) {
    build.problems.error("varlink/unexpected-token", spanOf(follower), () => ({
      message: "unexpected `:`",
      help: "remove it: nothing stands between a name and its parentheses",
    }));
  } else if (
    follower?.tokenType === Colon ||
    (type === undefined && follower?.tokenType === Word)
  ) {
    build.problems.error("varlink/missing-parenthesis", span, () => ({
      message: `expected \`(\` before the ${role} of ${owner}`,
    }));
  } else if (type === undefined) {
    const help = {
      body: "write its fields in parentheses, `(name: type)`, or its values, `(one, two)`",
      parameters: "write `()` for none",
      results: "write `-> ()` for none",
    }[role];
    build.problems.error("varlink/expected-struct", span, () => ({
      message: `${owner} has no ${role}`,
      help,
    }));
  } else {
    const shown = clip(build.source.slice(span).replace(/\s+/g, " "));
    const help =
      role === "body"
        ? "only structs and enums can be declared; write the type where it is used"
        : `write \`(name: ${shown})\``;
    build.problems.error("varlink/expected-struct", span, () => ({
      message: `the ${role} of ${owner} must be in parentheses, not \`${shown}\``,
      help,
    }));
  }
  return empty;
}

function tellNoName(
  build: Build,
  keyword: IToken,
  what: string,
  help: string,
): void {
  build.problems.error("varlink/missing-name", spanOf(keyword), () => ({
    message: `expected a name after \`${what}\``,
    help,
  }));
}

function tellStray(
  build: Build,
  { first }: StraySyntax,
  hasBegun: boolean,
): void {
  if (!isAscii(first.image)) return;
  const wanted = hasBegun ? "`type`, `method` or `error`" : "`interface`";
  build.problems.error("varlink/unexpected-token", spanOf(first), () => ({
    message: `expected ${wanted}, found \`${clip(first.image)}\``,
  }));
}

function tellSameLine(
  build: Build,
  previous: IToken | undefined,
  keyword: IToken,
): void {
  if (beginsLine(build.source, previous, keyword)) return;
  build.problems.warning("varlink/same-line", spanOf(keyword), () => ({
    message: `\`${keyword.image}\` does not begin on a line of its own`,
    help: "the specification wants a line end here, and some readers insist on it",
  }));
}

function beginsLine(
  source: SourceText,
  previous: IToken | undefined,
  token: IToken,
): boolean {
  return (
    previous === undefined ||
    source.hasLineEnd(endOf(previous), token.startOffset)
  );
}

function tellMissingInterface(
  build: Build,
  syntax: FileSyntax,
  at: IToken | undefined,
): void {
  const isLater = syntax.parts.some((part) => part.kind === "interface");
  if (isLater) return;
  build.problems.error(
    "varlink/missing-interface",
    at ? spanOf(at) : { start: 0, end: 0 },
    () => ({
      message: "the file has no `interface` line",
      help: "begin with the interface's name: `interface org.example.service`",
    }),
  );
}

function tellSecondInterface(
  build: Build,
  part: InterfaceSyntax,
  first: InterfaceDeclaration,
): void {
  build.problems.error(
    "varlink/duplicate-interface",
    spanOf(part.keyword, part.name),
    () => ({
      message: "a file describes one interface, this is a second",
      help: "put it in a file of its own",
      related: [{ span: first.span, message: "the first is here" }],
    }),
  );
}

function tellMisplacedInterface(build: Build, part: InterfaceSyntax): void {
  build.problems.error(
    "varlink/misplaced-interface",
    spanOf(part.keyword, part.name),
    () => ({ message: "the `interface` line must come before all members" }),
  );
}

function tellEmptyInterface(
  build: Build,
  declaration: InterfaceDeclaration,
): void {
  build.problems.error("varlink/empty-interface", declaration.span, () => ({
    message: `interface \`${clip(declaration.name.text)}\` has no members`,
    help: "declare a `type`, `method` or `error`",
  }));
}

function nameOf(keyword: IToken, name: IToken | undefined): Name {
  const end = endOf(keyword);
  return name === undefined
    ? { text: "", span: { start: end, end } }
    : { text: name.image, span: spanOf(name) };
}

function lastToken(part: PartSyntax): IToken {
  if (part.kind === "stray") return part.last;
  if (part.kind === "interface") return part.name ?? part.keyword;
  return (
    part.second?.last ??
    part.arrow ??
    part.first?.last ??
    part.name ??
    part.keyword
  );
}
