import { describe, expect, it } from "vitest";
import { serviceOf } from "../support/varlink.ts";

const service = (members: string) =>
  serviceOf(`interface org.example\n${members}\n`);
const docsOf = (members: string): string[] =>
  service(members).members.map(({ docs }) => docs);
const fieldDocs = (members: string): Record<string, string> => {
  const [type] = service(members).types;
  const items = type?.kind === "struct" ? type.fields : (type?.values ?? []);
  return Object.fromEntries(items.map(({ name, docs }) => [name, docs]));
};

describe("docs of members", () => {
  it("are the comments directly above", () => {
    expect(docsOf("# one\n# two\nmethod M() -> ()")).toEqual(["one\ntwo"]);
    expect(docsOf("  # indented\n\tmethod M() -> ()")).toEqual(["indented"]);
    expect(docsOf("method M() -> ()")).toEqual([""]);
  });

  it("are detached by a blank line, one of blanks too", () => {
    expect(docsOf("# licence\n\nmethod M() -> ()")).toEqual([""]);
    expect(docsOf("# licence\n \t \nmethod M() -> ()")).toEqual([""]);
    expect(docsOf("# one\n\n# two\n# three\nmethod M() -> ()")).toEqual([
      "two\nthree",
    ]);
  });

  it("lose `#` and one space, and nothing else", () => {
    expect(
      docsOf("#tight\n#  wide\n#\n#\ttab\n# end  \nmethod M() -> ()"),
    ).toEqual(["tight\n wide\n\n\ttab\nend  "]);
    expect(docsOf("# naïve ☃ 😀\nmethod M() -> ()")).toEqual(["naïve ☃ 😀"]);
  });

  it("have no carriage return in them, whatever ends the lines", () => {
    for (const end of ["\r\n", "\r", "\u2028"]) {
      const text =
        "# a@interface org.example@@# one@# two@method M() -> ()@".replaceAll(
          "@",
          end,
        );
      const { docs, methods } = serviceOf(text);
      expect([docs, methods[0]?.docs]).toEqual(["a", "one\ntwo"]);
    }
  });

  it("may trail on the line, and do not leak into the next member", () => {
    expect(
      docsOf(
        "method M() -> () # tail\n# own\nmethod N() -> () # tail 2\nmethod O() -> ()",
      ),
    ).toEqual(["tail", "own\ntail 2", ""]);
  });

  it("may trail behind the first `(`", () => {
    expect(docsOf("# above\ntype T ( # first\n  a: int\n) # last")).toEqual([
      "above\nfirst\nlast",
    ]);
    expect(
      docsOf("method M(\n  a: int\n) -> ( # not the first line\n)"),
    ).toEqual([""]);
  });

  it("do not come from within the member or from before another token", () => {
    expect(docsOf("type T ()\nmethod # in the middle\n M() -> ()")).toEqual([
      "",
      "",
    ]);
    expect(
      docsOf("type A (a: int\n# of the parenthesis\n) type B ()").slice(1),
    ).toEqual([""]);
  });

  it("belong to the interface, under a licence", () => {
    const text =
      "# licence\n\n# About\n# it.\ninterface org.example # tail\nmethod M() -> ()";
    expect(serviceOf(text).docs).toBe("About\nit.\ntail");
    expect(serviceOf("\ufeff# x\ninterface a.b\nmethod M() -> ()").docs).toBe(
      "x",
    );
  });
});

