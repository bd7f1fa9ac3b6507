/** Two inputs cannot be told apart in the output, or an option does not fit. */
export class GenerateError extends Error {
  override readonly name: string = "GenerateError";
}
