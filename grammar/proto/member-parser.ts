import {
  EMPTY_ALT,
  type IOrAlt,
  type IToken,
  type ParserMethod,
} from "chevrotain";
import type {
  EmptyDeclaration,
  EnumDeclaration,
  EnumValueDeclaration,
  ExtensionsDeclaration,
  OptionAssignment,
  OptionDeclaration,
  ReservedDeclaration,
} from "./ast.ts";
import {
  type Block,
  buildEmpty,
  buildEnum,
  buildEnumValue,
  buildExtensions,
  buildOption,
  buildReserved,
  type RangeSyntax,
  type ReservedSyntax,
  tellMisplaced,
  tellMissingSemicolon,
  tellNoBlock,
} from "./build-members.ts";
import {
  buildAssignment,
  type Item,
  type NumberPart,
  type NumberSyntax,
  tellUnexpected,
} from "./build-values.ts";
import type { Place } from "./keywords.ts";
import {
  Comma,
  EnumKeyword,
  Equals,
  ExtensionsKeyword,
  Float,
  Integer,
  LeftAngle,
  LeftBrace,
  MaxKeyword,
  Minus,
  OptionKeyword,
  ReservedKeyword,
  RightAngle,
  RightBrace,
  Semicolon,
  Stray,
  Text,
  ToKeyword,
  Word,
} from "./tokens.ts";
import { ValueParser } from "./value-parser.ts";

const noOptions: readonly OptionAssignment[] = [];

type EnumItem = EnumDeclaration["body"][number];

/** An alternative that goes before later ones that could take its token too. */
export function first<T>(ALT: () => T): IOrAlt<T> {
  return { ALT, IGNORE_AMBIGUITIES: true };
}

/** The part of the grammar that stands in bodies and holds no bodies itself, and enums. */
export abstract class MemberParser extends ValueParser {
  protected readonly begin = (): void => this.build.begin();

  /** The token that ends a declaration: its `;`, or else its last. */
  protected endAt(semicolon: IToken | undefined): IToken {
    return semicolon ?? this.LA(0);
  }

  /**
   * Tells if a declaration ends with neither `;` nor a body.
   *
   * @param semicolon As {@link ends} gave it.
   */
  protected ended<T>(
    semicolon: IToken | undefined,
    block: Block<unknown> | undefined,
    node: T,
  ): T {
    if (block !== undefined) return node;
    // Where one was missing we may have put one in, which is empty.
    const isTold = semicolon?.payload === true;
    if (!isTold && (semicolon === undefined || semicolon.image === ""))
      tellMissingSemicolon(this.build, this.lastToken());
    return node;
  }

  /** The last token that stands in the text. */
  private lastToken(): IToken {
    let back = 0;
    while (this.LA(back).image === "" && this.LA(back).startOffset > 0)
      back -= 1;
    return this.LA(back);
  }

  /** The end of a declaration: `;`, or what has to be read past. */
  protected readonly ends: IOrAlt<IToken | undefined>[] = [
    { ALT: () => this.CONSUME(Semicolon) },
    { ALT: () => this.SUBRULE(this.unfinished) },
    { ALT: EMPTY_ALT() },
  ];

  readonly unfinished: ParserMethod<[], IToken | undefined> = this.RULE(
    "unfinished",
    () => {
      const start = this.LA(1);
      this.ACTION(() => tellUnexpected(this.build, start));
      return this.OR<IToken | undefined>([
        { ALT: () => this.SUBRULE(this.curlies) && undefined },
        {
          ALT: () => {
            this.AT_LEAST_ONE(() => this.SUBRULE(this.extra));
            return this.OR2<IToken | undefined>([
              { ALT: () => this.CONSUME(Semicolon) },
              { ALT: () => this.SUBRULE2(this.curlies) && undefined },
              { ALT: EMPTY_ALT() },
            ]);
          },
        },
      ]);
    },
  );

  /** What may follow the head of a declaration without ending it. */
  readonly extra: ParserMethod<[], IToken> = this.RULE("extra", () =>
    this.OR(this.extraTokens),
  );

  private readonly extraTokens: IOrAlt<IToken>[] = [
    {
      ALT: () => {
        const token = this.CONSUME(Stray);
        this.ACTION(() => this.build.skip(token));
        return token;
      },
    },
    { ALT: () => this.CONSUME(LeftAngle) },
    { ALT: () => this.CONSUME(RightAngle) },
    { ALT: () => this.SUBRULE(this.rounds) },
    { ALT: () => this.SUBRULE(this.squares) },
  ];

  /** What stands before the body of a declaration and should not. */
  readonly extras: ParserMethod<[], void> = this.RULE("extras", () => {
    this.MANY(() => {
      const token = this.SUBRULE(this.extra);
      this.ACTION(() => tellUnexpected(this.build, token));
    });
  });

