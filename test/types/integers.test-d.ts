import { expectTypeOf } from "vitest";
import type * as exact from "./generated/exact/index.ts";
import type * as bigint from "./generated/bigint/index.ts";

/** What ints are in generated code, with the option `bigint` and without. Nothing here runs. */

export async function numbers(client: exact.TypesClient): Promise<void> {
  const { total } = await client.find();
  expectTypeOf(total).toEqualTypeOf<number | null | undefined>();
  await client.get({ name: "web", timeout: 1 });
  // @ts-expect-error - a number, for nothing said `bigint`
  await client.get({ name: "web", timeout: 1n });
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
    // A float stays a number, and so does what is inside of `any` and `object`.
    plain: { leaf: { value: 1n, ratio: 0.5 }, data: { size: 1 } },
    any: 1,
    nested: [{ a: 1n, b: null }, null],
  });
  // @ts-expect-error - at any depth
  await client.put({ unit: { scope: "user" }, any: 1, nested: [{ a: 1 }] });
  // @ts-expect-error - `any` is JSON as JavaScript has it
  await client.put({ unit: { scope: "user" }, any: 1n });

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
    return { id: "" };
  },
  // @ts-expect-error - `total` is a bigint
  find: () => ({ units: [], total: 1 }),
  copy: () => ({ size: 1n }),
};
