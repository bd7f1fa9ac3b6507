import { templates } from "./source.ts";

/** Templates by name; what emitters fill. */
export interface Templates {
  /**
   * Fills a template, named by its path without extension (`typescript/types`).
   * The view is a plain object with everything computed: names, types, literals
   * and line breaks.
   */
  readonly render: (name: string, view: object) => string;
}

/** Those of `templates/`. */
export const builtInTemplates: Templates = {
  render(name, view) {
    const template = templates.get(name);
    if (template === undefined)
      throw new Error(`there is no template "${name}"`);
    return template(view);
  },
};

/**
 * Templates of one's own in front of the built-in ones: see
 * `docs/configuration.md`. The compiler is loaded with them, and not before.
 *
 * @param folder - Path of a folder laid out as `templates/`.
 * @param cwd - Where the path begins. Default: the working folder.
 * @throws TemplateError if one of them is wrong.
 */
export async function loadTemplates(
  folder: string,
  cwd: string = process.cwd(),
): Promise<Templates> {
  const { loadCustomTemplates } = await import("./custom.ts");
  return loadCustomTemplates(folder, cwd);
}
