import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import Handlebars from "handlebars";
import { compileOptions } from "../../src/emit/templates/options.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const source = path.join(root, "src/emit/templates/source.ts");
const folder = path.join(root, "templates");

/** The module that stands in for `src/emit/templates/source.ts` in a build. */
export function precompiledTemplates(): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((entry) => entry.endsWith(".hbs"))
    .map((entry) => entry.slice(0, -".hbs".length).replaceAll(path.sep, "/"))
    .toSorted();
  const specs = names.map((name) => {
    const text = readFileSync(path.join(folder, `${name}.hbs`), "utf8");
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

/** Puts precompiled templates in the place of the module that compiles them. */
export function templatesPlugin(): {
  readonly name: string;
  load(id: string): { code: string; moduleType: "js" } | undefined;
} {
  return {
    name: "portolan:precompiled-templates",
    load(id) {
      return id === source
        ? { code: precompiledTemplates(), moduleType: "js" }
        : undefined;
    },
  };
}
