import Handlebars from "handlebars";
import { compileOptions } from "./options.ts";
import { templateTexts } from "./texts.ts";

/**
 * The templates, compiled from `templates/` when first needed. This module runs
 * in the repository only: the build puts precompiled templates in its place
 * (see `tsdown.config.ts`), so that a release needs neither the files nor the
 * compiler.
 */

/** A compiled template. What is given as partials and helpers goes before its own. */
export type Template = (
  view: object,
  options?: {
    readonly partials?: Readonly<Record<string, Template>>;
    readonly helpers?: Readonly<Record<string, unknown>>;
  },
) => string;

function load(): ReadonlyMap<string, Template> {
  // An instance of our own: the shared one is global state.
  const engine = Handlebars.create();
  const templates = new Map<string, Template>();
  for (const [name, text] of templateTexts) {
    const compiled = engine.compile<object>(text, compileOptions);
    engine.registerPartial(name, compiled);
    templates.set(name, compiled as Template);
  }
  return templates;
}

export const templates: ReadonlyMap<string, Template> = load();
