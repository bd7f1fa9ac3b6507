import type { Duplex } from "node:stream";
import { expectTypeOf } from "vitest";
import type { Open } from "../../src/codegen/v1.ts";
import type { Stream, Upgraded } from "../../src/runtime/varlink/types.ts";
import type * as exact from "./generated/exact/index.ts";
import type * as partial from "./generated/partial/index.ts";

/**
 * What a caller of generated clients is allowed and told. Nothing here runs: the
 * type check of the repository is the test, and every `@ts-expect-error` fails it
 * when what it stands above is no error.
 */

export async function exactInputs(
  client: exact.TypesClient,
  unit: exact.Unit,
): Promise<void> {
  // What `{}` satisfies may be left out.
  await client.ping();
  await client.ping({});
  await client.ping({}, { timeout: 1_000 });
  await client.ping(undefined, { signal: AbortSignal.timeout(1) });
  // @ts-expect-error - there are no parameters
  await client.ping({ name: "web" });
  await client.find();

  await client.get({ name: "web" });
  await client.get({ name: "web", timeout: 1 });
  await client.get({ name: "web", timeout: null });
  await client.get({ name: "web", timeout: undefined });
  // @ts-expect-error - the input is not optional
  await client.get();
  // @ts-expect-error - `name` is not optional
  await client.get({});
  // @ts-expect-error - `name` is not nullable
  await client.get({ name: null });
  // @ts-expect-error - there is no such parameter
  await client.get({ name: "web", force: true });
  // @ts-expect-error - one object, not positions
  await client.get("web");

  const plain = {
    leaf: { value: 1, ratio: 0.5 },
    leaves: [],
    data: { any: [null, { json: true }] },
  };
  await client.put({
    unit,
    plain,
    any: [1, "two", null],
    nested: [null, { a: 1, b: null }],
  });
  const leaf = { value: 1 };
  // @ts-expect-error - exact at any depth
  await client.put({ unit, plain: { ...plain, leaf }, any: 1, nested: [] });
  // @ts-expect-error - `any` is every JSON value but null
  await client.put({ unit, plain, any: null, nested: [] });
  // @ts-expect-error - an object is no array
  await client.put({ unit, plain: { ...plain, data: [] }, any: 1, nested: [] });
}

export async function partialInputs(
  client: partial.TypesClient,
): Promise<void> {
  await client.get();
  await client.get({});
  await client.get({ name: undefined });
  // Enums and `any` have no zero: they stay required, at any depth.
  await client.put({ unit: { scope: "user" }, any: 1 });
  await client.put({
    unit: { scope: "user", next: { scope: "system" } },
    any: 1,
    plain: { leaf: {} },
  });
  await client.put({
    unit: { scope: "user" },
    any: 1,
    plain: { leaves: [{}, { value: 1 }] },
  });
  // @ts-expect-error - `scope` has no zero
  await client.put({ unit: {}, any: 1 });
  // @ts-expect-error - `scope` has no zero, further inside as well
  await client.put({ unit: { scope: "user", next: {} }, any: 1 });
  // @ts-expect-error - `any` has no zero
  await client.put({ unit: { scope: "user" } });
  // @ts-expect-error - a struct with a field that has no zero has none
  await client.put({ any: 1 });
  // @ts-expect-error - there is no such parameter
  await client.put({ unit: { scope: "user", force: true }, any: 1 });
  // What a server sees is whole.
  expectTypeOf<
    partial.Put["parameters"]
  >().toEqualTypeOf<partial.PutParameters>();
  expectTypeOf<partial.PutParameters["plain"]>().toEqualTypeOf<partial.Plain>();
  expectTypeOf<partial.Plain["leaf"]>().toEqualTypeOf<partial.Leaf>();
  expectTypeOf<keyof exact.Put>().toEqualTypeOf<"input" | "output">();
}

export async function enums(client: exact.TypesClient): Promise<void> {
  await client.find({ scope: "user" });
  await client.find({ scope: null });
  // @ts-expect-error - closed in inputs
  await client.find({ scope: "other" });

  const { unit } = await client.get({ name: "web" });
  // Open in replies: what a newer peer adds is a string.
  expectTypeOf(unit).toEqualTypeOf<exact.UnitOutput>();
  expectTypeOf(unit.scope).toEqualTypeOf<Open<exact.Scope>>();
  expectTypeOf(unit.next?.load).toEqualTypeOf<
    Open<exact.UnitLoad> | null | undefined
  >();
  expectTypeOf<string>().toExtend<typeof unit.scope>();
  // @ts-expect-error - so a reply does not fit an input as it is
  await client.find({ scope: unit.scope });

  const closed: exact.Scope = "system";
  // @ts-expect-error - the base type is closed
  const wrong: exact.Scope = "other";
  expectTypeOf<typeof exact.Scope>().toEqualTypeOf<{
    readonly system: "system";
    readonly user: "user";
  }>();
  expectTypeOf(closed).toExtend<
    (typeof exact.Scope)[keyof typeof exact.Scope]
  >();
  expectTypeOf(wrong).toExtend<string>();
}

