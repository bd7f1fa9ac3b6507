import { defineConfig, type ViteUserConfig } from "vitest/config";

const conditions = ["portolan-source", "node", "import", "default"];

const config: ViteUserConfig = defineConfig({
  // The tests run our sources; the built package is proven by test/package.
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Sockets and child processes are shared by name, not by worker: two cores.
    pool: "forks",
    maxWorkers: 2,
  },
});

export default config;
