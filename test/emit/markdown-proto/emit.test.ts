import { describe, expect, test } from "vitest";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import type { Service } from "../../../src/model/api.ts";
import { serviceOf } from "../../model/proto-envelope/support.ts";
import { checkDocument } from "./document.ts";
import { documentOf, miniService } from "./support.ts";

/** What stands below a member's heading, up to the next one. */
function sectionOf(text: string, anchor: string): string {
  const [, rest = ""] = text.split(`### <a id="${anchor}"></a>`);
  return (rest.split(/\n#{1,3} /)[0] ?? "").replace(/^.*\n/, "").trim();
}

/** Its paragraphs and other blocks, each on one line. */
function paragraphs(section: string): string[] {
  return section.split("\n\n").map((block) => block.replaceAll("\n", " "));
}

/** The cells of a table's rows, without the rule. */
function rowsOf(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => /^\| (?!-|Field|Value)/.test(line))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/ \| /)
        .map((cell) => cell.trim()),
    );
}

function checked(service: Service): string {
  const text = documentOf(service);
  checkDocument(service, text);
  return text;
}

test("how a command behaves is told", () => {
  const text = checked(miniService());
  expect(text).toContain(
    "Clients connect to\n`unix:/run/mini.socket` where nothing else is said.",
  );
  const make = sectionOf(text, "example.mini.make");
  expect(paragraphs(make).slice(1, 4)).toEqual([
    "**Bound:** what `thing.name` names lives as long as the connection that made it where `thing.bound` is true.",
    '**Unbound:** what `label` names no longer depends on a connection where `soft` is `true` and `thing.name` is `""`.',
    "**Time:** clients give it 1.5 s more than other commands; the service may take as many milliseconds as `wait` says, without it 30 s.",
  ]);
  expect(
    rowsOf(make)
      .slice(0, 4)
      .map((row) => row.slice(0, 2)),
  ).toEqual([
    ["`thing` = 1", "[`Thing`](#Thing), demanded"],
    ["`wait` = 2", "`uint32`, optional"],
    ["`soft` = 3", "`bool`, optional"],
    ["`label` = 4", '`string`, demanded, else `"a\\|b"`'],
  ]);
  const watch = sectionOf(text, "example.mini.watch");
  expect(paragraphs(watch)[0]).toBe(
    '**Subscribes:** Pushes come in responses of their own, before or after the reply, which is empty. [unwatch](#example.mini.unwatch) ends them. They also end after a push with `state` `"over"` and `mode` `7`, or with `state` as the request\'s `target`.',
  );
  expect(watch).toContain(
    '**Push:** <a id="WatchResult"></a>WatchResult,\nfield 2000 of [Response](#Response)',
  );
  expect(sectionOf(text, "example.mini.constructor")).toContain(
    "**Bare:** successful replies have no `text` and no `now` beside the result.",
  );
  expect(rowsOf(sectionOf(text, "Values")).map((row) => row[1])).toContain(
    "[`Mode`](#Mode), demanded, else `FAST`",
  );
});

describe("labels", () => {
  const labels = (fields: string, syntax = "proto2", name = "M"): string[] => {
    const text = checked(
      serviceOf(`syntax = "${syntax}"; enum E { A = 0; B = -1; } ${fields}`),
    );
    // Behind the type, which may be a link and may have a comma in it.
    return rowsOf(sectionOf(text, name)).map((row) =>
      (row[1] ?? "").replace(/^(?:`[^`]+`|\[`[^`]+`\]\([^)]+\))(?:, )?/, ""),
    );
  };

  test("of proto2", () => {
    expect(
      labels(`message M {
        required bool a = 1;
        optional bool b = 2;
        repeated int32 c = 3;
        repeated int32 d = 4 [packed = true];
        map<int32, E> e = 5;
        oneof choice { string f = 6; M g = 7; }
        optional group H = 8 {}
      }`),
    ).toEqual([
      "required",
      "optional",
      "repeated",
      "repeated, packed",
      "",
      "one of `choice`",
      "one of `choice`",
      "optional",
    ]);
  });

  test("of proto3", () => {
    const fields = `message M {
      bool a = 1;
      optional bool b = 2;
      M c = 3;
      repeated int32 d = 4;
      E e = 5;
    }`;
    expect(labels(fields, "proto3")).toEqual([
      "implicit",
      "optional",
      "optional",
      "repeated, packed",
      "implicit",
    ]);
    expect(
      checked(serviceOf(`syntax = "proto3"; enum E { A = 0; } ${fields}`)),
    ).toContain("- `implicit`: zero, false or empty where it is absent");
  });

  test("with defaults, as the file writes them", () => {
    const defaults = (fields: string): string[] =>
      labels(`message M { ${fields} }`).map((label) =>
        label.replace(/^optional, default /, ""),
      );
    expect(
      defaults(`
        optional bool a = 1 [default = true];
        optional int32 b = 2 [default = -0x10];
        optional uint64 c = 3 [default = 18446744073709551615];
        optional double d = 4 [default = -inf];
        optional float e = 5 [default = nan];
        optional double f = 6 [default = -0.0];
        optional E g = 7 [default = B];
        optional string h = 8 [default = ""];
        optional string i = 9 [default = "a|b\`\\"\\\\c"];
        optional string j = 10 [default = "\\n\\t\\342\\200\\256\\303\\251\\360\\237\\230\\200"];
        optional bytes k = 11 [default = "\\000a\\377\\""];
      `),
    ).toEqual([
      "`true`",
      "`-16`",
      "`18446744073709551615`",
      "`-inf`",
      "`nan`",
      "`-0`",
      "`B`",
      '`""`',
      '``"a\\|b`\\"\\\\c"``',
      '`"\\u000a\\u0009\\u202e\u00e9\u{1f600}"`',
      '`"\\x00a\\xff\\""`',
    ]);
    const long = `optional string a = 1 [default = "${"x".repeat(61)}"];`;
    expect(defaults(long)).toEqual([`\`"${"x".repeat(60)}…"\``]);
  });
});

