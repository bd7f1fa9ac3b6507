import type { IOrAlt, IToken, ParserMethod, Rule } from "chevrotain";
import type {
  EmptyDeclaration,
  EnumDeclaration,
  ExtendDeclaration,
  FieldDeclaration,
  FileItem,
  GroupDeclaration,
  ImportDeclaration,
  MapFieldDeclaration,
  MessageDeclaration,
  MessageItem,
  OneofDeclaration,
  PackageDeclaration,
  SyntaxDeclaration,
} from "./ast.ts";
import { type Build, idle } from "./build.ts";
import * as make from "./build-declarations.ts";
import { type Block, tellEmpty } from "./build-members.ts";
import { tellUnexpected } from "./build-values.ts";
import { first } from "./member-parser.ts";
import { ServiceParser } from "./service-parser.ts";
import {
  Comma,
  Dot,
  Equals,
  ExtendKeyword,
  GroupKeyword,
  ImportKeyword,
  ImportModifier,
  Integer,
  LabelKeyword,
  LeftAngle,
  MapKeyword,
  MessageKeyword,
  OneofKeyword,
  PackageKeyword,
  RightAngle,
  Slash,
  SyntaxKeyword,
  Text,
  VisibilityKeyword,
  Word,
} from "./tokens.ts";

type OneofItem = OneofDeclaration["body"][number];
type ExtendItem = ExtendDeclaration["body"][number];
type AnyField = FieldDeclaration | MapFieldDeclaration | GroupDeclaration;

/**
 * The grammar. It is total: every sequence of tokens whose brackets fit has a
 * parse, so the parser never fails, needs none of Chevrotain's recovery (which
 * guesses by token type, re-reads what it skips and speaks of tokens), and takes
 * linear time whatever the input. It makes the tree as it reads; what the
 * language requires is checked by the functions that make the nodes.
 */
class ProtoParser extends ServiceParser {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** Makes the declarations of a file; the tokens' brackets must fit. */
  read(tokens: IToken[], build: Build): readonly FileItem[] {
    this.build = build;
    this.input = tokens;
    const items = this.file();
    const [failure] = this.errors;
    // Not kept alive until the next file comes.
    this.input = [];
    this.build = idle;
    if (failure !== undefined) {
      throw new Error(`the grammar is not total: ${failure.message}`, {
        cause: failure,
      });
    }
    return items;
  }

  readonly file: ParserMethod<[], readonly FileItem[]> = this.RULE(
    "file",
    () => {
      const items: FileItem[] = [];
      this.MANY(() => {
        this.ACTION(this.begin);
        const item = this.OR(this.fileItems);
        if (item !== undefined) items.push(item);
      });
      return items;
    },
  );

  // Alternatives that need no variable of their rule are made once, not at each
  // use. The last ones take what no other does, so all others go first.
  private readonly fileItems: IOrAlt<FileItem | undefined>[] = [
    first(() => this.SUBRULE(this.message)),
    first(() => this.SUBRULE(this.enum)),
    first(() => this.SUBRULE(this.service)),
    first(() => this.SUBRULE(this.extend)),
    first(() => this.SUBRULE(this.optionLine)),
    first(() => this.SUBRULE(this.import)),
    first(() => this.SUBRULE(this.package)),
    first(() => this.SUBRULE(this.syntax)),
    first(() => this.SUBRULE(this.visible)),
    { ALT: () => this.SUBRULE(this.empty) },
    { ALT: () => this.SUBRULE(this.misplaced, { ARGS: ["file"] }) },
  ];

  readonly syntax: ParserMethod<[], SyntaxDeclaration> = this.RULE(
    "syntax",
    () => {
      const keyword = this.CONSUME(SyntaxKeyword);
      const equals = this.OPTION(() => this.CONSUME(Equals));
      const texts = this.SUBRULE(this.texts);
      const semicolon = this.OR(this.ends);
      return this.ACTION(() =>
        this.ended(
          semicolon,
          undefined,
          make.syntaxDeclaration(
            this.build,
            keyword,
            equals,
            texts,
            this.endAt(semicolon),
          ),
        ),
      );
    },
  );

  readonly package: ParserMethod<[], PackageDeclaration> = this.RULE(
    "package",
    () => {
      const keyword = this.CONSUME(PackageKeyword);
      const name = this.SUBRULE(this.qualifiedName);
      const semicolon = this.OR(this.ends);
      return this.ACTION(() =>
        this.ended(
          semicolon,
          undefined,
          make.packageDeclaration(
            this.build,
            keyword,
            name,
            this.endAt(semicolon),
          ),
        ),
      );
    },
  );

