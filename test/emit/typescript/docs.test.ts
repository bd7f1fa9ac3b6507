import { describe, expect, test } from "vitest";
import { buildService } from "./build.ts";
import { emit } from "./emitted.ts";

/** The comment above a line that begins so, without indentation. */
function commentAbove(text: string, start: string): string[] {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => line.trim().startsWith(start));
  if (end < 0) throw new Error(`no line begins with ${start}`);
  const from = lines.findLastIndex(
    (line, index) => index < end && line.trim().startsWith("/**"),
  );
  const comment = lines.slice(from, end).map((line) => line.trim());
  return comment.at(-1)?.endsWith("*/") === true ? comment : [];
}

const idl = `# What it is for.
#
# - one
#   - deep
interface com.example.demo

# A unit, see [Scope](#Scope), [the getter](#Get), [Gone](#Gone), [none](#None) and [web](https://example.org).
type Unit (
  # Its name.
  name: string,
  next: ?Unit # Trailing.
)

# Where.
type Scope (
  # All of it.
  system,
  user
)

# Gets one.
# [Requires 'more' flag]
method Get(
  # Which.
  name: string
) -> (unit: Unit)

# Ends */ here, {@link it}:
# @see nothing
# Deprecated: use [Get](#Get).
method Old() -> ()

# @deprecated since 1.0, for [Get](#Get)
# and more.
#
# Text.
method Older() -> ()

# It is gone.
error Gone (
  # Who.
  name: string
)
`;

