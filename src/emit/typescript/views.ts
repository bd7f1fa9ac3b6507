/**
 * The views that the templates of `templates/typescript/` are filled with. All
 * text is final: wrapped, escaped, and with its indentation. `docs` is a whole
 * comment with its line break, or empty.
 */

export interface MemberView {
  readonly docs: string;
  readonly text: string;
}

/** One declaration of `types.ts`; the booleans tell which template it takes. */
export type DeclarationView =
  | {
      readonly isInterface: true;
      readonly docs: string;
      readonly name: string;
      /** At least one. */
      readonly members: readonly MemberView[];
    }
  | {
      readonly isClass: true;
      readonly docs: string;
      readonly heading: string;
      readonly property: string;
    }
  | {
      readonly isStatement: true;
      readonly docs: string;
      readonly text: string;
    };

/** What every file begins with. */
export interface FileView {
  readonly header: string;
  /** Import statements, one each. */
  readonly imports: readonly string[];
}

export interface TypesView extends FileView {
  readonly declarations: readonly DeclarationView[];
}

export interface ClientView extends FileView {
  readonly docs: string;
  readonly name: string;
  readonly hasMethods: boolean;
  readonly methods: readonly MemberView[];
  readonly heading: string;
  readonly property: string;
}

export interface ServerView extends FileView {
  readonly handlersDocs: string;
  readonly handlers: string;
  readonly hasMethods: boolean;
  readonly methods: readonly MemberView[];
  readonly docs: string;
  readonly heading: string;
  readonly call: string;
}

export interface IndexView {
  readonly header: string;
  /** Export statements, one each. */
  readonly exports: readonly string[];
}
