import { templates } from "./source.ts";

/**
 * Fills a template of `templates/`, named by its path without extension
 * (`typescript/types`). The view is a plain object with everything computed:
 * names, types, literals and line breaks.
 */
export function render(name: string, view: object): string {
  const template = templates.get(name);
  if (template === undefined) throw new Error(`there is no template "${name}"`);
  return template(view);
}
