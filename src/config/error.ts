/** A configuration cannot be found or read, or says something that is not allowed. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
}
