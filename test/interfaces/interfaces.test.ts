import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { check } from "prettier";
import { describe, expect, it } from "vitest";
import { corpus, describeCorpus, seed } from "../support/corpus.ts";
import { allFields, printInterface, readInterface, signature } from "./read.ts";
import type { Docs, InterfaceFile, Member } from "./read.ts";

/** What each file is known to hold, so that no member is lost or changed unnoticed. */
const files = [
  {
    path: "io.podman.varlink",
    name: "io.podman",
    counts: { type: 30, method: 64, error: 8 },
    digest: "42cc2b382f5468f77e8d6f0a099f81ff4aaa75cc7a9fbde4f36a399e12820a4b",
    errors:
      "ImageNotFound ContainerNotFound NoContainerRunning PodNotFound PodContainerError NoContainersInPod ErrorOccurred RuntimeError",
    forms: {
      GetContainerLogs: "Supports 'more'",
      BuildImage: "Supports 'more'",
    },
    notImplemented:
      "ResizeContainerTty UpdateContainer RenameContainer AttachToContainer CreateImage WaitPod TopPod ListContainerPorts",
  },
  {
    path: "io.projectatomic.podman.varlink",
    name: "io.projectatomic.podman",
    counts: { type: 12, method: 38, error: 4 },
    digest: "22e7c28b554949c668a0022271c88f042807b404052fb28eb3236ca7f325c0d8",
    errors: "ImageNotFound ContainerNotFound ErrorOccurred RuntimeError",
    forms: { GetContainerLogs: "Supports 'more'" },
    notImplemented:
      "CreateContainer ResizeContainerTty StartContainer UpdateContainer RenameContainer AttachToContainer BuildImage CreateImage CreateFromContainer",
  },
  {
    path: "org.varlink.service.varlink",
    name: "org.varlink.service",
    counts: { type: 0, method: 2, error: 7 },
    digest: "5b33c3bbf88ddf7ea1391884609bd0612cbe89f62a1f92c18b45422ec2cfa7c3",
    errors:
      "InterfaceNotFound MethodNotFound MethodNotImplemented InvalidParameter PermissionDenied ExpectedMore ExpectedUpgrade",
    forms: {},
    notImplemented: "",
  },
  {
    path: "org.varlink.certification.varlink",
    name: "org.varlink.certification",
    counts: { type: 2, method: 13, error: 2 },
    digest: "1416c2eab9a3a0ac48899865058caea438cec2f40e2fb311312a0b5475d76666",
    errors: "ClientIdError CertificationError",
    forms: { Test10: "Requires 'more'" },
    notImplemented: "",
  },
  {
    path: "io.systemd.UserDatabase.varlink",
    name: "io.systemd.UserDatabase",
    counts: { type: 0, method: 3, error: 6 },
    digest: "8d8f93a7793bb328e2c0bbaa2d7ae9ef4e48a0ea22fe19503e508a85a76adba7",
    errors:
      "NoRecordFound BadService ServiceNotAvailable ConflictingRecordFound NonMatchingRecordFound EnumerationNotSupported",
    forms: {
      GetUserRecord: "Supports 'more'",
      GetGroupRecord: "Supports 'more'",
      GetMemberships: "Supports 'more'",
    },
    notImplemented: "",
  },
] as const;

function load(path: string): string {
  return readFileSync(
    new URL(`../../interfaces/${path}`, import.meta.url),
    "utf8",
  );
}

/** Every documentation block of a file, with what it documents. */
function docBlocks(file: InterfaceFile): { of: string; docs: Docs }[] {
  return [
    { of: file.name, docs: file.docs },
    ...file.members.flatMap((member) => [
      { of: member.name, docs: member.docs },
      ...allFields(member).map(({ path, field }) => ({
        of: path,
        docs: field.docs,
      })),
    ]),
  ].filter(({ docs }) => docs.length > 0);
}

const marker = /^\[(Supports|Requires) '(more|upgrade)' flag\]$/;

function namesOf(members: readonly Member[], kind: Member["kind"]): string[] {
  return members
    .filter((member) => member.kind === kind)
    .map(({ name }) => name);
}

