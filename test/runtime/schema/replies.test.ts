import { describe, expect, it } from "vitest";
import { MAX_DEPTH } from "../../../src/runtime/varlink/schema.ts";

import { compile, type Types } from "./support.ts";

describe("lenient replies", () => {
  const types: Types = {
    Tree: {
      names: "[]string",
      children: "[string]Tree",
      left: "?Tree",
      tags: "?[]string",
    },
    Plain: { text: "string" },
  };
  it("make arrays and maps that are null or absent empty, at any depth", () => {
    const method = compile(
      { tree: "Tree", matrix: "[][]int", maps: "[string][string]int" },
      types,
    );
    const reply = {
      tree: {
        names: null,
        left: { children: { a: { names: ["x"] } } },
        tags: null,
      },
      matrix: [null, [1]],
      maps: { a: null, b: { c: 1 } },
    };
    expect(method.normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(reply).toEqual({
      tree: {
        names: [],
        children: {},
        left: { names: [], children: { a: { names: ["x"], children: {} } } },
        tags: null,
      },
      matrix: [[], [1]],
      maps: { a: {}, b: { c: 1 } },
    });
  });
  it("keep nullable ones, nulls inside arrays, and everything else as it came", () => {
    const method = compile(
      { a: "?[]string", b: "[]?string", c: "Plain", d: "int", e: "[]Plain" },
      types,
    );
    const reply = { a: null, b: [null, "x"], c: null, d: "wrong", e: [null] };
    expect(method.normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(reply).toEqual({
      a: null,
      b: [null, "x"],
      c: null,
      d: "wrong",
      e: [null],
    });
  });
  it("reach arrays that only a type of a type has, through cycles as well", () => {
    const nested: Types = {
      A: { b: "B", n: "int" },
      B: { c: "?C" },
      C: { a: "?A", d: "D" },
      D: { list: "[]int" },
    };
    const reply = {
      a: { b: { c: { a: { b: { c: { d: {} } } }, d: { list: null } } } },
    };
    expect(
      compile({ a: "A" }, nested).normaliseOutput(reply, "lenient"),
    ).toBeUndefined();
    expect(reply).toEqual({
      a: {
        b: { c: { a: { b: { c: { d: { list: [] } } } }, d: { list: [] } } },
      },
    });
  });
  it("leave values of another type alone", () => {
    const method = compile(
      { a: "[][]string", b: "[string]Tree", c: "Tree" },
      types,
    );
    const reply = { a: "x", b: [1], c: 7 };
    expect(method.normaliseOutput(reply, "lenient")).toBeUndefined();
    expect(reply).toEqual({ a: "x", b: [1], c: 7 });
  });
  it("are a problem only beyond the depth limit", () => {
    const method = compile({ tree: "?Tree" }, types);
    expect(
      method.normaliseOutput({ tree: nest(MAX_DEPTH - 1) }, "lenient"),
    ).toBeUndefined();
    expect(
      method.normaliseOutput({ tree: nest(100_000) }, "lenient")?.message,
    ).toContain("nested");
  });
  function nest(levels: number): object {
    let tree: object = {};
    for (let level = 1; level < levels; level += 1) tree = { left: tree };
    return tree;
  }
});

describe("strict replies", () => {
  it("refuse null and absent values that are not nullable", () => {
    const method = compile({ a: "[]string", b: "?int" });
    expect(method.normaliseOutput({ a: null }, "strict")).toEqual({
      path: "a",
      message: "expected an array, got null",
    });
    expect(method.normaliseOutput({}, "strict")).toEqual({
      path: "a",
      message: "missing, expected an array",
    });
    expect(method.normaliseOutput({ a: [] }, "strict")).toBeUndefined();
  });
});
