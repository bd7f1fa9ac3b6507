import { stat } from "node:fs/promises";
import path from "node:path";
import {
  type DocumentOptions,
  type DocumentSource,
  documentText,
  planDocuments,
} from "../../emit/documents.ts";
import { podmanDocument } from "../../emit/markdown/podman/document.ts";
import { podmanReport } from "../../emit/markdown/podman/problem.ts";
import { applyPlan, isStale, type PlanReport } from "../../emit/write.ts";
import { isDocumentName, type Target, targetOf } from "../../config/target.ts";
import { GenerateError } from "../../emit/errors.ts";
import type { PlannedFile } from "../../emit/plan.ts";
import {
  type DocumentFlags,
  documentRuns,
  templatesOf,
} from "../configured.ts";
import { exit, UsageError, type ExitCode } from "../exit.ts";
import {
  assertOneEnvelope,
  importsFrom,
  read,
  readInput,
  readSource,
} from "../input.ts";
import type { Io } from "../io.ts";
import {
  assertDocumentFits,
  isFresh,
  sayDocument,
  sayPlan,
  withOutputErrors,
  writeDocument,
} from "../output.ts";
import { languageOf } from "../../model/language.ts";
import { hasErrors, writeReports } from "../report.ts";

export interface DocsFlags extends DocumentFlags {
  readonly check?: boolean;
}

/** One output, made but not yet where it goes. */
interface Made {
  /** Throws a UsageError where it cannot go there, as far as that is known before. */
  readonly assertFits: () => Promise<void>;
  /** Puts it where it goes, or with `--check` says whether it is there. */
  readonly put: () => Promise<ExitCode>;
}

/**
 * `portolan docs`: one document of all interface files to a file or to standard
 * output, or a folder with one for each and an index; without files, what the
 * configuration says. Nothing is written unless all of it can be made, and may go
 * where it shall.
 */
export async function docs(
  given: readonly string[],
  ownFlags: DocsFlags,
  io: Io,
): Promise<ExitCode> {
  const all: (Made | undefined)[] = [];
  for (const run of await documentRuns(given, ownFlags, io)) {
    const { output, ...toStandardOutput } = run.flags;
    const flags = output === "-" ? toStandardOutput : run.flags;
    const made = await naming(run, () => prepare(run.names, flags, io));
    all.push(
      made && { ...made, assertFits: () => naming(run, made.assertFits) },
    );
  }
  const made = all.filter((one) => one !== undefined);
  if (made.length < all.length) return exit.problems;
  for (const { assertFits } of made) await assertFits();
  let code: ExitCode = exit.ok;
  for (const { put } of made)
    if ((await put()) === exit.problems) code = exit.problems;
  return code;
}

/** Says in errors of the user's which of a configuration's documents is meant. */
async function naming<T>(
  { setting }: { readonly setting?: string },
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (setting === undefined || !(error instanceof UsageError)) throw error;
    throw new UsageError(`${setting}: ${error.message}`, { cause: error });
  }
}

/** Makes one output; undefined where an interface file has errors, which were told. */
async function prepare(
  names: readonly string[],
  flags: DocsFlags,
  io: Io,
): Promise<Made | undefined> {
  const target =
    flags.output === undefined
      ? "document"
      : await targetOf(flags.output, names.length, io.cwd);
  assertOneEnvelope(names, flags);
  assertFlagsFit(names, flags, target);
  await assertNotInput(names, flags, io);
  if (flags.style === "podman") {
    const bytes = await podmanBytes(names[0] ?? "", io);
    return bytes && madeDocument(bytes, flags, io);
  }
  const all = await readAll(names, flags, io);
  if (all === undefined) return undefined;
  const templates = await templatesOf(flags, io);
  const options: DocumentOptions = {
    sections: flags.sections ?? "file",
    diagrams: flags.diagrams ?? true,
    ...(flags.frontMatter && { frontMatter: flags.frontMatter }),
    ...(templates && { templates }),
  };
  const { output, index } = flags;
  if (target !== "folder" || output === undefined) {
    const text = planned(() => documentText(all, options));
    return madeDocument(text, flags, io);
  }
  const root = path.resolve(io.cwd, output);
  const folder = index === undefined ? { root } : { root, index };
  const files = planned(() => planDocuments(all, folder, options));
  const { check = false } = flags;
  return madeFolder(files, { root, output, check }, io);
}

/** What stands against a plan is in what the user named. */
function planned<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof GenerateError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** One file's document in the style of Podman's own generator. */
async function podmanBytes(
  name: string,
  io: Io,
): Promise<Uint8Array | undefined> {
  const source = await readInput(name, io);
  const { bytes, problem } = podmanDocument(source);
  if (problem !== undefined) {
    const shown = name === "-" ? "<stdin>" : name;
    writeReports([podmanReport(shown, source, problem)], io);
  }
  return bytes;
}