  /** Declarations in braces: what is wrong in one is told for itself. */
  protected blockOf<T>(alternatives: IOrAlt<T | undefined>[]): Block<T> {
    const open = this.CONSUME(LeftBrace);
    const isTold = this.build.isTold;
    const items: T[] = [];
    this.MANY(() => {
      this.ACTION(this.begin);
      const item = this.OR(alternatives);
      if (item !== undefined) items.push(item);
    });
    this.CONSUME(RightBrace);
    this.build.resume(isTold);
    return { open, items };
  }

  /** Where a body must stand and none does. */
  readonly noBlock: ParserMethod<[], undefined> = this.RULE("no_block", () => {
    this.ACTION(() => tellNoBlock(this.build, this.LA(0)));
    this.OPTION(() => this.CONSUME(Semicolon));
    return undefined;
  });

  /** A `;` with nothing before it. */
  readonly empty: ParserMethod<[], EmptyDeclaration | undefined> = this.RULE(
    "empty",
    () => {
      const semicolon = this.CONSUME(Semicolon);
      return this.ACTION(() => buildEmpty(this.build, semicolon, this.LA(1)));
    },
  );

  /** What is no declaration, or none that can stand in this place. */
  readonly misplaced: ParserMethod<[Place], undefined> = this.RULE(
    "misplaced",
    (place: Place) => {
      this.ACTION(() =>
        tellMisplaced(this.build, place, [this.LA(1), this.LA(2), this.LA(3)]),
      );
      this.OR<unknown>([
        { ALT: () => this.SUBRULE(this.curlies) },
        {
          ALT: () => {
            this.AT_LEAST_ONE(() => this.SUBRULE(this.extra));
            this.OR2<unknown>([
              { ALT: () => this.CONSUME(Semicolon) },
              { ALT: () => this.SUBRULE2(this.curlies) },
              { ALT: EMPTY_ALT() },
            ]);
          },
        },
      ]);
      return undefined;
    },
  );

  readonly optionLine: ParserMethod<[], OptionDeclaration> = this.RULE(
    "option_line",
    () => {
      const keyword = this.CONSUME(OptionKeyword);
      const syntax = this.SUBRULE(this.assignment);
      const semicolon = this.OR(this.ends);
      return this.ACTION(() =>
        this.ended(
          semicolon,
          undefined,
          buildOption(
            this.build,
            keyword,
            buildAssignment(this.build, syntax),
            this.endAt(semicolon),
          ),
        ),
      );
    },
  );

  /** `= 1` */
  readonly number: ParserMethod<[], NumberPart> = this.RULE("number", () => {
    const before = this.LA(0);
    const equals = this.OPTION(() => this.CONSUME(Equals));
    const number = this.OR(this.numbers);
    return { before, equals, number };
  });

  private readonly numbers: IOrAlt<NumberSyntax>[] = [
    { ALT: () => ({ minus: undefined, digits: this.CONSUME(Integer) }) },
    { ALT: () => this.SUBRULE(this.negative) },
    { ALT: () => ({ wrong: this.CONSUME(Word) }) },
    { ALT: () => ({ wrong: this.CONSUME(Float) }) },
    { ALT: () => ({ wrong: this.CONSUME(Text) }) },
    { ALT: EMPTY_ALT() },
  ];

  readonly negative: ParserMethod<[], NumberSyntax> = this.RULE(
    "negative",
    () => {
      const minus = this.CONSUME(Minus);
      const digits = this.OPTION(() => this.CONSUME(Integer));
      return digits === undefined ? { wrong: minus } : { minus, digits };
    },
  );

  /** What stands in brackets behind a number; an empty list where there are none. */
  protected readonly maybeOptions: IOrAlt<readonly OptionAssignment[]>[] = [
    { ALT: () => this.SUBRULE(this.options) },
    { ALT: () => noOptions },
  ];

  readonly extensions: ParserMethod<[], ExtensionsDeclaration> = this.RULE(
    "extensions",
    () => {
      const keyword = this.CONSUME(ExtensionsKeyword);
      const items: Item<RangeSyntax>[] = [];
      this.MANY(() => items.push(this.OR(this.extensionsItems)));
      const options = this.OR2(this.maybeOptions);
      const semicolon = this.OR3(this.ends);
      return this.ACTION(() =>
        this.ended(
          semicolon,
          undefined,
          buildExtensions(this.build, {
            keyword,
            items,
            options,
            end: this.endAt(semicolon),
          }),
        ),
      );
    },
  );

