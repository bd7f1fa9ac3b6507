import { defineConfig, mergeConfig, type ViteUserConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** `npm run test:load`: what takes too long, and too much memory, for plain `npm test`. */
const config: ViteUserConfig = mergeConfig(
  base,
  defineConfig({
    test: {
      include: ["test/load/**/*.load.ts"],
      testTimeout: 240_000,
      // One after the other: each fills both cores, and counts what it takes.
      maxWorkers: 1,
    },
  }),
);
// Merging adds to a list, and plain tests run plainly.
config.test = { ...config.test, include: ["test/load/**/*.load.ts"] };

export default config;
