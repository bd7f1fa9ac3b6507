import type { Diagnostic } from "../../grammar/source/diagnostic.ts";
import { DiagnosticCollector } from "../../grammar/source/diagnostics.ts";
import { SourceText } from "../../grammar/source/source-text.ts";
import type { InterfaceFile } from "../../grammar/varlink/ast.ts";
import type { Problems } from "../../grammar/varlink/codes.ts";
import { readInterface } from "../../grammar/varlink/read.ts";
import type { Service } from "./api.ts";
import { checkInterface } from "./checks.ts";
import { lowerInterface } from "./lower.ts";

/** What {@link parseVarlink} makes of a text. */
export interface ParsedInterface {
  /** The file as written; it is there for a file with errors too, as far as it could be read. */
  readonly ast: InterfaceFile;
  /** The API model; undefined exactly when a diagnostic is an error. */
  readonly service: Service | undefined;
  /**
   * Everything found, by place. Of more than a hundred problems the first are
   * told and a last one says how many more there are.
   */
  readonly diagnostics: readonly Diagnostic[];
  /** The text with its lines, for rendering diagnostics. */
  readonly source: SourceText;
}

/**
 * Reads a Varlink interface definition by UAPI.20 ("Varlink IPC"), checks it and
 * makes the API model of it. Never throws for a text, whatever is in it.
 *
 * @param text The file; a byte order mark may stand at its beginning.
 * @param options `path` names the text in messages; it is not read.
 */
export function parseVarlink(
  text: string,
  options: { readonly path: string },
): ParsedInterface {
  const source = new SourceText(options.path, text);
  const problems: Problems = new DiagnosticCollector();
  const ast = readInterface(source, problems);
  checkInterface(ast, problems);
  const service =
    problems.errors > 0 || ast.declaration === undefined
      ? undefined
      : lowerInterface(ast, ast.declaration);
  const diagnostics = problems.finish("varlink/too-many-problems", text.length);
  return { ast, service, diagnostics, source };
}
