import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-5.4";
import { expect, test } from "vitest";

/** Whatever an editor offers of `portolan/libpod` it can say something about. Budget: 20 s. */

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const entry = path.join(repository, "src/libpod/index.ts");

/** Not ours to explain: what Podman answers, by its own names. */
const foreign = /^Podman(?:Container|Image|Pod)Inspect\./;

function isPublic(member: ts.Symbol): boolean {
  const [declaration] = member.declarations ?? [];
  if (declaration === undefined || member.name === "prototype") return false;
  if (!declaration.getSourceFile().fileName.includes("/src/libpod/"))
    return false;
  if (
    ts.isConstructorDeclaration(declaration) ||
    ts.isTypeParameterDeclaration(declaration)
  )
    return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if ((ts.getCombinedModifierFlags(declaration) & hidden) !== 0) return false;
  const name = ts.getNameOfDeclaration(declaration);
  if (name !== undefined && !ts.isIdentifier(name)) return false;
  // What a class has because of what it extends is explained there.
  return (
    !ts
      .getJSDocTags(declaration)
      .some(({ tagName }) => tagName.text === "internal") &&
    !hasOverride(declaration)
  );
}

function hasOverride(declaration: ts.Declaration): boolean {
  const flags = ts.getCombinedModifierFlags(declaration);
  return (flags & ts.ModifierFlags.Override) !== 0;
}

test("every name of portolan/libpod, and every member, says what it is", () => {
  const program = ts.createProgram([entry], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    customConditions: ["portolan-source"],
    types: ["node"],
  });
  const checker = program.getTypeChecker();
  const isSilent = (symbol: ts.Symbol): boolean =>
    ts.displayPartsToString(symbol.getDocumentationComment(checker)) === "" &&
    symbol.getJsDocTags(checker).length === 0;
  const file = program.getSourceFile(entry);
  const module = file && checker.getSymbolAtLocation(file);
  const silent: string[] = [];
  let looked = 0;
  for (const exported of module ? checker.getExportsOfModule(module) : []) {
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported;
    const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
    if (isSilent(symbol)) silent.push(exported.name);
    for (const member of [
      ...(symbol.members?.values() ?? []),
      ...(isClass ? (symbol.exports?.values() ?? []) : []),
    ]) {
      if (!isPublic(member)) continue;
      looked += 1;
      const name = `${exported.name}.${member.name}`;
      if (isSilent(member) && !foreign.test(name)) silent.push(name);
    }
  }
  expect(looked).toBeGreaterThan(300);
  expect(silent).toEqual([]);
}, 60_000);
