import type { IToken } from "chevrotain";

/**
 * What the parser reads: a superset of the language in which every sequence of
 * tokens is a file. Whatever a correct file must have may be missing here, and
 * what it must not have may be there; `build.ts` makes the AST of it and tells
 * what is wrong.
 */
export interface FileSyntax {
  readonly parts: readonly PartSyntax[];
}

export type PartSyntax = InterfaceSyntax | MemberSyntax | StraySyntax;

export interface InterfaceSyntax {
  readonly kind: "interface";
  readonly keyword: IToken;
  readonly name: IToken | undefined;
}

export interface MemberSyntax {
  readonly kind: "type" | "method" | "error" | "unknown";
  readonly keyword: IToken;
  readonly name: IToken | undefined;
  /** The body of a type, the parameters of a method or an error. */
  readonly first: TypeSyntax | undefined;
  readonly arrow: IToken | undefined;
  /** The results of a method. */
  readonly second: TypeSyntax | undefined;
}

/** Tokens between members. */
export interface StraySyntax {
  readonly kind: "stray";
  readonly tokens: readonly IToken[];
  readonly first: IToken;
  readonly last: IToken;
}

export interface TypeSyntax {
  readonly modifiers: readonly ModifierSyntax[];
  /** A name, a pair of parentheses, or nothing. */
  readonly core: IToken | BodySyntax | undefined;
  readonly first: IToken;
  readonly last: IToken;
}

export type ModifierSyntax =
  | { readonly kind: "nullable"; readonly mark: IToken }
  | {
      readonly kind: "bracket";
      readonly open: IToken;
      readonly key: IToken | undefined;
      readonly close: IToken | undefined;
    };

/** What stands in parentheses: the fields of a struct or the values of an enum. */
export interface BodySyntax {
  readonly open: IToken;
  readonly items: readonly ItemSyntax[];
  readonly close: IToken | undefined;
  readonly last: IToken;
}

export type ItemSyntax =
  | FieldSyntax
  | { readonly kind: "comma"; readonly token: IToken }
  | { readonly kind: "stray"; readonly token: IToken };

export interface FieldSyntax {
  readonly kind: "field";
  readonly name: IToken | undefined;
  readonly colon: IToken | undefined;
  readonly type: TypeSyntax | undefined;
  readonly first: IToken;
  readonly last: IToken;
}
