import { describe, expect, test } from "vitest";
import { FormsError, withForms } from "../../src/model/forms.ts";
import { readInterface } from "../../src/model/read.ts";

const text = `interface org.example.a

# [Supports 'more' flag]
method List() -> (name: string)
method Watch() -> (name: string)
type T (a: int)
`;
const file = { path: "a.varlink", text };

function formsOf(forms: Parameters<typeof withForms>[1]) {
  const { service } = readInterface({ ...file, forms });
  return {
    methods: service?.methods.map((method) => [method.name, method.forms]),
    members: service?.members.map((member) =>
      member.kind === "method" ? member.forms : member.kind,
    ),
  };
}

describe("call forms that are given", () => {
  test("are those of the methods; what is not given stays", () => {
    const list = { more: "required", upgrade: "unknown" };
    const watch = { more: "unknown", upgrade: "supported" };
    expect(
      formsOf({ List: { more: "required" }, Watch: { upgrade: "supported" } }),
    ).toEqual({
      methods: [
        ["List", list],
        ["Watch", watch],
      ],
      members: [list, watch, "struct"],
    });
    expect(formsOf({ List: { more: "unknown" } }).members?.[0]).toEqual({
      more: "unknown",
      upgrade: "unknown",
    });
  });

  test("of none change nothing", () => {
    const { service } = readInterface(file);
    if (service === undefined) throw new Error("the interface is wrong");
    expect(withForms(service, {})).toBe(service);
  });

  test("for methods that are not there are an error, with near names", () => {
    const read = () => formsOf({ Wtach: {}, Other: {}, constructor: {} });
    expect(read).toThrow(FormsError);
    expect(read).toThrow(
      [
        'call forms are given for "Wtach", which is no method of "a.varlink"; did you mean "Watch"?',
        'call forms are given for "Other", which is no method of "a.varlink"',
        'call forms are given for "constructor", which is no method of "a.varlink"',
      ].join("\n"),
    );
  });

  test("for Protocol Buffers are an error", () => {
    const proto = { path: "a.proto", text: 'syntax = "proto3";' };
    expect(() => readInterface({ ...proto, forms: { A: {} } })).toThrow(
      'call forms are given for "a.proto", and only methods of Varlink have any',
    );
  });

  test("wait for a file that can be read", () => {
    const broken = { path: "a.varlink", text: "interface", forms: { A: {} } };
    expect(readInterface(broken).service).toBeUndefined();
  });
});
