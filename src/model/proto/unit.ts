import type * as ast from "../../../grammar/proto/ast.ts";
import type { DiagnosticCollector } from "../../../grammar/source/diagnostics.ts";
import type { SourceText } from "../../../grammar/source/source-text.ts";
import type { Code } from "./all-codes.ts";
import type { FileDraft } from "./drafts.ts";

/** A file that was read, on its way to a descriptor. */
export interface Unit {
  /** As it is imported. */
  readonly name: string;
  readonly source: SourceText;
  readonly ast: ast.ProtoFile;
  readonly problems: DiagnosticCollector<Code>;
  readonly imports: readonly UnitImport[];
  /** There once the files that it imports have theirs. */
  draft: FileDraft | undefined;
  /** Neither it nor anything that it imports has an error. */
  isRight: boolean;
}

export interface UnitImport {
  readonly node: ast.ImportDeclaration;
  readonly path: string;
  /** Undefined if there is no such file, or it imports this one. */
  unit: Unit | undefined;
}
