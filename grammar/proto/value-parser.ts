import {
  EmbeddedActionsParser,
  EMPTY_ALT,
  EOF,
  type IOrAlt,
  type IToken,
  type ParserMethod,
} from "chevrotain";
import type {
  AggregateField,
  AggregateFieldValue,
  AggregateList,
  AggregateValue,
  OptionAssignment,
  OptionName,
  OptionNamePart,
  OptionValue,
  QualifiedName,
} from "./ast.ts";
import { type Build, idle, spanOf } from "./build.ts";
import {
  type AssignmentSyntax,
  buildAggregateField,
  buildAggregateItems,
  buildBracketedName,
  buildExtensionPart,
  buildList,
  buildOptions,
  buildQualifiedName,
  buildScalar,
  buildWordPart,
  type Item,
  tellDotWithoutName,
  tellUnexpected,
} from "./build-values.ts";
import {
  Colon,
  Comma,
  Dot,
  Equals,
  Float,
  Integer,
  LeftAngle,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  Minus,
  parserTokens,
  RightAngle,
  RightBrace,
  RightBracket,
  RightParenthesis,
  Semicolon,
  Stray,
  Text,
  Word,
} from "./tokens.ts";

/**
 * The part of the grammar that names and values are made of. Like the rest, it
 * is total: see parser.ts.
 */
export abstract class ValueParser extends EmbeddedActionsParser {
  /** Of the file that is being read. */
  protected build: Build = idle;

  protected constructor() {
    super(parserTokens, {
      maxLookahead: 1,
      recoveryEnabled: false,
      nodeLocationTracking: "none",
    });
  }

  /** A dotted name; undefined where none begins. */
  readonly qualifiedName: ParserMethod<[], QualifiedName | undefined> =
    this.RULE("qualified_name", () => {
      const first = this.LA(1);
      let text = "";
      this.OPTION(() => (text = this.CONSUME(Word).image));
      this.MANY(() => {
        this.CONSUME(Dot);
        text += ".";
        this.OPTION2(() => (text += this.CONSUME2(Word).image));
      });
      return text === ""
        ? undefined
        : this.ACTION(() =>
            buildQualifiedName(this.build, text, first, this.LA(0)),
          );
    });

  /** `deprecated = true` */
  readonly assignment: ParserMethod<[], AssignmentSyntax> = this.RULE(
    "assignment",
    () => {
      const before = this.LA(0);
      const first = this.LA(1);
      const name = this.SUBRULE(this.optionName);
      const nameEnd = this.LA(0);
      let equals: IToken | undefined;
      const value = this.OR<OptionValue | undefined>([
        {
          ALT: () => {
            equals = this.CONSUME(Equals);
            return this.OR2(this.optionValues);
          },
        },
        { ALT: () => this.SUBRULE(this.scalar) },
        { ALT: EMPTY_ALT() },
      ]);
      const last = this.LA(0);
      return { name, nameEnd, equals, value, before, first, last };
    },
  );

  private readonly optionValues: IOrAlt<OptionValue | undefined>[] = [
    { ALT: () => this.SUBRULE2(this.scalar) },
    { ALT: () => this.SUBRULE(this.braced) },
    { ALT: EMPTY_ALT() },
  ];

  readonly optionName: ParserMethod<[], OptionName | undefined> = this.RULE(
    "option_name",
    () => {
      const first = this.LA(1);
      const parts: OptionNamePart[] = [];
      this.OPTION(() => parts.push(this.SUBRULE(this.optionNamePart)));
      this.MANY(() => {
        const dot = this.CONSUME(Dot);
        const part = this.OPTION2(() => this.SUBRULE2(this.optionNamePart));
        this.ACTION(() => {
          // Unlike a type's, an option's name is never looked for from outside.
          if (dot === first) tellUnexpected(this.build, dot);
          if (part === undefined) tellDotWithoutName(this.build, dot);
          else parts.push(part);
        });
      });
      return this.ACTION(() =>
        parts.length === 0
          ? undefined
          : { parts, span: spanOf(first, this.LA(0)) },
      );
    },
  );

  readonly optionNamePart: ParserMethod<[], OptionNamePart> = this.RULE(
    "option_name_part",
    () => this.OR(this.optionNameParts),
  );

  // Alternatives that need no variable of their rule are made once, not at each use.
  private readonly optionNameParts: IOrAlt<OptionNamePart>[] = [
    {
      ALT: () => {
        const word = this.CONSUME(Word);
        return this.ACTION(() => buildWordPart(word));
      },
    },
    {
      ALT: () => {
        const open = this.CONSUME(LeftParenthesis);
        const name = this.SUBRULE(this.qualifiedName);
        this.SUBRULE(this.leftovers);
        const close = this.CONSUME(RightParenthesis);
        return this.ACTION(() =>
          buildExtensionPart(this.build, open, name, close),
        );
      },
    },
  ];

  /** `[deprecated = true, (my.option) = 1]` */
  readonly options: ParserMethod<[], readonly OptionAssignment[]> = this.RULE(
    "options",
    () => {
      const open = this.CONSUME(LeftBracket);
      const items: Item<AssignmentSyntax>[] = [];
      this.MANY(() => items.push(this.OR(this.optionItems)));
      this.CONSUME(RightBracket);
      return this.ACTION(() => buildOptions(this.build, open, items));
    },
  );

