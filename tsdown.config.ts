import { templatesPlugin } from "./scripts/build/precompiled-templates.ts";
import { wellKnownPlugin } from "./scripts/build/well-known-texts.ts";

/** What both builds share; tsdown's own types do not stand a check of libraries. */
const common: object = {
  format: "esm",
  platform: "node",
  target: "node20.19",
  outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
  dts: true,
  sourcemap: false,
  // Both write into one folder, at the same time: `npm run build` clears it before.
  clean: false,
};

/** What programs run: a file for each of ours, so that bundlers leave out whole modules. */
const programs: object = {
  ...common,
  entry: {
    runtime: "src/runtime/index.ts",
    "codegen/v1": "src/codegen/v1.ts",
    podman: "generated/io.podman/index.ts",
    "podman/1.9": "generated/io.podman-1.9/index.ts",
    "podman/projectatomic": "generated/io.projectatomic.podman/index.ts",
    porto: "generated/porto/index.ts",
    libpod: "src/libpod/index.ts",
    "libpod/serve": "src/libpod/serve/index.ts",
  },
  unbundle: true,
  // Generated code imports the package by name, in the release as in the
  // repository: what is checked in is what users get.
  deps: { neverBundle: [/^portolan\//] },
};

/** The toolchain: in few files, which start fast. */
const toolchain: object = {
  ...common,
  entry: { index: "src/index.ts", cli: "src/cli/main.ts" },
  deps: {
    // `portolan serve` runs what programs run, not a copy of it.
    neverBundle: [/^portolan\//],
    // What we build on comes along: the package has no dependency.
    alwaysBundle: [
      /^chevrotain/,
      /^@chevrotain/,
      /^lodash-es/,
      /^handlebars/,
      /^commander/,
      /^valibot/,
    ],
  },
  plugins: [templatesPlugin(), wellKnownPlugin()],
};

const config: readonly object[] = [programs, toolchain];

export default config;