test("a oneof has its docs below the table", () => {
  const text = checked(
    serviceOf(`syntax = "proto3";
      message M {
        // Which way.
        //
        // # More
        //
        // Much.
        oneof way { string a = 1; }
        oneof other { string b = 2; }
      }`),
  );
  expect(sectionOf(text, "M").split("\n\n").slice(1)).toEqual([
    "**One of** `way`: at most one of `a` is there.",
    "Which way.",
    "**One of** `other`: at most one of `b` is there.",
    "#### More",
    "Much.",
  ]);
});

describe("names and anchors", () => {
  const idsOf = (text: string): string[] =>
    [...text.matchAll(/^### <a id="([^"]*)"><\/a>/gm)].map(([, id = ""]) => id);

  test("leave the package out, and keep what a type stands in", () => {
    const text = checked(
      serviceOf(`syntax = "proto2"; package a.b;
        message Outer { message Inner { enum Kind { X = 0; } } optional Inner.Kind kind = 1; }
        message small { message small {} }`),
    );
    expect(idsOf(text)).toEqual([
      "Outer",
      "Outer.Inner",
      "a.b.small",
      "small.small",
      "Outer.Inner.Kind",
    ]);
    expect(text).toContain("[`Outer.Inner.Kind`](#Outer.Inner.Kind)");
  });

  test("of commands and messages that are called alike are two", () => {
    const text = checked(
      bindEnvelope(
        serviceOf(`syntax = "proto2"; package P;
          enum E { OK = 0; }
          // Of [Run](#Run) and [P.Run](#P.Run).
          message Run { optional Run Run = 1; }
          message A { optional E e = 1; }`),
        {
          request: "P.Run",
          response: "P.A",
          error: { field: "e", success: "OK", absent: "OK" },
        },
      ),
    );
    expect(idsOf(text)).toEqual(["Run", "E", "P.Run", "A"]);
    expect(sectionOf(text, "P.Run")).toContain(
      "Of [Run](#Run) and [P.Run](#P.Run).",
    );
  });

  test("of imported types have their package", () => {
    const other = `syntax = "proto2"; package bar; message Z { optional Y y = 1; } message Y {}`;
    const text = checked(
      serviceOf(
        `syntax = "proto2"; package foo; import "other.proto"; import "plain.proto";
         message bar { message Z {} optional .bar.Z z = 1; optional Plain plain = 2; }`,
        new Map([
          ["other.proto", other],
          ["plain.proto", 'syntax = "proto2"; message Plain {}'],
        ]),
      ),
    );
    expect(idsOf(text)).toEqual([
      "foo.bar",
      "bar.Z",
      ".bar.Z",
      "Plain",
      "bar.Y",
    ]);
    expect(text).toContain("[`.bar.Z`](#.bar.Z)");
  });

  test("are what links in docs mean, in any way that is used", () => {
    const text = checked(
      serviceOf(`syntax = "proto2"; package p.q;
        // [a](#Outer) [b](#Outer.Inner) [c](#Inner) [d](#p.q.Outer.Inner) [e](#.p.q.Outer) [f](#Nobody) [g](#outer)
        message Outer { message Inner {} }`),
    );
    expect(sectionOf(text, "Outer").split("\n")[0]).toBe(
      "[a](#Outer) [b](#Outer.Inner) [c](#Outer.Inner) [d](#Outer.Inner) [e](#Outer) f g",
    );
  });
});

test("members can be sorted by the names they are shown by", () => {
  const service = miniService();
  const headings = (sections: "file" | "sorted"): string[] =>
    documentOf(service, sections)
      .split("\n")
      .filter((line) => line.startsWith("### "))
      .map((line) => line.replace(/.*>/, ""));
  const sorted = headings("sorted");
  expect(sorted.slice(0, 4)).toEqual([
    "constructor",
    "make",
    "unwatch",
    "watch",
  ]);
  expect(sorted.toSorted()).toEqual(headings("file").toSorted());
  const messages = sorted.slice(sorted.indexOf("Code") + 1, -1);
  expect(messages).toEqual(messages.toSorted());
});

test("a file with nothing in it has a title", () => {
  expect(checked(serviceOf('syntax = "proto3"; package p;'))).toBe("# p\n");
});
