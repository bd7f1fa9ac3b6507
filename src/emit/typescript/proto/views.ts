import type { FileView, MemberView } from "../views.ts";

/**
 * The views of the templates that Protocol Buffers has of its own; the rest are
 * those of `../views.ts`. All text is final.
 */

/** One declaration of `types.ts`; the booleans tell which form it takes. */
export type ProtoDeclarationView =
  | {
      /** It is an interface. */
      readonly isInterface: true;
      /** Its comment. */
      readonly docs: string;
      /** All up to the opening brace; the whole where it has no members. */
      readonly heading: string;
      /** Whether there are members and a closing brace. */
      readonly hasMembers: boolean;
      readonly members: readonly MemberView[];
    }
  | {
      /** It is a class: that of errors. */
      readonly isClass: true;
      readonly docs: string;
      readonly heading: string;
      /** Its members. */
      readonly properties: readonly string[];
    }
  | {
      /** It is a whole statement: a type, a constant. */
      readonly isStatement: true;
      readonly docs: string;
      /** The statement. */
      readonly text: string;
    };

/** What holds for a declaration where it stands. */
export interface ProtoPlaceView {
  /** Whether anything but the header is above it. */
  readonly isApart: boolean;
}

/** A file of declarations: `types.ts`, `descriptor.ts`. */
export interface ProtoModuleView extends FileView {
  /** What is declared, in order. */
  readonly declarations: readonly (ProtoDeclarationView & ProtoPlaceView)[];
}