describe("docs of fields, parameters and values", () => {
  it("stand above or behind, over the comma", () => {
    const text = `type T (
      # about a
      # and more
      a: int, # behind a
      b: int # behind b
      , c: int,# behind c

      # detached

      d: int,
      # about e
      e: ( # begins e
        f: int
      ), # ends e
      g: int # last
    )`;
    expect(fieldDocs(text)).toEqual({
      a: "about a\nand more\nbehind a",
      b: "behind b",
      c: "behind c",
      d: "",
      e: "about e\nbegins e\nends e",
      g: "last",
    });
  });

  it("go to the last of several on a line, the block above to the first", () => {
    expect(fieldDocs("type T (\n# above\na: int, b: int # behind\n)")).toEqual({
      a: "above",
      b: "behind",
    });
  });

  it("go over a comma at the beginning of the line", () => {
    expect(fieldDocs("type T (a: int\n# about b\n, b: int\n)")).toEqual({
      a: "",
      b: "about b",
    });
  });

  it("are there for values and parameters", () => {
    expect(fieldDocs("type E (\n# first\none,\ntwo # second\n)")).toEqual({
      one: "first",
      two: "second",
    });
    const [method] = service(
      "method M(\n# in\na: int) -> (b: int # out\n)",
    ).methods;
    expect(method?.input.fields[0]?.docs).toBe("in");
    expect(method?.output.fields[0]?.docs).toBe("out");
  });
});

describe("call forms", () => {
  const forms = (docs: string) => {
    const [method] = service(`${docs}method M() -> ()`).methods;
    return { ...method?.forms, docs: method?.docs };
  };

  it("are unknown where nothing is said", () => {
    expect(forms("# Does it.\n")).toEqual({
      more: "unknown",
      upgrade: "unknown",
      docs: "Does it.",
    });
  });

  it("come from systemd's marker lines, which are no docs", () => {
    expect(forms("# Does it.\n# [Supports 'more' flag]\n")).toEqual({
      more: "supported",
      upgrade: "unknown",
      docs: "Does it.",
    });
    expect(
      forms("# [Requires 'more' flag]\n# [Supports 'upgrade' flag]\n"),
    ).toEqual({
      more: "required",
      upgrade: "supported",
      docs: "",
    });
    expect(forms("# Does.\n#\n# [Requires 'upgrade' flag]\n").docs).toBe(
      "Does.",
    );
    expect(
      forms("# [Requires 'more' flag]\n# [Supports 'more' flag]\n").more,
    ).toBe("required");
  });

  it.each([
    "See [Supports 'more' flag].",
    "[Supports 'more' flag] or not",
    "[Supports 'oneway' flag]",
    "[supports 'more' flag]",
    '[Supports "more" flag]',
  ])("do not come from %s", (line) => {
    expect(forms(`# ${line}\n`)).toEqual({
      more: "unknown",
      upgrade: "unknown",
      docs: line,
    });
  });

  it("are read for methods only", () => {
    expect(docsOf("# [Supports 'more' flag]\ntype T ()")).toEqual([
      "[Supports 'more' flag]",
    ]);
  });
});

describe("deprecated", () => {
  it.each([
    ["@deprecated", true],
    ["@deprecated use N", true],
    ["Deprecated: use N", true],
    ["DEPRECATED", true],
    ["DEPRECATED: use N", true],
    ["First.\n#   DEPRECATED since 2", true],
    ["Deprecated things", false],
    ["This is DEPRECATED", false],
    ["@deprecatedly", false],
    ["DEPRECATEDLY", false],
    ["deprecated: no", false],
  ])("%j: %s", (line, expected) => {
    const { members } = service(`# ${line}\nmethod M() -> ()`);
    expect(members[0]?.deprecated).toBe(expected);
  });

  it("is found, or not, behind any number of blank lines", () => {
    const blank = "#\n".repeat(300_000);
    expect(
      service(
        `${blank}method M() -> ()\n${blank}#  DEPRECATED\nmethod N() -> ()`,
      ).members.map(({ deprecated }) => deprecated),
    ).toEqual([false, true]);
  });

  it("is there for types, errors, fields and values, and the docs stay", () => {
    const { types, errors } = service(
      "# DEPRECATED\ntype T (\n# @deprecated\na: int, b: int)\ntype E (one, # DEPRECATED\n two)\n# Deprecated: x\nerror F ()",
    );
    const [t, e] = types;
    expect(t?.deprecated).toBe(true);
    expect(t?.docs).toBe("DEPRECATED");
    expect(
      t?.kind === "struct" && t.fields.map((field) => field.deprecated),
    ).toEqual([true, false]);
    expect(
      e?.kind === "enum" && e.values.map((value) => value.deprecated),
    ).toEqual([true, false]);
    expect(errors[0]?.deprecated).toBe(true);
  });
});
