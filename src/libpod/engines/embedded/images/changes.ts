import type { ImageConfig } from "./config.ts";
export function applyChanges(
  config: ImageConfig,
  _changes: readonly string[],
): ImageConfig {
  return config;
}
