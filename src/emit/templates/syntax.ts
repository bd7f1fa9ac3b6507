import Handlebars from "handlebars";

/** What a template includes. */
export interface Inclusions {
  readonly partials: readonly {
    readonly name: string;
    readonly line: number;
  }[];
  /** Whether some name is computed when the template is filled. */
  readonly isDynamic: boolean;
}

/**
 * Names of templates that a template includes and does not define itself.
 *
 * @param text - A template that was parsed before.
 */
export function partialsOf(text: string): Inclusions {
  const partials: { readonly name: string; readonly line: number }[] = [];
  const defined = new Set<string>();
  let isDynamic = false;
  const include = ({
    name,
    loc,
  }: hbs.AST.PartialStatement | hbs.AST.PartialBlockStatement): void => {
    if (name.type === "SubExpression") isDynamic = true;
    // `@partial-block` is what stands between the tags of who includes.
    else if (!name.original.startsWith("@"))
      partials.push({ name: name.original, line: loc.start.line });
  };
  class Partials extends Handlebars.Visitor {
    override PartialStatement(node: hbs.AST.PartialStatement): void {
      include(node);
      super.PartialStatement(node);
    }

    override PartialBlockStatement(node: hbs.AST.PartialBlockStatement): void {
      include(node);
      super.PartialBlockStatement(node);
    }

    override DecoratorBlock(node: hbs.AST.DecoratorBlock): void {
      const [name] = node.params;
      if (name?.type === "StringLiteral")
        defined.add((name as hbs.AST.StringLiteral).value);
      super.DecoratorBlock(node);
    }
  }
  new Partials().accept(Handlebars.parse(text));
  return {
    partials: partials.filter(({ name }) => !defined.has(name)),
    isDynamic,
  };
}

/** Words that templates use for what is in their views. */
export interface Words {
  /** All that are shown, looped over or tested. */
  readonly names: ReadonlySet<string>;
  /** Those that are tested with `if` and `unless`, which some views leave out. */
  readonly tests: ReadonlySet<string>;
}

/** The words of templates that were parsed before. */
export function wordsOf(texts: Iterable<string>): Words {
  const names = new Set<string>();
  const tests = new Set<string>();
  class Collected extends Handlebars.Visitor {
    override MustacheStatement(node: hbs.AST.MustacheStatement): void {
      if (node.path.type === "PathExpression")
        add(names, node.path as hbs.AST.PathExpression);
    }

    override BlockStatement(node: hbs.AST.BlockStatement): void {
      const [param] = node.params;
      if (param?.type === "PathExpression") {
        add(names, param as hbs.AST.PathExpression);
        if (["if", "unless"].includes(node.path.original))
          add(tests, param as hbs.AST.PathExpression);
      }
      super.BlockStatement(node);
    }
  }
  const visitor = new Collected();
  for (const text of texts) visitor.accept(Handlebars.parse(text));
  return { names, tests };
}

function add(words: Set<string>, { parts }: hbs.AST.PathExpression): void {
  const last = parts.at(-1);
  if (last !== undefined) words.add(last);
}