/** An option that changes nothing is a mistake, and silence would hide it. */
function assertFlagsFit(
  names: readonly string[],
  flags: DocsFlags,
  target: Target,
): void {
  const isPodman = flags.style === "podman";
  const { index = "README.md" } = flags;
  const inputs = names.filter((name) => name === "-").length;
  const wrong = (
    [
      [
        inputs > 1 || (inputs > 0 && target === "folder"),
        "standard input is one interface file without a name: give one document as the output, or files",
      ],
      [
        flags.index !== undefined && target !== "folder",
        "--index names a file in a folder of documents: -o must be a folder",
      ],
      [
        index !== path.basename(index) || !isDocumentName(index),
        `the index stands beside the documents: "${index}" is not the name of one (index.md)`,
      ],
      [
        flags.output === "",
        "-o names nothing: a document, or a folder of documents",
      ],
      [
        flags.check === true && flags.output === undefined,
        "--check compares with what is there: say where with -o",
      ],
      [
        isPodman && (names.length > 1 || target === "folder"),
        "--style podman makes one document of one interface file, as Podman's own generator did",
      ],
      [
        isPodman && names.some((name) => languageOf(name) === "proto"),
        "--style podman is for Varlink: Podman's own generator read nothing else",
      ],
      [
        isPodman && flags.sections !== undefined,
        "--sections means nothing with --style podman, which sorts everything but fields",
      ],
      [
        isPodman && flags.diagrams === false,
        "--no-diagrams means nothing with --style podman, which has none",
      ],
      [
        isPodman && flags.frontMatter !== undefined,
        "--front-matter does not go with --style podman, whose bytes are given",
      ],
    ] as const
  ).find(([isWrong]) => isWrong);
  if (wrong !== undefined) throw new UsageError(wrong[1]);
}

/** Reads everything, and tells of all problems before it gives up. */
async function readAll(
  names: readonly string[],
  flags: DocsFlags,
  io: Io,
): Promise<DocumentSource[] | undefined> {
  const load = importsFrom(flags.protoPath ?? [], names, io);
  const all: DocumentSource[] = [];
  let isWhole = true;
  for (const name of names) {
    const source = {
      ...(await readSource(name, flags, io)),
      location: path.resolve(io.cwd, name),
    };
    const { service, reports } = read(source, load);
    writeReports(reports, io);
    if (service === undefined || hasErrors(reports)) isWhole = false;
    else all.push({ source, service });
  }
  return isWhole ? all : undefined;
}

function madeDocument(
  text: string | Uint8Array,
  flags: DocsFlags,
  io: Io,
): Made {
  const { output, check = false } = flags;
  return {
    assertFits: async () => {
      if (output !== undefined && !check)
        await assertDocumentFits(output, text, io.cwd);
    },
    put: () => putDocument(text, flags, io),
  };
}

async function putDocument(
  text: string | Uint8Array,
  { output, check = false }: DocsFlags,
  io: Io,
): Promise<ExitCode> {
  if (output === undefined) {
    io.stdout.write(text);
    return exit.ok;
  }
  if (!check) {
    sayDocument(output, await writeDocument(output, text, io.cwd), io);
    return exit.ok;
  }
  const fresh = await isFresh(output, text, io.cwd);
  io.stderr.write(
    fresh
      ? `"${output}" is up to date.\n`
      : `"${output}" is stale: run the same command without --check.\n`,
  );
  return fresh ? exit.ok : exit.problems;
}

function madeFolder(
  files: readonly PlannedFile[],
  target: {
    readonly root: string;
    readonly output: string;
    readonly check: boolean;
  },
  io: Io,
): Made {
  const { root, output, check } = target;
  const apply = (isCheck: boolean): Promise<PlanReport> =>
    withOutputErrors(() => applyPlan(files, { root, check: isCheck }));
  return {
    assertFits: async () => {
      await apply(true);
    },
    put: async () => {
      const outcome = await apply(check);
      sayPlan(outcome, { output, check, io });
      return check && isStale(outcome) ? exit.problems : exit.ok;
    },
  };
}

/** `docs x.varlink -o x.varlink` would put the document in place of its source. */
async function assertNotInput(
  names: readonly string[],
  { output }: DocsFlags,
  io: Io,
): Promise<void> {
  if (output === undefined) return;
  // The device and number of a file: links lead to the same one.
  const identity = async (file: string): Promise<string | undefined> => {
    const there = await stat(path.resolve(io.cwd, file), {
      bigint: true,
    }).catch(() => undefined);
    return there && `${there.dev}:${there.ino}`;
  };
  const target = await identity(output);
  if (target === undefined) return;
  for (const name of names) {
    if (name !== "-" && (await identity(name)) === target)
      throw new UsageError(
        `"${output}" is the interface file itself, and is not overwritten`,
      );
  }
}
