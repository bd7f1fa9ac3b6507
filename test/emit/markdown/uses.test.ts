import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anchorsOf } from "../../../src/emit/markdown/anchors.ts";
import { emitMarkdown } from "../../../src/emit/markdown/emit.ts";
import { usesOf } from "../../../src/model/uses.ts";
import { membersWith } from "./arbitraries.ts";
import { checkDocument, plainText } from "./document.ts";
import { type MemberSpec, serviceOf } from "./support.ts";

/** The sections of a document, by member. */
function sectionsOf(
  members: readonly MemberSpec[],
  docs = "",
): (name: string) => string {
  const service = serviceOf(members, { docs });
  const { text } = emitMarkdown(service, { path: "API.md", diagrams: false });
  checkDocument(service, text);
  return (name) => {
    const mark = /^[A-Z][a-z]+s$/.test(name)
      ? `\n## ${name}\n`
      : `### <a id="${name}"></a>${name}\n`;
    const [, rest = ""] = text.split(mark);
    return (rest.split(/\n#{1,3} /)[0] ?? "").trim();
  };
}

const called = (name: string, docs = ""): MemberSpec => ({
  kind: "method",
  name,
  docs,
});

describe("a type says who uses it", () => {
  test("by what it is for them", () => {
    const section = sectionsOf([
      {
        kind: "method",
        name: "Get",
        input: [{ name: "a", type: { nullable: "T" } }],
      },
      { kind: "method", name: "Put", output: [{ name: "a", type: "T" }] },
      {
        kind: "method",
        name: "Swap",
        input: [{ name: "a", type: { list: "T" } }],
        output: [{ name: "b", type: { map: "T" } }],
      },
      { kind: "struct", name: "T", fields: [{ name: "next", type: "T" }] },
      {
        kind: "struct",
        name: "U",
        fields: [
          { name: "x", type: "T" },
          { name: "y", type: { fields: [{ name: "z", type: "T" }] } },
        ],
      },
      { kind: "error", name: "E", fields: [{ name: "t", type: "T" }] },
    ]);
    expect(section("T")).toContain(
      "**Used by:** input of [Get](#Get); output of [Put](#Put); input and output of\n[Swap](#Swap); type [U](#U) (`x`, `y.z`); error [E](#E) (`t`)\n",
    );
    expect(section("U")).toMatch(/^\*\*Used by:\*\* no other member\n/);
  });

  test("a line for each way where they are many", () => {
    const names = Array.from({ length: 9 }, (_, at) => `Get${at.toString()}`);
    const section = sectionsOf([
      ...names.map((name): MemberSpec => {
        const output = [{ name: "a", type: "T" }];
        return { kind: "method", name, output };
      }),
      { kind: "struct", name: "T" },
      {
        kind: "struct",
        name: "U",
        fields: ["a", "b", "c", "d", "e"].map((name) => ({ name, type: "T" })),
      },
    ]);
    expect(section("T")).toBe(`**Used by**

- output of [Get0](#Get0), [Get1](#Get1), [Get2](#Get2), [Get3](#Get3),
  [Get4](#Get4), [Get5](#Get5), [Get6](#Get6), [Get7](#Get7), [Get8](#Get8)
- type [U](#U)

No fields.`);
  });

  test("unless nothing there could", () => {
    const section = sectionsOf([
      { kind: "struct", name: "T", fields: [{ name: "t", type: "T" }] },
    ]);
    expect(section("T")).not.toContain("Used by");
  });

  test("all of them, whatever the service", () => {
    fc.assert(
      fc.property(membersWith(fc.constant("")), (specs) => {
        const service = serviceOf(specs);
        const uses = usesOf(service);
        const { text } = emitMarkdown(service, { path: "API.md" });
        const { sections } = checkDocument(service, text);
        for (const type of service.types.filter(({ inline }) => !inline)) {
          const expected = uses
            .ofType(type.path)
            .filter(({ member }) => member !== type)
            .map(({ member }) => member.name);
          const section = sections.get(type.name) ?? [];
          const at = section.findIndex((node) =>
            plainText(node).startsWith("Used by"),
          );
          const told = [section[at], section[at + 1]]
            .slice(0, section[at + 1]?.type === "list" ? 2 : 1)
            .flatMap((node) => linksIn(node ?? {}));
          expect(told.toSorted()).toEqual(expected.toSorted());
        }
      }),
      { numRuns: 50 },
    );
  });
});

function linksIn(node: object): string[] {
  if ("type" in node && node.type === "link") return [plainText(node)];
  if (!("children" in node) || !Array.isArray(node.children)) return [];
  return node.children.flatMap((child: object) => linksIn(child));
}

describe("errors", () => {
  const errors: MemberSpec[] = [
    {
      kind: "error",
      name: "NotFound",
      fields: [{ name: "name", type: "string" }],
    },
    { kind: "error", name: "Busy" },
    { kind: "error", name: "Odd" },
  ];

  test("are listed with a method whose docs name them, and the other way round", () => {
    const section = sectionsOf([
      called("Get", "Raises NotFound.\n\nOr `Busy`."),
      called("Put", "May be Busy."),
      ...errors,
    ]);
    expect(section("Get")).toContain(
      "**Errors:** [NotFound](#NotFound), [Busy](#Busy)",
    );
    expect(section("Put")).not.toContain("**Errors:**");
    expect(section("NotFound")).toMatch(/^\*\*Named by:\*\* \[Get\]\(#Get\)\n/);
    expect(section("Odd")).toBe("");
  });

  test("are not listed again where one paragraph has links to all", () => {
    const section = sectionsOf([
      called("One", "Text.\n\nRaises [NotFound](#NotFound) or [Busy](Busy)."),
      called("Two", "Raises [NotFound](#NotFound).\n\nOr [Busy](#Busy)."),
      ...errors,
    ]);
    expect(section("One")).not.toContain("**Errors:**");
    expect(section("Two")).toContain("**Errors:** [NotFound]");
  });

  test("have an overview of what they carry and who names them", () => {
    const section = sectionsOf([
      called("Get", "Raises [NotFound](#NotFound)."),
      ...errors,
    ]);
    expect(section("Errors")).toContain(
      `| Error                 | Fields           | Named by |
| --------------------- | ---------------- | -------- |
| [NotFound](#NotFound) | \`(name: string)\` | 1 method |
| [Busy](#Busy)         |                  |          |
| [Odd](#Odd)           |                  |          |
`,
    );
    expect(section("Errors")).toMatch(/\*\*named\sby\*\* the methods/);
    const [, busy, odd] = errors;
    const plain = sectionsOf([
      called("Get"),
      ...[busy, odd].flatMap((e) => e ?? []),
    ]);
    expect(plain("Errors")).not.toMatch(/\| Error +\| Named|named\sby/);
  });

  test("link the types of their fields in the overview", () => {
    const section = sectionsOf([
      called("Get"),
      { kind: "struct", name: "T" },
      {
        kind: "error",
        name: "NotFound",
        fields: [{ name: "why", type: { list: "T" } }],
      },
      { kind: "error", name: "Busy" },
    ]);
    expect(section("Errors")).toContain("| <code>(why: \\[][T](#T))</code> |");
  });

  test("are found in the order of the file, whatever the docs' order", () => {
    const {
      methods,
      errors: declared,
      ...rest
    } = serviceOf([
      called("Get", "`Odd`, then `Busy`, then NotFound."),
      called("Put", "`Odd`."),
      ...errors,
    ]);
    const uses = usesOf({ ...rest, methods, errors: declared });
    const [get, put] = methods;
    expect(get && uses.errorsOf(get)).toEqual(declared);
    expect(uses.ofError("Odd")).toEqual([get, put]);
    expect(uses.ofError("constructor")).toEqual([]);
  });

  test("of every service are told where something can be called", () => {
    const names = [
      "InterfaceNotFound",
      "MethodNotFound",
      "MethodNotImplemented",
      "InvalidParameter",
      "PermissionDenied",
      "ExpectedMore",
      "ExpectedUpgrade",
    ];
    const standard = (members: readonly MemberSpec[]): string[] =>
      names.filter((name) =>
        sectionsOf(members)("Errors").includes(`\`${name}\``),
      );
    expect(standard([called("Get")])).toEqual(names);
    expect(standard([called("Get"), ...errors])).toEqual(names);
    expect(standard(errors)).toEqual([]);
  });

  test("of every service are not told twice by the interface that has them", () => {
    const service = serviceOf([called("GetInfo"), ...errors], {
      name: "org.varlink.service",
    });
    const { text } = emitMarkdown(service, { path: "API.md" });
    expect(text).toContain("`org.varlink.service.NotFound`");
    expect(text).not.toContain("can answer any call");
  });
});

describe("deprecated members", () => {
  const old = (count: number): MemberSpec[] =>
    Array.from({ length: count }, (_, at) => ({
      ...called(`Old${at.toString()}`),
      deprecated: true,
    }));

  test("are named at the top, or counted where they are many", () => {
    const opening = (members: readonly MemberSpec[]): string =>
      emitMarkdown(serviceOf(members), { path: "API.md" }).text.split(
        "\n## ",
      )[0] ?? "";
    expect(opening([called("New")])).not.toContain("Deprecated");
    expect(opening([called("New"), ...old(2)])).toContain(
      "**Deprecated:** [Old0](#Old0), [Old1](#Old1)\n",
    );
    expect(opening(old(13))).toContain(
      "**Deprecated:** 13 members, which the index marks\n",
    );
  });
});

describe("names in docs", () => {
  const members: MemberSpec[] = [
    called(
      "Get",
      "`Get` gives what `Put` took: `org.example.test.Put`, `Put()`, [Put] and [so][Put].",
    ),
    called("Put", "`put`, `Put it`, [put] and [`Put`](https://example.org/)."),
  ];

  test("in code are links, but a member's own and words that are none", () => {
    const section = sectionsOf(members);
    expect(section("Get")).toContain(
      "`Get` gives what [`Put`](#Put) took: [`org.example.test.Put`](#Put), [`Put()`](#Put), [Put](#Put) and [so](#Put).",
    );
    expect(section("Put")).toContain(
      "`put`, `Put it`, \\[put] and [`Put`](https://example.org/).",
    );
  });
});

test("an anchor does not change when other members come, go or move", () => {
  fc.assert(
    fc.property(
      membersWith(fc.constant("")),
      fc.infiniteStream(fc.boolean()),
      fc.constantFrom("", "org.example.test."),
      (specs, keeps, prefix) => {
        const all = anchorsOf(serviceOf(specs), prefix);
        const some = specs.filter(() => keeps.next().value).toReversed();
        const fewer = anchorsOf(serviceOf(some), prefix);
        for (const { name } of some) expect(fewer.of(name)).toBe(all.of(name));
        const ids = specs.map(({ name }) => all.of(name));
        expect(new Set(ids).size).toBe(specs.length);
      },
    ),
  );
});
