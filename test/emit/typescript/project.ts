import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/**
 * A project of generated files in a folder of its own, inside the repository so
 * that `portolan/codegen/v1` resolves as it does for `generated/`.
 */
export interface Project extends AsyncDisposable {
  readonly folder: string;
  write(file: string, text: string): Promise<void>;
  /** Runs a compiler over the project; resolves with what it complains of, or "". */
  compile(compiler: Compiler, tsconfig: object): Promise<string>;
}

/** A version of TypeScript: path of its `tsc` from the repository's root, and what it knows. */
export interface Compiler {
  readonly version: string;
  readonly tsc: string;
  readonly flags: object;
}

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

export const compilers: readonly Compiler[] = [
  { version: "5.4", tsc: "typescript-5.4/bin/tsc", flags: {} },
  {
    version: "5.9",
    tsc: "typescript-5.9/bin/tsc",
    flags: {
      isolatedDeclarations: true,
      erasableSyntaxOnly: true,
      noUncheckedSideEffectImports: true,
    },
  },
  {
    version: "6.0",
    tsc: "typescript/bin/tsc6",
    flags: {
      isolatedDeclarations: true,
      erasableSyntaxOnly: true,
      noUncheckedSideEffectImports: true,
    },
  },
  {
    version: "7.0",
    tsc: "@typescript/native/bin/tsc",
    flags: {
      isolatedDeclarations: true,
      erasableSyntaxOnly: true,
      noUncheckedSideEffectImports: true,
    },
  },
];

/** Everything strict that every version knows. */
export const strictest = {
  target: "es2022",
  lib: ["es2022", "esnext.disposable"],
  module: "nodenext",
  moduleResolution: "nodenext",
  types: ["node"],
  declaration: true,
  strict: true,
  allowUnreachableCode: false,
  allowUnusedLabels: false,
  exactOptionalPropertyTypes: true,
  forceConsistentCasingInFileNames: true,
  isolatedModules: true,
  noFallthroughCasesInSwitch: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  skipLibCheck: false,
  verbatimModuleSyntax: true,
} as const;

export async function createProject(): Promise<Project> {
  const parent = path.join(repository, ".tmp");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, "typescript-"));
  const write = async (file: string, text: string): Promise<void> => {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  };
  return {
    folder,
    write,
    async compile(compiler, tsconfig) {
      const config = `tsconfig.${compiler.version}.json`;
      await write(config, JSON.stringify(tsconfig));
      try {
        await run(
          process.execPath,
          [
            path.join(repository, "node_modules", compiler.tsc),
            "-p",
            path.join(folder, config),
          ],
          {
            maxBuffer: 1 << 26,
            cwd: folder,
          },
        );
        return "";
      } catch (error) {
        const { stdout = "", stderr = "" } = error as {
          readonly stdout?: string;
          readonly stderr?: string;
        };
        return `${stdout}${stderr}` || String(error);
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
