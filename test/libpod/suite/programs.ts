import type { Program, ProgramContext, ProgramOutput } from "portolan/libpod";
import { commands } from "./bench.ts";

type Run = AsyncGenerator<ProgramOutput, number | void, undefined>;

async function* speaks(): Run {
  yield "one\n";
  yield "two\n";
  yield { stderr: "three\n" };
  return 3;
}

async function* ticks({ sleep, onSignal, signal }: ProgramContext): Run {
  let resolve = (): void => undefined;
  const told = new Promise<void>((settle) => {
    resolve = settle;
  });
  onSignal((number) => {
    if (number === 15) resolve();
  });
  signal.addEventListener("abort", () => resolve());
  yield "tick\n";
  await sleep(1000);
  yield "tock\n";
  await told;
  return 0;
}

async function* echoes({ stdin }: ProgramContext): Run {
  for await (const data of stdin) yield { stdout: data };
  return 0;
}

async function* answers({ stdin }: ProgramContext): Run {
  let read = "";
  for await (const data of stdin) {
    read += Buffer.from(data).toString();
    if (read.includes("\n")) break;
  }
  yield `you said ${read.split("\n", 1)[0]}\n`;
  return 4;
}

const scripts: Readonly<Record<string, (context: ProgramContext) => Run>> = {
  [commands.speaks[2]]: speaks,
  [commands.ticks[2]]: ticks,
  [commands.answers[2]]: answers,
};

/** What engines that pretend run for the suite's commands. */
export const programs: Readonly<Record<string, Program>> = {
  // The first process of a namespace takes no notice of what it has no handler for.
  sleep: { runsFor: "forever", ignores: [15] },
  cat: echoes,
  sh(context) {
    const script = scripts[context.command[2] ?? ""];
    if (script === undefined) throw new Error("a script of no scenario");
    return script(context);
  },
};
