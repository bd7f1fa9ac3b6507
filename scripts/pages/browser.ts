import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";

/**
 * Where Chromium is: what `PORTOLAN_CHROMIUM` names, else the first `chromium` or
 * `google-chrome` of `PATH`. Undefined where there is none.
 */
export function findChromium(): string | undefined {
  const named = process.env["PORTOLAN_CHROMIUM"];
  if (named !== undefined && named !== "") return named;
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  return ["chromium", "google-chrome"]
    .flatMap((name) => folders.map((folder) => path.join(folder, name)))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    // A folder may be entered, which is not what is asked here.
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Starts Chromium, without a window. Whoever starts it closes it. */
export async function openBrowser(executablePath: string): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    // Its sandbox refuses to run as root, which containers often do. All that
    // is shown are pages of our own, with nothing from the network.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}
