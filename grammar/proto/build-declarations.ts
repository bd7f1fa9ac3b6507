import type { IToken } from "chevrotain";
import type {
  ExtendDeclaration,
  FieldDeclaration,
  GroupDeclaration,
  ImportDeclaration,
  Label,
  MapFieldDeclaration,
  MessageDeclaration,
  MessageItem,
  OneofDeclaration,
  OptionAssignment,
  PackageDeclaration,
  QualifiedName,
  RpcDeclaration,
  RpcType,
  ServiceDeclaration,
  StringLiteral,
  SyntaxDeclaration,
} from "./ast.ts";
import { type Build, clip, noType, spanBehind, spanOf } from "./build.ts";
import { type Block, buildVisibility } from "./build-members.ts";
import {
  buildNumber,
  type NumberPart,
  tellUnexpected,
} from "./build-values.ts";
import { stringLiteral } from "./literals.ts";
import { scalarNames } from "./scalars.ts";

export function syntaxDeclaration(
  build: Build,
  keyword: IToken,
  equals: IToken | undefined,
  texts: readonly IToken[],
  end: IToken,
): SyntaxDeclaration {
  const kind = keyword.image === "edition" ? "edition" : "syntax";
  if (equals === undefined && texts.length > 0) {
    build.tellIfFirst("proto/missing-equals", spanOf(keyword), () => ({
      message: `expected \`=\` after \`${kind}\``,
    }));
  }
  const example = kind === "syntax" ? "proto3" : "2023";
  return {
    kind,
    value: text(build, equals ?? keyword, texts, `${kind} = "${example}"`),
    span: spanOf(keyword, end),
    documentation: build.comments.of(keyword, end),
  };
}

/** A string that may be missing; an empty one stands for it then. */
function text(
  build: Build,
  before: IToken,
  texts: readonly IToken[],
  example: string,
): StringLiteral {
  const [first] = texts;
  const last = texts.at(-1);
  if (first !== undefined && last !== undefined)
    return stringLiteral(texts, spanOf(first, last), build.problems);
  build.tellIfFirst("proto/missing-string", spanOf(before), () => ({
    message: `expected a string after \`${before.image}\``,
    help: `for example \`${example};\``,
  }));
  return { kind: "string", bytes: new Uint8Array(), span: spanBehind(before) };
}

export function tellUnquoted(build: Build, first: IToken, last: IToken): void {
  const span = spanOf(first, last);
  const shown = clip(build.source.slice(span));
  build.tellIfFirst("proto/missing-string", span, () => ({
    message: `expected a string, found \`${shown}\``,
    help: `write it in quotes: \`"${shown}"\``,
  }));
}

export function packageDeclaration(
  build: Build,
  keyword: IToken,
  name: QualifiedName | undefined,
  end: IToken,
): PackageDeclaration {
  if (name === undefined) {
    build.tellIfFirst("proto/missing-name", spanOf(keyword), () => ({
      message: "expected a name after `package`",
      help: "for example `package example.v1;`",
    }));
  } else if (name.text.startsWith(".")) {
    const { start } = name.span;
    build.tellIfFirst(
      "proto/unexpected-token",
      { start, end: start + 1 },
      () => ({
        message: "unexpected `.`",
        help: "the name of a package begins with no dot",
      }),
    );
  }
  return {
    kind: "package",
    name: name ?? noType(keyword),
    span: spanOf(keyword, end),
    documentation: build.comments.of(keyword, end),
  };
}

export function importDeclaration(
  build: Build,
  keyword: IToken,
  modifier: IToken | undefined,
  texts: readonly IToken[],
  end: IToken,
): ImportDeclaration {
  const before = modifier ?? keyword;
  return {
    kind: "import",
    modifier: modifier?.image as ImportDeclaration["modifier"],
    path: text(build, before, texts, 'import "other.proto"'),
    span: spanOf(keyword, end),
    documentation: build.comments.of(keyword, end),
  };
}

/** `message Name { … }`, as it was read; others with a body likewise. */
export interface BodySyntax<T> {
  readonly keyword: IToken;
  readonly name: IToken | undefined;
  readonly block: Block<T> | undefined;
  readonly last: IToken;
}

export function message(
  build: Build,
  syntax: BodySyntax<MessageItem> & { readonly visibility: IToken | undefined },
): MessageDeclaration {
  const { visibility, keyword, name, block, last } = syntax;
  const first = visibility ?? keyword;
  return {
    kind: "message",
    visibility: buildVisibility(visibility),
    name: build.name(name, keyword, "a message"),
    body: block?.items ?? [],
    span: spanOf(first, last),
    documentation: build.comments.of(first, block?.open ?? last),
  };
}

