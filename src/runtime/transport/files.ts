import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { systemCode } from "./failure.ts";

/** What is at a path, links not followed; `undefined` for nothing. Rejects with the system's error. */
export async function lstatIfAny(
  file: string,
): Promise<BigIntStats | undefined> {
  try {
    return await lstat(file, { bigint: true });
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
