// TypeScript becomes the JavaScript that users run: no loader's helpers in it.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inlinedWellKnownTexts } from "../scripts/build/well-known-texts.ts";
import { root } from "./cache.ts";
import { load } from "./contender.ts";

interface Esbuild {
  build(options: object): Promise<unknown>;
  transform(text: string, options: object): Promise<{ readonly code: string }>;
}

interface PluginBuild {
  onLoad(
    options: { readonly filter: RegExp },
    callback: () => { readonly contents: string; readonly loader: string },
  ): void;
}

const target = "node20.19";

/** Takes the types out of a module of TypeScript; its imports stay. */
export async function stripTypes(file: string, output: string): Promise<void> {
  const esbuild = await load<Esbuild>("esbuild");
  const { code } = await esbuild.transform(readFileSync(file, "utf8"), {
    loader: "ts",
    target,
  });
  writeFileSync(output, code);
}

/** One module of a module of ours and all it imports. */
export async function bundle(file: string, output: string): Promise<void> {
  const esbuild = await load<Esbuild>("esbuild");
  await esbuild.build({
    entryPoints: [file],
    outfile: output,
    bundle: true,
    format: "esm",
    platform: "node",
    target,
    alias: {
      "portolan/codegen/v1": path.join(root, "src/codegen/v1.ts"),
    },
    plugins: [
      {
        name: "well-known-texts",
        setup(plugin: PluginBuild) {
          plugin.onLoad({ filter: /well-known-texts\.ts$/ }, () => ({
            contents: inlinedWellKnownTexts(),
            loader: "js",
          }));
        },
      },
    ],
  });
}