  readonly import: ParserMethod<[], ImportDeclaration> = this.RULE(
    "import",
    () => {
      const keyword = this.CONSUME(ImportKeyword);
      const modifier = this.OPTION(() => this.CONSUME(ImportModifier));
      const texts = this.SUBRULE(this.texts);
      const semicolon = this.OR(this.ends);
      return this.ACTION(() =>
        this.ended(
          semicolon,
          undefined,
          make.importDeclaration(
            this.build,
            keyword,
            modifier,
            texts,
            this.endAt(semicolon),
          ),
        ),
      );
    },
  );

  readonly texts: ParserMethod<[], readonly IToken[]> = this.RULE(
    "texts",
    () => {
      const texts: IToken[] = [];
      this.MANY(() => texts.push(this.CONSUME(Text)));
      // `import a.proto;`
      this.OPTION(() => {
        const wrong = this.LA(1);
        this.AT_LEAST_ONE(() => this.OR(this.unquoted));
        this.ACTION(() => {
          if (texts.length === 0)
            make.tellUnquoted(this.build, wrong, this.LA(0));
          else tellUnexpected(this.build, wrong);
        });
      });
      return texts;
    },
  );

  private readonly unquoted: IOrAlt<IToken>[] = [
    { ALT: () => this.CONSUME(Word) },
    { ALT: () => this.CONSUME(Integer) },
    { ALT: () => this.CONSUME(Dot) },
    { ALT: () => this.CONSUME(Slash) },
  ];

  readonly visible: ParserMethod<
    [],
    MessageDeclaration | EnumDeclaration | undefined
  > = this.RULE("visible", () => {
    const visibility = this.CONSUME(VisibilityKeyword);
    const ARGS: [IToken] = [visibility];
    return this.OR<MessageDeclaration | EnumDeclaration | undefined>([
      { ALT: () => this.SUBRULE(this.message, { ARGS }) },
      { ALT: () => this.SUBRULE(this.enum, { ARGS }) },
      {
        ALT: () => {
          this.ACTION(() => tellUnexpected(this.build, visibility));
          return undefined;
        },
      },
    ]);
  });

  readonly message: ParserMethod<[IToken?], MessageDeclaration> = this.RULE(
    "message",
    (visibility?: IToken) => {
      const keyword = this.CONSUME(MessageKeyword);
      const name = this.OPTION(() => this.CONSUME(Word));
      this.SUBRULE(this.extras);
      const block = this.OR<Block<MessageItem> | undefined>([
        { ALT: () => this.SUBRULE(this.messageBlock) },
        { ALT: () => this.SUBRULE(this.noBlock) },
      ]);
      const last = this.LA(0);
      return this.ACTION(() =>
        make.message(this.build, { visibility, keyword, name, block, last }),
      );
    },
  );

  readonly messageBlock: ParserMethod<[], Block<MessageItem>> = this.RULE(
    "message_block",
    () => this.blockOf(this.messageItems),
  );

  private readonly messageItems: IOrAlt<MessageItem | undefined>[] = [
    first(() => this.SUBRULE(this.field)),
    first(() => this.SUBRULE(this.message)),
    first(() => this.SUBRULE(this.enum)),
    first(() => this.SUBRULE(this.oneof)),
    first(() => this.SUBRULE(this.optionLine)),
    first(() => this.SUBRULE(this.reserved)),
    first(() => this.SUBRULE(this.extensions)),
    first(() => this.SUBRULE(this.extend)),
    first(() => this.SUBRULE(this.visible)),
    { ALT: () => this.SUBRULE(this.empty) },
    { ALT: () => this.SUBRULE(this.misplaced, { ARGS: ["message"] }) },
  ];

  readonly field: ParserMethod<[], AnyField> = this.RULE("field", () => {
    const start = this.LA(1);
    const label = this.OPTION(() => this.CONSUME(LabelKeyword));
    const head = this.OR(this.fieldHeads);
    const name = this.OPTION2(() => this.CONSUME(Word));
    const number = this.SUBRULE(this.number);
    const options = this.OR2(this.maybeOptions);
    let block: Block<MessageItem> | undefined;
    const semicolon = this.OR3<IToken | undefined>([
      first(() => {
        block = this.SUBRULE(this.messageBlock);
        return undefined;
      }),
      ...this.ends,
    ]);
    return this.ACTION(() => {
      const end = this.endAt(semicolon);
      const rest = { start, label, name, number, options, end };
      const node = make.field(this.build, head, rest, block);
      return this.ended(semicolon, block, node);
    });
  });

