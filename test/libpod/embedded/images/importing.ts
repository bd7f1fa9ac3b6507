import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect } from "vitest";
import {
  readImages,
  type Found,
} from "../../../../src/libpod/engines/embedded/images/import.ts";
import {
  defaultLimits,
  type ArchiveLimits,
} from "../../../../src/libpod/engines/embedded/images/limits.ts";
import type { ImportOptions } from "../../../../src/libpod/engine.ts";
import { tar, type Files } from "./archives.ts";

/** A folder for the files of a test file. */
export const folder: string = await mkdtemp(
  path.join(tmpdir(), "portolan-import-"),
);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** When everything is imported. */
export const now: number = Date.UTC(2026, 0, 2);

let count = 0;

export async function importBytes(
  bytes: Uint8Array,
  options: ImportOptions = {},
  limits: Partial<ArchiveLimits> = {},
): Promise<Found> {
  count += 1;
  const file = path.join(folder, `${count}.tar`);
  await writeFile(file, bytes);
  return await importPath(file, options, limits);
}

export function importPath(
  file: string,
  options: ImportOptions = {},
  limits: Partial<ArchiveLimits> = {},
): Promise<Found> {
  return readImages({ path: file }, options, now, {
    ...defaultLimits,
    ...limits,
  });
}

/** That importing is refused with a reason, and the path. */
export async function expectRefused(
  files: Files | Buffer,
  message: RegExp,
  limits: Partial<ArchiveLimits> = {},
): Promise<void> {
  const bytes = Buffer.isBuffer(files) ? files : tar(files);
  const importing = importBytes(bytes, {}, limits);
  const file = path.join(folder, `${count}.tar`);
  await expect(importing).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(message) as string,
  });
  await expect(importing).rejects.toThrow(file);
}
