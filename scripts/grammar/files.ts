import { recordedRules as protoRules } from "../../grammar/proto/parser.ts";
import { recordedRules as varlinkRules } from "../../grammar/varlink/parser.ts";
import { draw } from "./draw.ts";
import { type Grammar, type Language, shownGrammar } from "./edit.ts";
import { type ParserGrammar, parserGrammar } from "./gast.ts";
import { page } from "./page.ts";
import { proto } from "./proto.ts";
import { varlink } from "./varlink.ts";
import { inWords } from "./words.ts";

/** A language with its grammar, as the parser has it and as it is shown. */
export interface Shown {
  readonly language: Language<string>;
  readonly parser: ParserGrammar;
  readonly grammar: Grammar;
}

/** The languages that docs/grammar/ shows. */
export function shownLanguages(): readonly [varlink: Shown, proto: Shown] {
  return [
    shownLanguage(varlink, parserGrammar(varlinkRules())),
    shownLanguage(proto, parserGrammar(protoRules())),
  ];
}

function shownLanguage<Code extends string>(
  language: Language<Code>,
  parser: ParserGrammar,
): Shown {
  return { language, parser, grammar: shownGrammar(parser, language) };
}

/** Everything that is made for docs/grammar/: text by path, from there. */
export function diagramFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { language, grammar } of shownLanguages()) {
    files.set(`${language.id}.md`, page(grammar, language));
    for (const [name, expression] of grammar.rules) {
      const description = inWords(expression, grammar);
      const picture = draw(expression, grammar, { title: name, description });
      files.set(`${language.id}/${name}.svg`, picture);
    }
  }
  return files;
}
