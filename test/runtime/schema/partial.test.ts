import { describe, expect, it } from "vitest";
import type { FieldTypes } from "../../../src/runtime/varlink/descriptor.ts";

import { colour, compile, type Types } from "./support.ts";

describe("partial inputs", () => {
  const types: Types = {
    All: {
      b: "bool",
      i: "int",
      f: "float",
      s: "string",
      o: "object",
      l: "[]string",
      m: "[string]int",
      n: "?int",
      inner: "Inner",
    },
    Inner: { s: "string", l: "[]Inner" },
    WithEnum: { colour: "Colour" },
    Self: { self: "Self" },
    Ping: { pong: "Pong" },
    Pong: { ping: "Ping" },
    Loop: { next: "?Loop", value: "int" },
    ...colour,
  };
  const zero = {
    b: false,
    i: 0,
    f: 0,
    s: "",
    o: {},
    l: [],
    m: {},
    inner: { s: "", l: [] },
  };
  it("are filled with zeros, in place, at any depth", () => {
    const method = compile({ all: "All" }, types, "partial");
    for (const parameters of [
      {},
      { all: null },
      { all: {} },
      { all: { b: null, inner: {} } },
    ]) {
      expect(method.checkParameters(parameters)).toBeUndefined();
      expect(parameters).toEqual({ all: zero });
    }
  });
  it("are filled inside arrays and maps", () => {
    const method = compile(
      { list: "[]Inner", map: "[string]string" },
      types,
      "partial",
    );
    const parameters = { list: [null, { s: "x" }], map: { a: null } };
    expect(method.checkParameters(parameters)).toBeUndefined();
    expect(parameters).toEqual({
      list: [
        { s: "", l: [] },
        { s: "x", l: [] },
      ],
      map: { a: "" },
    });
  });
  it("make fresh zeros, which calls cannot share", () => {
    const method = compile({ all: "All" }, types, "partial");
    const [one, other]: { all?: { l: unknown } }[] = [{}, {}];
    method.checkParameters(one ?? {});
    method.checkParameters(other ?? {});
    expect(one?.all).toEqual(zero);
    expect(one?.all).not.toBe(other?.all);
    expect(one?.all?.l).not.toBe(other?.all?.l);
  });
  it("may be left out by clients, and are not changed there", () => {
    const method = compile({ all: "All" }, types, "partial");
    const input = { all: { s: "x" } };
    expect(method.checkInput(input)).toBeUndefined();
    expect(method.checkInput({})).toBeUndefined();
    expect(input).toEqual({ all: { s: "x" } });
    expect(method.checkInput({ all: { i: "1" } })?.path).toBe("all.i");
  });
  it("keep required what has no zero: enums, any, and what holds them", () => {
    for (const type of ["Colour", "any", "WithEnum", "Self", "Ping"]) {
      const method = compile({ value: type }, types, "partial");
      expect(method.checkParameters({})?.path).toBe("value");
      expect(method.checkInput({})?.path).toBe("value");
    }
    const method = compile({ value: "WithEnum" }, types, "partial");
    expect(method.checkParameters({ value: {} })?.path).toBe("value.colour");
  });
  it("end a recursion at its nullable field", () => {
    const method = compile({ loop: "Loop" }, types, "partial");
    const parameters = {};
    expect(method.checkParameters(parameters)).toBeUndefined();
    expect(parameters).toEqual({ loop: { value: 0 } });
  });
  it("read past unknown members, as the peers do that have them, and still refuse wrong types", () => {
    const method = compile({ all: "All" }, types, "partial");
    expect(
      method.checkParameters({ other: null, all: { z: { deep: [1] } } }),
    ).toBeUndefined();
    expect(method.checkParameters({ all: { i: 1.5 } })?.path).toBe("all.i");
  });
  it("do not grow without end where structs multiply", () => {
    const doubling: Record<string, FieldTypes> = { T0: { a: "int" } };
    for (let level = 1; level <= 40; level += 1) {
      doubling[`T${level}`] = { a: `T${level - 1}`, b: `T${level - 1}` };
    }
    const method = compile({ value: "T40" }, doubling, "partial");
    expect(method.checkParameters({})?.path).toBe("value");
    expect(
      compile({ value: "T5" }, doubling, "partial").checkParameters({}),
    ).toBeUndefined();
  });
});
