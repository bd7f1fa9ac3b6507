import { EError, type PortoError } from "portolan/porto";
import { failure } from "../errors.ts";

/** A failure of the system as Porto passes it on. */
export function systemError(problem: string, doing: string): PortoError {
  return failure(EError.Unknown, `${problem}: ${doing}`);
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  EACCES: "Permission denied",
  ELOOP: "Too many levels of symbolic links",
  ENAMETOOLONG: "File name too long",
};

/** What a failed system call says. */
export function problemOf(error: unknown): string {
  const { code = "" } = error as { readonly code?: string };
  return Object.hasOwn(PROBLEMS, code) ? (PROBLEMS[code] ?? code) : code;
}
