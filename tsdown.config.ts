import { templatesPlugin } from "./scripts/build/precompiled-templates.ts";
import { wellKnownPlugin } from "./scripts/build/well-known-texts.ts";

/** A configuration of tsdown, whose own types do not stand a check of libraries. */
const config: object = {
  entry: {
    index: "src/index.ts",
    runtime: "src/runtime/index.ts",
    "codegen/v1": "src/codegen/v1.ts",
    podman: "generated/io.podman/index.ts",
    "podman/1.9": "generated/io.podman-1.9/index.ts",
    "podman/projectatomic": "generated/io.projectatomic.podman/index.ts",
    porto: "generated/porto/index.ts",
    cli: "src/cli/main.ts",
  },
  format: "esm",
  platform: "node",
  target: "node20.19",
  deps: {
    // Generated code imports the package by name, in the release as in the
    // repository: what is checked in is what users get.
    neverBundle: [/^portolan\//],
    // What we build on comes along: the package has no dependency.
    alwaysBundle: [
      /^chevrotain/,
      /^@chevrotain/,
      /^lodash-es/,
      /^handlebars/,
      /^commander/,
    ],
  },
  outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
  dts: true,
  sourcemap: false,
  plugins: [templatesPlugin(), wellKnownPlugin()],
};

export default config;
