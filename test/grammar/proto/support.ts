import type { Node, ProtoFile } from "../../../grammar/proto/ast.ts";
import type { Code } from "../../../grammar/proto/codes.ts";
import { readProto } from "../../../grammar/proto/read.ts";
import type { Diagnostic } from "../../../grammar/source/diagnostic.ts";
import { DiagnosticCollector } from "../../../grammar/source/diagnostics.ts";
import { SourceText } from "../../../grammar/source/source-text.ts";

/** A text as it was read, with what was told of it. */
export interface Reading {
  readonly ast: ProtoFile;
  readonly source: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

export function read(text: string, path = "test.proto"): Reading {
  const source = new SourceText(path, text);
  const problems = new DiagnosticCollector<Code>();
  const ast = readProto(source, problems);
  const diagnostics = problems.finish("proto/too-many-problems", text.length);
  return { ast, source, diagnostics };
}

/** The codes without their common beginning. */
export function codesOf(text: string): readonly string[] {
  return read(text).diagnostics.map(({ code }) => code.replace("proto/", ""));
}

/** Every declaration of a tree, outer ones first. */
export function* walk(ast: ProtoFile): Generator<Node> {
  const rest: Node[] = [...ast.items].toReversed();
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    yield next;
    if ("body" in next) rest.push(...(next.body as Node[]).toReversed());
  }
}