  private readonly extensionsItems: IOrAlt<Item<RangeSyntax>>[] = [
    first(() => this.SUBRULE(this.rangeItem)),
    first(() => ({ kind: "comma", token: this.CONSUME(Comma) })),
    { ALT: () => ({ kind: "stray", token: this.CONSUME(Stray) }) },
  ];

  readonly rangeItem: ParserMethod<[], Item<RangeSyntax>> = this.RULE(
    "range_item",
    () => {
      const start = this.LA(1);
      const value = this.SUBRULE(this.range);
      return { kind: "value" as const, value, first: start, last: this.LA(0) };
    },
  );

  /** `1`, `1 to 5`, `1 to max` */
  readonly range: ParserMethod<[], RangeSyntax> = this.RULE("range", () => {
    const start = this.OR(this.rangeStarts);
    let end: RangeSyntax["end"];
    const to = this.OPTION(() => {
      const token = this.CONSUME(ToKeyword);
      end = this.OR2(this.rangeEnds);
      return token;
    });
    return { kind: "range" as const, start, to, end };
  });

  private readonly rangeStarts: IOrAlt<NumberSyntax>[] = [
    { ALT: () => ({ minus: undefined, digits: this.CONSUME(Integer) }) },
    { ALT: () => this.SUBRULE(this.negative) },
  ];

  private readonly rangeEnds: IOrAlt<RangeSyntax["end"]>[] = [
    { ALT: () => ({ minus: undefined, digits: this.CONSUME2(Integer) }) },
    { ALT: () => this.SUBRULE2(this.negative) },
    { ALT: () => ({ max: this.CONSUME(MaxKeyword) }) },
    { ALT: EMPTY_ALT() },
  ];

  readonly reserved: ParserMethod<[], ReservedDeclaration> = this.RULE(
    "reserved",
    () => {
      const keyword = this.CONSUME(ReservedKeyword);
      const items: Item<ReservedSyntax>[] = [];
      this.MANY(() => items.push(this.OR(this.reservedItems)));
      const semicolon = this.OR2(this.ends);
      return this.ACTION(() =>
        this.ended(
          semicolon,
          undefined,
          buildReserved(this.build, keyword, items, this.endAt(semicolon)),
        ),
      );
    },
  );

  private readonly reservedItems: IOrAlt<Item<ReservedSyntax>>[] = [
    first(() => this.SUBRULE(this.rangeItem)),
    first(() => {
      const tokens: IToken[] = [];
      this.AT_LEAST_ONE(() => tokens.push(this.CONSUME(Text)));
      const start = tokens[0] ?? this.LA(0);
      const value: ReservedSyntax = { kind: "texts", tokens };
      return { kind: "value", value, first: start, last: this.LA(0) };
    }),
    first(() => {
      const token = this.CONSUME(Word);
      const value: ReservedSyntax = { kind: "word", token };
      return { kind: "value", value, first: token, last: token };
    }),
    first(() => ({ kind: "comma", token: this.CONSUME(Comma) })),
    { ALT: () => ({ kind: "stray", token: this.CONSUME(Stray) }) },
  ];

  readonly enum: ParserMethod<[IToken?], EnumDeclaration> = this.RULE(
    "enum",
    (visibility?: IToken) => {
      const keyword = this.CONSUME(EnumKeyword);
      const name = this.OPTION(() => this.CONSUME(Word));
      this.SUBRULE(this.extras);
      const block = this.OR<Block<EnumItem> | undefined>([
        { ALT: () => this.SUBRULE(this.enumBlock) },
        { ALT: () => this.SUBRULE(this.noBlock) },
      ]);
      const last = this.LA(0);
      return this.ACTION(() =>
        buildEnum(this.build, { visibility, keyword, name, block, last }),
      );
    },
  );

  readonly enumBlock: ParserMethod<[], Block<EnumItem>> = this.RULE(
    "enum_block",
    () => this.blockOf(this.enumItems),
  );

  private readonly enumItems: IOrAlt<EnumItem | undefined>[] = [
    first(() => this.SUBRULE(this.enumValue)),
    first(() => this.SUBRULE(this.optionLine)),
    first(() => this.SUBRULE(this.reserved)),
    { ALT: () => this.SUBRULE(this.empty) },
    { ALT: () => this.SUBRULE(this.misplaced, { ARGS: ["enum"] }) },
  ];

  readonly enumValue: ParserMethod<[], EnumValueDeclaration> = this.RULE(
    "enum_value",
    () => {
      const name = this.CONSUME(Word);
      const number = this.SUBRULE(this.number);
      const options = this.OR(this.maybeOptions);
      const semicolon = this.OR2(this.ends);
      return this.ACTION(() =>
        this.ended(
          semicolon,
          undefined,
          buildEnumValue(this.build, {
            name,
            number,
            options,
            end: this.endAt(semicolon),
          }),
        ),
      );
    },
  );
}
