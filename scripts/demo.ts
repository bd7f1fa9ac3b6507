// Builds, generates, and lets processes talk: `portolan serve` behind two protocols, clients
// generated from their interface files, and one program of libpod's objects over each engine.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
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

/** Runs a file against the built package, as a user's program would be. */
function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", ...args], {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function endOf(child: ChildProcess): Promise<number | null> {
  return once(child, "exit").then(([code]: (number | null)[]) => code ?? null);
}

/** Resolves with the first line that a process prints. */
async function firstLine(child: ChildProcess): Promise<string> {
  let said = "";
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    const end = said.indexOf("\n");
    if (end >= 0) return said.slice(0, end);
  }
  throw new Error("the service did not start");
}

/** An example, with what it prints. */
async function run(title: string, ...args: string[]): Promise<void> {
  console.log(`\n${title}\n`);
  const child = start(args.with(0, path.join("examples", args[0] ?? "")));
  child.stdout?.pipe(process.stdout);
  const code = await endOf(child);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`);
}

step("Generating typed code from interfaces/ …", "generate");
step("Building the package …", "build");

const folder = mkdtempSync(path.join(tmpdir(), "portolan-demo-"));
const podman = `unix:${path.join(folder, "io.podman")}`;
const porto = path.join(folder, "portod.socket");
const service = start(
  `dist/cli.js serve --podman ${podman} --porto ${porto} --programs examples/programs.ts --json`.split(
    " ",
  ),
);
const served = endOf(service);
try {
  const { listening } = JSON.parse(await firstLine(service)) as {
    readonly listening: readonly { what: string; address: string }[];
  };
  for (const { what, address } of listening)
    console.log(`\nServing ${what} at ${address} (process ${service.pid})`);

  await run("A client of io.podman:", "podman-demo/client.ts", podman);
  await run("A client of Porto:", "porto-demo/client.ts", `unix:${porto}`);
  // Podman's containers are made from an image; its client has pulled one.
  for (const args of [
    [`podman:${podman}`, "httpd"],
    [`porto:${porto}`],
    ["embedded:"],
  ])
    await run(`A pod of two, on ${args[0]}:`, "pod/main.ts", ...args);
} finally {
  service.kill("SIGTERM");
  await served;
  rmSync(folder, { recursive: true, force: true });
}
if ((await served) !== 0)
  throw new Error(`portolan serve ended with ${await served}`);

for (const source of ["io.podman.varlink", "porto.proto"]) {
  console.log(`\nAll of it was generated from interfaces/${source}:`);
  const generated = `generated/${path.parse(source).name}`;
  for (const file of readdirSync(path.join(repository, generated)).toSorted())
    console.log(`  ${generated}/${file}`);
}
