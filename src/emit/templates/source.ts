import { readFileSync, readdirSync } from "node:fs";
import Handlebars from "handlebars";
import { compileOptions } from "./options.ts";

/**
 * The templates, compiled from `templates/` when first needed. This module runs
 * in the repository only: the build puts precompiled templates in its place
 * (see `tsdown.config.ts`), so that a release needs neither the files nor the
 * compiler.
 */

const folder = new URL("../../../templates/", import.meta.url);

export type Template = (view: object) => string;

function load(): ReadonlyMap<string, Template> {
  // An instance of our own: the shared one is global state.
  const engine = Handlebars.create();
  const templates = new Map<string, Template>();
  for (const entry of readdirSync(folder, {
    recursive: true,
    encoding: "utf8",
  }).toSorted()) {
    if (!entry.endsWith(".hbs")) continue;
    const name = entry.slice(0, -".hbs".length).replaceAll("\\", "/");
    const compiled = engine.compile<object>(
      readFileSync(new URL(entry, folder), "utf8"),
      compileOptions,
    );
    engine.registerPartial(name, compiled);
    templates.set(name, compiled);
  }
  return templates;
}

export const templates: ReadonlyMap<string, Template> = load();