/** What stands before the name of a field, as it was read. */
export type FieldHead =
  | { readonly kind: "plain"; readonly type: QualifiedName | undefined }
  | { readonly kind: "group"; readonly keyword: IToken }
  | MapHead;

/** `map<string, Value>`, as it was read. */
interface MapHead {
  readonly kind: "map";
  readonly keyword: IToken;
  readonly keyType: QualifiedName | undefined;
  readonly comma: IToken | undefined;
  readonly valueType: QualifiedName | undefined;
  readonly close: IToken | undefined;
  /** The last token of it. */
  readonly last: IToken;
}

/** What else a field is made of. */
export interface FieldRest {
  /** The first token of it all. */
  readonly start: IToken;
  readonly label: IToken | undefined;
  readonly name: IToken | undefined;
  readonly number: NumberPart;
  readonly options: readonly OptionAssignment[];
  /** The `;` or `}` that ends it, or the last token. */
  readonly end: IToken;
}

/** Makes a field of any kind; only a group may, and must, have a block. */
export function field(
  build: Build,
  head: FieldHead,
  rest: FieldRest,
  block: Block<MessageItem> | undefined,
): FieldDeclaration | MapFieldDeclaration | GroupDeclaration {
  if (head.kind === "group") return group(build, head.keyword, rest, block);
  const result =
    head.kind === "map"
      ? mapField(build, head, rest)
      : plainField(build, head.type, rest);
  if (block !== undefined) tellUnexpected(build, block.open);
  return result;
}

function buildLabel(token: IToken | undefined): Label | undefined {
  return token === undefined
    ? undefined
    : { text: token.image as Label["text"], span: spanOf(token) };
}

const scalars: ReadonlySet<string> = new Set(scalarNames);

function plainField(
  build: Build,
  type: QualifiedName | undefined,
  { start, label, name, number, options, end }: FieldRest,
): FieldDeclaration {
  if (type === undefined && label === undefined) {
    build.tellIfFirst("proto/unexpected-token", spanOf(start), () => ({
      message: `expected a field, found \`${clip(start.image)}\``,
    }));
  } else if (type === undefined) {
    build.tellIfFirst("proto/missing-type", spanOf(start), () => ({
      message: `expected a type after \`${start.image}\``,
      help: "a field is written `string name = 1;`",
    }));
  } else if (name === undefined) {
    tellNoName(build, type, number.before);
  }
  return {
    kind: "field",
    label: buildLabel(label),
    type: type ?? noType(start),
    name: build.name(name, number.before, "the field"),
    number: buildNumber(build, number),
    options,
    span: spanOf(start, end),
    documentation: build.comments.of(start, end),
  };
}

/** Of a type and a name, only one is there. */
function tellNoName(build: Build, type: QualifiedName, before: IToken): void {
  if (scalars.has(type.text) || type.text.includes(".")) return;
  build.tellIfFirst("proto/missing-type", spanOf(before), () => ({
    message: `a field needs a type and a name, and \`${clip(type.text)}\` is only one of them`,
    help: `for example \`string ${clip(type.text)} = 1;\``,
  }));
}

function mapField(
  build: Build,
  { keyword, keyType, comma, valueType, close, last }: MapHead,
  { start, label, name, number, options, end }: FieldRest,
): MapFieldDeclaration {
  if (keyType === undefined || valueType === undefined) {
    build.tellIfFirst("proto/missing-type", spanOf(keyword, last), () => ({
      message: "a map needs a type for its keys and one for its values",
      help: "it is written `map<string, Value>`",
    }));
  } else if (comma === undefined) {
    build.tellIfFirst("proto/missing-comma", keyType.span, () => ({
      message: `expected \`,\` after \`${clip(keyType.text)}\``,
    }));
  } else if (close === undefined) {
    build.tellIfFirst("proto/missing-bracket", valueType.span, () => ({
      message: `expected \`>\` after \`${clip(valueType.text)}\``,
    }));
  }
  return {
    kind: "map",
    label: buildLabel(label),
    keyType: keyType ?? noType(keyword),
    valueType: valueType ?? noType(last),
    name: build.name(name, last, "the field"),
    number: buildNumber(build, number),
    options,
    span: spanOf(start, end),
    documentation: build.comments.of(start, end),
  };
}

