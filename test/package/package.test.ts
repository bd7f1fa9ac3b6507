import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * The package as users get it: packed by `npm pack` from a copy of the
 * repository (packing changes package.json for a moment), installed into an
 * empty folder, compiled and run there. Budget: 60 s.
 */
const repository = fileURLToPath(new URL("../../", import.meta.url));
const modules = path.join(repository, "node_modules");
const fixtures = path.join(repository, "test/package/fixtures/consumer");

let work: string;
let consumer: string;
let tarball: string;

function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const { stdout, stderr } = error as {
      readonly stdout: string;
      readonly stderr: string;
    };
    throw new Error(
      `${command} ${args.join(" ")} failed:\n${stdout}\n${stderr}`,
      { cause: error },
    );
  }
}

beforeAll(() => {
  work = mkdtempSync(path.join(tmpdir(), "portolan-package-"));
  const copy = path.join(work, "repository");
  const left = new Set([
    "node_modules",
    ".git",
    "dist",
    ".tmp",
    path.join("bench", "node_modules"),
  ]);
  cpSync(repository, copy, {
    recursive: true,
    filter: (source) => !left.has(path.relative(repository, source)),
  });
  symlinkSync(modules, path.join(copy, "node_modules"));
  run("npm", ["pack", "--pack-destination", work], copy);
  tarball = path.join(
    work,
    readdirSync(work).find((name) => name.endsWith(".tgz")) ?? "",
  );
  expect(readFileSync(path.join(copy, "package.json"), "utf8")).toBe(
    readFileSync(path.join(repository, "package.json"), "utf8"),
  );

  consumer = path.join(work, "consumer");
  mkdirSync(consumer);
  writeFileSync(
    path.join(consumer, "package.json"),
    '{ "type": "module", "private": true }\n',
  );
  run("npm", ["install", "--offline", tarball], consumer);
  cpSync(fixtures, consumer, { recursive: true });
  run(
    "npx",
    [
      "--no-install",
      "portolan",
      "generate",
      "org.example.counter.varlink",
      "lamp.proto",
      "-o",
      "gen",
    ],
    consumer,
  );
}, 180_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

function compile(
  compiler: string,
  options: Record<string, unknown> = {},
): void {
  const strict = {
    target: "es2022",
    module: "nodenext",
    outDir: "out",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    skipLibCheck: false,
    // Nothing but Node's types, as the consumer would have installed them.
    typeRoots: [path.join(modules, "@types")],
    types: ["node"],
    ...options,
  };
  const config = { compilerOptions: strict, include: ["*.ts", "gen"] };
  writeFileSync(path.join(consumer, "tsconfig.json"), JSON.stringify(config));
  run(process.execPath, [path.join(modules, compiler), "-p", "."], consumer);
}

/** What is left of a program by the bundler that we are built with. */
async function bundle(entry: string): Promise<string> {
  const ofBuild = createRequire(
    createRequire(import.meta.url).resolve("tsdown"),
  );
  const bundler = (await import(
    pathToFileURL(ofBuild.resolve("rolldown")).href
  )) as {
    rolldown(options: { input: string; platform: "node" }): Promise<{
      generate(): Promise<{ output: { code?: string }[] }>;
    }>;
  };
  const build = await bundler.rolldown({ input: entry, platform: "node" });
  const { output } = await build.generate();
  return output.map(({ code = "" }) => code).join("");
}

/** Files that are loaded with one of the package's, and other names that they import. */
function loadedWith(entry: string): {
  readonly files: readonly string[];
  readonly others: readonly string[];
} {
  const files = new Set<string>();
  const others = new Set<string>();
  const load = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const code = readFileSync(file, "utf8");
    for (const [, name = ""] of code.matchAll(
      /^(?:import|export) (?:.* from )?"(.+)";$/gm,
    )) {
      if (name.startsWith(".")) load(path.resolve(path.dirname(file), name));
      else others.add(name);
    }
  };
  load(path.join(consumer, "node_modules/portolan/dist", entry));
  return { files: [...files], others: [...others] };
}

const compilers = [
  ["5.4", "typescript-5.4/bin/tsc"],
  ["5.9", "typescript-5.9/bin/tsc"],
  ["6", "typescript/bin/tsc6"],
  ["7", "@typescript/native/bin/tsc"],
] as const;

