import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeReply,
  encodeCall,
  toError,
} from "../../../src/runtime/varlink/messages.ts";
import {
  InvalidParameter,
  PermissionDenied,
} from "../../../src/runtime/varlink/standard.ts";
import { matching } from "../../support/matching.ts";

describe("encodeCall", () => {
  it("writes method, parameters and flag in this order, and only what says something", () => {
    expect(encodeCall("a.b.C", {}, "call")).toBe('{"method":"a.b.C"}');
    expect(encodeCall("a.b.C", { x: undefined }, "call")).toBe(
      '{"method":"a.b.C"}',
    );
    expect(encodeCall("a.b.C", { x: 1 }, "call")).toBe(
      '{"method":"a.b.C","parameters":{"x":1}}',
    );
    expect(encodeCall("a.b.C", { x: 1 }, "more")).toBe(
      '{"method":"a.b.C","parameters":{"x":1},"more":true}',
    );
    expect(encodeCall("a.b.C", {}, "oneway")).toBe(
      '{"method":"a.b.C","oneway":true}',
    );
  });

  it("is JSON that says what was given, without a NUL in it", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: "binary" }),
          fc.json().map((text): unknown => JSON.parse(text)),
        ),
        (parameters) => {
          const text = encodeCall("a.b.C", parameters, "more");
          expect(text).not.toContain("\0");
          const read = JSON.parse(text) as { parameters?: object };
          expect(read.parameters ?? {}).toEqual(
            JSON.parse(JSON.stringify(parameters)),
          );
        },
      ),
    );
  });

  it.each(["", "Ping", "a.", ".a", 'a.b"c', "a.b\0", "a..b", "a b.c", "a.b\n"])(
    "refuses %j as a method name",
    (name) => {
      expect(() => encodeCall(name, {}, "call")).toThrow(
        expect.objectContaining({
          code: "INVALID_INPUT",
          message: matching(/full method name/),
        }),
      );
    },
  );

  it("refuses what JSON cannot carry, and keeps why", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    for (const parameters of [{ a: 1n }, cycle]) {
      expect(() => encodeCall("a.b.C", parameters, "call")).toThrow(
        expect.objectContaining({
          code: "INVALID_INPUT",
          message: matching(/a\.b\.C/),
        }),
      );
    }
  });
});

describe("decodeReply", () => {
  it("takes absent, null and empty parameters as the same", () => {
    for (const text of [
      "{}",
      '{"parameters":null}',
      '{"parameters":{}}',
      ' { "parameters" : {} } ',
    ]) {
      expect(decodeReply(text, false)).toEqual({
        parameters: {},
        continues: false,
        error: undefined,
        text,
      });
    }
  });

  it("takes absent, null and false continues as the same, and error as absent when null", () => {
    for (const text of [
      '{"continues":false}',
      '{"continues":null,"error":null}',
    ]) {
      expect(decodeReply(text, false).continues).toBe(false);
      expect(decodeReply(text, true).error).toBeUndefined();
    }
  });

  it("ignores members of the header that it does not know", () => {
    expect(
      decodeReply('{"parameters":{"a":1},"x":[],"io.example.y":1}', false)
        .parameters,
    ).toEqual({
      a: 1,
    });
  });

  it.each(["x", "id", "__proto__", "constructor", ""])(
    "refuses the member %j of the header where it is strict, but none with a dot",
    (name) => {
      const member = `{"parameters":{"a":1},${JSON.stringify(name)}:null}`;
      expect(decodeReply(member, false).parameters).toEqual({ a: 1 });
      expect(() => decodeReply(member, false, "strict")).toThrow(
        expect.objectContaining({
          code: "PROTOCOL",
          message: matching(/unknown member/),
        }),
      );
      const vendors = member.replace(`${name}":null`, `${name}.y":null`);
      expect(decodeReply(vendors, false, "strict").parameters).toEqual({
        a: 1,
      });
    },
  );

  it.each([
    ["", /not JSON/],
    ["{", /not JSON/],
    ["\uFEFF{}", /not JSON/],
    ["[]", /not a JSON object/],
    ["null", /not a JSON object/],
    ["1", /not a JSON object/],
    ['{"parameters":[]}', /parameters are not an object/],
    ['{"parameters":"x"}', /parameters are not an object/],
    ['{"continues":"yes"}', /continues is not a boolean/],
    ['{"continues":1}', /continues is not a boolean/],
    ['{"error":5}', /error is not a name/],
    ['{"error":""}', /error is not a name/],
    ['{"error":"a.b.C","continues":true}', /error reply that continues/],
  ])("refuses %j", (text, words) => {
    expect(() => decodeReply(text, true)).toThrow(
      expect.objectContaining({ code: "PROTOCOL", message: matching(words) }),
    );
  });

  it("refuses continues where one reply was asked for", () => {
    expect(decodeReply('{"continues":true}', true).continues).toBe(true);
    expect(() => decodeReply('{"continues":true}', false)).toThrow(
      expect.objectContaining({ code: "PROTOCOL" }),
    );
  });

  it("never says more of a broken message than how it is broken", () => {
    expect(() => decodeReply('{"password":"hunter2', false)).toThrow(
      expect.objectContaining({ message: matching(/^((?!hunter2).)*$/) }),
    );
  });

  it("keeps __proto__ as a member like any other", () => {
    const { parameters } = decodeReply(
      '{"parameters":{"__proto__":{"polluted":true}}}',
      false,
    );
    expect(Object.getPrototypeOf(parameters)).toBe(Object.prototype);
    expect(Object.keys(parameters)).toEqual(["__proto__"]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const error = toError("a.b.C", parameters);
    expect(
      (error as unknown as { polluted?: unknown }).polluted,
    ).toBeUndefined();
  });

  it("either reads a message or says PROTOCOL", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.boolean(),
        (text, more) => {
          try {
            const reply = decodeReply(text, more);
            expect(typeof reply.parameters).toBe("object");
            expect(reply.parameters).not.toBeNull();
          } catch (error) {
            expect(error).toMatchObject({ code: "PROTOCOL" });
          }
        },
      ),
    );
  });
});

