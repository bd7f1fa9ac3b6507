import type { Problems } from "./codes.ts";
import type { SourceText } from "../source/source-text.ts";
import type { InterfaceFile } from "./ast.ts";
import { buildFile } from "./build.ts";
import { parse } from "./parser.ts";
import { scan } from "./scan.ts";

/**
 * Reads a Varlink interface file (UAPI.20, "Varlink IPC"). Always gives a tree;
 * what the language does not allow goes to `problems`. Whether names are unique
 * and types declared is not looked at here.
 */
export function readInterface(
  source: SourceText,
  problems: Problems,
): InterfaceFile {
  const scanned = scan(source, problems);
  return buildFile(source, scanned, parse(scanned.tokens), problems);
}
