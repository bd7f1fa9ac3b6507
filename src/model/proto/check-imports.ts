import type { Span } from "../../../grammar/source/span.ts";
import type { FileDraft } from "./drafts.ts";
import { clip } from "./names.ts";
import type { SymbolPool } from "./symbols.ts";
import type { Unit, UnitImport } from "./unit.ts";

/** The files whose names one can use: its own, its imports, and what these import publicly. */
export function visibleFrom(unit: Unit): ReadonlySet<FileDraft> {
  const visible = new Set<FileDraft>();
  if (unit.draft !== undefined) visible.add(unit.draft);
  const seen = new Set(unit.imports.map((one) => one.unit));
  for (const one of seen) {
    if (one?.draft === undefined) continue;
    visible.add(one.draft);
    for (const { node, unit: next } of one.imports)
      // A set can be walked while it grows.
      if (node.modifier === "public") seen.add(next);
  }
  return visible;
}

/** All files that one builds on, by any way: asked for only where names clash. */
export function closureOf(unit: Unit): ReadonlySet<FileDraft> {
  const seen = new Set([unit]);
  // A set can be walked while it grows.
  for (const one of seen)
    for (const { unit: next } of one.imports)
      if (next !== undefined) seen.add(next);
  return new Set([...seen].flatMap(({ draft }) => draft ?? []));
}

/** Checks what a file imports, and that its names are not those of what it imports. */
export function checkImports(
  unit: Unit,
  used: ReadonlySet<FileDraft>,
  pool: SymbolPool,
): void {
  const seen = new Map<string, UnitImport>();
  for (const one of unit.imports) {
    const { node, path } = one;
    const { span } = node.path;
    const first = seen.get(path);
    if (first === undefined) seen.set(path, one);
    else {
      unit.problems.error("proto/duplicate-import", span, () => ({
        message: `\`${clip(path)}\` is imported twice`,
        related: [{ span: first.node.span, message: "the first is here" }],
      }));
      continue;
    }
    if (one.unit?.isRight === false)
      unit.problems.error("proto/import-with-errors", span, () => ({
        message: `\`${clip(path)}\` has errors, or imports what has`,
      }));
    checkKind(unit, one);
    checkUse(unit, one, used);
  }
  checkClashes(unit, pool);
}

function checkKind(unit: Unit, { node }: UnitImport): void {
  const edition = unit.draft?.edition ?? "";
  if (node.modifier === "option" && edition < "2024")
    unit.problems.error("proto/import-kind", node.span, () => ({
      message: "`import option` is for edition 2024 and later",
    }));
  if (node.modifier === "weak" && edition >= "2024")
    unit.problems.error("proto/import-kind", node.span, () => ({
      message: "`import weak` is not for edition 2024 and later",
    }));
}

const optionsMessage = /^google\.protobuf\.[A-Za-z]+Options$/;

/** Files that add options are imported for effect. */
function checkUse(
  unit: Unit,
  { node, path, unit: imported }: UnitImport,
  used: ReadonlySet<FileDraft>,
): void {
  if (node.modifier === "public" || imported?.draft === undefined) return;
  if (!imported.isRight) return;
  const { draft } = imported;
  if (used.has(draft)) return;
  if (
    draft.extensions.some(({ extendee }) =>
      optionsMessage.test(extendee?.fullName ?? ""),
    )
  )
    return;
  // What it imports publicly counts as its own.
  for (const file of visibleFrom(imported)) {
    if (
      used.has(file) &&
      imported.imports.some(({ node: { modifier } }) => modifier === "public")
    )
      return;
  }
  unit.problems.warning("proto/unused-import", node.span, () => ({
    message: `nothing of \`${clip(path)}\` is used`,
    help: "take the import out",
  }));
}

/**
 * Files that are built together cannot declare one name, nor one the package of
 * another.
 */
function checkClashes(unit: Unit, pool: SymbolPool): void {
  if (!pool.hasClashes) return;
  const closure = closureOf(unit);
  for (const file of closure) {
    for (const [other, name] of pool.clashes(file)) {
      if (!closure.has(other)) continue;
      const isOwn = file === unit.draft;
      // Told of where they came together first.
      if (!isOwn && unit.imports.some((one) => hasBoth(one, file, other)))
        continue;
      const [first, second] = isOwn ? [other] : [other, file];
      const where =
        second === undefined
          ? `in \`${clip(first.path)}\` already`
          : `in both \`${clip(first.path)}\` and \`${clip(second.path)}\``;
      unit.problems.error(
        "proto/duplicate-name",
        isOwn ? placeOf(unit, name, pool) : placeOfImports(unit),
        () => ({ message: `\`${clip(name)}\` is declared ${where}` }),
      );
    }
  }
}

function placeOf({ ast, draft }: Unit, name: string, pool: SymbolPool): Span {
  const own = pool.all(name).find(({ file }) => file === draft);
  const node = ast.items.find((item) => item.kind === "package");
  return own?.span ?? node?.name.span ?? { start: 0, end: 0 };
}

function placeOfImports({ imports: [first] }: Unit): Span {
  return first?.node.span ?? { start: 0, end: 0 };
}

function hasBoth(
  { unit }: UnitImport,
  first: FileDraft,
  second: FileDraft,
): boolean {
  const closure = unit && closureOf(unit);
  return closure?.has(first) === true && closure.has(second);
}
