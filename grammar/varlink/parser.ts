import {
  EmbeddedActionsParser,
  type IOrAlt,
  type IToken,
  type ParserMethod,
  type Rule,
} from "chevrotain";
import type {
  BodySyntax,
  FieldSyntax,
  FileSyntax,
  InterfaceSyntax,
  ItemSyntax,
  MemberSyntax,
  ModifierSyntax,
  PartSyntax,
  StraySyntax,
  TypeSyntax,
} from "./syntax.ts";
import { cutDeepBodies, cutTokens } from "./segments.ts";
import {
  Arrow,
  Colon,
  Comma,
  ErrorKeyword,
  InterfaceKeyword,
  LeftBracket,
  LeftParenthesis,
  MethodKeyword,
  parserTokens,
  QuestionMark,
  RightBracket,
  RightParenthesis,
  Stray,
  TypeKeyword,
  UnknownKeyword,
  Word,
} from "./tokens.ts";

/**
 * The grammar. It is total: every sequence of tokens has a parse, so the parser
 * never fails, needs none of Chevrotain's recovery (which guesses by token type,
 * re-reads what it skips and speaks of tokens), and takes linear time whatever
 * the input. What the language requires is checked on the result, by `build.ts`.
 */
class VarlinkParser extends EmbeddedActionsParser {
  /** Bodies whose inside was cut out of the tokens, to be parsed by itself. */
  readonly cutBodies: BodySyntax[] = [];
  #inInput = false;

  constructor() {
    super(parserTokens, {
      maxLookahead: 2,
      recoveryEnabled: false,
      nodeLocationTracking: "none",
    });
    this.performSelfAnalysis();
  }

  readonly file: ParserMethod<[], FileSyntax> = this.RULE("file", () => {
    const parts: PartSyntax[] = [];
    this.MANY(() => parts.push(this.OR(this.parts)));
    return { parts };
  });

  // Alternatives that need no variable of their rule are made once, not at each use.
  private readonly parts: IOrAlt<PartSyntax>[] = [
    { ALT: () => this.SUBRULE(this.interfaceLine) },
    { ALT: () => this.SUBRULE(this.typeAlias) },
    { ALT: () => this.SUBRULE(this.method) },
    { ALT: () => this.SUBRULE(this.error) },
    { ALT: () => this.SUBRULE(this.unknown) },
    { ALT: () => this.SUBRULE(this.strays) },
  ];

  readonly interfaceLine: ParserMethod<[], InterfaceSyntax> = this.RULE(
    "interface",
    () => {
      const keyword = this.CONSUME(InterfaceKeyword);
      const name = this.OPTION(() => this.CONSUME(Word));
      return { kind: "interface" as const, keyword, name };
    },
  );

  readonly typeAlias: ParserMethod<[], MemberSyntax> = this.RULE(
    "type_alias",
    () => {
      const keyword = this.CONSUME(TypeKeyword);
      const name = this.OPTION(() => this.CONSUME(Word));
      const first = this.OPTION2(() => this.SUBRULE(this.type));
      return {
        kind: "type" as const,
        keyword,
        name,
        first,
        arrow: undefined,
        second: undefined,
      };
    },
  );

