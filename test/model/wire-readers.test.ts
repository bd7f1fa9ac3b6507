import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

/**
 * A field's `wire` is for what reads and writes bytes, for what binds an envelope
 * and for documents; all else goes by the neutral part of the model. Whoever joins
 * them has to be put here, with a reason.
 */
const readers: Readonly<Record<string, string>> = {
  "emit/markdown/diagram.ts": "shows the keys of maps",
  "emit/markdown/proto/errors.ts": "shows the number of the error's field",
  "emit/markdown/proto/messages.ts": "tells which fields exclude each other",
  "emit/markdown/proto/notes.ts": "tells of defaults and of `oneof`s",
  "emit/markdown/proto/tables.ts": "shows numbers, types, defaults",
  "emit/typescript/proto/codec/fields.ts": "plans the codecs",
  "emit/typescript/proto/links.ts": "a field of a `oneof` is no property",
  "emit/typescript/proto/names.ts": "names the types of `oneof`s",
  "emit/typescript/proto/notes.ts": "docs tell of defaults and keys",
  "emit/typescript/proto/types.ts": "a `oneof` is one property",
  "emit/typescript/proto/validate.ts": "nothing else reaches the codecs",
  "model/proto/envelope.ts": "commands have the numbers of their fields",
  "model/proto/envelope/commands.ts": "the same",
  "model/proto/envelope/values.ts": "values of the configuration fit a type",
  "model/proto/envelope/write.ts": "writes what a peer demands",
};

/** Files that make, declare or pass on what the name says, or a service's `wire`. */
const others: Readonly<Record<string, string>> = {
  "emit/generate.ts": "a service's",
  "emit/markdown/emit.ts": "a service's",
  "emit/markdown/errors.ts": "a service's",
  "emit/markdown/notes.ts": "a service's",
  "emit/markdown/together.ts": "a service's",
  "emit/typescript/validate.ts": "a service's",
  "index.ts": "exports the type",
  "model/api.ts": "declares it",
  "model/forms.ts": "a service's",
  "model/lower.ts": "a service's",
  "model/proto/service.ts": "makes it",
};

const sources = new URL("../../src/", import.meta.url);

/** Whether a text names a field's `wire`, or its type, anywhere but in words. */
function namesWire(text: string): boolean {
  const found = (node: ts.Node): boolean =>
    (ts.isIdentifier(node) && /^(?:wire|FieldWire)$/.test(node.text)) ||
    (ts.isStringLiteralLike(node) && node.text === "wire") ||
    (ts.forEachChild(node, (child) => found(child) || undefined) ?? false);
  return found(
    ts.createSourceFile("a.ts", text, ts.ScriptTarget.Latest, false),
  );
}

test("only those that are listed read a field's wire", () => {
  const found = readdirSync(sources, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
    .filter((file) =>
      namesWire(readFileSync(fileURLToPath(new URL(file, sources)), "utf8")),
    );
  expect(found.toSorted()).toEqual(
    [...Object.keys(readers), ...Object.keys(others)].toSorted(),
  );
});

test("every way to it is seen", () => {
  for (const text of [
    "field.wire",
    "field?.wire?.number",
    "const { wire } = field;",
    "const { wire: { number } } = field;",
    'field["wire"]',
    "function f({ wire }: Field) {}",
    "let a: FieldWire;",
  ])
    expect(namesWire(text), text).toBe(true);
  for (const text of ["// field.wire", 'const a = "field.wire";', "wires"])
    expect(namesWire(text), text).toBe(false);
});
