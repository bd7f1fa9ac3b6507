import { isUtf8 } from "node:buffer";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import Handlebars from "handlebars";
import { suggestion } from "../../model/proto/envelope/problem.ts";
import {
  strictHelpers,
  type TemplateFile,
  type Thrown,
  withNames,
} from "./checked.ts";
import { TemplateError } from "./error.ts";
import { compileOptions } from "./options.ts";
import type { Templates } from "./render.ts";
import { type Template, templates as builtIn } from "./source.ts";
import { partialsOf, wordsOf } from "./syntax.ts";
import { templateTexts } from "./texts.ts";

/** What built-in templates are included by where templates of one's own stand in their place. */
const BUILT_IN = "portolan/";

/**
 * Reads a folder of templates laid out as our own: each file (`markdown/member.hbs`)
 * stands in the place of the built-in template of its name, or is included by
 * another (`{{> parts/note}}` for `parts/note.hbs`). What a template replaces it
 * can include as `{{> portolan/markdown/member}}`.
 *
 * @param folder - Its path, from `cwd`; messages name files in it so.
 * @throws TemplateError if a file cannot be read or has no meaning as a template,
 * includes what is not there, or replaces nothing and is included by none; `render`
 * does for a name that a view lacks.
 */
export async function loadCustomTemplates(
  folder: string,
  cwd: string,
): Promise<Templates> {
  const files = await readTemplates(folder, cwd);
  const engine = Handlebars.create();
  const { names, tests } = wordsOf(templateTexts.values());
  const partials: Record<string, Template> = {};
  for (const [name, template] of builtIn) {
    partials[name] = template;
    partials[`${BUILT_IN}${name}`] = template;
  }
  for (const file of files) partials[file.name] = compile(engine, file, names);
  assertIncludes(files);
  const options = { partials, helpers: strictHelpers(engine, names, tests) };
  return {
    render(name, view) {
      const template = partials[name];
      if (template === undefined)
        throw new Error(`there is no template "${name}"`);
      return template(view, options);
    },
  };
}

async function readTemplates(
  folder: string,
  cwd: string,
): Promise<TemplateFile[]> {
  const entries = await readdir(path.resolve(cwd, folder), {
    recursive: true,
    // With types, links to folders are not followed: they may lead in circles.
    withFileTypes: true,
  }).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "there is no such folder of templates"
        : `the folder of templates cannot be read: ${message}`;
    throw new TemplateError(reason, { file: folder, cause: error });
  });
  const templates = entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".hbs"))
    .map(({ parentPath, name }) =>
      path.relative(path.resolve(cwd, folder), path.join(parentPath, name)),
    );
  if (templates.length === 0)
    throw new TemplateError("no template (.hbs) is in the folder", {
      file: folder,
    });
  return Promise.all(
    templates.toSorted().map(async (entry) => {
      const file = path.join(folder, entry);
      const bytes = await readFile(path.resolve(cwd, file)).catch(
        (error: unknown) => {
          throw new TemplateError((error as Error).message, {
            file,
            cause: error,
          });
        },
      );
      if (!isUtf8(bytes))
        throw new TemplateError("it is not UTF-8 text", { file });
      const name = entry.slice(0, -".hbs".length).split(path.sep).join("/");
      if (name.startsWith(BUILT_IN))
        throw new TemplateError(
          `names that begin with "${BUILT_IN}" are those of built-in templates`,
          { file },
        );
      // As a member it would be a prototype, also where Handlebars copies them.
      if (name === "__proto__")
        throw new TemplateError("no template can have this name", { file });
      // Output has one kind of line end, whatever editor a template was written with.
      return {
        name,
        file,
        text: bytes
          .toString("utf8")
          .replace(/^\uFEFF/, "")
          .replaceAll("\r\n", "\n"),
      };
    }),
  );
}

/** A template that says in which file and line something goes wrong. */
function compile(
  engine: typeof Handlebars,
  file: TemplateFile,
  known: ReadonlySet<string>,
): Template {
  const program = withNames(engine, file);
  try {
    // Compiling waits for the first use; what is wrong is to be told before.
    engine.precompile(program, compileOptions);
  } catch (error) {
    throw problemOf(error, file, known);
  }
  const compiled = engine.compile<object>(program, compileOptions) as Template;
  return (view, options) => {
    try {
      return compiled(view, options);
    } catch (error) {
      throw problemOf(error, file, known);
    }
  };
}

/** What Handlebars throws, in our words and with its place. */
function problemOf(
  error: unknown,
  { file, text }: TemplateFile,
  known: ReadonlySet<string>,
): unknown {
  if (error instanceof TemplateError) return error;
  if (error instanceof RangeError)
    return new TemplateError("it includes itself without end", {
      file,
      cause: error,
    });
  const { message, lineNumber } = error as Thrown;
  const problem = (words: string, line: number | undefined): TemplateError =>
    new TemplateError(words, {
      file,
      ...(line !== undefined && { line }),
      cause: error,
    });
  const [, helper] = /unknown helper (\S+) - /.exec(message) ?? [];
  if (helper !== undefined)
    return problem(
      `"${helper}" is no helper: there are each, if, unless and with, and everything else is in the view`,
      lineNumber,
    );
  const [, missing] = /^"(.*)" not defined in /.exec(message) ?? [];
  if (missing !== undefined)
    return problem(
      `the view has no "${missing}"${suggestion(missing, known)}`,
      lineNumber,
    );
  const [, inText] = /search for '(.*)' in /.exec(message) ?? [];
  const [, around] = /of undefined \(reading '(.*)'\)/.exec(message) ?? [];
  const name = inText ?? around;
  if (name !== undefined) {
    const line = text.split("\n").findIndex((one) => one.includes(name)) + 1;
    const reason =
      inText === undefined
        ? "nothing is around what the template is at"
        : "what the template is at there is a text: {{this}} shows it";
    return problem(
      `there is no "${name}", for ${reason}`,
      line > 0 ? line : undefined,
    );
  }
  return problem(message, lineNumber);
}

function assertIncludes(files: readonly TemplateFile[]): void {
  const own = new Set(files.map(({ name }) => name));
  const included = new Set<string>();
  let isOpen = false;
  for (const file of files) {
    const { partials, isDynamic } = partialsOf(file.text);
    isOpen ||= isDynamic;
    for (const { name, line } of partials) {
      included.add(name);
      const builtInName = name.startsWith(BUILT_IN)
        ? name.slice(BUILT_IN.length)
        : name;
      if (own.has(name) || builtIn.has(builtInName)) continue;
      throw new TemplateError(
        `there is no template "${name}" to include${suggestion(name, [...own, ...builtIn.keys()])}`,
        { file: file.file, line },
      );
    }
  }
  // Names that are computed could be any.
  if (isOpen) return;
  const idle = files.find(
    ({ name }) => !builtIn.has(name) && !included.has(name),
  );
  if (idle === undefined) return;
  throw new TemplateError(
    `there is no built-in template "${idle.name}" that this could replace, and nothing includes it${suggestion(idle.name, builtIn.keys())}`,
    { file: idle.file },
  );
}
