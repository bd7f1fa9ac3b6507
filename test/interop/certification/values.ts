import type {
  MyType,
  Test01Output,
  Test02Output,
  Test03Output,
  Test04Output,
  Test05Output,
  Test06Output,
  Test07Output,
  Test08Output,
  Test09Reply,
} from "../../../generated/org.varlink.certification/index.ts";

/** The outputs of the methods that answer once. */
export interface Answers {
  readonly Test01: Test01Output;
  readonly Test02: Test02Output;
  readonly Test03: Test03Output;
  readonly Test04: Test04Output;
  readonly Test05: Test05Output;
  readonly Test06: Test06Output;
  readonly Test07: Test07Output;
  readonly Test08: Test08Output;
  readonly Test09: Test09Reply;
}

/**
 * What each method of `org.varlink.certification` answers, in order. All known
 * implementations answer the same; and what one method answers the next one takes,
 * under the same names.
 */
export const answers: Answers = {
  Test01: { bool: true },
  Test02: { int: 1 },
  Test03: { float: 1 },
  Test04: { string: "ping" },
  Test05: { bool: false, int: 2, float: Math.PI, string: "a lot of string" },
  Test06: {
    struct: { bool: false, int: 2, float: Math.PI, string: "a lot of string" },
  },
  Test07: { map: { bar: "Bar", foo: "Foo" } },
  Test08: { set: { one: {}, two: {}, three: {} } },
  Test09: { mytype: myType() },
};

/** The replies of `Test10`, and what `Test11` takes. */
export const replies: readonly string[] = Array.from(
  { length: 10 },
  (_, index) => `Reply number ${index + 1}`,
);

function myType(): MyType {
  return {
    object: {
      method: "org.varlink.certification.Test09",
      parameters: { map: { foo: "Foo", bar: "Bar" } },
    },
    enum: "two",
    struct: { first: 1, second: "2" },
    array: ["one", "two", "three"],
    dictionary: { foo: "Foo", bar: "Bar" },
    stringset: { one: {}, two: {}, three: {} },
    nullable: null,
    nullable_array_struct: null,
    interface: {
      foo: [null, { Foo: "foo", Bar: "bar" }, null, { one: "foo", two: "bar" }],
      anon: { foo: true, bar: false },
    },
  };
}

/** Fields of `MyType` whose null says no more than their absence. */
const nullable = new Set(["nullable", "nullable_array_struct"]);

/** A value as it is sent: without nulls of fields that may be left out. */
export function withoutNulls(value: object): object {
  return JSON.parse(
    JSON.stringify(value, (key, member: unknown) =>
      nullable.has(key) && member === null ? undefined : member,
    ),
  ) as object;
}
