/** A template of the user's cannot be read, filled or found use for; the message begins with its place. */
export class TemplateError extends Error {
  override readonly name: string = "TemplateError";
  /** The template's file. */
  readonly file: string;
  /** From 1, where it is known. */
  readonly line: number | undefined;

  constructor(
    message: string,
    {
      file,
      line,
      ...options
    }: ErrorOptions & { readonly file: string; readonly line?: number },
  ) {
    const place = line === undefined ? file : `${file}:${line}`;
    super(`${place}: ${message}`, options);
    this.file = file;
    this.line = line;
  }
}