describe.each(files)(
  "$path",
  ({ path, name, counts, digest, errors, forms, notImplemented }) => {
    const text = load(path);
    const file = readInterface(text);
    const { members } = file;

    it("has the members it is meant to have", () => {
      expect(file.name).toBe(name);
      expect({
        type: namesOf(members, "type").length,
        method: namesOf(members, "method").length,
        error: namesOf(members, "error").length,
      }).toEqual(counts);
      expect(namesOf(members, "error").join(" ")).toBe(errors);
      expect(new Set(members.map((member) => member.name)).size).toBe(
        members.length,
      );
      const signatures = members
        .map((member) => `${signature(member)}\n`)
        .join("");
      expect(createHash("sha256").update(signatures).digest("hex")).toBe(
        digest,
      );
    });

    it("refers to types that it declares", () => {
      const known = new Set([
        "bool",
        "int",
        "float",
        "string",
        "object",
        ...namesOf(members, "type"),
      ]);
      for (const member of members)
        for (const { path: field, field: value } of allFields(member)) {
          const element = value.type?.element;
          if (typeof element === "string")
            expect(known, `the type of ${field}`).toContain(element);
        }
    });

    it("is laid out in one way", () => {
      expect(printInterface(file)).toBe(text);
      for (const [index, line] of text.split("\n").entries()) {
        expect(
          line.length,
          `line ${index + 1} is too wide`,
        ).toBeLessThanOrEqual(80);
        expect(line, `line ${index + 1}`).toMatch(/^$|^[ -~]*[!-~]$/);
      }
    });

    it("documents the interface, every member, type field and error field", () => {
      const undocumented = [
        ...(file.docs.length === 0 ? [name] : []),
        ...members
          .filter((member) => member.docs.length === 0)
          .map((member) => member.name),
        ...members
          .filter(
            ({ kind }) =>
              kind !== "method" && name !== "org.varlink.certification",
          )
          .flatMap((member) => allFields(member))
          .filter(({ field }) => field.docs.length === 0)
          .map((field) => field.path),
      ];
      expect(undocumented).toEqual([]);
    });

    it("documents all parameters of a method where it documents one", () => {
      // The certification's `client_id` is explained once, by the interface.
      const halfDone = members
        .filter(({ kind }) => kind === "method")
        .flatMap(({ name: method, fields, output = [] }) =>
          [fields.filter((field) => field.name !== "client_id"), output]
            .filter(
              (side) =>
                new Set(side.map((field) => field.docs.length > 0)).size > 1,
            )
            .map(() => method),
        );
      expect(halfDone).toEqual([]);
    });

    it("links to its own members only, by their names", () => {
      const known = new Set(members.map((member) => member.name));
      for (const { of, docs } of docBlocks(file)) {
        const prose = docs.filter((line) => !marker.test(line)).join("\n");
        const links = [...prose.matchAll(/\[([^\]]*)\]\(([^)]*)\)/g)];
        for (const [link, label, target] of links) {
          expect(target, `${link} at ${of}`).toBe(`#${label}`);
          expect(known, `${link} at ${of}`).toContain(label);
        }
        // Outside code, every bracket belongs to such a link: none is half written.
        const code = /```[^]*?```|`[^`]*`/g;
        expect(prose.replaceAll(code, "").match(/\]|#/g)?.length ?? 0, of).toBe(
          2 * links.length,
        );
      }
    });

    it("has docs that Prettier leaves as they are", async () => {
      for (const { of, docs } of docBlocks(file)) {
        expect(docs[0], of).not.toBe("");
        expect(docs.at(-1), of).not.toBe("");
        const markdown = `${docs.join("\n")}\n`;
        expect(
          await check(markdown, { parser: "markdown" }),
          `${of}:\n${markdown}`,
        ).toBe(true);
      }
    });

    it("writes code and links whole, never across a line end", () => {
      for (const { of, docs } of docBlocks(file)) {
        for (const line of docs) {
          if (line.startsWith("```")) continue;
          expect(line.split("`").length % 2, `${of}: ${line}`).toBe(1);
          expect(line.split("[").length, `${of}: ${line}`).toBe(
            line.split("]").length,
          );
        }
      }
    });

    it("marks the call forms, on the last line of a method's docs", () => {
      const marked = members.flatMap((member) =>
        member.docs.flatMap((line, index) => {
          const found = marker.exec(line);
          if (found === null) return [];
          expect(member.kind).toBe("method");
          expect(index, member.name).toBe(member.docs.length - 1);
          return [[member.name, `${found[1]} '${found[2]}'`] as const];
        }),
      );
      expect(Object.fromEntries(marked)).toEqual(forms);
    });

    it("says of methods without an implementation what a call of them gets", () => {
      const declared = members
        .filter(
          (member) => member.output?.[0]?.type?.element === "NotImplemented",
        )
        .map((member) => member.name);
      const said = members
        .filter(({ docs }) =>
          docs[0]?.startsWith(
            "Not implemented: fails with `org.varlink.service.MethodNotImplemented`.",
          ),
        )
        .map((member) => member.name);
      expect(said).toEqual(declared);
      expect(declared.join(" ")).toBe(notImplemented);
    });

    it("has examples that are JSON", () => {
      for (const { of, docs } of docBlocks(file)) {
        const fences = docs.filter((line) => line.startsWith("```"));
        expect(fences.length % 2, of).toBe(0);
        for (const [, language, code] of docs
          .join("\n")
          .matchAll(/^```(.*)\n([^]*?)^```$/gm)) {
          expect(language, of).toBe("json");
          expect(() => void JSON.parse(code ?? ""), of).not.toThrow();
        }
      }
    });
  },
);

