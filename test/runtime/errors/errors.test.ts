import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as errors from "../../../src/runtime/errors.ts";
import * as standard from "../../../src/runtime/varlink/standard.ts";

const { DeclaredError, PortolanError, VarlinkError } = errors;

class Missing extends DeclaredError<{ readonly name: string }> {
  static override readonly error: string = "io.example.Missing";
}

class Busy extends DeclaredError<object> {
  static override readonly error: string = "io.example.Busy";
}

describe("errors", () => {
  it("have a code, a cause, and a name that says what they are", () => {
    const cause = new Error("below");
    const error = new PortolanError("TIMEOUT", "late", { cause });
    expect(error).toMatchObject({
      code: "TIMEOUT",
      message: "late",
      name: "PortolanError",
      cause,
    });
    expect(new Missing({ name: "x" })).toMatchObject({
      code: "VARLINK_ERROR",
      error: "io.example.Missing",
      parameters: { name: "x" },
      name: "Missing",
      message: 'io.example.Missing {"name":"x"}',
    });
    expect(new Busy().message).toBe("io.example.Busy");
    expect(inspect(new Missing({ name: "x" }))).toMatch(
      /Missing: io\.example\.Missing/,
    );
  });

  it("are recognised by brand and name, not by constructor", async () => {
    // As another copy of the package in the same process.
    const url = `${new URL("../../../src/runtime/errors.ts", import.meta.url).href}?copy`;
    const copy = (await import(url)) as typeof errors;
    expect(copy.PortolanError).not.toBe(PortolanError);
    const foreign = new copy.VarlinkError("io.example.Missing", { name: "x" });
    expect(Missing.is(foreign)).toBe(true);
    expect(foreign instanceof Missing).toBe(true);
    expect(foreign instanceof VarlinkError).toBe(true);
    expect(PortolanError.is(foreign)).toBe(true);
    expect(Busy.is(foreign)).toBe(false);
    expect(copy.VarlinkError.is(new Busy())).toBe(true);
    expect(VarlinkError.is(new copy.PortolanError("CLOSED", ""))).toBe(false);
  });

  it("are not mistaken for anything else", () => {
    for (const value of [
      undefined,
      null,
      1,
      "x",
      {},
      new Error("x"),
      { code: "VARLINK_ERROR" },
    ]) {
      expect(PortolanError.is(value)).toBe(false);
      expect(VarlinkError.is(value)).toBe(false);
      expect(Missing.is(value)).toBe(false);
      expect(value instanceof PortolanError).toBe(false);
    }
  });

  it("say which call they answer, where they are an answer", () => {
    const made = new VarlinkError("a.b.C", { x: 1 });
    expect(made.message).toBe('a.b.C {"x":1}');
    expect(made).not.toHaveProperty("method");
    const answered = new Missing({ name: "x" }, { method: "a.b.Get" });
    expect(answered.method).toBe("a.b.Get");
    expect(answered.message).toMatch(
      /^\S+ \{"name":"x"\}, in answer to a\.b\.Get$/,
    );
  });

  it("describe parameters of any kind, and not too long", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(new VarlinkError("a.b.C", cycle).message).toBe("a.b.C");
    expect(new VarlinkError("a.b.C", { n: 2n ** 63n }).message).toBe(
      `a.b.C {"n":9223372036854775808}`,
    );
    expect(
      new VarlinkError("a.b.C", { x: "y".repeat(10_000) }).message.length,
    ).toBeLessThan(250);
  });
});

describe("standard errors", () => {
  it("are the seven of org.varlink.service", () => {
    const all = [
      new standard.InterfaceNotFound({ interface: "x" }),
      new standard.MethodNotFound({ method: "x" }),
      new standard.MethodNotImplemented({ method: "x" }),
      new standard.InvalidParameter({ parameter: "x" }),
      new standard.PermissionDenied(),
      new standard.ExpectedMore(),
      new standard.ExpectedUpgrade(),
    ];
    expect(all.map((error) => error.error)).toEqual(
      [
        "InterfaceNotFound",
        "MethodNotFound",
        "MethodNotImplemented",
        "InvalidParameter",
        "PermissionDenied",
        "ExpectedMore",
        "ExpectedUpgrade",
      ].map((name) => `org.varlink.service.${name}`),
    );
    for (const error of all) {
      const received = standard.standardError(error.error, error.parameters);
      expect(received?.constructor).toBe(error.constructor);
      expect(received?.parameters).toEqual(error.parameters);
    }
    expect(
      standard.standardError("org.varlink.service.Other", {}),
    ).toBeUndefined();
    expect(
      standard.standardError("io.example.MethodNotFound", {}),
    ).toBeUndefined();
  });
});
