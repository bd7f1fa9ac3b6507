import path from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/config/error.ts";
import { findConfig } from "../../src/config/find.ts";
import { validateConfig } from "../../src/config/problems.ts";
import { readConfig } from "../../src/config/read.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { Config } from "../../src/config/types.ts";
import { folderWith } from "./folder.ts";

function problemsOf(config: unknown): string[] {
  try {
    validateConfig(config, "portolan.config.ts");
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [first, ...lines] = (error as Error).message.split("\n");
    expect(first).toBe('the configuration "portolan.config.ts" is wrong:');
    return lines.map((line) => line.trim());
  }
}

describe("what a configuration may say", () => {
  test("every option at once", () => {
    const config: Config = {
      output: "src/generated",
      interfaces: [
        "interfaces/*.varlink",
        {
          file: "api.proto",
          inputs: "exact",
          int64: "string",
          name: "Api",
          client: true,
          server: false,
          docs: false,
          envelope: "api.json",
          forms: { GetEvents: { more: "required", upgrade: "unknown" } },
        },
      ],
      protoPath: ["protos"],
      inputs: "partial",
      int64: "number",
      importExtension: ".ts",
      client: false,
      server: true,
      docs: { sections: "sorted", diagrams: false, frontMatter: { a: "b" } },
      templates: "templates",
      documents: [
        {
          output: "docs/",
          interfaces: ["*.varlink"],
          style: "podman",
          index: "index.md",
          sections: "file",
          diagrams: true,
          frontMatter: {},
        },
      ],
    };
    expect(validateConfig(config, "x")).toEqual(config);
    expect(validateConfig({}, "x")).toEqual({});
  });

  test.each<[unknown, string]>([
    [[], "it is an empty list, but must be an object"],
    [undefined, "it is nothing, but must be an object"],
    [() => ({}), "it is a function, but must be an object"],
    [Promise.resolve({}), "it is a Promise, but must be an object"],
    [new Map([["output", "x"]]), "it is a Map, but must be an object"],
    [
      { docs: new Date(0) },
      "docs is a Date, but must be true, false or an object",
    ],
    [
      { docs: { frontMatter: { constructor: "x" } } },
      "docs.frontMatter is an object, but must not have any of __proto__, constructor, prototype",
    ],
    [
      {
        interfaces: [
          { file: "a", forms: JSON.parse('{ "__proto__": {} }') as unknown },
        ],
      },
      "interfaces[0].forms is an object, but must not have any of __proto__, constructor, prototype",
    ],
    [{ outptu: "x" }, 'outptu is no option; did you mean "output"?'],
    [{ zzz: 1 }, "zzz is no option"],
    [JSON.parse('{ "__proto__": {} }'), "__proto__ is no option"],
    [{ output: "" }, 'output is "", but must not be empty'],
    [{ output: 3 }, "output is 3, but must be a text"],
    [{ protoPath: "a" }, 'protoPath is "a", but must be a list'],
    [{ protoPath: ["a", 1] }, "protoPath[1] is 1, but must be a text"],
    [
      { inputs: "partal" },
      'inputs is "partal", but must be "exact" or "partial"; did you mean "partial"?',
    ],
    [
      { int64: "double" },
      'int64 is "double", but must be "bigint", "number" or "string"',
    ],
    [{ client: "yes" }, 'client is "yes", but must be true or false'],
    [{ client: null }, "client is null, but must be true or false"],
    [{ docs: 3 }, "docs is 3, but must be true, false or an object"],
    [
      { docs: { section: "file" } },
      'docs.section is no option; did you mean "sections"?',
    ],
    [
      { docs: { frontMatter: { "my-key": 1 } } },
      'docs.frontMatter["my-key"] is 1, but must be a text',
    ],
    [
      { interfaces: [[]] },
      "interfaces[0] is an empty list, but must be a path, a pattern or an object",
    ],
    [{ interfaces: [{}] }, "interfaces[0].file is missing"],
    [
      { interfaces: [{ file: "a", name: "a-b" }] },
      'interfaces[0].name is "a-b", but must be letters and digits, a letter first',
    ],
    [
      { interfaces: [{ file: "a", forms: { A: { more: "yes" } } }] },
      'interfaces[0].forms.A.more is "yes", but must be "unknown", "supported" or "required"',
    ],
    [
      { interfaces: [{ file: "a", forms: { A: [] } }] },
      "interfaces[0].forms.A is an empty list, but must be an object",
    ],
    [{ documents: [{}] }, "documents[0].output is missing"],
    [
      { documents: [{ output: "a", interfaces: [] }] },
      "documents[0].interfaces is an empty list, but must not be empty",
    ],
    [
      { output: "x".repeat(99), templates: ["x".repeat(99)] },
      "templates is a list, but must be a text",
    ],
  ])("%j: %s", (config, problem) => {
    expect(problemsOf(config)).toEqual([problem]);
  });

  test("all problems are told at once, up to twenty", () => {
    expect(problemsOf({ client: 1, server: 2, nonsense: 3 })).toEqual([
      "client is 1, but must be true or false",
      "server is 2, but must be true or false",
      "nonsense is no option",
    ]);
    const many = problemsOf({ protoPath: Array.from({ length: 23 }, () => 1) });
    expect(many).toHaveLength(21);
    expect(many.at(-1)).toBe("and 3 more");
  });

  test("one without end, or nearly, is wrong like any other", () => {
    const docs: { docs?: unknown } = {};
    docs.docs = docs;
    expect(problemsOf(docs)).toEqual(["docs.docs is no option"]);
    const deep = `{ "output": ${"[".repeat(9_000)}${"]".repeat(9_000)} }`;
    expect(problemsOf(JSON.parse(deep))).toEqual([
      "output is a list, but must be a text",
    ]);
  });

  test("what is undefined is left out", () => {
    const config = { client: undefined, docs: { sections: undefined } };
    expect(validateConfig(config, "x")).toEqual({ docs: {} });
  });
});

