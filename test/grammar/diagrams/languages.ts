import type { IToken } from "chevrotain";
import { withoutIllegal } from "../../../grammar/proto/illegal.ts";
import { markKeywords } from "../../../grammar/proto/keywords.ts";
import { repair } from "../../../grammar/proto/repair.ts";
import { tokenize } from "../../../grammar/proto/tokens.ts";
import { scan } from "../../../grammar/varlink/scan.ts";
import type { Diagnostic } from "../../../grammar/source/diagnostic.ts";
import { DiagnosticCollector } from "../../../grammar/source/diagnostics.ts";
import { SourceText } from "../../../grammar/source/source-text.ts";
import { type Shown, shownLanguages } from "../../../scripts/grammar/files.ts";
import { parseProto } from "../../../src/model/proto.ts";
import { parseVarlink } from "../../../src/model/varlink.ts";

/** A language as the tests take it. */
export interface Tested extends Shown {
  /** The tokens of a text as the grammar speaks of them, nothing repaired. */
  readonly tokens: (text: string) => readonly IToken[];
  /** The tokens as the parser is given them. */
  readonly repaired: (text: string) => readonly IToken[];
  /** What is told of a text, by everything that reads it. */
  readonly told: (text: string) => readonly Diagnostic[];
}

const [varlink, proto] = shownLanguages();

function varlinkTokens(text: string): readonly IToken[] {
  return scan(new SourceText("a.varlink", text), new DiagnosticCollector())
    .tokens;
}

function protoTokens(text: string): IToken[] {
  const source = new SourceText("a.proto", text);
  const { tokens } = tokenize(text);
  return withoutIllegal(tokens, source, new DiagnosticCollector());
}

export const languages: readonly [varlink: Tested, proto: Tested] = [
  {
    ...varlink,
    tokens: varlinkTokens,
    repaired: varlinkTokens,
    told: (text) => parseVarlink(text, { path: "a.varlink" }).diagnostics,
  },
  {
    ...proto,
    tokens: (text) => {
      const tokens = protoTokens(text);
      markKeywords(tokens);
      return tokens;
    },
    repaired: (text) =>
      repair(
        protoTokens(text),
        new SourceText("a.proto", text),
        new DiagnosticCollector(),
        false,
      ),
    told: (text) => parseProto(text, { path: "a.proto" }).diagnostics,
  },
];