/** The declarations of a file, one string of tokens, without comments and layout. */
function declarations(text: string): string {
  const code = text.replaceAll(/#.*$/gm, "");
  return (code.match(/->|[A-Za-z0-9_.]+|\S/g) ?? []).join(" ");
}

/** The words of each comment block, in lower case. */
function commentWords(text: string): string[][] {
  const blocks = text.split(/^(?!\s*#).*$/m);
  return blocks.map((block) => block.toLowerCase().match(/[a-z0-9]+/g) ?? []);
}

function runsOf(length: number, blocks: readonly string[][]): Set<string> {
  const runs = new Set<string>();
  for (const words of blocks)
    for (let start = 0; start + length <= words.length; start += 1)
      runs.add(words.slice(start, start + length).join(" "));
  return runs;
}

describe("what the comparison with the seeds rests on", () => {
  it("sees a changed type, name or order, and no comment or layout", () => {
    const one = "interface a.b\n# text\nmethod M(a: ?[]int) -> ()\n";
    expect(declarations(one)).toBe(
      declarations(
        "interface a.b\n\nmethod  M(\n  # a\n  a: ?[]int\n)->() # end\n",
      ),
    );
    for (const other of [
      "interface a.b\nmethod M(a: []int) -> ()",
      "interface a.b\nmethod M(b: ?[]int) -> ()",
      "interface a.b\nmethod M() -> (a: ?[]int)",
    ])
      expect(declarations(other)).not.toBe(declarations(one));
  });

  it("sees shared words across line ends, not across members", () => {
    const text = "# One two\n#  three, four.\ntype T (a: int)\n# five\n";
    expect([...runsOf(4, commentWords(text))]).toEqual(["one two three four"]);
    expect([...runsOf(5, commentWords(text))]).toEqual([]);
  });
});

describeCorpus("against the documents the project started from", () => {
  const seeds = ["io.podman.varlink", "io.projectatomic.podman.varlink"];

  it.each(seeds)(
    "%s declares what its seed declares, in the same order",
    (path) => {
      expect(declarations(load(path))).toBe(
        declarations(readFileSync(seed(path), "utf8")),
      );
    },
  );

  it("io.systemd.UserDatabase.varlink declares what systemd's own declares", () => {
    const path = "io.systemd.UserDatabase.varlink";
    const theirs = readFileSync(corpus("systemd", path), "utf8");
    expect(declarations(load(path))).toBe(declarations(theirs));
    const words = runsOf(8, commentWords(theirs));
    const shared = [...runsOf(8, commentWords(load(path)))].filter((run) =>
      words.has(run),
    );
    expect(shared).toEqual([]);
  });

  it.each(files)("$path is written in words of our own", ({ path }) => {
    const theirs = runsOf(
      8,
      seeds.flatMap((name) => commentWords(readFileSync(seed(name), "utf8"))),
    );
    expect(theirs.size).toBeGreaterThan(1000);
    const shared = [...runsOf(8, commentWords(load(path)))].filter((run) =>
      theirs.has(run),
    );
    expect(shared).toEqual([]);
  });
});
