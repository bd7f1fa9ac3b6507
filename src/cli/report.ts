import type { SourceReport } from "../emit/generate.ts";
import { renderFrame, toJson } from "../model/diagnostics.ts";
import type { EnvelopeError } from "../model/proto/envelope.ts";
import type { Io } from "./io.ts";

/** Whether any of the files has an error; warnings are none. */
export function hasErrors(reports: readonly SourceReport[]): boolean {
  return reports.some(({ diagnostics }) =>
    diagnostics.some(({ severity }) => severity === "error"),
  );
}

/** Shows every problem with its place in the text. */
export function writeReports(reports: readonly SourceReport[], io: Io): void {
  for (const { source, diagnostics } of reports) {
    for (const diagnostic of diagnostics) {
      io.stderr.write(
        `${renderFrame(diagnostic, source, { colour: io.stderr.colour })}\n\n`,
      );
    }
  }
}

/**
 * The same as data, with whatever else the command has to say. What is wrong with
 * configurations of envelope RPCs is among the diagnostics, but has no range.
 */
export function reportsAsJson(
  reports: readonly SourceReport[],
  more: object = {},
  misfits: readonly EnvelopeError[] = [],
): string {
  const diagnostics = [
    ...reports.flatMap((report) =>
      report.diagnostics.map((diagnostic) => toJson(diagnostic, report.source)),
    ),
    ...misfits.map(misfitToJson),
  ];
  return `${JSON.stringify({ diagnostics, ...more }, null, 2)}\n`;
}

function misfitToJson({ path = "", message }: EnvelopeError): object {
  const start = `${path}: `;
  return {
    path,
    severity: "error",
    code: "proto/envelope",
    message: message.startsWith(start) ? message.slice(start.length) : message,
  };
}