  readonly method: ParserMethod<[], MemberSyntax> = this.RULE("method", () => {
    const keyword = this.CONSUME(MethodKeyword);
    const name = this.OPTION(() => this.CONSUME(Word));
    // A missing `)` before `->` must not swallow it.
    this.ACTION(() => (this.#inInput = true));
    const first = this.OPTION2(() => this.SUBRULE(this.type));
    this.ACTION(() => (this.#inInput = false));
    const arrow = this.OPTION3(() => this.CONSUME(Arrow));
    const second = this.OPTION4(() => this.SUBRULE2(this.type));
    return { kind: "method" as const, keyword, name, first, arrow, second };
  });

  readonly error: ParserMethod<[], MemberSyntax> = this.RULE("error", () => {
    const keyword = this.CONSUME(ErrorKeyword);
    const name = this.OPTION(() => this.CONSUME(Word));
    const first = this.OPTION2(() => this.SUBRULE(this.type));
    return {
      kind: "error" as const,
      keyword,
      name,
      first,
      arrow: undefined,
      second: undefined,
    };
  });

  /** A member of a kind nobody knows: read past in one piece. */
  readonly unknown: ParserMethod<[], MemberSyntax> = this.RULE(
    "unknown",
    () => {
      const keyword = this.CONSUME(UnknownKeyword);
      const name = this.OPTION(() => this.CONSUME(Word));
      const first = this.OPTION2(() => this.SUBRULE(this.type));
      const arrow = this.OPTION3(() => this.CONSUME(Arrow));
      const second = this.OPTION4(() => this.SUBRULE2(this.type));
      return { kind: "unknown" as const, keyword, name, first, arrow, second };
    },
  );

  readonly strays: ParserMethod<[], StraySyntax> = this.RULE("strays", () => {
    const first = this.LA(1);
    const tokens: IToken[] = [];
    this.AT_LEAST_ONE(() => tokens.push(this.CONSUME(Stray)));
    return { kind: "stray" as const, tokens, first, last: this.LA(0) };
  });

  readonly type: ParserMethod<[], TypeSyntax> = this.RULE("type", () =>
    this.OR(this.types),
  );

  private readonly types: IOrAlt<TypeSyntax>[] = [
    { ALT: () => this.SUBRULE(this.namedType) },
    { ALT: () => this.SUBRULE(this.compoundType) },
  ];

  readonly namedType: ParserMethod<[], TypeSyntax> = this.RULE(
    "named_type",
    () => {
      const core = this.CONSUME(Word);
      return { modifiers: [], core, first: core, last: core };
    },
  );

  /** A type that does not begin with a word, so that it can follow one. */
  readonly compoundType: ParserMethod<[], TypeSyntax> = this.RULE(
    "compound_type",
    () => {
      const first = this.LA(1);
      const modifiers: ModifierSyntax[] = [];
      const core = this.OR<IToken | BodySyntax | undefined>([
        { ALT: () => this.SUBRULE(this.body) },
        {
          ALT: () => {
            this.AT_LEAST_ONE(() =>
              modifiers.push(this.SUBRULE(this.modifier)),
            );
            return this.OPTION({
              GATE: () => !this.isFieldStart(),
              DEF: () => this.SUBRULE(this.elementType),
            });
          },
        },
      ]);
      return { modifiers, core, first, last: this.LA(0) };
    },
  );

  readonly elementType: ParserMethod<[], IToken | BodySyntax> = this.RULE(
    "element_type",
    () =>
      this.OR<IToken | BodySyntax>([
        { ALT: () => this.SUBRULE(this.body) },
        { ALT: () => this.CONSUME(Word) },
      ]),
  );

  readonly modifier: ParserMethod<[], ModifierSyntax> = this.RULE(
    "modifier",
    () =>
      this.OR<ModifierSyntax>([
        { ALT: () => ({ kind: "nullable", mark: this.CONSUME(QuestionMark) }) },
        {
          ALT: () => {
            const open = this.CONSUME(LeftBracket);
            const key = this.OPTION({
              GATE: () => this.isMapKey(),
              DEF: () => this.CONSUME(Word),
            });
            const close = this.OPTION2(() => this.CONSUME(RightBracket));
            return { kind: "bracket", open, key, close };
          },
        },
      ]),
  );

  readonly body: ParserMethod<[], BodySyntax> = this.RULE("body", () => {
    const open = this.CONSUME(LeftParenthesis);
    const items: ItemSyntax[] = [];
    this.MANY({
      GATE: () => !this.#inInput || this.LA(1).tokenType !== Arrow,
      DEF: () => items.push(this.OR(this.items)),
    });
    const close = this.OPTION(() => this.CONSUME(RightParenthesis));
    const body = { open, items, close, last: this.LA(0) };
    this.ACTION(() => {
      if (cutTokens(open) !== undefined) this.cutBodies.push(body);
    });
    return body;
  });

  private readonly items: IOrAlt<ItemSyntax>[] = [
    { ALT: () => this.SUBRULE(this.field) },
    { ALT: () => ({ kind: "comma", token: this.CONSUME(Comma) }) },
    { ALT: () => ({ kind: "stray", token: this.CONSUME(RightBracket) }) },
    { ALT: () => ({ kind: "stray", token: this.CONSUME(Arrow) }) },
  ];

  readonly field: ParserMethod<[], FieldSyntax> = this.RULE("field", () => {
    const first = this.LA(1);
    const { name, colon, type } = this.OR(this.fields);
    return {
      kind: "field" as const,
      name,
      colon,
      type,
      first,
      last: this.LA(0),
    };
  });

  private readonly fields: IOrAlt<FieldParts>[] = [
    {
      ALT: () => {
        const name = this.CONSUME(Word);
        const rest = this.OPTION(() => this.SUBRULE(this.fieldType));
        return { name, colon: rest?.colon, type: rest?.type };
      },
    },
    { ALT: () => this.SUBRULE2(this.fieldType) },
  ];

  readonly fieldType: ParserMethod<[], FieldParts> = this.RULE(
    "field_type",
    () => this.OR(this.fieldTypes),
  );

  private readonly fieldTypes: IOrAlt<FieldParts>[] = [
    {
      ALT: () => {
        const colon = this.CONSUME(Colon);
        const type = this.OPTION({
          GATE: () => !this.isFieldStart(),
          DEF: () => this.SUBRULE(this.type),
        });
        return { name: undefined, colon, type };
      },
    },
    // The colon is missing. Two words without one are two fields, until items.ts knows better.
    {
      ALT: () => {
        const type = this.SUBRULE(this.compoundType);
        return { name: undefined, colon: undefined, type };
      },
    },
  ];

  /** A word after `[` is a key if `]` or, should that be missing, the value's type follows. */
  private isMapKey(): boolean {
    const next = this.LA(2).tokenType;
    if (next === Word) return this.LA(3).tokenType !== Colon;
    return [RightBracket, LeftBracket, LeftParenthesis, QuestionMark].includes(
      next,
    );
  }

  /** `a: ?` and then `b: int`: the type is missing, `b` begins the next field. */
  private isFieldStart(): boolean {
    return this.LA(1).tokenType === Word && this.LA(2).tokenType === Colon;
  }
}

type FieldParts = Pick<FieldSyntax, "name" | "colon" | "type">;

let parser: VarlinkParser | undefined;

/** Parses any sequence of tokens that `scan` made, which bounds their nesting. */
export function parse(tokens: readonly IToken[]): FileSyntax {
  // One for the process: making it costs more than reading a large file.
  parser ??= new VarlinkParser();
  parser.cutBodies.length = 0;
  const file = run(parser, cutDeepBodies(tokens), parser.file);
  for (
    let body = parser.cutBodies.pop();
    body !== undefined;
    body = parser.cutBodies.pop()
  ) {
    const inner = cutTokens(body.open);
    if (inner !== undefined)
      Object.assign(body, run(parser, inner, parser.body));
  }
  return file;
}

/** The grammar as Chevrotain recorded it, for the diagrams of docs/grammar/. */
export function recordedRules(): Readonly<Record<string, Rule>> {
  return new VarlinkParser().getGAstProductions();
}

function run<T>(
  on: VarlinkParser,
  tokens: IToken[],
  rule: ParserMethod<[], T>,
): T {
  on.input = tokens;
  const result = rule.call(on);
  const [failure] = on.errors;
  // Not kept alive until the next file comes.
  on.input = [];
  if (failure !== undefined) {
    throw new Error(`the grammar is not total: ${failure.message}`, {
      cause: failure,
    });
  }
  return result;
}