describe("decodeReply of the usual forms", () => {
  /** What is read, or why not; with a space in front it is read the long way. */
  const outcome = (
    text: string,
    more: boolean,
    mode: "lenient" | "strict",
  ): unknown => {
    try {
      return { ...decodeReply(text, more, mode), text: text.trim() };
    } catch (error) {
      return (error as Error).message.replace(/\d+ characters/, "");
    }
  };
  const piece = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.constantFrom(
      "{}",
      '{"a":1}',
      " {} ",
      '{"continues":true}',
      "{",
      "}",
      "null",
      "",
      '"error"',
      ':"a.b.C"',
      '"x":1',
      '"parameters":{}',
      '"continues"',
      ',"continues":true}',
      '{"parameters":',
      ":",
      ",",
      ":false",
    ),
  );

  it.each([
    ["{}", { parameters: {}, continues: true }],
    ['{"a":[{}]}', { parameters: { a: [{}] }, continues: true }],
    ["null", { parameters: {}, continues: true }],
    // Of two members of one name the last one counts.
    ['{},"parameters":{"b":2}', { parameters: { b: 2 }, continues: true }],
    ['{},"continues":false', { parameters: {}, continues: true }],
    ['{},"error":null', { parameters: {}, continues: true }],
    [
      '{"__proto__":1}',
      { parameters: JSON.parse('{"__proto__":1}') as object },
    ],
  ])("with %s", (inside, expected) => {
    const text = `{"parameters":${inside},"continues":true}`;
    expect(decodeReply(text, true)).toMatchObject({ ...expected, text });
  });

  it("is the same as of any other reply", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.constantFrom("lenient", "strict"),
        fc.constantFrom(',"continues":true}', "}"),
        (pieces, more, mode, end) => {
          const text = `{"parameters":${pieces.join("")}${end}`;
          expect(outcome(text, more, mode)).toEqual(
            outcome(` ${text}`, more, mode),
          );
        },
      ),
      { numRuns: 4000 },
    );
  });
});

describe("toError", () => {
  it("gives standard errors their classes, whatever their parameters", () => {
    const error = toError("org.varlink.service.InvalidParameter", {
      parameter: "x",
    });
    expect(InvalidParameter.is(error)).toBe(true);
    expect(error).toBeInstanceOf(InvalidParameter);
    expect(error.constructor).toBe(InvalidParameter);
    expect(PermissionDenied.is(error)).toBe(false);
    expect(
      toError("org.varlink.service.PermissionDenied", { extra: 1 }).parameters,
    ).toEqual({ extra: 1 });
  });

  it("keeps unknown ones whole", () => {
    const error = toError("io.example.Odd", { a: [null] });
    expect(error).toMatchObject({
      code: "VARLINK_ERROR",
      error: "io.example.Odd",
      parameters: { a: [null] },
      name: "Odd",
    });
  });
});
