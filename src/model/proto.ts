import type { ProtoFile } from "../../grammar/proto/ast.ts";
import type { Diagnostic } from "../../grammar/source/diagnostic.ts";
import type { SourceText } from "../../grammar/source/source-text.ts";
import type { Service } from "./api.ts";
import type { FileDescriptor } from "./proto/descriptor.ts";
import { lowerFile } from "./proto/service.ts";
import type { Unit } from "./proto/unit.ts";
import { type LoadFile, Workspace } from "./proto/workspace.ts";

export type { LoadedFile, LoadFile } from "./proto/workspace.ts";

/** What is made of one file of Protocol Buffers. */
export interface ParsedProtoFile {
  /** As it is imported. */
  readonly name: string;
  /** The file as written; it is there for a file with errors too, as far as it could be read. */
  readonly ast: ProtoFile;
  /**
   * Everything linked and checked; undefined exactly when there is an error in the
   * file or one that it imports.
   */
  readonly file: FileDescriptor | undefined;
  /**
   * What was found in this file, by place. Of more than a hundred problems the first
   * are told and a last one says how many more there are.
   */
  readonly diagnostics: readonly Diagnostic[];
  /** The text with its lines, for rendering diagnostics. */
  readonly source: SourceText;
}

/** What {@link parseProto} makes of a text. */
export interface ParsedProto extends ParsedProtoFile {
  /** The API model; undefined exactly when `file` is. */
  readonly service: Service | undefined;
  /** All files that it imports, directly or not, imported ones first. */
  readonly imports: readonly ParsedProtoFile[];
}

/**
 * Reads a file of Protocol Buffers (proto2, proto3, editions) with all that it
 * imports, links and checks them as protoc does, and makes the API model. Never
 * throws for a text, whatever is in it; only if `load` does.
 *
 * @param text The file; a byte order mark may stand at its beginning.
 * @param options `path` names the text in messages; it is not read. `name` is how
 *   other files import it, by default its path. `load` finds imported files; those
 *   that come with Protocol Buffers need not be found. By default there are no others.
 */
export function parseProto(
  text: string,
  options: {
    readonly path: string;
    readonly name?: string;
    readonly load?: LoadFile;
  },
): ParsedProto {
  const { path, name = path, load = () => undefined } = options;
  return parsed(new Workspace(load).add(name, { path, text }));
}

/**
 * The same for several files that may import each other, each of which is read
 * once. Files that do not import each other may declare the same names.
 *
 * @param names As imports would name them.
 * @returns one for each name, undefined where `load` finds none.
 */
export function parseProtoFiles(
  names: readonly string[],
  options: { readonly load: LoadFile },
): readonly (ParsedProto | undefined)[] {
  const workspace = new Workspace(options.load);
  return names.map((name) => {
    const unit = workspace.import(name);
    return unit && parsed(unit);
  });
}

function parsed(unit: Unit): ParsedProto {
  const report = reportOf(unit);
  const { file } = report;
  return {
    ...report,
    service:
      file &&
      lowerFile(file, {
        path: unit.source.path,
        text: served(unit.source.text),
      }),
    // Many files that build on many each: only where it is asked for.
    get imports() {
      return importsOf(unit).map(reportOf);
    },
  };
}

function reportOf(unit: Unit): ParsedProtoFile {
  const { name, source, ast, problems } = unit;
  return {
    name,
    ast,
    file: unit.isRight ? unit.draft : undefined,
    diagnostics: problems.finish("proto/too-many-problems", source.text.length),
    source,
  };
}

/** Those that import nothing unread first. */
function importsOf(root: Unit): Unit[] {
  const seen = new Set([root]);
  for (const unit of seen)
    for (const { unit: next } of unit.imports)
      if (next !== undefined) seen.add(next);
  seen.delete(root);
  return [...seen].toReversed();
}

/** Without a byte order mark, and with one kind of line end. */
function served(text: string): string {
  return text.replace(/^\u{feff}/u, "").replaceAll(/\r\n?/g, "\n");
}
