import type { Diagnostic } from "./diagnostic.ts";
import { singleLine } from "./display.ts";
import { frameLines, type Marker } from "./frame.ts";
import type { SourceText } from "./source-text.ts";
import type { Span } from "./span.ts";
import { plain, ansi, type Style } from "./style.ts";

/** How a frame is drawn. */
export interface FrameOptions {
  /** ANSI colours. Default: none. */
  readonly colour?: boolean;
  /** Columns of source text that are shown of a long line. Default: 100. */
  readonly width?: number;
}

/**
 * A diagnostic for people: message, place, the source with marks under what is
 * meant, related places and help. No line end at the end.
 */
export function renderFrame(
  diagnostic: Diagnostic,
  source: SourceText,
  options: FrameOptions = {},
): string {
  const style: Style = options.colour === true ? ansi : plain;
  const { severity, code, message, span, help, related = [] } = diagnostic;
  const markers: Marker[] = [
    { span, isPrimary: true, label: "" },
    ...related.map((each) => ({
      span: each.span,
      isPrimary: false,
      label: singleLine(each.message),
    })),
  ];
  const { gutter, lines } = frameLines(
    source,
    markers,
    severity,
    style,
    options.width ?? 100,
  );
  const margin = " ".repeat(gutter);
  const head =
    style[severity](`${severity}[${code}]`) +
    style.strong(`: ${singleLine(message)}`);
  const place = `${margin}${style.gutter("-->")} ${placeOf(source, span)}`;
  const foot =
    help === undefined
      ? []
      : [
          `${margin} ${style.gutter("|")}`,
          `${margin} ${style.gutter("=")} ${style.strong("help:")} ${singleLine(help)}`,
        ];
  return [head, place, ...lines, ...foot].join("\n");
}

/** A diagnostic on one line, as editors and `grep` read it: `path:line:column: error varlink/code: message`. */
export function renderLine(
  { severity, code, message, span }: Diagnostic,
  source: SourceText,
): string {
  return `${placeOf(source, span)}: ${severity} ${code}: ${singleLine(message)}`;
}

/** A place for programs; lines and columns from 1, offsets from 0, columns and offsets in UTF-16 units. */
export interface JsonPlace {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** From `start` up to, not including, `end`. */
export interface JsonRange {
  readonly start: JsonPlace;
  readonly end: JsonPlace;
}

/** A diagnostic for programs: plain data, ready for `JSON.stringify`. */
export interface JsonDiagnostic {
  readonly path: string;
  readonly severity: Diagnostic["severity"];
  readonly code: string;
  readonly message: string;
  readonly range: JsonRange;
  readonly help?: string;
  readonly related?: readonly {
    readonly message: string;
    readonly range: JsonRange;
  }[];
}

export function toJson(
  diagnostic: Diagnostic,
  source: SourceText,
): JsonDiagnostic {
  const { severity, code, message, span, help, related } = diagnostic;
  return {
    path: source.path,
    severity,
    code,
    message,
    range: rangeOf(source, span),
    ...(help !== undefined && { help }),
    ...(related !== undefined && {
      related: related.map((each) => ({
        message: each.message,
        range: rangeOf(source, each.span),
      })),
    }),
  };
}

function placeOf(source: SourceText, span: Span): string {
  const { line, column } = source.positionAt(span.start);
  return `${singleLine(source.path)}:${line}:${column}`;
}

function rangeOf(source: SourceText, { start, end }: Span): JsonRange {
  return {
    start: { ...source.positionAt(start), offset: start },
    end: { ...source.positionAt(end), offset: end },
  };
}
