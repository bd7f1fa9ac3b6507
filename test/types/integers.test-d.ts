import { expectTypeOf } from "vitest";
import type { ExactObject } from "../../src/codegen/v1.ts";
import type * as exact from "./generated/exact/index.ts";
import type * as bigint from "./generated/bigint/index.ts";

/** What ints are in generated code, with the option `bigint` and without. Nothing here runs. */

export async function numbers(client: exact.TypesClient): Promise<void> {
  const { total } = await client.find();
  expectTypeOf(total).toEqualTypeOf<number | null | undefined>();
  await client.get({ name: "web", timeout: 1 });
  // @ts-expect-error - a number, for nothing said `bigint`
  await client.get({ name: "web", timeout: 1n });
  // @ts-expect-error - `any` is JSON as JavaScript has it
  await client.put({ unit: { scope: "user" }, any: 1n });
}

export async function bigints(client: bigint.TypesClient): Promise<void> {
  const { total } = await client.find();
  expectTypeOf(total).toEqualTypeOf<bigint | null | undefined>();
  await client.get({ name: "web", timeout: 1n });
  // @ts-expect-error - a number would have been rounded before it got here
  await client.get({ name: "web", timeout: 1 });
  // @ts-expect-error - decimal text is what peers may send, not programs
  await client.get({ name: "web", timeout: "1" });

  await client.put({
    unit: { scope: "user" },
    // A float stays a number; inside of `any` and `object` there may be both.
    plain: { leaf: { value: 1n, ratio: 0.5 }, data: { size: 1, all: [1n] } },
    any: 1,
    nested: [{ a: 1n, b: null }, null],
  });
  // @ts-expect-error - at any depth
  await client.put({ unit: { scope: "user" }, any: 1, nested: [{ a: 1 }] });
  await client.put({ unit: { scope: "user" }, any: 1n });
  // @ts-expect-error - JSON all the same
  await client.put({ unit: { scope: "user" }, any: Symbol.iterator });

  await using upgraded = await client.copy.upgrade({});
  expectTypeOf(upgraded.output.size).toEqualTypeOf<bigint>();
}

export const handlers: bigint.TypesHandlers = {
  get({ timeout }) {
    expectTypeOf(timeout).toEqualTypeOf<bigint | null | undefined>();
    return { unit: { name: "", scope: "user", tags: {} } };
  },
  put({ plain }) {
    expectTypeOf(plain.leaf.value).toEqualTypeOf<bigint>();
    expectTypeOf(plain.leaf.ratio).toEqualTypeOf<number>();
    expectTypeOf(plain.data).toEqualTypeOf<ExactObject>();
    return { id: "" };
  },
  // @ts-expect-error - `total` is a bigint
  find: () => ({ units: [], total: 1 }),
  copy: () => ({ size: 1n }),
};
