// Builds, generates, and lets processes talk in pairs: a service and a client, both
// generated from one interface file, over a socket in a temporary folder.
import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../", import.meta.url));

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
  return fork(path.join(repository, "examples", script), [address], {
    cwd: repository,
    execArgv: ["--import", "tsx"],
  });
}

function endOf(child: ChildProcess): Promise<number | null> {
  return once(child, "exit").then(([code]: (number | null)[]) => code ?? null);
}

/** A pair of processes: the service is up before its client starts, and goes after it. */
async function show(demo: {
  readonly title: string;
  readonly example: string;
  readonly socket: string;
  readonly source: string;
}): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "portolan-demo-"));
  const address = `unix:${path.join(folder, demo.socket)}`;
  try {
    const service = start(`${demo.example}/service.ts`, address);
    const ended = endOf(service);
    const up = await Promise.race([
      once(service, "message").then(() => true),
      ended.then(() => false),
    ]);
    if (!up) throw new Error("the service did not start");
    console.log(
      `\nServing ${demo.title} at ${address} (process ${service.pid})`,
    );

    const client = start(`${demo.example}/client.ts`, address);
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

  console.log(`\nAll of it was generated from interfaces/${demo.source}:`);
  const generated = `generated/${path.parse(demo.source).name}`;
  for (const file of readdirSync(path.join(repository, generated)).toSorted()) {
    console.log(`  ${generated}/${file}`);
  }
}

step("Generating typed code from interfaces/ …", "generate");
step("Building the package …", "build");
await show({
  title: "io.podman, a Varlink interface,",
  example: "podman-demo",
  socket: "io.podman",
  source: "io.podman.varlink",
});
await show({
  title: "Porto's protocol, an envelope of Protocol Buffers,",
  example: "porto-demo",
  socket: "portod.socket",
  source: "porto.proto",
});