describe("where it is looked for", () => {
  test("here, then above, up to the package", () => {
    const folder = folderWith({
      "package.json": "{}",
      "portolan.config.ts": "",
      "a/b/c.txt": "",
      "own/portolan.config.json": "",
      "other/package.json": "{}",
      "other/sub/c.txt": "",
    });
    const at = (name: string): string | undefined => {
      const file = findConfig(path.join(folder, name));
      return file && path.relative(folder, file);
    };
    expect(at("")).toBe("portolan.config.ts");
    expect(at("a/b")).toBe("portolan.config.ts");
    expect(at("own")).toBe("own/portolan.config.json");
    expect(at("other")).toBeUndefined();
    expect(at("other/sub")).toBeUndefined();
  });

  test("two in one folder are an error", () => {
    const folder = folderWith({
      "portolan.config.ts": "",
      "portolan.config.json": "",
    });
    expect(() => findConfig(folder)).toThrow(
      "has portolan.config.ts and portolan.config.json: remove one of them, or name one with --config",
    );
  });

  test("none is an error of its own, and so is a name that is none", async () => {
    const folder = folderWith({ "package.json": "{}", "a.yaml": "" });
    await expect(readConfig(folder)).rejects.toThrow(
      "there is no configuration",
    );
    await expect(readConfig(folder, "a.yaml")).rejects.toThrow(
      '"a.yaml" is no configuration',
    );
  });
});

