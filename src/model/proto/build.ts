import { checkEnum } from "./check-enums.ts";
import { checkDeclarations, ExtensionChecks } from "./check-extensions.ts";
import { FeatureChecks } from "./check-features.ts";
import { FieldChecks } from "./check-fields.ts";
import {
  checkForms,
  checkLite,
  checkEmptyBlocks,
  checkProto3,
  syntaxOf,
} from "./check-file.ts";
import { checkImports, closureOf, visibleFrom } from "./check-imports.ts";
import { checkJsonNames } from "./check-json.ts";
import { checkNumbers, closeRanges } from "./check-numbers.ts";
import { declareFile } from "./declare.ts";
import { readPseudoOptions } from "./defaults.ts";
import type { Options } from "./descriptor.ts";
import type { FileDraft, FileWork } from "./drafts.ts";
import { applyFeatures, type Features } from "./features.ts";
import { Linker } from "./link.ts";
import { OptionReader } from "./options.ts";
import { type ExtensionIndex, Scope, type SymbolPool } from "./symbols.ts";
import type { Unit } from "./unit.ts";

/** What files that are read together share. */
export interface Shared {
  readonly pool: SymbolPool;
  readonly extensions: ExtensionIndex;
  /** The descriptor.proto by which a file's options are read. */
  readonly descriptor: (forUnit: Unit) => FileDraft | undefined;
}

/**
 * Makes a file's descriptor of its tree, once those of the files that it imports
 * are there: names first, then what they mean, then options (which may be of
 * types of the same file), then what options and features decide.
 */
export function buildUnit(unit: Unit, shared: Shared): void {
  const { ast, problems } = unit;
  const { pool, extensions } = shared;
  const head = {
    path: unit.name,
    ...syntaxOf(ast, problems),
    imports: unit.imports.map(({ node, path, unit: imported }) => ({
      path,
      kind: node.modifier ?? ("plain" as const),
      file: imported?.draft,
    })),
  };
  const work = declareFile(ast, head, pool, problems);
  unit.draft = work.draft;
  const imported = unit.imports.map((one) => one.unit);
  const isWhole = imported.every((one) => one?.isRight === true);
  const scope = new Scope(pool, visibleFrom(unit));
  new Linker(work, scope, problems, isWhole).run();
  for (const { draft, extend } of work.fields)
    if (extend !== undefined) extensions.add(draft, work.draft);
  // Most files of types alone need none.
  const descriptor =
    work.options.length > 0 ? shared.descriptor(unit) : undefined;
  const options =
    descriptor && new OptionReader(work, scope, problems, descriptor, isWhole);
  options?.run();
  shareMapFeatures(work);
  const features = new Map<unknown, Features>();
  applyFeatures(work.draft, (of, has) => features.set(of, has));
  options?.finish();
  checkWork(work, unit, shared, features);
  checkImports(unit, scope.used, pool);
  unit.isRight = isWhole && problems.errors === 0;
}

/** The features of a map's field are those of its entries' fields. */
function shareMapFeatures({ fields }: FileWork): void {
  const shared = new Map<unknown, Options>();
  for (const { draft } of fields) {
    const features = draft.options.get("features");
    if (draft.message?.mapEntry === true && features !== undefined)
      shared.set(draft.message, new Map([["features", features]]));
  }
  for (const { draft, role, parent } of fields) {
    const options = shared.get(parent);
    if (role !== "field" && options !== undefined) draft.options = options;
  }
}

function checkWork(
  work: FileWork,
  unit: Unit,
  { extensions }: Shared,
  features: ReadonlyMap<unknown, Features>,
): void {
  const { problems } = unit;
  for (const field of work.fields)
    if (field.role === "field") readPseudoOptions(field, work.draft, problems);
  const featureChecks = new FeatureChecks(work, problems);
  featureChecks.run();
  for (const message of work.messages) {
    closeRanges(message, work, problems);
    checkNumbers(message, work, problems);
    checkJsonNames(message, features.get(message.draft), problems);
  }
  for (const one of work.enums) checkEnum(one, work, problems);
  const fieldChecks = new FieldChecks(work.draft, problems);
  const extensionChecks = new ExtensionChecks(
    work.draft,
    extensions,
    (file) => closureOf(unit).has(file),
    problems,
  );
  for (const field of work.fields) {
    fieldChecks.check(field);
    extensionChecks.check(field);
    const has = features.get(field.draft);
    if (has !== undefined) featureChecks.field(field, has);
  }
  checkEmptyBlocks(work, problems);
  checkProto3(work, problems);
  checkForms(work, problems);
  checkLite(work, problems);
  checkDeclarations(work, problems);
}
