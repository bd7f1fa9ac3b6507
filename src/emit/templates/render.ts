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
