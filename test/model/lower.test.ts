import { describe, expect, it } from "vitest";
import type { Type } from "../../src/model/api.ts";
import { certification } from "../support/certification.ts";
import { parse, serviceOf } from "../support/varlink.ts";

function show(type: Type): string {
  switch (type.kind) {
    case "primitive":
      return type.name;
    case "reference":
      return type.path.join("/");
    case "list":
      return `[]${show(type.element)}`;
    case "map":
      return `[string]${show(type.value)}`;
    case "nullable":
    default:
      return `?${show(type.type)}`;
  }
}

describe("lowering", () => {
  const service = serviceOf(certification);

  it("keeps the text, the path, and members in order", () => {
    expect(service.wire).toBe("varlink");
    expect(service.name).toBe("org.varlink.certification");
    expect(service.source).toEqual({
      path: "test.varlink",
      text: certification,
    });
    expect(service.members.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "struct Interface",
      "struct MyType",
      "method Start",
      "method Test01",
      "method Test06",
      "method Test09",
      "method End",
      "error ClientIdError",
      "error CertificationError",
    ]);
    expect(service.methods).toEqual(
      service.members.filter(({ kind }) => kind === "method"),
    );
    expect(service.errors).toEqual(
      service.members.filter(({ kind }) => kind === "error"),
    );
  });

  it("gives inline types a path, each after the type it stands in", () => {
    expect(
      service.types.map(({ kind, path, inline }) => [
        kind,
        path.join("/"),
        inline,
      ]),
    ).toEqual([
      ["struct", "Interface", false],
      ["enum", "Interface/foo", true],
      ["struct", "Interface/anon", true],
      ["struct", "MyType", false],
      ["enum", "MyType/enum", true],
      ["struct", "MyType/struct", true],
      ["struct", "MyType/stringset", true],
      ["struct", "MyType/nullable_array_struct", true],
      ["struct", "Test06/output/struct", true],
      ["struct", "Test09/input/set", true],
    ]);
    for (const { path, name } of service.types) expect(name).toBe(path.at(-1));
  });

  it("puts the `?` of a field into its presence, and keeps those further in", () => {
    const fields = service.types.flatMap((type) =>
      type.kind === "struct" && !type.inline ? type.fields : [],
    );
    expect(
      fields.map(
        ({ name, presence, type }) => `${name} ${presence} ${show(type)}`,
      ),
    ).toEqual([
      "foo optional []?[string]Interface/foo",
      "anon required Interface/anon",
      "object required object",
      "enum required MyType/enum",
      "struct required MyType/struct",
      "array required []string",
      "dictionary required [string]string",
      "stringset required [string]MyType/stringset",
      "nullable optional string",
      "nullable_array_struct optional []MyType/nullable_array_struct",
      "interface required Interface",
    ]);
  });

  it("goes on with paths in types within types, and in errors", () => {
    const { types } = serviceOf(
      "interface a.b\ntype T (a: (b: [](c: (one, two))))\nerror E (x: (y: int))\nmethod M(t: ?T) -> ()",
    );
    expect(types.map(({ path }) => path.join("/"))).toEqual([
      "T",
      "T/a",
      "T/a/b",
      "T/a/b/c",
      "E/x",
    ]);
  });

  it("reads recursion and forward references by name", () => {
    const { types } = serviceOf(
      "interface a.b\ntype T (next: ?T, u: []U)\ntype U (t: [string]T)",
    );
    expect(
      types[0]?.kind === "struct" &&
        types[0].fields.map(({ type }) => show(type)),
    ).toEqual(["T", "[]U"]);
  });

  it("takes every reference of a model to a type in it", () => {
    const paths = new Set(service.types.map(({ path }) => path.join("/")));
    const references = (type: Type): string[] => {
      if (type.kind === "reference") return [type.path.join("/")];
      if (type.kind === "list") return references(type.element);
      if (type.kind === "map") return references(type.value);
      return type.kind === "nullable" ? references(type.type) : [];
    };
    const fields = [
      ...service.types.flatMap((type) =>
        type.kind === "struct" ? type.fields : [],
      ),
      ...service.methods.flatMap(({ input, output }) => [
        ...input.fields,
        ...output.fields,
      ]),
    ];
    for (const field of fields) {
      for (const path of references(field.type)) expect(paths).toContain(path);
    }
  });

  it("gives no model of a file with errors, but its tree and what is wrong", () => {
    const {
      ast,
      service: none,
      diagnostics,
    } = parse("interface a.b\ntype T (a: Nope)\nmethod M() -> ()");
    expect(none).toBeUndefined();
    expect(ast.members.map(({ name }) => name.text)).toEqual(["T", "M"]);
    expect(diagnostics).toHaveLength(1);
  });
});

it("serves the text without a byte order mark and with even line ends", () => {
  const text = "\ufeff# one\r\n# two\rinterface a.b\u2028method M() -> ()\n";
  expect(parse(text).service?.source.text).toBe(
    "# one\n# two\ninterface a.b\nmethod M() -> ()\n",
  );
});
