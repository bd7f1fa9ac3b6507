/**
 * The toolchain as a library: read interface definitions, report their
 * problems, generate TypeScript and documents. Clients and servers come from
 * `portolan/runtime` and from generated code.
 *
 * @packageDocumentation
 */
import {
  renderFrame,
  type Diagnostic,
  type SourceText,
} from "./model/diagnostics.ts";

export { parseVarlink, type ParsedInterface } from "./model/varlink.ts";
export {
  parseProto,
  parseProtoFiles,
  type LoadedFile,
  type LoadFile,
  type ParsedProto,
  type ParsedProtoFile,
} from "./model/proto.ts";
export type * from "./model/proto/descriptor.ts";
export {
  bindEnvelope,
  EnvelopeError as EnvelopeConfigError,
  parseEnvelopeConfig,
  type EnvelopeConfig,
} from "./model/proto/envelope.ts";
export { languageOf, type Language } from "./model/language.ts";
export {
  readInterface,
  type InterfaceText,
  type ReadInterface,
} from "./model/read.ts";
export type {
  CallForms,
  EnumDeclaration,
  EnumValue,
  Envelope,
  EnvelopeMethod,
  ErrorDeclaration,
  Field,
  FieldWire,
  Member,
  Method,
  Oneof,
  Primitive,
  ScalarType,
  Service,
  ServiceSource,
  Struct,
  StructDeclaration,
  Type,
  TypeDeclaration,
  WireValue,
} from "./model/api.ts";
export {
  renderFrame,
  renderLine,
  SourceText,
  toJson,
  type Diagnostic,
  type FrameOptions,
  type JsonDiagnostic,
  type Position,
  type RelatedSpan,
  type Span,
} from "./model/diagnostics.ts";
export {
  GenerateError,
  planFiles,
  type GenerateOptions,
  type GeneratePlan,
  type SourceFile,
  type SourceReport,
} from "./emit/generate.ts";
export {
  podmanDocument,
  type PodmanDocument,
} from "./emit/markdown/podman/document.ts";
export type {
  PodmanCode,
  PodmanProblem,
} from "./emit/markdown/podman/problem.ts";
export { emitMarkdown, type MarkdownOptions } from "./emit/markdown/emit.ts";
export {
  documentText,
  planDocuments,
  type DocumentFolder,
  type DocumentOptions,
  type DocumentSource,
} from "./emit/documents.ts";
export { loadTemplates, type Templates } from "./emit/templates/render.ts";
export { TemplateError } from "./emit/templates/error.ts";
export {
  defineConfig,
  type Config,
  type DocsConfig,
  type DocumentConfig,
  type FileOptions,
  type InterfaceConfig,
} from "./config/types.ts";
export type { FormsByMethod } from "./model/forms.ts";
export type { PlannedFile } from "./emit/plan.ts";
export {
  EmitError,
  emitTypescript,
  type TypescriptOptions,
} from "./emit/typescript/emit.ts";
export { emitProto, type ProtoOptions } from "./emit/typescript/proto/emit.ts";
export {
  applyPlan,
  isStale,
  OutputError,
  type PlanReport,
} from "./emit/write.ts";

/** All problems of a text as people read them, a frame each; empty for none. */
export function renderDiagnostics(
  source: SourceText,
  diagnostics: readonly Diagnostic[],
  options?: { readonly colour?: boolean },
): string {
  return diagnostics
    .map((diagnostic) => renderFrame(diagnostic, source, options))
    .join("\n\n");
}
