import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { bindEnvelope } from "../../../src/model/proto/envelope.ts";
import { serviceOf } from "../../model/proto-envelope/support.ts";
import { emit } from "./emitted.ts";

/** Links in the docs of a file, in every generated file. Budget: 2 s. */

const text = `syntax = "proto2";
package demo;
enum Code { FINE = 0; }
// [Outer](#Outer) [Inner](#Inner) [Outer.Inner](#Outer.Inner) [it](#demo.Outer)
// [Code.FINE](#Code.FINE) [Outer.name](#Outer.name) [a](#Outer.a) [Outer.zap](#Outer.zap)
// [Call](#Call) [the call](#Call) [End](#End) [](#Call) [Nope](#Nope) [see there](#no-where)
// \`[Call](#Call)\`
message Outer {
  optional string name = 1;
  message Inner {}
  oneof choice { string a = 2; }
}
message Request {
  // See [Call](#Call), [the end](#End), [Outer](#Outer) and [a */ b](#Nope).
  optional Outer Call = 1;
  optional Outer End = 2;
}
message Response { optional Code code = 1; optional Outer Call = 2; }
`;
const files = emit(
  bindEnvelope(serviceOf(text), {
    label: "demo",
    request: "demo.Request",
    response: "demo.Response",
    error: { field: "code", success: "FINE", absent: "FINE" },
    push: { Call: { stop: "End" } },
  }),
);

test("lead to types, fields and the types of commands in types.ts; others are what they show", () => {
  expect(files.get("types")).toContain(
    [
      " * {@link Outer} {@link Outer_Inner} {@link Outer_Inner | Outer.Inner} {@link Outer | it}",
      " * {@link Code | Code.FINE} {@link Outer.name | Outer.name} {@link Outer.choice | a} `Outer.zap`",
      " * {@link Call} {@link Call | the call} {@link End} {@link Call} `Nope` see there",
      " * `[Call](#Call)`",
      " */",
    ].join("\n"),
  );
});

test("lead to the properties of clients and handlers where those are declared", () => {
  expect(files.get("client")).toContain(
    "See {@link DemoClient.call | Call}, {@link DemoClient.end | the end}, `Outer` and a *\\/ b.",
  );
  // What ends a subscription has no handler.
  expect(files.get("server")).toContain(
    "See {@link DemoHandlers.call | Call}, the end, `Outer` and a *\\/ b.",
  );
});

test("of Porto lead somewhere in TSDoc, all of them", () => {
  const folder = fileURLToPath(
    new URL("../../../generated/porto/", import.meta.url),
  );
  const modules = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  expect(modules).toContain("client.ts");
  for (const name of modules)
    expect(readFileSync(`${folder}${name}`, "utf8"), name).not.toContain("](#");
});