describe("documentation of the interface is TSDoc of what is generated", () => {
  const { types, client, server } = emit(idl);

  test("types, fields, values", () => {
    expect(commentAbove(types, "export interface Unit")).toEqual([
      "/**",
      "* A unit, see {@link Scope}, {@link Get | the getter}, {@link Gone}, [none](#None) and [web](https://example.org).",
      "*/",
    ]);
    expect(commentAbove(types, "readonly name: string;")).toEqual([
      "/** Its name. */",
    ]);
    expect(commentAbove(types, "readonly next?: Unit")).toEqual([
      "/** Trailing. */",
    ]);
    expect(commentAbove(types, "export const Scope")).toEqual([
      "/** Where. */",
    ]);
    expect(commentAbove(types, "system:")).toEqual(["/** All of it. */"]);
    expect(commentAbove(types, "user:")).toEqual([]);
    expect(commentAbove(types, "export class Gone")).toEqual([
      "/** It is gone. */",
    ]);
    expect(commentAbove(types, "export interface GoneParameters")).toEqual([
      "/** Parameters of {@link Gone}. */",
    ]);
  });

  test("methods, in all three places", () => {
    expect(commentAbove(types, "export interface Get {")).toEqual([
      "/** Gets one. */",
    ]);
    expect(commentAbove(server, "readonly get?")).toEqual(["/** Gets one. */"]);
    expect(commentAbove(client, "readonly get:")).toEqual([
      "/**",
      "* Gets one.",
      "*",
      "* It is called with `.more()` only: every reply is an item of a stream.",
      "*/",
    ]);
  });

  test("the interface", () => {
    expect(commentAbove(client, "export interface DemoClient")).toEqual([
      "/**",
      "* What it is for.",
      "*",
      "* - one",
      "*   - deep",
      "*",
      "* A client of `com.example.demo`. `DemoClient.connect(address)` makes one;",
      "* `await using`, or `$close()`, closes it.",
      "*/",
    ]);
    expect(commentAbove(server, "export interface DemoHandlers")).toContain(
      "* What it is for.",
    );
  });

  test("what is deprecated says so, once", () => {
    expect(commentAbove(client, "readonly old:")).toEqual([
      "/**",
      "* Ends *\\/ here, {\\@link it}:",
      "* \\@see nothing",
      "* Deprecated: use {@link Get}.",
      "*",
      "* @deprecated",
      "*/",
    ]);
    expect(commentAbove(client, "readonly older:")).toEqual([
      "/**",
      "* @deprecated since 1.0, for {@link Get}",
      "* and more.",
      "*",
      "* Text.",
      "*/",
    ]);
  });

  test("a paragraph of ours stands before the tag", () => {
    const service = buildService("com.example.demo", [
      {
        method: "Get",
        docs: "One.\n\n@deprecated Two.",
        deprecated: true,
        more: "supported",
      },
      {
        method: "Put",
        docs: "@deprecated Two.",
        deprecated: true,
        more: "supported",
      },
      { method: "Del", docs: "", deprecated: true },
      { method: "Say", docs: "@deprecated is said but not meant" },
    ]);
    const emitted = emit(service);
    const note = "* With `.more()`, every reply is an item of a stream.";
    expect(commentAbove(emitted.client, "readonly get:")).toEqual([
      "/**",
      "* One.",
      "*",
      note,
      "*",
      "* @deprecated Two.",
      "*/",
    ]);
    expect(commentAbove(emitted.client, "readonly put:")).toEqual([
      "/**",
      note,
      "*",
      "* @deprecated Two.",
      "*/",
    ]);
    expect(commentAbove(emitted.client, "readonly del:")).toEqual([
      "/** @deprecated */",
    ]);
    expect(commentAbove(emitted.client, "readonly say:")).toEqual([
      "/** \\@deprecated is said but not meant */",
    ]);
  });

  test("the forms of a call are told", () => {
    const emitted = emit(
      buildService("com.example.demo", [
        { method: "Plain", docs: "Does." },
        { method: "Either", more: "supported", upgrade: "supported" },
        { method: "Upgrade", more: "supported", upgrade: "required" },
        { method: "More", more: "required", upgrade: "supported" },
        { method: "Both", more: "required", upgrade: "required" },
      ]),
    );
    const notes = (name: string): string =>
      commentAbove(emitted.client, `readonly ${name}:`)
        .map((line) => line.replaceAll(/^\/?\*+\/?|\*\/$/g, "").trim())
        .filter((line) => line !== "")
        .join(" ");
    const stream = "every reply is an item of a stream";
    const upgrade = "the reply comes with the connection";
    expect(notes("plain")).toBe("Does.");
    expect(notes("either")).toBe(
      `With \`.more()\`, ${stream}. With \`.upgrade()\`, ${upgrade}.`,
    );
    expect(notes("upgrade")).toBe(
      `It is called with \`.upgrade()\` only: ${upgrade}.`,
    );
    expect(notes("more")).toBe(
      `It is called with \`.more()\` only: ${stream}.`,
    );
    expect(notes("both")).toBe(
      `It is called with \`.more()\` or \`.upgrade()\` only: ${stream}; ${upgrade}.`,
    );
  });

  test("links go to what a member is called here", () => {
    const { types: renamed } = emit(
      `interface com.example.demo\n# [Object](#Object) [ ](#Object) [a|b](#Object)\nerror Object ()`,
    );
    expect(commentAbove(renamed, "export class Object$")).toEqual([
      "/** {@link Object$} {@link Object$} [a|b](#Object) */",
    ]);
  });

  test("links in code stay as they are", () => {
    const { types: coded } = emit(
      "interface com.example.demo\n# `[A](#A)`, [A](#A), `x` [A](#A) `y`, a ` and [A](#A)\n# ```\n# [A](#A)\n# ```\n# [A](#A)\nerror A ()",
    );
    expect(commentAbove(coded, "export class A")).toEqual([
      "/**",
      "* `[A](#A)`, {@link A}, `x` {@link A} `y`, a ` and {@link A}",
      "* ```",
      "* [A](#A)",
      "* ```",
      "* {@link A}",
      "*/",
    ]);
  });

  test("variants repeat the documentation and say what they are", () => {
    const { types: variants } = emit(
      `interface com.example.demo\n# A unit.\ntype U (\n# State.\ns: (a, b))\nmethod M() -> (u: U)`,
    );
    expect(commentAbove(variants, "export interface UOutput")).toEqual([
      "/**",
      "* A unit.",
      "*",
      "* As a client reads it: enums may hold values that a newer peer has added.",
      "*/",
    ]);
    expect(commentAbove(variants, "readonly s: $.Open<US>;")).toEqual([
      "/** State. */",
    ]);
  });
});
