import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { methodName, methodNames } from "../../../src/runtime/varlink/names.ts";

describe("methodName", () => {
  it.each([
    ["StopPod", "stopPod"],
    ["GetURL", "getURL"],
    ["URL", "uRL"],
    ["Then", "then$"],
    ["Constructor", "constructor$"],
    ["ToString", "toString$"],
    ["ToLocaleString", "toLocaleString$"],
    ["ValueOf", "valueOf$"],
    ["ToJSON", "toJSON$"],
    ["HasOwnProperty", "hasOwnProperty$"],
    ["__proto__", "__proto__$"],
    ["Catch", "catch"],
    ["Delete", "delete"],
    ["9x", "9x"],
  ])("calls %s %s", (wireName, name) => {
    expect(methodName(wireName)).toBe(name);
  });
});

describe("methodNames", () => {
  it("gives the exact spelling to whom it belongs", () => {
    expect([...methodNames(["Foo", "foo", "Bar"])]).toEqual([
      ["Foo", "Foo"],
      ["foo", "foo"],
      ["Bar", "bar"],
    ]);
  });

  it("gives a name of the language to whom it belongs, with a $", () => {
    const both = ["Then", "then", "toJSON", "ToJSON"];
    const named = [...methodNames(both)];
    expect(named).toEqual([
      ["Then", "Then"],
      ["then", "then$"],
      ["toJSON", "toJSON$"],
      ["ToJSON", "ToJSON"],
    ]);
    expect([...methodNames(both.toReversed())]).toEqual(named.toReversed());
    expect([...methodNames(["then", "then$"]).values()]).toEqual([
      "then$$",
      "then$",
    ]);
  });

  it("never gives one name twice, nor one of the language", () => {
    const wireName = fc.oneof(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,3}$/),
      fc.constantFrom("then", "Then", "toJSON", "ToJSON", "then$", "Then$"),
    );
    fc.assert(
      fc.property(fc.uniqueArray(wireName), (wireNames) => {
        const names = methodNames(wireNames);
        expect([...names.keys()]).toEqual(wireNames);
        expect(new Set(names.values()).size).toBe(wireNames.length);
        for (const name of names.values()) expect(name in {}).toBe(false);
      }),
    );
  });
});
