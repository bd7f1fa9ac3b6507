import Handlebars from "handlebars";
import { suggestion } from "../../model/proto/envelope/problem.ts";
import { TemplateError } from "./error.ts";

/** What Handlebars throws; the line is there where it stands in the template. */
export interface Thrown {
  readonly message: string;
  readonly lineNumber?: number;
}

/** A template of the user's. */
export interface TemplateFile {
  /** Its path below the folder, without extension. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

/**
 * Handlebars' `strict` is for names that are shown: a loop over a name that the view
 * lacks is empty, a test of it false, and a misspelt name goes unnoticed. So the
 * blocks of users' templates are told their names, and helpers of ours look.
 */
const CHECKED = ["each", "if", "unless", "with"] as const;

/**
 * A template's syntax tree, in which these blocks say what they are about.
 *
 * @throws TemplateError if it cannot be parsed.
 */
export function withNames(
  engine: typeof Handlebars,
  template: TemplateFile,
): hbs.AST.Program {
  const program = parse(engine, template);
  class Named extends Handlebars.Visitor {
    override MustacheStatement(node: hbs.AST.MustacheStatement): void {
      if (isChecked(node)) throw misused(node, template.file);
      super.MustacheStatement(node);
    }

    override BlockStatement(node: hbs.AST.BlockStatement): void {
      const [param, ...more] = node.params;
      if (isChecked(node) && (param === undefined || more.length > 0))
        throw misused(node, template.file);
      if (isChecked(node) && param?.type === "PathExpression") {
        const { data, parts, original } = param as hbs.AST.PathExpression;
        if (!data && parts.length > 0) {
          const { line } = param.loc.start;
          mark(node, {
            name: original,
            file: template.file,
            line: String(line),
          });
        }
      }
      super.BlockStatement(node);
    }
  }
  new Named().accept(program);
  return program;
}

type Call = hbs.AST.MustacheStatement | hbs.AST.BlockStatement;

function isChecked({ path }: Call): boolean {
  const { original } = path as hbs.AST.PathExpression;
  return (CHECKED as readonly unknown[]).includes(original);
}

/** What the engine would fail at when it is filled, in words about itself. */
function misused({ path, loc }: Call, file: string): TemplateError {
  const { original } = path as hbs.AST.PathExpression;
  const words = `"${original}" stands for one name of the view: {{#${original} NAME}} … {{/${original}}}`;
  return new TemplateError(words, { file, line: loc.start.line });
}

function parse(
  engine: typeof Handlebars,
  { file, text }: TemplateFile,
): hbs.AST.Program {
  try {
    return engine.parse(text);
  } catch (error) {
    const { message, lineNumber } = error as Thrown;
    const [, line] = /^Parse error on line (\d+)/.exec(message) ?? [];
    const [, got] = /got '(\w+)'$/.exec(message) ?? [];
    const words =
      got === "EOF"
        ? "the template ends before all blocks are closed"
        : line === undefined
          ? message.replace(/ - \d+:\d+$/, "")
          : got === "CLOSE_UNESCAPED"
            ? '"}}}" closes "{{{" only: a "}" that is text needs a space before it'
            : "this cannot be read as a template";
    const at = lineNumber ?? (line === undefined ? undefined : Number(line));
    throw new TemplateError(words, {
      file,
      ...(at !== undefined && { line: at }),
      cause: error,
    });
  }
}

/** What a block says of itself to its helper. */
interface Mark {
  readonly name: string;
  readonly file: string;
  readonly line: string;
}

function mark(node: hbs.AST.BlockStatement, words: Mark): void {
  const { loc } = node;
  const pairs = Object.entries<string>({ ...words }).map(
    ([key, value]): hbs.AST.HashPair => {
      const text: hbs.AST.StringLiteral = {
        type: "StringLiteral",
        value,
        original: value,
        loc,
      };
      return { type: "HashPair", key, value: text, loc };
    },
  );
  // The parser leaves it undefined where a block has none.
  const own = (node.hash as hbs.AST.Hash | undefined)?.pairs ?? [];
  node.hash = { type: "Hash", pairs: [...own, ...pairs], loc };
}

/**
 * The helpers that look whether what a block is about is there. A test may be of what
 * some views leave out, as long as a built-in template tests it too.
 *
 * @param names - Words that views have.
 * @param tests - Those that built-in templates test.
 */
export function strictHelpers(
  engine: typeof Handlebars,
  names: ReadonlySet<string>,
  tests: ReadonlySet<string>,
): Readonly<Record<string, Handlebars.HelperDelegate>> {
  const checked = (
    helper: (typeof CHECKED)[number],
  ): Handlebars.HelperDelegate => {
    const own = engine.helpers[helper] as Handlebars.HelperDelegate;
    return function look(
      this: unknown,
      value: unknown,
      options: Handlebars.HelperOptions,
    ): unknown {
      const { name, file, line } = options.hash as Partial<Mark>;
      if (value === undefined && name !== undefined && file !== undefined) {
        const [last = name] = name.split(/[./]/).slice(-1);
        const isTest = helper === "if" || helper === "unless";
        if (!(isTest && tests.has(last)))
          throw new TemplateError(
            `the view has no "${name}"${suggestion(last, names)}`,
            { file, line: Number(line) },
          );
      }
      return own.call(this, value, options);
    };
  };
  return Object.fromEntries(CHECKED.map((helper) => [helper, checked(helper)]));
}
