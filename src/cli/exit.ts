/** How the command ends, for the shell. */
export const exit = {
  /** Done. */
  ok: 0,
  /** An interface file has errors, or output is stale. */
  problems: 1,
  /** The command line, or a file or folder it names, is wrong. */
  usage: 2,
  /** A defect of Portolan. */
  bug: 70,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** The user's to mend: printed as one message without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** An input's contents are wrong in a way that has no place in the text: exit code 1. */
export class InputError extends Error {
  override readonly name: string = "InputError";
}
