import {
  checkFunction,
  checkInteger,
  checkList,
  checkMembers,
  checkObject,
  checkString,
  checkText,
  checkTexts,
  checkTime,
  memberPath,
  nameOf,
  refuse,
} from "../../check.ts";
import { type Signal, signalNumber } from "../../signals.ts";
import type { EmbeddedOptions, ProgramScript, RegistryImage } from "./types.ts";

type Members<T> = Readonly<Record<keyof T, true>>;

const optionMembers: Members<EmbeddedOptions> = {
  programs: true,
  clock: true,
  ids: true,
  directory: true,
  state: true,
  registry: true,
};

const scriptMembers: Members<ProgramScript> = {
  output: true,
  runsFor: true,
  exitCode: true,
  ignores: true,
};

const lineMembers: Members<
  Exclude<NonNullable<ProgramScript["output"]>[number], string>
> = { after: true, stdout: true, stderr: true };

const imageMembers: Members<RegistryImage> = {
  command: true,
  entrypoint: true,
  env: true,
  labels: true,
  workDir: true,
  user: true,
  stopSignal: true,
  size: true,
};

/** An exit code has eight bits. */
const MOST_EXIT_CODE = 255;

/**
 * Checks how an engine is to be set up. Options may come from a file, and from
 * programs without types: what is misspelt would be ignored, and what makes no sense
 * would fail much later.
 *
 * @throws InvalidArgument that begins with where it is wrong: `programs.web.runsFor`
 */
export function checkEmbeddedOptions(options: EmbeddedOptions): void {
  const given = checkObject(options, "options");
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(optionMembers, name))
      // Not below `options`: its members are named by themselves.
      refuse(
        name,
        `there is no such member; there are ${Object.keys(optionMembers).join(", ")}`,
      );
  }
  eachOf(given["programs"], "programs", checkProgram);
  checkClock(given["clock"]);
  checkFunction(given["ids"], "ids");
  checkText(given["directory"], "directory");
  if (given["state"] !== undefined) checkObject(given["state"], "state");
  if (given["registry"] !== "any")
    eachOf(given["registry"], "registry", checkImage);
}

/** Checks what an object holds by names that are any. May be absent. */
function eachOf(
  value: unknown,
  path: string,
  check: (item: unknown, path: string) => void,
): void {
  if (value === undefined) return;
  for (const [name, item] of Object.entries(checkObject(value, path)))
    check(item, memberPath(path, name));
}

function checkClock(clock: unknown): void {
  if (clock === undefined) return;
  // What else it has is its own affair.
  const { now, sleep, busy } = checkObject(clock, "clock");
  for (const [name, value] of Object.entries({ now, sleep })) {
    if (value === undefined) refuse(`clock.${name}`, "it is needed");
    checkFunction(value, `clock.${name}`);
  }
  checkFunction(busy, "clock.busy");
}

function checkProgram(program: unknown, path: string): void {
  if (typeof program === "function") return;
  if (typeof program !== "object" || program === null)
    refuse(
      path,
      `a function or a description of what it does is needed, not ${nameOf(program)}`,
    );
  checkMembers(program, path, Object.keys(scriptMembers));
  const { output, runsFor, exitCode, ignores } = checkObject(program, path);
  checkList(output, `${path}.output`, checkLine);
  if (runsFor !== "forever") checkRunsFor(runsFor, `${path}.runsFor`);
  checkInteger(exitCode, `${path}.exitCode`, 0, MOST_EXIT_CODE);
  checkList(ignores, `${path}.ignores`, (signal, at) => {
    signalNumber(signal as Signal, at);
  });
}

function checkRunsFor(value: unknown, path: string): void {
  if (typeof value === "string")
    refuse(path, `milliseconds or "forever" are needed, not "${value}"`);
  checkTime(value, path);
}

function checkLine(line: unknown, path: string): void {
  if (typeof line === "string") return;
  if (typeof line !== "object" || line === null)
    refuse(
      path,
      `a text or { after, stdout, stderr } is needed, not ${nameOf(line)}`,
    );
  checkMembers(line, path, Object.keys(lineMembers));
  const { after, ...texts } = checkObject(line, path);
  checkTime(after, `${path}.after`);
  for (const [name, text] of Object.entries(texts)) {
    // Programs may print any character, NUL among them.
    if (text !== undefined && typeof text !== "string")
      refuse(`${path}.${name}`, `a text is needed, not ${nameOf(text)}`);
  }
}

function checkImage(image: unknown, path: string): void {
  checkMembers(image, path, Object.keys(imageMembers));
  const { labels, size, ...others } = checkObject(image, path);
  for (const name of ["command", "entrypoint", "env"])
    checkList(others[name], `${path}.${name}`, checkString);
  for (const name of ["workDir", "user", "stopSignal"])
    checkText(others[name], `${path}.${name}`);
  checkTexts(labels, `${path}.labels`);
  checkInteger(size, `${path}.size`, 0);
}
