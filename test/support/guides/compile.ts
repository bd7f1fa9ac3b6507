import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { repository } from "../portolan.ts";

/** What the compiler says of a file, or of everything where there is no file. */
export interface CompilerProblem {
  readonly file: string | undefined;
  readonly line: number;
  readonly message: string;
}

/** Compiles all TypeScript in a folder of ours as strictly as our own code. */
export async function compile(
  folder: string,
): Promise<readonly CompilerProblem[]> {
  const config = path.join(folder, "tsconfig.strict.json");
  writeFileSync(
    config,
    JSON.stringify({
      extends: path.join(repository, "tsconfig.json"),
      // Guides' programs publish no declarations, and configurations infer theirs.
      // Declarations of the package and of Node are checked by test/package.
      compilerOptions: {
        customConditions: [],
        isolatedDeclarations: false,
        skipLibCheck: true,
      },
      include: ["."],
      exclude: ["**/node_modules", "**/dist"],
    }),
  );
  const tsc = path.join(repository, "node_modules/@typescript/native/bin/tsc");
  const child = spawn(
    process.execPath,
    [tsc, "--pretty", "false", "-p", config],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const closed = once(child, "close");
  const output = await text(child.stdout);
  const [code] = (await closed) as [number | null];
  const problems: CompilerProblem[] = [];
  for (const said of output.split(/\n(?! )/)) {
    const [, file, line = "0", message = said] =
      /^(.+?)\((\d+),\d+\): (.*)$/s.exec(said) ?? [];
    if (message.trim() === "") continue;
    problems.push({ file, line: Number(line), message });
  }
  if (code !== 0 && problems.length === 0)
    problems.push({ file: undefined, line: 0, message: `ended with ${code}` });
  return problems;
}
