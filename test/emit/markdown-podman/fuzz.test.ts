import * as fc from "fast-check";
import { expect, test } from "vitest";
import { interfaceFile, type MemberPiece, soup } from "./arbitraries.ts";
import { checkAny, documentOf } from "./support.ts";

/** Raised by hand after a change of the scanner or printer. */
const RUNS = Number(process.env["PORTOLAN_FUZZ_RUNS"] ?? "150");

const builtin: Record<string, string> = {
  string: "https://godoc.org/builtin#string",
  int: "https://godoc.org/builtin#int",
  bool: "https://godoc.org/builtin#bool",
  float: "https://golang.org/src/builtin/builtin.go#L58",
};

function linked(type: string): string {
  return `[${type}](${builtin[type] ?? `#${type}`})`;
}

/** The members of a section in the order of the bytes of their names. */
function sorted(
  members: readonly MemberPiece[],
  keyword: MemberPiece["keyword"],
): MemberPiece[] {
  return members
    .filter((member) => member.keyword === keyword)
    .toSorted((a, b) =>
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
    );
}

/** The document of an interface by the rules, line by line. */
function expected({
  name,
  docs,
  members,
}: {
  readonly name: string;
  readonly docs: string;
  readonly members: readonly MemberPiece[];
}): string {
  const lines = [`# ${name}`, docs, "## Index"];
  const [methods, types, errors] = [
    sorted(members, "method"),
    sorted(members, "type"),
    sorted(members, "error"),
  ];
  for (const one of methods) {
    const given = one.inputs.map((each) => `${each.name}: ${each.type}`);
    const results = one.outputs.map(({ type }) => type);
    lines.push(
      "",
      `[func ${one.name}(${given.join(", ")}) ${results.join(", ")}](#${one.name})`,
    );
  }
  lines.push("");
  for (const { name: type } of types)
    lines.push(`[type ${type}](#${type})`, "");
  for (const { name: error } of errors)
    lines.push(`[error ${error}](#${error})`, "");
  lines.push("## Methods");
  for (const one of methods) {
    const given = one.inputs.map(
      (each) => `${each.name}: ${linked(each.type)}`,
    );
    const results = one.outputs.map(({ type }) => linked(type));
    lines.push(
      `### <a name="${one.name}"></a>func ${one.name}`,
      '<div style="background-color: #E8E8E8; padding: 15px; margin: 10px; border-radius: 10px;">',
      "",
      `method ${one.name}(${given.join(", ")}) ${results.join(", ")}</div>`,
      one.docs,
    );
  }
  lines.push("## Types");
  for (const one of types) {
    lines.push(`### <a name="${one.name}"></a>type ${one.name}`, "", one.docs);
    for (const field of one.inputs)
      lines.push("", `${field.name} ${linked(field.type)}`);
  }
  lines.push("## Errors");
  for (const one of errors)
    lines.push(`### <a name="${one.name}"></a>type ${one.name}`, "", one.docs);
  return `${lines.join("\n")}\n`;
}

test("the document of any interface follows the rules", () => {
  fc.assert(
    fc.property(interfaceFile, (file) => {
      expect(documentOf(file.source)).toBe(expected(file));
    }),
    { numRuns: RUNS },
  );
});

test("line ends at the file's end change nothing", () => {
  fc.assert(
    fc.property(interfaceFile, fc.nat(4), ({ source }, count) => {
      expect(documentOf(source + "\n".repeat(count))).toBe(documentOf(source));
    }),
    { numRuns: RUNS },
  );
});

test("any bytes give a document, or a problem with its place", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        soup.map((text) => Buffer.from(text, "latin1")),
        soup.map((text) =>
          Buffer.from(`interface a.b\nmethod A()->()\n${text}`, "latin1"),
        ),
      ),
      checkAny,
    ),
    { numRuns: RUNS * 4 },
  );
});

test("so does any file with a piece cut out, doubled or replaced", () => {
  fc.assert(
    fc.property(
      interfaceFile,
      fc.nat(),
      fc.nat(6),
      fc.uint8Array({ maxLength: 3 }),
      ({ source }, at, length, bytes) => {
        const start = at % (source.length + 1);
        const rest = source.slice(start + length);
        const put = Buffer.from(bytes).toString("latin1");
        checkAny(Buffer.from(source.slice(0, start) + put + rest, "latin1"));
        const doubled = source.slice(0, start + length) + source.slice(start);
        checkAny(Buffer.from(doubled, "latin1"));
      },
    ),
    { numRuns: RUNS },
  );
});
