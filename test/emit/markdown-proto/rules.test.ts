import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Service } from "../../../src/model/api.ts";
import {
  bindEnvelope,
  type EnvelopeConfig,
} from "../../../src/model/proto/envelope.ts";
import { serviceOf } from "../../model/proto-envelope/support.ts";
import { checkDocument } from "./document.ts";
import { documentOf } from "./support.ts";

const DESCRIPTOR = new URL(
  "../../../interfaces/google/protobuf/descriptor.proto",
  import.meta.url,
);

/** The document without line breaks inside of paragraphs. */
function checked(service: Service): string {
  const text = documentOf(service);
  checkDocument(service, text);
  return text.replaceAll(/(?<=\S)\n *(?=[^\s|#-])/g, " ");
}

/** What stands below a heading of any level, up to the next one that has an anchor. */
function sectionOf(text: string, anchor: string): string {
  const [, rest = ""] = text.split(`<a id="${anchor}"></a>`);
  return rest.split(/\n#+ (?:<a|\w)/)[0] ?? "";
}

function store(
  parts: {
    readonly request?: string;
    readonly response?: string;
    readonly types?: string;
  },
  config: Partial<EnvelopeConfig> = {},
): string {
  const service = serviceOf(`syntax = "proto2"; package P;
    enum Code {
      Fine = 0;
      // Nobody has it.
      NotFound = 1;
      // See [Take](#Take).
      IN_USE = 2;
      busy = 3;
    }
    message Request { ${parts.request ?? ""} }
    message Response { optional Code code = 100; ${parts.response ?? ""} }
    ${parts.types ?? ""}`);
  return checked(
    bindEnvelope(service, {
      request: "P.Request",
      response: "P.Response",
      error: { field: "code", success: "Fine", absent: "busy" },
      ...config,
    }),
  );
}

describe("errors", () => {
  const text = store({
    request: `
      // Fails with NotFound or IN_USE, never with Fine; busy is a word.
      optional Q Take = 1;
      optional Q2 Give = 2;
      // With \`P.NotFound\`, or [that](#IN_USE).
      optional Q2 Look = 3;`,
    response: "optional R Take = 1;",
    types: `
      message Q {}
      message Q2 {
        // Not told of one that two share: \`busy\`.
        optional string q = 1;
      }
      message R {
        // How often it was \`busy\`.
        optional int32 r = 1;
      }`,
  });

  test("that a command's docs name are listed, in the order of the enum", () => {
    const line = "**Errors:** [`NotFound`](#Code), [`IN_USE`](#Code)";
    expect(sectionOf(text, "Take")).toContain(`${line}\n`);
    expect(sectionOf(text, "Look")).toContain(`${line}\n`);
    expect(sectionOf(text, "Give")).not.toContain("**Errors:**");
  });

  test("say who names them, unless their docs lead there already", () => {
    const codes = sectionOf(text, "Code");
    expect(codes).toContain(
      "Nobody has it. Named by [Take](#Take), [Look](#Look).",
    );
    expect(codes).toContain("See [Take](#Take). Named by [Look](#Look).");
    expect(codes.match(/Named by/g)).toHaveLength(2);
  });

  test("that what a command alone is sent with names are listed too", () => {
    const own = store({
      request: "optional Q Take = 1;",
      types: `message Q {
        // Or it is \`busy\`.
        optional string q = 1;
      }`,
    });
    expect(sectionOf(own, "Take")).toContain("**Errors:** [`busy`](#Code)\n");
  });

  test("arrive in a field, and servers answer with some by themselves", () => {
    const failing = store(
      { request: "optional Q Take = 1;", types: "message Q {}" },
      {
        failures: {
          method: { code: "NotFound", text: "what\n`is` *it*?" },
          subscription: { code: "IN_USE" },
          internal: { code: "busy", text: "broken" },
        },
      },
    );
    expect(failing).toContain(
      "Every [Response](#Response) tells in `code` (field 100) how its command ended: with `Fine` (0) it was carried out,",
    );
    expect(failing).toContain(
      '- `NotFound` (1) and ``"what\\n`is` *it*?"`` to a request without a command',
    );
    expect(failing).toContain("- `IN_USE` (2) to a command that ends no");
    expect(failing).toContain('- `busy` (3) and `"broken"` to a command whose');
  });
});

test("a subscription and what ends it lead to each other", () => {
  const text = store(
    {
      request: "optional Q Watch = 1; optional Q Stop = 2;",
      response: "optional R Watch = 1;",
      types: "message Q {} message R {}",
    },
    { push: { Watch: { stop: "Stop" } } },
  );
  expect(sectionOf(text, "Watch")).toContain("[Stop](#Stop) ends them.");
  expect(sectionOf(text, "Stop")).toContain(
    "**Ends:** a subscription of [Watch](#Watch).",
  );
  expect(text).toContain("</code>, subscribes\n");
});

test("a message that stands elsewhere is shown with its fields, in one line of code", () => {
  const fields = (name: string): string =>
    `optional string ${name}1 = 1; optional string ${name}2 = 2; optional string ${name}3 = 3;`;
  const text = documentOf(
    bindEnvelope(
      serviceOf(`syntax = "proto2"; package P; enum Code { A = 0; }
        message Q { ${fields("a_long_name_")} }
        message Long { ${fields("a_very_very_very_long_name_")} optional Q q = 4; }
        message Request { optional Q B = 1; optional Q C = 2; optional Long D = 3; optional Long E = 4; }
        message Response { optional Code code = 1; }`),
      {
        request: "P.Request",
        response: "P.Response",
        error: { field: "code", success: "A", absent: "A" },
      },
    ),
  );
  expect(sectionOf(text, "B")).toContain(
    "**Request:**\n<code>[Q](#Q)(a_long_name_1: string, a_long_name_2: string, a_long_name_3: string)</code>,\nfield 1 of [Request](#Request)\n",
  );
  expect(sectionOf(text, "D")).toContain(
    "**Request:** [Long](#Long), field 3 of [Request](#Request)\n",
  );
});

test.each([
  ["Input of [A](#A).", undefined],
  ["The request to A. So it is.", "So it is."],
  ["Input of A.\n\n    code", "``` code ```"],
  ["Input of A.\n- one", "Input of A."],
  ["Input of A. 1. one", "Input of A. 1. one"],
  ["Input of A: a name.", "Input of A: a name."],
  ["Input of [A.b](#A.b). Yes.", "Input of A.b. Yes."],
])("of %j what does not repeat its place is told", (docs, shown) => {
  const comment = docs.replaceAll(/^/gm, "// ");
  const text = store({
    request: "optional Q A = 1;",
    types: `${comment}\nmessage Q {}`,
  });
  const [, next = ""] = sectionOf(text, "Q").split("\n\n");
  if (shown === undefined) expect(next).toBe("No fields.");
  else expect(next.replaceAll("\\", "")).toContain(shown);
});

test("what is said of a result is told with its command, if it says anything", () => {
  const text = store({
    request: "optional Q A = 1; optional Q B = 2; optional Q C = 3;",
    response: `
      // The result of [A](#A).
      optional R A = 1;
      // Result of [B](#B): what is left.
      optional R B = 2;
      // Deprecated: result of C.
      optional R C = 3;`,
    types: "message Q {} message R {}",
  });
  expect(text).not.toContain("The result of");
  expect(sectionOf(text, "B")).toContain("Result of [B](#B): what is left.");
  expect(sectionOf(text, "C")).toContain("Deprecated: result of C.");
});

test("a message of one command is told of where the command takes or gives it", () => {
  const text = store({
    request: "optional Q A = 1; optional S B = 2;",
    response: `
      // Not sent if there is none.
      optional R A = 3;`,
    types: `
      // Input of [A](#A). It is \`busy\` or checked.
      //
      // # Why
      message Q { optional Inner inner = 1; message Inner { optional Inner i = 1; } }
      // The result of A.
      message R {}
      message S {
        // ${"long ".repeat(30)}
        optional string s = 1;
      }`,
  });
  const command = text.split('### <a id="A"></a>A')[1]?.split("### <a")[0];
  expect(command?.trim().split("\n\n")).toEqual([
    '**Request:** <a id="Q"></a>Q, field 1 of [Request](#Request)',
    "It is `busy` or checked.",
    expect.stringMatching(/^\| Field/),
    '**Result:** <a id="R"></a>R, field 3 of [Response](#Response)',
    "Not sent if there is none.",
    "No fields.",
    "**Errors:** [`busy`](#Code)",
    expect.stringMatching(/^```mermaid/),
    "#### Why",
    "#",
  ]);
  // A list needs a word above it only where docs stand there.
  expect(sectionOf(text, "S")).toMatch(/\[Request\]\(#Request\)\n\n- `s` = 1/);
  expect(sectionOf(text, "B")).not.toContain("**Fields**");
});

describe("users of a type", () => {
  test("are commands, and fields of messages other than its own", () => {
    const text = store({
      request: "optional Q A = 1; optional Q B = 2; repeated Q more = 3;",
      response: "optional Q B = 2;",
      types:
        "message Q { optional Q inner = 1; } message H { map<int32, Q> q = 1; }",
    });
    expect(sectionOf(text, "Q")).toContain(
      "**Used by:** input of [A](#A); input and output of [B](#B); types [Request](#Request) (`more`), [H](#H) (`q`)\n",
    );
  });

  test("are methods of services", () => {
    const text = checked(
      serviceOf(`syntax = "proto3"; message M {} message N {}
        service S { rpc A(M) returns (stream M); rpc B(stream N) returns (M); }
        service T { rpc C(N) returns (N); }`),
    );
    expect(sectionOf(text, "M")).toContain(
      "**Used by services:** [S](#S) (`A`, `B`)\n",
    );
    expect(sectionOf(text, "N")).toContain(
      "**Used by services:** [S](#S) (`B`), [T](#T) (`C`)\n",
    );
    expect(sectionOf(text, "S")).toMatch(
      /\| `A` +\| \[M\]\(#M\) +\| stream of \[M\]\(#M\) \|/,
    );
    expect(text).toContain("- [S](#S): `A`, `B`\n");
  });
});

test("what is reserved is told as the language writes it", () => {
  const text = checked(
    serviceOf(`syntax = "proto2";
      message M {
        reserved 1, 3 to 3, 5 to 9, 900 to max;
        reserved "old";
        extensions 100 to 199, 300;
      }
      message N { extensions 4 to max; }
      enum E { A = 0; B = 0; C = 1; option allow_alias = true; reserved -2 to -1, 7, 9 to max; reserved "Z"; }`),
  );
  expect(sectionOf(text, "M")).toContain(
    "**For extensions:** `100 to 199`, `300`\n",
  );
  expect(sectionOf(text, "M")).toContain(
    '**Reserved:** `1`, `3`, `5 to 9`, `900 to max`, `"old"`\n',
  );
  expect(sectionOf(text, "N")).toContain("**For extensions:** `4 to max`\n");
  expect(sectionOf(text, "E")).toContain(
    '**Reserved:** `-2 to -1`, `7`, `9 to max`, `"Z"`',
  );
  expect(sectionOf(text, "E").match(/Alias of `A`\./g)).toHaveLength(1);
});

test("extensions stand with what they extend", () => {
  const text = checked(
    serviceOf(`syntax = "proto2"; package p;
      message M { extensions 10 to 20; }
      message N { extensions 10 to 20; extend M { optional N inner = 11; } }
      extend M { optional string text = 10; }
      extend N { repeated M many = 12; }`),
  );
  const [, extensions = ""] = text.split("## Extensions");
  const rows = [...extensions.matchAll(/\*\*Extends\*\* \[(.)\]|`(p\.\S+)`/g)];
  expect(rows.map(([, target, name]) => target ?? name)).toEqual([
    "M",
    "p.text",
    "p.N.inner",
    "N",
    "p.many",
  ]);
});

test("references that name members are links", () => {
  const text = checked(
    serviceOf(`syntax = "proto3"; package a.b;
      // [x][a.b.Other.field] [y][Other] [Z][] [n][No] list[0][1], \`Other\` and \`Here\`
      message Here {}
      message Other { string field = 1; }`),
  );
  expect(sectionOf(text, "Here")).toContain(
    "[x](#Other) [y](#Other) \\[Z]\\[] \\[n]\\[No] list\\[0]\\[1], [`Other`](#Other) and `Here`",
  );
});

test("options that nothing tells of are named, each once", () => {
  const text = checked(
    serviceOf(
      `syntax = "proto2"; package p;
      import "google/protobuf/descriptor.proto";
      option java_package = "x";
      extend google.protobuf.FieldOptions { optional string a = 50000; }
      extend google.protobuf.EnumValueOptions { optional int32 b = 50000; }
      extend google.protobuf.MethodOptions { optional int32 c = 50000; }
      extend google.protobuf.ExtensionRangeOptions { optional int32 d = 50000; }
      message M {
        option deprecated = true;
        message Inner { repeated int32 f = 1 [packed = true, (a) = "x"]; }
        map<int32, int32> m = 1 [(a) = "y", json_name = "n", deprecated = true];
        extensions 10 [(d) = 1];
      }
      enum E { option allow_alias = true; A = 0 [(b) = 1]; B = 0; }
      service S { rpc C(M) returns (M) { option (c) = 1; } }`,
      new Map([
        ["google/protobuf/descriptor.proto", readFileSync(DESCRIPTOR, "utf8")],
      ]),
    ),
  );
  expect(text).toMatch(
    /\n\*\*Options set in the file and not told of here:\*\* `java_package`, `\(p\.b\)`, `\(p\.c\)`, `\(p\.a\)`, `\(p\.d\)`\n/,
  );
  expect(checked(serviceOf('syntax = "proto3"; message M {}'))).not.toContain(
    "Options",
  );
});

test("docs that begin with a heading stand below their member, and notes behind chapters", () => {
  const text = checked(
    serviceOf(`// Lead.
      //
      // # More
      //
      // Mine.
      syntax = "proto3"; package P;
      // ## Summary
      // Of a message.
      message M {
        // # Choice
        // Of a oneof.
        oneof choice {
          // # Field
          // Of a field.
          int32 a = 1;
        }
        repeated int32 b = 2;
      }`),
  );
  expect(text).toContain(
    "Lead.\n\n## More\n\nMine.\n\n## Notation\n\nHow labels read:",
  );
  const section = sectionOf(text, "M");
  expect(section).toContain("**Summary**\n\nOf a message.\n\n");
  expect(section).toContain("\n\n**Choice**\n\nOf a oneof.");
  expect(section).toContain("**Field**<br>Of a field.");
});
