/**
 * Diagnostics for the rooms above the model, which do not reach into `grammar/`.
 */
export type {
  Diagnostic,
  RelatedSpan,
} from "../../grammar/source/diagnostic.ts";
export type { Span } from "../../grammar/source/span.ts";
export { singleLine } from "../../grammar/source/display.ts";
export { SourceText, type Position } from "../../grammar/source/source-text.ts";
export {
  renderFrame,
  renderLine,
  toJson,
  type FrameOptions,
  type JsonDiagnostic,
  type JsonPlace,
  type JsonRange,
} from "../../grammar/source/render.ts";