  private readonly optionItems: IOrAlt<Item<AssignmentSyntax>>[] = [
    {
      ALT: () => {
        const value = this.SUBRULE(this.assignment);
        return { kind: "value", value, first: value.first, last: value.last };
      },
      IGNORE_AMBIGUITIES: true,
    },
    {
      ALT: () => ({ kind: "comma", token: this.CONSUME(Comma) }),
      IGNORE_AMBIGUITIES: true,
    },
    { ALT: () => ({ kind: "stray", token: this.SUBRULE(this.junk) }) },
  ];

  readonly scalar: ParserMethod<[], OptionValue> = this.RULE("scalar", () =>
    this.OR(this.scalars),
  );

  private readonly scalars: IOrAlt<OptionValue>[] = [
    {
      ALT: () => {
        const token = this.SUBRULE(this.plainScalar);
        return this.ACTION(() => buildScalar(this.build, undefined, [token]));
      },
    },
    {
      ALT: () => {
        const texts: IToken[] = [];
        this.AT_LEAST_ONE(() => texts.push(this.CONSUME(Text)));
        return this.ACTION(() => buildScalar(this.build, undefined, texts));
      },
    },
    {
      ALT: () => {
        const minus = this.CONSUME(Minus);
        const token = this.OPTION(() => this.SUBRULE2(this.plainScalar));
        return this.ACTION(() =>
          buildScalar(this.build, minus, token === undefined ? [] : [token]),
        );
      },
    },
  ];

  readonly plainScalar: ParserMethod<[], IToken> = this.RULE(
    "plain_scalar",
    () => this.OR(this.plainScalars),
  );

  private readonly plainScalars: IOrAlt<IToken>[] = [
    { ALT: () => this.CONSUME(Word) },
    { ALT: () => this.CONSUME(Integer) },
    { ALT: () => this.CONSUME(Float) },
  ];

  /** `{ name: "x" }` */
  private readonly messages: IOrAlt<AggregateValue>[] = [
    { ALT: () => this.SUBRULE(this.braced) },
    { ALT: () => this.SUBRULE(this.angled) },
  ];

  readonly braced: ParserMethod<[], AggregateValue> = this.RULE(
    "braced",
    () => {
      const open = this.CONSUME(LeftBrace);
      const fields = this.SUBRULE(this.aggregateFields);
      const close = this.CONSUME(RightBrace);
      return this.ACTION(() => ({
        kind: "aggregate" as const,
        fields,
        span: spanOf(open, close),
      }));
    },
  );

  /** `< name: "x" >` */
  readonly angled: ParserMethod<[], AggregateValue> = this.RULE(
    "angled",
    () => {
      const open = this.CONSUME(LeftAngle);
      const fields = this.SUBRULE(this.aggregateFields);
      const close = this.CONSUME(RightAngle);
      return this.ACTION(() => ({
        kind: "aggregate" as const,
        fields,
        span: spanOf(open, close),
      }));
    },
  );

  readonly aggregateFields: ParserMethod<[], readonly AggregateField[]> =
    this.RULE("aggregate_fields", () => {
      const items: Item<AggregateField>[] = [];
      this.MANY(() => items.push(this.OR(this.aggregateItems)));
      return this.ACTION(() => buildAggregateItems(this.build, items));
    });

  private readonly aggregateItems: IOrAlt<Item<AggregateField>>[] = [
    {
      ALT: () => {
        const first = this.LA(1);
        const value = this.SUBRULE(this.aggregateField);
        return { kind: "value", value, first, last: this.LA(0) };
      },
      IGNORE_AMBIGUITIES: true,
    },
    {
      ALT: () => ({ kind: "comma", token: this.CONSUME(Comma) }),
      IGNORE_AMBIGUITIES: true,
    },
    { ALT: () => ({ kind: "comma", token: this.CONSUME(Semicolon) }) },
    { ALT: () => ({ kind: "stray", token: this.CONSUME(Stray) }) },
    { ALT: () => ({ kind: "stray", token: this.SUBRULE(this.rounds) }) },
    // A message without a name.
    {
      ALT: () => {
        const token = this.LA(1);
        this.OR2(this.messages);
        return { kind: "stray", token };
      },
    },
  ];

  readonly aggregateField: ParserMethod<[], AggregateField> = this.RULE(
    "aggregate_field",
    () => {
      const first = this.LA(1);
      const inner = this.OR<readonly IToken[] | undefined>(this.fieldNames);
      const nameEnd = this.LA(0);
      const colon = this.OR3(this.colons);
      const value = this.OR2(this.fieldValues);
      const last = this.LA(0);
      return this.ACTION(() => {
        const name = buildBracketedName(this.build, first, inner, nameEnd);
        const syntax = { name, colon, value, nameEnd, first, last };
        return buildAggregateField(this.build, syntax);
      });
    },
  );

