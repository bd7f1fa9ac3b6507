import { defineConfig, mergeConfig, type ViteUserConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/**
 * `npm run test:interop`: the tests of this folder that plain `npm test` runs too,
 * and those with other people's programs at the far end (`*.peers.ts`).
 */
const config: ViteUserConfig = mergeConfig(
  base,
  defineConfig({ test: { include: ["test/interop/**/*.peers.ts"] } }),
);

export default config;
