// Builds, generates, and lets two processes talk: a service and a client, both
// generated from Podman's interface file, over a socket in a temporary folder.
import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../", import.meta.url));
const example = path.join(repository, "examples/podman-demo");

function step(title: string, command: string): void {
  console.log(`\n${title}`);
  const { status, stdout, stderr } = spawnSync(
    "npm",
    ["run", "--silent", command],
    {
      cwd: repository,
      encoding: "utf8",
    },
  );
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  throw new Error(`npm run ${command} failed`);
}

/** Runs an example against the built package, as a user's program would be. */
function start(script: string, address: string): ChildProcess {
  return fork(path.join(example, script), [address], {
    cwd: repository,
    execArgv: ["--import", "tsx"],
  });
}

function endOf(child: ChildProcess): Promise<number | null> {
  return once(child, "exit").then(([code]: (number | null)[]) => code ?? null);
}

step("Generating typed code from interfaces/ …", "generate");
step("Building the package …", "build");

const folder = mkdtempSync(path.join(tmpdir(), "portolan-demo-"));
const address = `unix:${path.join(folder, "io.podman")}`;
try {
  const service = start("service.ts", address);
  const ended = endOf(service);
  const up = await Promise.race([
    once(service, "message").then(() => true),
    ended.then(() => false),
  ]);
  if (!up) throw new Error("the service did not start");
  console.log(`\nServing io.podman at ${address} (process ${service.pid})`);

  const client = start("client.ts", address);
  console.log(`Calling it from process ${client.pid}:\n`);
  const clientCode = await endOf(client);
  // Hanging up is how the parent says that all is done.
  service.disconnect();
  const serviceCode = await ended;
  if (clientCode !== 0 || serviceCode !== 0) {
    throw new Error(
      `client ended with ${clientCode}, service with ${serviceCode}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

console.log("\nAll of it was generated from interfaces/io.podman.varlink:");
for (const file of readdirSync(
  path.join(repository, "generated/io.podman"),
).toSorted()) {
  console.log(`  generated/io.podman/${file}`);
}
