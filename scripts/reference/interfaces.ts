import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** A property of an interface, as a table shows it. */
export interface Property {
  readonly name: string;
  readonly type: string;
  /** Its TSDoc as one line. */
  readonly docs: string;
  /** Where the interface is a union: booleans that tell the forms which have it, if not all do. */
  readonly forms: readonly string[];
}

/** What a source file says of its interfaces and unions of object types. */
export interface Interfaces {
  /** In the order of the file, what is extended first. */
  readonly propertiesOf: (name: string) => readonly Property[];
}

/**
 * Reads the interfaces of a source file.
 *
 * @throws Error if one that is asked for is not there, or is none.
 */
export function interfacesOf(file: string): Interfaces {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const propertiesOf = (name: string): Property[] => {
    for (const statement of source.statements) {
      if (
        ts.isInterfaceDeclaration(statement) &&
        statement.name.text === name
      ) {
        const bases = (statement.heritageClauses ?? [])
          .flatMap(({ types }) => [...types])
          .map(({ expression }) => expression.getText(source));
        return [
          ...bases.flatMap((base) =>
            isDeclared(base)
              ? propertiesOf(base)
              : interfacesOf(originOf(base, source)).propertiesOf(base),
          ),
          ...membersOf(statement.members, []),
        ];
      }
      if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name)
        return formsOf(statement.type);
    }
    throw new Error(`${file} has no interface ${name}`);
  };
  const isDeclared = (name: string): boolean =>
    source.statements.some(
      (statement) =>
        ts.isInterfaceDeclaration(statement) && statement.name.text === name,
    );
  return { propertiesOf };
}

/** The file that a name is imported from. */
function originOf(name: string, source: ts.SourceFile): string {
  const found = source.statements
    .filter(ts.isImportDeclaration)
    .find(({ importClause }) => {
      const names = importClause?.namedBindings;
      return (
        names !== undefined &&
        ts.isNamedImports(names) &&
        names.elements.some((element) => element.name.text === name)
      );
    });
  if (found === undefined)
    throw new Error(`${source.fileName} neither has nor imports ${name}`);
  const from = (found.moduleSpecifier as ts.StringLiteral).text;
  return path.resolve(path.dirname(source.fileName), from);
}

/** Properties of all forms of a union, each once. */
function formsOf(type: ts.TypeNode): Property[] {
  const forms = ts.isUnionTypeNode(type)
    ? type.types.filter(ts.isTypeLiteralNode)
    : [];
  const all = forms.flatMap((form) => {
    const mark = form.members.find(
      (member) => member.name?.getText().startsWith("is") === true,
    );
    return membersOf(form.members, [mark?.name?.getText() ?? ""]);
  });
  const names = [...new Set(all.map(({ name }) => name))];
  return names.map((name) => {
    const same = all.filter((property) => property.name === name);
    const [first] = same;
    if (first === undefined) throw new Error(`there is no ${name}`);
    const marks = same.flatMap((property) => property.forms);
    const docs = same.map((property) => property.docs).find(Boolean) ?? "";
    const isOfAll = marks.length === forms.length || marks[0] === name;
    return { ...first, docs, forms: isOfAll ? [] : marks };
  });
}

function membersOf(
  members: ts.NodeArray<ts.TypeElement>,
  forms: readonly string[],
): Property[] {
  return members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(),
    type: plainType(member.type?.getText() ?? "unknown"),
    docs: docsOf(member),
    forms,
  }));
}

/** Without what only a compiler needs. */
function plainType(type: string): string {
  return type
    .replaceAll(/\breadonly /g, "")
    .replaceAll(/Readonly<([^<>]*<[^<>]*>)>/g, "$1")
    .replaceAll(/\s+/g, " ")
    .replaceAll("| { ", "{ ");
}

function docsOf(member: ts.PropertySignature): string {
  const [docs] = ts.getJSDocCommentsAndTags(member);
  if (docs === undefined || !ts.isJSDoc(docs)) return "";
  const text = ts.getTextOfJSDocComment(docs.comment) ?? "";
  return text
    .replaceAll(/\{@link ([\w.]+)\}/g, "`$1`")
    .replaceAll(/\s+/g, " ")
    .trim();
}
