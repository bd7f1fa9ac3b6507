import path from "node:path";
import { fileURLToPath } from "node:url";
import Handlebars from "handlebars";
import { compileOptions } from "../../src/emit/templates/options.ts";
import { templateTexts } from "../../src/emit/templates/texts.ts";

const folder = fileURLToPath(
  new URL("../../src/emit/templates/", import.meta.url),
);

/** The module that stands in for `src/emit/templates/source.ts` in a build. */
export function precompiledTemplates(): string {
  const specs = [...templateTexts].map(([name, text]) => {
    // The types say it is a specification; it is the source text of one.
    const spec: unknown = Handlebars.create().precompile(text, compileOptions);
    if (typeof spec !== "string")
      throw new Error(`template ${name} was not precompiled to text`);
    return `  [${JSON.stringify(name)}, ${spec}],`;
  });
  return `import Handlebars from "handlebars/runtime.js";
const engine = Handlebars.create();
export const templates = new Map();
for (const [name, spec] of [
${specs.join("\n")}
]) {
  const template = engine.template(spec);
  engine.registerPartial(name, template);
  templates.set(name, template);
}
`;
}

/** The module that stands in for `src/emit/templates/texts.ts` in a build. */
function textsOfTemplates(): string {
  return `export const templateTexts = new Map(${JSON.stringify([...templateTexts], null, 2)});
`;
}

const stand: ReadonlyMap<string, () => string> = new Map([
  ["source.ts", precompiledTemplates],
  ["texts.ts", textsOfTemplates],
]);

/** Puts precompiled templates and their texts in the place of the modules that read them. */
export function templatesPlugin(): {
  readonly name: string;
  load(id: string): { code: string; moduleType: "js" } | undefined;
} {
  return {
    name: "portolan:precompiled-templates",
    load(id) {
      const code = stand.get(path.relative(folder, id))?.();
      return code === undefined ? undefined : { code, moduleType: "js" };
    },
  };
}
