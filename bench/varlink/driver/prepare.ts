/** Generates ours and makes each program one file of JavaScript, as users run it. */
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bundle } from "../../bundle.ts";
import { emptyFolder, packageFile, root, run } from "../../cache.ts";

/** Files of programs, by what they run. */
export interface Programs {
  readonly floor: Pair;
  readonly ours: Pair;
  /** Ours with `int64: "bigint"`. */
  readonly exact: Pair;
}

/** Both ends of a connection. */
export interface Pair {
  readonly client: string;
  readonly server: string;
}

const here = path.join(root, "bench/varlink");

/**
 * Makes the programs, which are there until this process ends.
 *
 * @throws Error where something cannot be generated or bundled.
 */
export async function prepare(): Promise<Programs> {
  // Several may run at a time, on different states of the sources.
  const folder = emptyFolder(`varlink-${process.pid}`);
  process.on("exit", () => rmSync(folder, { recursive: true }));
  return {
    floor: {
      client: await program(folder, "floor-client", floor("main-client")),
      server: await program(folder, "floor-server", floor("main-server")),
    },
    ours: await ours(folder, "number"),
    exact: await ours(folder, "bigint"),
  };
}

function floor(name: string): string {
  return imports(path.join(here, "floor", `${name}.ts`));
}

async function ours(folder: string, int64: "number" | "bigint"): Promise<Pair> {
  run(packageFile("tsx", "dist/cli.mjs"), [
    "--conditions=portolan-source",
    path.join(root, "src/cli/main.ts"),
    "generate",
    path.join(here, "org.example.bench.varlink"),
    `--output=${path.join(folder, int64)}`,
    `--int64=${int64}`,
  ]);
  const generated = path.join(folder, int64, "org.example.bench/index.ts");
  const programs = path.join(here, "ours/programs.ts");
  const entry = (call: string, name: string, from: string): string =>
    `${imports(generated, name)}${imports(programs, from)}await ${call};\n`;
  return {
    client: await program(
      folder,
      `client-${int64}`,
      entry("clientProgram(BenchClient)", "BenchClient", "clientProgram"),
    ),
    server: await program(
      folder,
      `server-${int64}`,
      entry(
        `serverProgram(benchService, ${int64 === "bigint"})`,
        "benchService",
        "serverProgram",
      ),
    ),
  };
}

function imports(file: string, name?: string): string {
  const what = name === undefined ? "" : `{ ${name} } from `;
  return `import ${what}${JSON.stringify(file)};\n`;
}

/** Bundles a module of this text. */
async function program(
  folder: string,
  name: string,
  text: string,
): Promise<string> {
  const entry = path.join(folder, `${name}.ts`);
  const output = path.join(folder, `${name}.mjs`);
  writeFileSync(entry, text);
  await bundle(entry, output);
  return output;
}
