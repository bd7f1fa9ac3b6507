// Runs the tests against other people's programs, and ends with one line that counts them.
// What is missing is installed first where that is possible: on Debian, by root.
// `--no-install` installs nothing; other arguments go to Vitest.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Debian's packages with the programs that the tests are about. */
const packages = ["varlink-go", "systemd-userdbd", "systemd", "libnss-systemd"];

const args = process.argv.slice(2).filter((arg) => arg !== "--no-install");
const missing = packages.filter(
  (name) =>
    spawnSync("dpkg-query", ["--show", name], { stdio: "ignore" }).status !== 0,
);

if (
  missing.length > 0 &&
  args.length === process.argv.length - 2 &&
  process.getuid?.() === 0 &&
  existsSync("/usr/bin/apt-get")
) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const command of [
    ["update", "-q"],
    ["install", "-y", "-q", "--no-install-recommends", ...missing],
  ])
    // What could not be installed shows as skipped tests.
    spawnSync("apt-get", command, { stdio: "inherit", env });
}

const { status } = spawnSync(
  process.execPath,
  [
    "--import",
    "tsx",
    path.join(root, "scripts/test.ts"),
    "--config",
    path.join(root, "test/interop/vitest.config.ts"),
    "test/interop",
    ...args,
  ],
  { cwd: root, stdio: "inherit" },
);
process.exitCode = status ?? 1;
