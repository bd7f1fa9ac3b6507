import ts from "typescript";
import { planFiles } from "../../../src/emit/generate.ts";
import {
  type Diagnostic,
  renderFrame,
  renderLine,
  type SourceText,
} from "../../../src/model/diagnostics.ts";
import { type Language, languageOf } from "../../../src/model/language.ts";
import { readInterface } from "../../../src/model/read.ts";
import { type Dictionary, mutate } from "../mutate.ts";
import { Random } from "../random.ts";
import { type Bench, type Input, must, type Target, Tally } from "../target.ts";
import {
  protoTexts,
  protoWords,
  varlinkTexts,
  varlinkWords,
} from "../texts.ts";

/** What is in an interface file of Varlink. */
export const varlinkTarget: Target = textTarget(
  "varlink",
  10,
  varlinkTexts(),
  varlinkWords,
);

/** What is in a file of Protocol Buffers. */
export const protoTarget: Target = textTarget(
  "proto",
  4,
  protoTexts(),
  protoWords,
);

function textTarget(
  name: Language,
  share: number,
  seeds: readonly Buffer[],
  words: Dictionary,
): Target {
  const tally = new Tally("right", "wrong", "generated");
  return {
    name,
    share,
    tally,
    make: (random) => mutate(random, seeds, words),
    open: () =>
      ({
        check: (input) => check(name, tally, input),
        close() {},
      }) satisfies Bench,
  };
}

function check(
  language: Language,
  tally: Tally,
  { bytes, variant }: Input,
): void {
  const random = new Random(variant);
  const text = textOf(bytes);
  const file = { path: `fuzz.${language}`, text };
  must(languageOf(file.path) === language, "another language");
  const { service, reports } = readInterface(file);
  const isRight = reports.every(({ diagnostics }) =>
    diagnostics.every(({ severity }) => severity !== "error"),
  );
  must(
    isRight === (service !== undefined),
    "a service in spite of an error, or none without",
  );
  for (const { source, diagnostics } of reports)
    for (const diagnostic of diagnostics)
      checkDiagnostic(diagnostic, source, random.once(16));
  tally.add(isRight ? "right" : "wrong");
  if (!isRight || !random.once(3)) return;
  tally.add("generated");
  generate(file, random);
}

/** Half of a character, which no bytes of UTF-8 can be, stands for a private one. */
function textOf(bytes: Buffer): string {
  return bytes.toString().replaceAll("\ue000", "\ud83c");
}

function checkDiagnostic(
  diagnostic: Diagnostic,
  source: SourceText,
  rendered: boolean,
): void {
  const { code, message, span } = diagnostic;
  must(/^[a-z]+\/[a-z0-9-]+$/.test(code), () => `the code ${code}`);
  must(message !== "", "a diagnostic without a message");
  const fits =
    0 <= span.start && span.start <= span.end && span.end <= source.text.length;
  must(fits, () => `${code} is at ${span.start}..${span.end}`);
  if (!rendered) return;
  must(renderFrame(diagnostic, source) !== "", "an empty frame");
  must(!renderLine(diagnostic, source).includes("\n"), "a line of two");
}

/** What is generated is TypeScript, whatever the interface is called by. */
function generate(
  file: { readonly path: string; readonly text: string },
  random: Random,
): void {
  const { files } = planFiles([file], {
    root: "/fuzz",
    inputs: random.pick(["exact", "partial"]),
    int64: random.pick(["bigint", "number"]),
  });
  must(files.length > 0, "nothing is generated");
  const { path, text } = random.pick(files);
  if (path.endsWith(".ts")) mustBeTypescript(text);
}

function mustBeTypescript(text: string): void {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  const [first] = diagnostics;
  must(
    first === undefined,
    () =>
      `what is generated is no TypeScript: ${JSON.stringify(first?.messageText)}`,
  );
}