  /** What stands before the name of a field. */
  private readonly fieldHeads: IOrAlt<make.FieldHead>[] = [
    { ALT: () => this.SUBRULE(this.map) },
    { ALT: () => ({ kind: "group", keyword: this.CONSUME(GroupKeyword) }) },
    { ALT: () => ({ kind: "plain", type: this.SUBRULE(this.qualifiedName) }) },
  ];

  readonly map: ParserMethod<[], make.FieldHead> = this.RULE("map", () => {
    const keyword = this.CONSUME(MapKeyword);
    this.CONSUME(LeftAngle);
    const keyType = this.SUBRULE(this.qualifiedName);
    const comma = this.OPTION(() => this.CONSUME(Comma));
    const valueType = this.SUBRULE2(this.qualifiedName);
    const close = this.OPTION2(() => this.CONSUME(RightAngle));
    const last = this.LA(0);
    const kind = "map" as const;
    return { kind, keyword, keyType, comma, valueType, close, last };
  });

  readonly oneof: ParserMethod<[], OneofDeclaration> = this.RULE(
    "oneof",
    () => {
      const keyword = this.CONSUME(OneofKeyword);
      const name = this.OPTION(() => this.CONSUME(Word));
      this.SUBRULE(this.extras);
      const block = this.OR<Block<OneofItem> | undefined>([
        { ALT: () => this.SUBRULE(this.oneofBlock) },
        { ALT: () => this.SUBRULE(this.noBlock) },
      ]);
      const last = this.LA(0);
      return this.ACTION(() =>
        make.oneof(this.build, { keyword, name, block, last }),
      );
    },
  );

  readonly oneofBlock: ParserMethod<[], Block<OneofItem>> = this.RULE(
    "oneof_block",
    () => this.blockOf(this.oneofItems),
  );

  private readonly oneofItems: IOrAlt<OneofItem | undefined>[] = [
    first(() => this.SUBRULE(this.field)),
    first(() => this.SUBRULE(this.optionLine)),
    { ALT: () => this.SUBRULE(this.noEmpty) },
    { ALT: () => this.SUBRULE(this.misplaced, { ARGS: ["oneof"] }) },
  ];

  /** A `;` alone where protoc takes none. */
  readonly noEmpty: ParserMethod<[], EmptyDeclaration | undefined> = this.RULE(
    "no_empty",
    () => {
      const item = this.SUBRULE(this.empty);
      this.ACTION(() => {
        if (item !== undefined) tellEmpty(this.build, item);
      });
      return item;
    },
  );

  readonly extend: ParserMethod<[], ExtendDeclaration> = this.RULE(
    "extend",
    () => {
      const keyword = this.CONSUME(ExtendKeyword);
      const extendee = this.SUBRULE(this.qualifiedName);
      this.SUBRULE(this.extras);
      const block = this.OR<Block<ExtendItem> | undefined>([
        { ALT: () => this.SUBRULE(this.extendBlock) },
        { ALT: () => this.SUBRULE(this.noBlock) },
      ]);
      const last = this.LA(0);
      return this.ACTION(() =>
        make.extend(this.build, { keyword, extendee, block, last }),
      );
    },
  );

  readonly extendBlock: ParserMethod<[], Block<ExtendItem>> = this.RULE(
    "extend_block",
    () => this.blockOf(this.extendItems),
  );

  private readonly extendItems: IOrAlt<ExtendItem | undefined>[] = [
    first(() => this.SUBRULE(this.field)),
    { ALT: () => this.SUBRULE(this.noEmpty) },
    { ALT: () => this.SUBRULE(this.misplaced, { ARGS: ["extend"] }) },
  ];
}

let parser: ProtoParser | undefined;

/** Reads tokens whose brackets fit, however else they are; tells of what is wrong. */
export function parse(tokens: IToken[], build: Build): readonly FileItem[] {
  // One for the process: making it costs more than reading a large file.
  parser ??= new ProtoParser();
  return parser.read(tokens, build);
}

/** The grammar as Chevrotain recorded it, for the diagrams of docs/grammar/. */
export function recordedRules(): Readonly<Record<string, Rule>> {
  return new ProtoParser().getGAstProductions();
}
