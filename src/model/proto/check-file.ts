import type * as ast from "../../../grammar/proto/ast.ts";
import type { Span } from "../../../grammar/source/span.ts";
import type { LinkProblems } from "./codes.ts";
import type { FileDraft, FileWork } from "./drafts.ts";
import type { FileDescriptor } from "./descriptor.ts";
import { clip } from "./names.ts";
import { nearest } from "../../../grammar/source/nearest.ts";

const editions = ["2023", "2024", "2026"];

/** What language a file says that it is written in; proto2 if it says nothing. */
export function syntaxOf(
  file: ast.ProtoFile,
  problems: LinkProblems,
): Pick<FileDraft, "syntax" | "edition"> {
  checkPlaces(file, problems);
  const { syntax } = file;
  if (syntax === undefined) return { syntax: "proto2", edition: undefined };
  const value = new TextDecoder().decode(syntax.value.bytes);
  if (syntax.kind === "syntax") {
    if (value === "proto2" || value === "proto3")
      return { syntax: value, edition: undefined };
    unknown(syntax, value, ["proto2", "proto3"], problems);
    return { syntax: "proto2", edition: undefined };
  }
  if (!editions.includes(value)) unknown(syntax, value, editions, problems);
  return { syntax: "editions", edition: value };
}

function unknown(
  { kind, value: { span } }: ast.SyntaxDeclaration,
  value: string,
  known: readonly string[],
  problems: LinkProblems,
): void {
  // A missing string was told of.
  if (span.start === span.end) return;
  const similar = nearest(value, known);
  problems.error("proto/unknown-syntax", span, () => ({
    message: `there is no ${kind} \`${clip(value)}\``,
    help:
      similar === undefined
        ? `it is one of ${known.map((one) => `"${one}"`).join(", ")}`
        : `did you mean \`"${similar}"\`?`,
  }));
}

function checkPlaces(file: ast.ProtoFile, problems: LinkProblems): void {
  let declared: ast.PackageDeclaration | undefined;
  for (const [index, item] of file.items.entries()) {
    if ((item.kind === "syntax" || item.kind === "edition") && index > 0) {
      const first = file.syntax === item ? undefined : file.syntax;
      problems.error("proto/misplaced-syntax", item.span, () => ({
        message:
          first === undefined
            ? `\`${item.kind}\` must be the first declaration of the file`
            : `there is a \`${first.kind}\` already`,
        ...(first !== undefined && {
          related: [{ span: first.span, message: "the first is here" }],
        }),
      }));
    }
    if (item.kind !== "package") continue;
    const first = declared;
    if (first === undefined) declared = item;
    else
      problems.error("proto/duplicate-package", item.span, () => ({
        message: "a file has one package",
        related: [{ span: first.span, message: "the first is here" }],
      }));
  }
}

/** Checks that every `oneof` has fields to choose from, and every `extend` some to add. */
export function checkEmptyBlocks(
  { ast: file, messages }: FileWork,
  problems: LinkProblems,
): void {
  for (const { items } of [
    file,
    ...messages.map(({ node }) => ({ items: node.body })),
  ])
    for (const item of items) {
      if (item.kind !== "oneof" && item.kind !== "extend") continue;
      const body: readonly { readonly kind: string }[] = item.body;
      if (body.some(({ kind }) => kind !== "option" && kind !== "empty"))
        continue;
      if (item.kind === "oneof")
        problems.error("proto/oneof", item.name.span, () => ({
          message: `the oneof \`${clip(item.name.text)}\` has no fields`,
        }));
      else
        problems.error("proto/extension", item.extendee.span, () => ({
          message: `nothing is added to \`${clip(item.extendee.text)}\``,
        }));
    }
}

/** Checks the forms of declarations that depend on the edition. */
export function checkForms(work: FileWork, problems: LinkProblems): void {
  const { syntax, edition = "" } = work.draft;
  for (const { node } of [...work.messages, ...work.enums]) {
    if (
      node.kind !== "group" &&
      node.visibility !== undefined &&
      edition < "2024"
    )
      problems.error("proto/visibility", heading(node), () => ({
        message: `\`${node.visibility}\` is for edition 2024 and later`,
      }));
    for (const item of node.body) {
      if (item.kind !== "reserved") continue;
      for (const name of item.names) {
        if ("bytes" in name === (syntax !== "editions")) continue;
        problems.error("proto/reserved-name", name.span, () => ({
          message:
            syntax === "editions"
              ? "in editions reserved names are written without quotes"
              : "reserved names must be strings in quotes",
        }));
      }
    }
  }
}

/** From a declaration's first word to its name. */
function heading({ span, name }: ast.Node & { readonly name: ast.Name }): Span {
  return { start: span.start, end: Math.max(name.span.end, span.start) };
}

/** Small runtimes lack what full ones build on. */
export function checkLite(
  { draft, ast: file, fields }: FileWork,
  problems: LinkProblems,
): void {
  if (isLite(draft)) {
    for (const { draft: field, node } of fields)
      if (field.extendee !== undefined && !isLite(field.extendee.file))
        problems.error("proto/lite", node.name.span, () => ({
          message: `\`${clip(field.name)}\` extends a message of a file that is not for LITE_RUNTIME`,
        }));
    return;
  }
  const nodes = file.items.filter((item) => item.kind === "import");
  for (const [index, { file: imported }] of draft.imports.entries()) {
    const node = nodes[index];
    if (imported === undefined || node === undefined || !isLite(imported))
      continue;
    problems.error("proto/lite", node.span, () => ({
      message: `\`${clip(imported.path)}\` is for LITE_RUNTIME, and this file is not`,
      help: "add `option optimize_for = LITE_RUNTIME;`",
    }));
  }
}

function isLite({ options }: FileDescriptor): boolean {
  const option = options.get("optimize_for");
  return option?.kind === "enum" && option.name === "LITE_RUNTIME";
}

/** Checks what proto3 has done away with. */
export function checkProto3(work: FileWork, problems: LinkProblems): void {
  if (work.draft.syntax !== "proto3") return;
  for (const { node, draft } of work.messages) {
    for (const item of node.body)
      if (item.kind === "extensions")
        problems.error("proto/extension-range", item.span, () => ({
          message: "proto3 messages cannot be extended",
          help: "use a field of type google.protobuf.Any",
        }));
    if (draft.options.get("message_set_wire_format") !== undefined)
      problems.error("proto/message-set", node.name.span, () => ({
        message: "proto3 has no message sets",
      }));
  }
}