export async function replies(client: exact.TypesClient): Promise<void> {
  expectTypeOf<
    ReturnType<typeof client.put>
  >().resolves.toEqualTypeOf<exact.PutOutput>();
  const { units, total } = await client.find();
  expectTypeOf(units).toEqualTypeOf<readonly exact.UnitOutput[]>();
  expectTypeOf(total).toEqualTypeOf<number | null | undefined>();
  const [first] = units;
  // @ts-expect-error - indexed access may find nothing
  void first.name;
  // @ts-expect-error - replies are read-only
  units[0] = units[1];
  if (first !== undefined) {
    // @ts-expect-error - replies are read-only
    first.name = "other";
    expectTypeOf(first.tags["a"]).toEqualTypeOf<string | undefined>();
  }
  // @ts-expect-error - an empty reply has no fields
  (await client.ping()).text satisfies string;
}

export async function forms(client: exact.TypesClient): Promise<void> {
  expectTypeOf(client.logs.more()).toEqualTypeOf<Stream<exact.LogsOutput>>();
  for await (const { line } of client.logs.more({}, { idleTimeout: 1 })) {
    expectTypeOf(line).toEqualTypeOf<string | null | undefined>();
  }
  (await client.get.oneway({ name: "web" })) satisfies void;
  // @ts-expect-error - a oneway call takes the same input
  await client.get.oneway({});
  // @ts-expect-error - a oneway call has no reply
  void (await client.get.oneway({ name: "web" })).unit;

  // A method that requires `more` has no other form.
  for await (const { event } of client.watch.more({ name: "web" }))
    expectTypeOf(event).toBeString();
  // @ts-expect-error - it cannot be called plainly
  await client.watch({ name: "web" });
  // @ts-expect-error - nor oneway
  void client.watch.oneway;
  expectTypeOf(
    client.copy.upgrade({ path: "a" }, { timeout: 1 }),
  ).resolves.toEqualTypeOf<Upgraded<exact.CopyOutput>>();
  await using copied = await client.copy.upgrade();
  expectTypeOf(copied.output.size).toBeNumber();
  expectTypeOf(copied.stream).toEqualTypeOf<Duplex>();
  expectTypeOf(copied.release()).toEqualTypeOf<void>();
  // It may be called plainly as well, as every method may be upgraded.
  expectTypeOf((await client.copy()).size).toBeNumber();
  void client.ping.upgrade();

  // A method that requires `upgrade` has no other form.
  const { output } = await client.shell.upgrade({ command: "ls" });
  expectTypeOf(output).toEqualTypeOf<exact.ShellOutput>();
  // @ts-expect-error - the input is not optional
  void client.shell.upgrade();
  // @ts-expect-error - it cannot be called plainly
  await client.shell({ command: "ls" });
  // @ts-expect-error - nor as a stream
  void client.shell.more;
  // @ts-expect-error - one that requires `more` cannot be upgraded
  void client.watch.upgrade;
  // One that requires either has both.
  void client.tail.more();
  void client.tail.upgrade();
  // @ts-expect-error - methods are not assigned
  client.logs = client.old;
}

export async function connecting(
  TypesClient: typeof exact.TypesClient,
): Promise<void> {
  await using client = await TypesClient.connect("unix:/run/types");
  expectTypeOf(client).toEqualTypeOf<exact.TypesClient>();
  expectTypeOf(TypesClient.descriptor.interface).toBeString();
  // @ts-expect-error - `then` would make the client a thenable
  void client.then;
}

export function errors(error: unknown, module: typeof exact): void {
  const { Busy, NotFound } = module;
  if (NotFound.is(error)) {
    expectTypeOf(error).toEqualTypeOf<exact.NotFound>();
    expectTypeOf(error.parameters).toEqualTypeOf<exact.NotFoundParameters>();
    // Open: an error is read by clients, and one class serves both sides.
    expectTypeOf(error.parameters.scope).toEqualTypeOf<Open<exact.Scope>>();
    expectTypeOf(error.code).toExtend<string>();
  }
  if (error instanceof NotFound)
    expectTypeOf(error.parameters.name).toBeString();
  // @ts-expect-error - unknown before it is narrowed
  void error.parameters;
  void new Busy();
  void new Busy({}, { cause: error });
  void new NotFound({ name: "web", scope: "user" });
  // @ts-expect-error - parameters are required
  void new NotFound();
  // @ts-expect-error - and whole
  void new NotFound({ name: "web" });
  // @ts-expect-error - an error without parameters takes none
  void new Busy({ name: "web" });
}
