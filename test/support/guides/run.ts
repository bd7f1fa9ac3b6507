import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { repository } from "../portolan.ts";
import {
  readSteps,
  type CommandStep,
  type FileStep,
  type Problem,
} from "./blocks.ts";
import { compile } from "./compile.ts";
import { indent, isPrinted } from "./output.ts";
import type { Background } from "./background.ts";
import { Shell } from "./shell.ts";

/**
 * Does what a guide says: writes its files, runs its commands, compares what they
 * print, and compiles its programs.
 *
 * @param file the guide
 * @returns what is wrong, ready to be read: `docs/x.md:12: …`; nothing if all is right
 */
export async function runGuide(file: string): Promise<readonly string[]> {
  const { steps, problems } = readSteps(readFileSync(file, "utf8"));
  const name = path.basename(file, ".md");
  const found: Problem[] = [...problems];
  if (problems.length === 0) {
    const guide = new Guide(name);
    try {
      for (const step of steps) {
        if (step.kind === "file") guide.write(step);
        else if (!(await guide.command(step))) break;
      }
      await guide.end();
      if (guide.problems.length === 0) await guide.compile();
    } finally {
      await guide.remove();
    }
    found.push(...guide.problems);
  }
  const shown = path.relative(repository, file);
  return found.map(({ line, message }) => `${shown}:${line}: ${message}`);
}

/** Where what readers keep in `/tmp` is: nothing else is called so. */
const TEMPORARY = /(?<![\w.-])\/tmp\//g;

/** What a shell exits with whose program was ended by SIGTERM. */
const TOLD_TO_END = 128 + 15;

class Guide {
  readonly problems: Problem[] = [];
  readonly #folder: string;
  readonly #temporary: string;
  readonly #shell: Shell;
  /** Of each line of a file, the guide's line. */
  readonly #origins = new Map<string, number[]>();
  readonly #running: { step: CommandStep; program: Background }[] = [];

  constructor(name: string) {
    // Inside the repository, so that types of Node are found as in any program.
    const parent = path.join(repository, ".tmp");
    mkdirSync(parent, { recursive: true });
    this.#folder = mkdtempSync(path.join(parent, `guide-${name}-`));
    // Short, for names of sockets have at most 107 bytes.
    this.#temporary = mkdtempSync(path.join(tmpdir(), "guide-"));
    this.#shell = new Shell(this.#folder);
    writeFileSync(
      path.join(this.#folder, "package.json"),
      '{ "private": true, "type": "module" }\n',
    );
  }

  write({ name, code, line }: FileStep): void {
    const file = path.join(this.#folder, name);
    const origins = this.#origins.get(name) ?? [];
    const text = `${this.#inside(code)}\n`;
    if (origins.length > 0) appendFileSync(file, text);
    else {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    origins.push(...code.split("\n").map((_, at) => line + at));
    this.#origins.set(name, origins);
  }

  /** Whether the guide can go on. */
  async command(step: CommandStep): Promise<boolean> {
    return step.background ? this.#start(step) : this.#run(step);
  }

  async #run(step: CommandStep): Promise<boolean> {
    const { code, output } = await this.#shell.run(this.#inside(step.text));
    if (code !== step.exitCode)
      this.#complain(
        step.line,
        `\`${step.text}\` exits with ${code}, not with ${step.exitCode}; it prints`,
        output,
      );
    else this.#compare(step, output);
    this.#lookAfter();
    return code === step.exitCode;
  }

  async #start(step: CommandStep): Promise<boolean> {
    const { text, output } = step;
    const isReady = (printed: string): boolean =>
      output === undefined
        ? printed.includes("\n")
        : isPrinted(output.text, this.#outside(printed));
    const program = await this.#shell.background(this.#inside(text), isReady);
    this.#running.push({ step, program });
    if (program.ended() !== undefined) return this.#lookAfter();
    if (output !== undefined) this.#compare(step, program.output());
    else if (!isReady(program.output()))
      this.#complain(
        step.line,
        `\`${text}\` has printed no line; is its output redirected?`,
        "",
      );
    return isReady(program.output());
  }

  #compare({ output, text, line }: CommandStep, printed: string): void {
    if (output === undefined) return;
    const actual = this.#outside(printed);
    if (isPrinted(output.text, actual)) return;
    this.#complain(
      line,
      `\`${text}\` does not print what stands in line ${output.line}:\n${indent(output.text)}\n  it prints`,
      printed,
    );
  }

  /** Whether the programs in the background live; those that ended well may have. */
  #lookAfter(): boolean {
    let isWell = true;
    for (const { step, program } of this.#running.splice(0)) {
      const ended = program.ended();
      if (ended === undefined) this.#running.push({ step, program });
      else if (ended !== step.exitCode || program.output() === "") {
        isWell = false;
        this.#complain(
          step.line,
          `\`${step.text} &\` ended with ${ended} while it was needed; it prints`,
          program.output(),
        );
      }
    }
    return isWell;
  }

  /** Ends what runs, which must have been running. */
  async end(): Promise<void> {
    this.#lookAfter();
    for (const { step, program } of this.#running.splice(0)) {
      await program.stop();
      const ended = program.ended();
      // What may have been dying by itself is told by its code.
      if (ended === 0 || ended === TOLD_TO_END || ended === "SIGTERM") continue;
      this.#complain(
        step.line,
        `\`${step.text} &\` ended with ${ended}, not because it was told to; it prints`,
        program.output(),
      );
    }
  }

  async compile(): Promise<void> {
    if (![...this.#origins.keys()].some((name) => name.endsWith(".ts"))) return;
    for (const { file, line, message } of await compile(this.#folder)) {
      const origin = this.#origins.get(file ?? "")?.[line - 1];
      this.problems.push({
        line: origin ?? 0,
        message: `${file ?? "tsc"}: ${message}`,
      });
    }
  }

  async remove(): Promise<void> {
    for (const { program } of this.#running.splice(0)) await program.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  #complain(line: number, message: string, printed: string): void {
    this.problems.push({
      line,
      message: `${message}\n${indent(this.#outside(printed))}`,
    });
  }

  #inside(text: string): string {
    return text.replace(TEMPORARY, `${this.#temporary}/`);
  }

  #outside(text: string): string {
    return text.replaceAll(`${this.#temporary}/`, "/tmp/");
  }
}
