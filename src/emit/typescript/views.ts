/**
 * The views that the templates of `templates/typescript/` are filled with. All
 * text is final: wrapped, escaped, and with its indentation. `docs` is a whole
 * comment with its line break, or empty.
 */

export interface MemberView {
  /** Its comment. */
  readonly docs: string;
  /** The member itself, without a line break at its end. */
  readonly text: string;
}

/** One declaration of `types.ts`; the booleans tell which template it takes. */
export type DeclarationView =
  | {
      /** It is an interface. */
      readonly isInterface: true;
      /** Its comment. */
      readonly docs: string;
      /** Its name. */
      readonly name: string;
      /** At least one. */
      readonly members: readonly MemberView[];
    }
  | {
      /** It is a class: that of an error. */
      readonly isClass: true;
      readonly docs: string;
      /** The class up to its opening brace. */
      readonly heading: string;
      /** Its only member. */
      readonly property: string;
    }
  | {
      /** It is a whole statement: a type, a constant. */
      readonly isStatement: true;
      readonly docs: string;
      /** The statement. */
      readonly text: string;
    };

/** What every file begins with. */
export interface FileView {
  /** A comment that says where the file comes from. It must be in the output. */
  readonly header: string;
  /** Import statements, one each. */
  readonly imports: readonly string[];
}

export interface TypesView extends FileView {
  /** Types, errors and the descriptor, in the order in which they are declared. */
  readonly declarations: readonly DeclarationView[];
}

export interface ClientView extends FileView {
  /** Comment of the client. */
  readonly docs: string;
  /** The client's name, `CounterClient`: of its class, and of the interface with its methods. */
  readonly name: string;
  /** Whether it has any; it is a class alone without. */
  readonly hasMethods: boolean;
  /** The methods, in the order of the interface file. */
  readonly methods: readonly MemberView[];
  /** The class up to its opening brace. */
  readonly heading: string;
  /** Its only member of its own, the descriptor. */
  readonly property: string;
}

export interface ServerView extends FileView {
  /** Comment of the handlers. */
  readonly handlersDocs: string;
  /** The name of their interface, `CounterHandlers`. */
  readonly handlers: string;
  /** Whether it has any; the interface is empty without. */
  readonly hasMethods: boolean;
  /** The methods, in the order of the interface file. */
  readonly methods: readonly MemberView[];
  /** Comment of the function that makes the service. */
  readonly docs: string;
  /** The function up to its opening brace. */
  readonly heading: string;
  /** Its body. */
  readonly call: string;
}

export interface IndexView {
  /** As in every file. */
  readonly header: string;
  /** Export statements, one each. */
  readonly exports: readonly string[];
}
