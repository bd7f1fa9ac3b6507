import type { FileView, MemberView } from "../views.ts";

/**
 * The views of the templates that Protocol Buffers has of its own; the rest are
 * those of `../views.ts`. All text is final.
 */

/** One declaration of `types.ts`; the booleans tell which form it takes. */
export type ProtoDeclarationView =
  | {
      readonly isInterface: true;
      readonly docs: string;
      readonly heading: string;
      readonly hasMembers: boolean;
      readonly members: readonly MemberView[];
    }
  | {
      readonly isClass: true;
      readonly docs: string;
      readonly heading: string;
      readonly properties: readonly string[];
    }
  | {
      readonly isStatement: true;
      readonly docs: string;
      readonly text: string;
    };

/** A file of declarations: `types.ts`, `descriptor.ts`. */
export interface ProtoModuleView extends FileView {
  readonly declarations: readonly (ProtoDeclarationView & {
    /** Whether anything but the header is above it. */
    readonly isApart: boolean;
  })[];
}
