// Fetches the .proto files of packages that others have published, for tests and
// benchmarks on real input. What is there already is not fetched again.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import {
  type CorpusPackage,
  corporaFolder,
  corpusFolder,
  corpusPackages,
} from "./corpora/packages.ts";
import { filesOfTarball } from "./corpora/tar.ts";

/** Beside the files: what they were taken from. */
const STAMP = ".integrity";

function isThere({ name, integrity }: CorpusPackage): boolean {
  try {
    const stamp = readFileSync(path.join(corpusFolder(name), STAMP), "utf8");
    return stamp === integrity;
  } catch {
    return false;
  }
}

/** The package's tarball, by way of npm and the registry it is set up with. */
function pack(spec: string, folder: string): Uint8Array {
  // npm is a script on Windows, and scripts need a shell there.
  const { error, status, stderr } = spawnSync(
    "npm",
    ["pack", spec, `--pack-destination=${folder}`, "--ignore-scripts"],
    { cwd: folder, shell: process.platform === "win32" },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`npm pack failed:\n${String(stderr)}`);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack left no tarball");
  return readFileSync(path.join(folder, tarball));
}

function fetchPackage(one: CorpusPackage): number {
  const { name, version, integrity } = one;
  mkdirSync(corporaFolder, { recursive: true });
  const work = mkdtempSync(path.join(corporaFolder, ".fetch-"));
  try {
    const tarball = pack(`${name}@${version}`, work);
    const hash = createHash("sha512").update(tarball).digest("base64");
    if (`sha512-${hash}` !== integrity)
      throw new Error(`the tarball is another one: its hash is sha512-${hash}`);
    const unpacked = path.join(work, "unpacked");
    let files = 0;
    for (const file of filesOfTarball(tarball)) {
      if (!file.path.endsWith(".proto")) continue;
      const target = path.join(unpacked, ...file.path.split("/"));
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, file.content);
      files++;
    }
    if (files !== one.files)
      throw new Error(`${files} .proto files, not ${one.files}`);
    writeFileSync(path.join(unpacked, STAMP), integrity);
    rmSync(corpusFolder(name), { recursive: true, force: true });
    renameSync(unpacked, corpusFolder(name));
    return files;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

for (const one of corpusPackages) {
  const label = `${one.name}@${one.version}`;
  if (isThere(one)) {
    console.log(`${label}: there`);
    continue;
  }
  try {
    console.log(`${label}: ${fetchPackage(one)} files`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`${label}: ${reason}`);
    process.exitCode = 1;
  }
}