describe("files and their options", () => {
  const tree = {
    "a.varlink": "",
    "b.varlink": "",
    "c.proto": "",
    "d.proto": "",
    "c.envelope.json": "",
  };

  async function resolved(config: Config) {
    const folder = folderWith(tree);
    const file = path.join(folder, "portolan.config.json");
    const found = await resolveConfig(config, file);
    const name = (one: string): string => path.relative(folder, one);
    return { ...found, folder, name };
  }

  test("an entry's options go before those of all, `docs` option by option", async () => {
    const { interfaces, name } = await resolved({
      inputs: "partial",
      server: false,
      docs: { sections: "sorted", diagrams: false },
      interfaces: [
        { file: "b.varlink", inputs: "exact", docs: { diagrams: true } },
        { file: "a.varlink", docs: false, name: "Bee" },
      ],
    });
    expect(interfaces.map((one) => [name(one.path), one.options])).toEqual([
      [
        "b.varlink",
        {
          inputs: "exact",
          server: false,
          docs: true,
          sections: "sorted",
          diagrams: true,
        },
      ],
      [
        "a.varlink",
        {
          inputs: "partial",
          server: false,
          docs: false,
          sections: "sorted",
          diagrams: false,
          name: "Bee",
        },
      ],
    ]);
  });

  test("a path goes before a pattern, options before none, in any order; each file is there once", async () => {
    const { interfaces, name } = await resolved({
      interfaces: [
        "*",
        { file: "*.varlink", inputs: "partial" },
        { file: "a.varlink", inputs: "exact" },
        "./a.varlink",
        "c.proto",
        "c.proto",
      ],
    });
    expect(
      interfaces.map((one) => [name(one.path), one.options.inputs]),
    ).toEqual([
      ["a.varlink", "exact"],
      ["b.varlink", "partial"],
      ["c.proto", undefined],
      ["d.proto", undefined],
    ]);
  });

  test("paths are the configuration's, not the working folder's", async () => {
    const { folder, ...config } = await resolved({
      output: "../gen",
      protoPath: ["protos", "/usr/include"],
      templates: "t",
      interfaces: [{ file: "c.proto", envelope: "e/c.json" }],
      documents: [{ output: "docs/" }, { output: "api.md" }],
    });
    expect(config.output).toBe(path.resolve(folder, "../gen"));
    expect(config.protoPath).toEqual([
      path.join(folder, "protos"),
      "/usr/include",
    ]);
    expect(config.templates).toBe(path.join(folder, "t"));
    expect(config.interfaces[0]?.envelope).toBe(path.join(folder, "e/c.json"));
    expect(config.documents.map(({ output }) => output)).toEqual([
      `${path.join(folder, "docs")}/`,
      path.join(folder, "api.md"),
    ]);
  });

  test("a document takes all interfaces, or its own with what is known of them", async () => {
    const { documents, name } = await resolved({
      interfaces: [{ file: "a.varlink", forms: { A: { more: "required" } } }],
      documents: [
        { output: "all.md" },
        { output: "some.md", interfaces: ["*.varlink"], sections: "sorted" },
      ],
    });
    expect(
      documents.map(({ interfaces }) =>
        interfaces.map(({ path: file, forms }) => [name(file), forms]),
      ),
    ).toEqual([
      [["a.varlink", { A: { more: "required" } }]],
      [
        ["a.varlink", { A: { more: "required" } }],
        ["b.varlink", undefined],
      ],
    ]);
    expect(documents[1]?.sections).toBe("sorted");
  });

  test.each<[Config, string]>([
    [
      { interfaces: ["x/*.proto"] },
      'interfaces[0]: no interface file (.varlink, .proto) is named like "x/*.proto"',
    ],
    [{ interfaces: ["*.json"] }, "interfaces[0]: no interface file"],
    [
      { interfaces: [{ file: "c.proto", inputs: "partial" }] },
      'interfaces[0].inputs means nothing for "c.proto": it is for .varlink files',
    ],
    [
      { interfaces: [{ file: "*.varlink", int64: "string" }] },
      'interfaces[0].int64: "string" means nothing for "*.varlink": it is for .proto files',
    ],
    [
      { interfaces: [{ file: "c.proto", forms: {} }] },
      "interfaces[0].forms means nothing",
    ],
    [
      { interfaces: [{ file: "*.varlink", name: "A" }] },
      'interfaces[0].name is for one file, and "*.varlink" stands for 2',
    ],
    [
      {
        interfaces: [
          { file: "a.varlink", inputs: "exact" },
          { file: "./a.varlink", inputs: "partial" },
        ],
      },
      'interfaces[0] and interfaces[1] both have options for "a.varlink"',
    ],
    [
      {
        interfaces: [
          { file: "a*", inputs: "exact" },
          { file: "*k", inputs: "partial" },
        ],
      },
      'interfaces[0] and interfaces[1] both have options for "a.varlink"',
    ],
    [{ documents: [{ output: "a.md" }] }, "documents[0] has no interfaces"],
    [
      { interfaces: ["a\0/*.proto"] },
      'interfaces[0]: files like "a\\u0000/*.proto" cannot be looked for: ',
    ],
    [
      {
        interfaces: ["a.varlink"],
        documents: [{ output: "a" }, { output: "b" }, { output: "./c/../a/" }],
      },
      "documents[0] and documents[2] have the same output",
    ],
    [
      { documents: [{ output: "a.md", interfaces: ["x*"] }] },
      "documents[0].interfaces[0]: no interface file",
    ],
  ])("%j: %s", async (config, problem) => {
    await expect(resolved(config)).rejects.toThrow(ConfigError);
    await expect(resolved(config)).rejects.toThrow(problem);
  });

  test("int64 is for both languages, but for `string`", async () => {
    const { interfaces } = await resolved({
      interfaces: [{ file: "*.varlink", int64: "bigint" }, "c.proto"],
      int64: "string",
    });
    expect(interfaces.map(({ options }) => options?.int64)).toEqual([
      "bigint",
      "bigint",
      "string",
    ]);
  });

  test.each<[string | undefined, string[], string]>([
    [
      undefined,
      ["e/", "e/x.md"],
      'documents[1].output "e/x.md" lies in documents[0].output "e/"',
    ],
    [
      undefined,
      ["e/README.md", "./e/"],
      'documents[0].output "e/README.md" lies in documents[1].output "./e/"',
    ],
    [
      undefined,
      ["e/", "x/../e/deep/x.md"],
      'documents[1].output "x/../e/deep/x.md" lies in documents[0].output "e/"',
    ],
    [
      undefined,
      ["e", "e/x.md"],
      'documents[1].output "e/x.md" lies in documents[0].output "e"',
    ],
    [
      undefined,
      ["x.md", "x.md/e/"],
      'documents[1].output "x.md/e/" lies in documents[0].output "x.md"',
    ],
    [
      "gen",
      ["gen/x.md"],
      'documents[0].output "gen/x.md" lies in output "gen"',
    ],
    [
      "gen",
      ["gen/api/"],
      'documents[0].output "gen/api/" lies in output "gen"',
    ],
    [
      "x.md/gen",
      ["x.md"],
      'output "x.md/gen" lies in documents[0].output "x.md"',
    ],
    ["./gen/", ["gen"], "documents[0] and output have the same output"],
  ])("output %j and documents %j: %s", async (output, places, problem) => {
    const documents = places.map((place) => ({ output: place }));
    const config = { interfaces: ["*.varlink"], documents };
    await expect(
      resolved(output === undefined ? config : { ...config, output }),
    ).rejects.toThrow(problem);
  });

  test("outputs may lie beside each other, and folders of documents around others", async () => {
    const places = ["e/", "e/sub/", "e.md", "..e/x.md", "gen.md", "src/"];
    const { documents } = await resolved({
      output: "src/gen",
      interfaces: ["*.varlink"],
      documents: places.map((output) => ({ output })),
    });
    expect(documents).toHaveLength(places.length);
  });

  test("an option for one language fits a pattern that has both", async () => {
    const { interfaces } = await resolved({
      interfaces: [{ file: "*", inputs: "partial", int64: "string" }],
    });
    expect(interfaces).toHaveLength(4);
  });
});