  private readonly colons: IOrAlt<IToken | undefined>[] = [
    { ALT: () => this.CONSUME(Colon) },
    { ALT: () => this.CONSUME(Equals) },
    { ALT: EMPTY_ALT() },
  ];

  /** A word, or the tokens in brackets. */
  private readonly fieldNames: IOrAlt<readonly IToken[] | undefined>[] = [
    {
      ALT: () => {
        this.CONSUME(Word);
        return undefined;
      },
    },
    { ALT: () => this.SUBRULE(this.bracketed) },
  ];

  readonly bracketed: ParserMethod<[], readonly IToken[]> = this.RULE(
    "bracketed",
    () => {
      this.CONSUME(LeftBracket);
      const tokens = this.ACTION(() => this.#upToBracket());
      this.MANY(() => this.OR(this.bracketedTokens));
      this.CONSUME(RightBracket);
      return tokens;
    },
  );

  /** Ahead of what is read, for junk gives only the first token of what stands in parentheses. */
  #upToBracket(): readonly IToken[] {
    const tokens: IToken[] = [];
    let depth = 0;
    for (let token = this.LA(1); token.tokenType !== EOF;) {
      if (token.tokenType === LeftBracket) depth += 1;
      if (token.tokenType === RightBracket) depth -= 1;
      if (depth < 0) break;
      tokens.push(token);
      token = this.LA(tokens.length + 1);
    }
    return tokens;
  }

  private readonly bracketedTokens: IOrAlt<IToken>[] = [
    { ALT: () => this.CONSUME(Stray), IGNORE_AMBIGUITIES: true },
    { ALT: () => this.SUBRULE(this.junk) },
  ];

  private readonly fieldValues: IOrAlt<AggregateFieldValue | undefined>[] = [
    { ALT: () => this.SUBRULE(this.scalar) },
    { ALT: () => this.SUBRULE(this.braced) },
    { ALT: () => this.SUBRULE(this.angled) },
    { ALT: () => this.SUBRULE(this.list) },
    { ALT: EMPTY_ALT() },
  ];

  /** `[1, 2]` */
  readonly list: ParserMethod<[], AggregateList> = this.RULE("list", () => {
    const open = this.CONSUME(LeftBracket);
    const items: Item<OptionValue>[] = [];
    this.MANY(() => items.push(this.OR(this.listItems)));
    const close = this.CONSUME(RightBracket);
    return this.ACTION(() => buildList(this.build, open, items, close));
  });

  private readonly listItems: IOrAlt<Item<OptionValue>>[] = [
    {
      ALT: () => {
        const first = this.LA(1);
        const value = this.OR2(this.listValues);
        return { kind: "value", value, first, last: this.LA(0) };
      },
      IGNORE_AMBIGUITIES: true,
    },
    {
      ALT: () => ({ kind: "comma", token: this.CONSUME(Comma) }),
      IGNORE_AMBIGUITIES: true,
    },
    { ALT: () => ({ kind: "stray", token: this.SUBRULE(this.junk) }) },
  ];

  private readonly listValues: IOrAlt<OptionValue>[] = [
    { ALT: () => this.SUBRULE(this.scalar) },
    { ALT: () => this.SUBRULE(this.braced) },
    { ALT: () => this.SUBRULE(this.angled) },
  ];

  /** Tokens that should not be there, before a closing parenthesis. */
  readonly leftovers: ParserMethod<[], void> = this.RULE("leftovers", () => {
    this.MANY(() => {
      const token = this.SUBRULE(this.junk);
      this.ACTION(() => tellUnexpected(this.build, token));
    });
  });

  /** Whatever stands in brackets, where nothing of the kind belongs; its first token. */
  readonly junk: ParserMethod<[], IToken> = this.RULE("junk", () =>
    this.OR(this.junkTokens),
  );

  private readonly junkTokens: IOrAlt<IToken>[] = [
    {
      ALT: () => {
        const token = this.CONSUME(Stray);
        this.ACTION(() => this.build.skip(token));
        return token;
      },
    },
    { ALT: () => this.CONSUME(LeftAngle) },
    { ALT: () => this.CONSUME(RightAngle) },
    { ALT: () => this.CONSUME(Semicolon) },
    { ALT: () => this.SUBRULE(this.rounds) },
    { ALT: () => this.SUBRULE(this.squares) },
    { ALT: () => this.SUBRULE(this.curlies) },
  ];

  readonly rounds: ParserMethod<[], IToken> = this.RULE("rounds", () => {
    const open = this.CONSUME(LeftParenthesis);
    this.MANY(() => this.SUBRULE(this.junk));
    this.CONSUME(RightParenthesis);
    return open;
  });

  readonly squares: ParserMethod<[], IToken> = this.RULE("squares", () => {
    const open = this.CONSUME(LeftBracket);
    this.MANY(() => this.SUBRULE(this.junk));
    this.CONSUME(RightBracket);
    return open;
  });

  readonly curlies: ParserMethod<[], IToken> = this.RULE("curlies", () => {
    const open = this.CONSUME(LeftBrace);
    this.MANY(() => this.SUBRULE(this.junk));
    this.CONSUME(RightBrace);
    return open;
  });
}
