import { expect } from "vitest";
import { podmanDocument } from "../../../src/emit/markdown/podman/document.ts";
import {
  codes,
  podmanReport,
  type PodmanProblem,
} from "../../../src/emit/markdown/podman/problem.ts";
import { renderFrame } from "../../../src/model/diagnostics.ts";

/** The document of a file whose bytes are the characters of `text`. */
export function documentOf(text: string): string {
  const { bytes, problem } = podmanDocument(Buffer.from(text, "latin1"));
  if (bytes === undefined)
    throw new Error(`no document: ${problem.message}`, { cause: problem });
  return Buffer.from(bytes).toString("latin1");
}

/** Why a file has no document. */
export function problemOf(text: string): PodmanProblem {
  const { problem } = podmanDocument(Buffer.from(text, "latin1"));
  if (problem === undefined) throw new Error("there is a document");
  return problem;
}

/** A problem as the command line shows it. */
export function frameOf(bytes: Uint8Array): string {
  const { problem } = podmanDocument(bytes);
  if (problem === undefined) throw new Error("there is a document");
  const { source, diagnostics } = podmanReport("a.varlink", bytes, problem);
  return diagnostics.map((each) => renderFrame(each, source)).join("\n");
}

/** What holds for every file: a document, or a problem that has a place in the file. */
export function checkAny(bytes: Uint8Array): void {
  const before = Buffer.from(bytes);
  const result = podmanDocument(bytes);
  expect(before.equals(bytes)).toBe(true);
  if (result.problem === undefined) {
    expect(Buffer.from(result.bytes).toString("latin1")).toMatch(
      /^# [a-z].*\n[^]*\n## Index\n[^]*\n## Methods\n[^]*## Types\n[^]*## Errors\n/,
    );
    return;
  }
  const { code, message, offset, length, related } = result.problem;
  expect(Object.keys(codes)).toContain(code);
  expect(message).toMatch(/^\S.{0,400}[^.\s]$/s);
  for (const span of [{ offset, length }, related ?? { offset, length }]) {
    expect(span.offset).toBeGreaterThanOrEqual(0);
    expect(span.length).toBeGreaterThanOrEqual(0);
    expect(span.offset + span.length).toBeLessThanOrEqual(bytes.length);
  }
  const { source, diagnostics } = podmanReport("a", bytes, result.problem);
  for (const { span } of diagnostics) {
    expect(span.start).toBeLessThanOrEqual(span.end);
    expect(span.end).toBeLessThanOrEqual(source.text.length);
  }
}