function group(
  build: Build,
  keyword: IToken,
  { start, label, name, number, options, end }: FieldRest,
  block: Block<MessageItem> | undefined,
): GroupDeclaration {
  const groupName = build.name(name, keyword, "the group");
  const groupNumber = buildNumber(build, number);
  if (block === undefined) {
    build.tellIfFirst("proto/missing-brace", spanOf(start, end), () => ({
      message: "a group needs its fields in braces",
    }));
  }
  return {
    kind: "group",
    label: buildLabel(label),
    name: groupName,
    number: groupNumber,
    options,
    body: block?.items ?? [],
    span: spanOf(start, end),
    documentation: build.comments.of(start, block?.open ?? end),
  };
}

export function oneof(
  build: Build,
  { keyword, name, block, last }: BodySyntax<OneofDeclaration["body"][number]>,
): OneofDeclaration {
  return {
    kind: "oneof",
    name: build.name(name, keyword, "the oneof"),
    body: block?.items ?? [],
    span: spanOf(keyword, last),
    documentation: build.comments.of(keyword, block?.open ?? last),
  };
}

/** `extend Message { … }`, as it was read. */
export interface ExtendSyntax {
  readonly keyword: IToken;
  readonly extendee: QualifiedName | undefined;
  readonly block: Block<ExtendDeclaration["body"][number]> | undefined;
  readonly last: IToken;
}

export function extend(
  build: Build,
  { keyword, extendee, block, last }: ExtendSyntax,
): ExtendDeclaration {
  if (extendee === undefined) {
    build.tellIfFirst("proto/missing-type", spanOf(keyword), () => ({
      message: "expected the name of a message after `extend`",
    }));
  }
  return {
    kind: "extend",
    extendee: extendee ?? noType(keyword),
    body: block?.items ?? [],
    span: spanOf(keyword, last),
    documentation: build.comments.of(keyword, block?.open ?? last),
  };
}

export function service(
  build: Build,
  {
    keyword,
    name,
    block,
    last,
  }: BodySyntax<ServiceDeclaration["body"][number]>,
): ServiceDeclaration {
  return {
    kind: "service",
    name: build.name(name, keyword, "the service"),
    body: block?.items ?? [],
    span: spanOf(keyword, last),
    documentation: build.comments.of(keyword, block?.open ?? last),
  };
}

/** `rpc Name (Request) returns (Response)`, as it was read. */
export interface RpcHead {
  readonly keyword: IToken;
  readonly name: IToken | undefined;
  readonly input: RpcType | undefined;
  readonly returns: IToken | undefined;
  readonly output: RpcType | undefined;
  /** The last token of it. */
  readonly last: IToken;
}

export function rpc(
  build: Build,
  head: RpcHead,
  block: Block<RpcDeclaration["body"][number]> | undefined,
  last: IToken,
): RpcDeclaration {
  const { keyword, name, input, returns, output } = head;
  const rpcName = build.name(name, keyword, "the rpc");
  if (input === undefined || output === undefined || returns === undefined)
    tellIncompleteRpc(build, head);
  return {
    kind: "rpc",
    name: rpcName,
    input: input ?? noRpcType(name ?? keyword),
    output: output ?? noRpcType(head.last),
    body: block?.items ?? [],
    span: spanOf(keyword, last),
    documentation: build.comments.of(keyword, block?.open ?? last),
  };
}

function tellIncompleteRpc(
  build: Build,
  { keyword, name, input, returns, output, last }: RpcHead,
): void {
  if (input === undefined) {
    build.tellIfFirst("proto/missing-type", spanOf(name ?? keyword), () => ({
      message: "expected the type of the request in parentheses",
      help: `for example \`rpc ${clip(name?.image ?? "Get")} (Request) returns (Response);\``,
    }));
  } else if (returns === undefined) {
    build.tellIfFirst("proto/missing-returns", input.span, () => ({
      message: "expected `returns` after the request",
      help: "even an rpc without results returns a message: `returns (Empty)`",
    }));
  } else if (output === undefined) {
    build.tellIfFirst("proto/missing-type", spanOf(last), () => ({
      message: "expected the type of the response in parentheses",
      help: "for example `returns (Response)`",
    }));
  }
}

function noRpcType(before: IToken): RpcType {
  return { stream: false, type: noType(before), span: spanBehind(before) };
}

export function rpcType(
  build: Build,
  open: IToken,
  stream: IToken | undefined,
  type: QualifiedName | undefined,
  close: IToken,
): RpcType {
  if (type === undefined) {
    build.tellIfFirst("proto/missing-type", spanOf(open, close), () => ({
      message: "expected the name of a message in the parentheses",
    }));
  }
  return {
    stream: stream !== undefined,
    type: type ?? noType(stream ?? open),
    span: spanOf(open, close),
  };
}
