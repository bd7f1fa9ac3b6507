import type { Diagnostic } from "../../src/model/diagnostics.ts";
import { parseVarlink, type ParsedInterface } from "../../src/model/varlink.ts";
import type { Service } from "../../src/model/api.ts";

/** Reads a text, with `interface org.example` before it unless it has its own. */
export function parse(text: string): ParsedInterface {
  return parseVarlink(text, { path: "test.varlink" });
}

export function parseMembers(members: string): ParsedInterface {
  return parse(`interface org.example\n${members}`);
}

/** The model of a text that must be right. */
export function serviceOf(text: string): Service {
  const { service, diagnostics } = parse(text);
  if (service === undefined)
    throw new Error(`unexpected: ${listCodes(diagnostics).join(", ")}`);
  return service;
}

export function listCodes(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code }) => code.replace(/^varlink\//, ""));
}