describe("the package", () => {
  test("has what it should and nothing else", () => {
    const installed = path.join(consumer, "node_modules/portolan");
    expect(readdirSync(installed).toSorted()).toEqual([
      "LICENSE",
      "README.md",
      "dist",
      "package.json",
    ]);
    const manifest = JSON.parse(
      readFileSync(path.join(installed, "package.json"), "utf8"),
    ) as Record<string, unknown>;
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("devDependencies");
    expect(JSON.stringify(manifest)).not.toContain("portolan-source");
  });

  test("brings no other package along", () => {
    const names = readdirSync(path.join(consumer, "node_modules"));
    expect(names.filter((name) => !name.startsWith("."))).toEqual(["portolan"]);
  });

  test("has a file for every export", () => {
    const installed = path.join(consumer, "node_modules/portolan");
    const { exports } = JSON.parse(
      readFileSync(path.join(installed, "package.json"), "utf8"),
    ) as {
      exports: Record<string, string | Record<string, string>>;
    };
    for (const target of Object.values(exports)) {
      for (const file of typeof target === "string"
        ? [target]
        : Object.values(target)) {
        expect(existsSync(path.join(installed, file)), file).toBe(true);
      }
    }
  });

  test.each(compilers)(
    "compiles in a nodenext consumer under TypeScript %s",
    (_version, compiler) => {
      compile(compiler);
    },
  );

  test("compiles under bundler resolution", () => {
    compile("@typescript/native/bin/tsc", {
      module: "esnext",
      moduleResolution: "bundler",
    });
  });

  test("runs: client, server, three interfaces, the parser", () => {
    compile("@typescript/native/bin/tsc");
    const result: unknown = JSON.parse(
      run(process.execPath, ["out/main.js"], consumer),
    );
    expect(result).toEqual({
      containers: [],
      lines: ["web", "end"],
      missing: "nobody",
      others: ["PodmanClient", "PodmanClient"],
      problems: ["varlink/undefined-type"],
    });
  });

  test("runs what its own command generated", () => {
    expect(run(process.execPath, ["out/generated.js"], consumer)).toBe(
      '{"count":42}\n',
    );
  });

  test("runs an envelope RPC: Porto's, and one that its command generated", () => {
    const result: unknown = JSON.parse(
      run(process.execPath, ["out/porto.js"], consumer),
    );
    expect(result).toEqual({
      version: { tag: "5.3", revision: "abc" },
      failure: "ContainerAlreadyExists (3): there is web",
      state: "running",
      lit: { on: true, turned: "1" },
      bytes: [8, 0, 16, 1],
      read: true,
    });
  });

  test("runs libpod's objects: over both protocols, and in memory", () => {
    const result: unknown = JSON.parse(
      run(process.execPath, ["out/libpod.js"], consumer),
    );
    const same = { code: 3, lines: ["hello"], left: 0, gone: true };
    expect(result).toEqual({
      podman: { ...same, supported: false },
      porto: { ...same, supported: false },
      containers: 0,
    });
  });

  test("passes publint and are-the-types-wrong", () => {
    const publint = run(
      "npx",
      ["--no-install", "publint", "run", tarball, "--strict"],
      repository,
    );
    expect(publint).toContain("All good");
    run(
      "npx",
      ["--no-install", "attw", tarball, "--profile", "esm-only"],
      repository,
    );
  });

  test("keeps the parser and its grammar types out of runtime and clients", () => {
    const dist = path.join(consumer, "node_modules/portolan/dist");
    for (const name of readdirSync(dist, {
      recursive: true,
      encoding: "utf8",
    })) {
      if (!name.endsWith(".d.ts")) continue;
      expect(readFileSync(path.join(dist, name), "utf8"), name).not.toMatch(
        /chevrotain|handlebars|commander|valibot/,
      );
    }
    const client = path.join(dist, "generated/io.podman/client.js");
    expect(readFileSync(client, "utf8")).toContain(
      'from "portolan/codegen/v1"',
    );
  });

  test("loads an engine only when its address is opened", () => {
    const { files, others } = loadedWith("libpod.js");
    expect(files.length).toBeGreaterThan(5);
    // Whole engines are behind the package's own names.
    expect(others.filter((name) => name.startsWith("portolan/"))).toEqual([]);
  });

  test.each(["cli.js", "index.js"])(
    "loads what reads configurations and compiles templates only when needed: %s",
    (entry) => {
      const { files } = loadedWith(entry);
      expect(files.length).toBeGreaterThan(2);
      for (const file of files) {
        // What Handlebars' parser says, and a name of Valibot's.
        expect(readFileSync(file, "utf8"), file).not.toMatch(
          /Parse error on line|strict_object/,
        );
      }
    },
  );

  test("takes a configuration with templates; in TypeScript, where something reads it", () => {
    const folder = path.join(consumer, "configured");
    mkdirSync(path.join(folder, "templates/markdown"), { recursive: true });
    const config = `import { defineConfig } from "portolan";
export default defineConfig({ output: "gen", interfaces: ["../*.varlink"], templates: "templates" });
`;
    writeFileSync(path.join(folder, "portolan.config.mjs"), config);
    writeFileSync(
      path.join(folder, "templates/markdown/member.hbs"),
      "{{> portolan/markdown/member}}\nOurs: {{heading}}\n\n",
    );
    const portolan = (...args: string[]): string =>
      run("npx", ["--no-install", "portolan", ...args], folder);
    portolan("generate");
    expect(
      readFileSync(path.join(folder, "gen/org.example.counter/API.md"), "utf8"),
    ).toContain("\nOurs: ### ");
    expect(portolan("templates", "markdown/member")).toBe(
      readFileSync(
        path.join(repository, "templates/markdown/member.hbs"),
        "utf8",
      ),
    );

    writeFileSync(
      path.join(folder, "typed.config.ts"),
      config
        .replace("export", 'enum Folder { Name = "gen" }\nexport')
        .replace('"gen",', "Folder.Name as string,"),
    );
    const typed = ["generate", "--check", "--config", "typed.config.ts"];
    // Node 20 reads no TypeScript, and no Node an enum.
    expect(() => portolan(...typed)).toThrow("add jiti or tsx");
    const tsx = path.join(folder, "node_modules/tsx");
    mkdirSync(path.dirname(tsx));
    symlinkSync(path.join(modules, "tsx"), tsx);
    portolan(...typed);
  });

  test("leaves a bundler what is used, and nothing else", async () => {
    const entry = path.join(consumer, "message.js");
    writeFileSync(
      entry,
      'import { TError } from "portolan/porto";\nconsole.log(TError.encode({ error: 3 }));\n',
    );
    const bundled = await bundle(entry);
    expect(bundled).toContain("Porto.TError");
    expect(bundled).not.toMatch(/Porto\.(?!TError\b)|node:net|diagnostics/);
  });
});
