import type { Duplex } from "node:stream";
import { expectTypeOf } from "vitest";
import type { Service } from "../../src/codegen/v1.ts";
import type { Call } from "../../src/runtime/varlink/types.ts";
import * as exact from "./generated/exact/index.ts";
import * as partial from "./generated/partial/index.ts";

/** What whoever writes a server is allowed and told; see `calls.test-d.ts`. */

declare const unit: exact.Unit;

// Every method may be missing: it answers MethodNotImplemented.
expectTypeOf(exact.typesService({})).toEqualTypeOf<Service>();

exact.typesService({
  ping() {},
  async get({ name, timeout }, call) {
    expectTypeOf(name).toEqualTypeOf<string>();
    expectTypeOf(timeout).toEqualTypeOf<number | null | undefined>();
    expectTypeOf(call).toEqualTypeOf<Call>();
    if (name === "") throw new exact.NotFound({ name, scope: "user" });
    return { unit };
  },
  find: ({ scope }) => {
    expectTypeOf(scope).toEqualTypeOf<exact.Scope | null | undefined>();
    return { units: [] };
  },
  async *watch({ name }, { signal }) {
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    yield { event: name };
    return { event: "last" };
  },
  // All its fields may be left out, and so may the reply.
  logs() {},
  old: undefined,
});

// Streams: a generator, an array, an iterable.
exact.typesService({ logs: () => [{ line: "one" }, { line: "two" }] });
exact.typesService({
  logs: (_input, call) => call.stream(new Set([{ line: "one" }])),
});
exact.typesService({
  *logs() {
    yield { line: "one" };
  },
});

// Upgrades: the reply, and what is spoken after it.
exact.typesService({
  shell: ({ command }, call) => {
    expectTypeOf(call.upgrade).toBeBoolean();
    return call.upgraded({ id: command }, (stream) => {
      expectTypeOf(stream).toEqualTypeOf<Duplex>();
    });
  },
  async copy({ path }, call) {
    if (!call.upgrade) return { size: 0 };
    return call.upgraded({ size: 1 }, async (stream) => {
      stream.end(path);
      return stream;
    });
  },
  logs: (_input, call) => call.upgraded({}, () => {}),
});
exact.typesService({
  // @ts-expect-error - the reply of an upgrade fits the method as well
  shell: (_input, call) => call.upgraded({ id: 5 }, () => {}),
});
exact.typesService({
  // @ts-expect-error - and is whole
  shell: (_input, call) => call.upgraded({}, () => {}),
});

exact.typesService({
  // @ts-expect-error - the reply is not optional
  get() {},
});
exact.typesService({
  // @ts-expect-error - enums are closed for a server
  get: () => ({ unit: { name: "web", scope: "other", tags: {} } }),
});
exact.typesService({
  // @ts-expect-error - the reply is whole
  get: () => ({ unit: { name: "web", tags: {} } }),
});
exact.typesService({
  // @ts-expect-error - items are replies
  async *watch() {
    yield { line: "one" };
  },
});
exact.typesService({
  // @ts-expect-error - there is no such method
  stop() {},
});

partial.typesService({
  // What the client left out is there: zeros are filled in.
  put({ unit: parameter, plain, nested }) {
    expectTypeOf(parameter).toEqualTypeOf<partial.Unit>();
    expectTypeOf(plain.leaf.value).toEqualTypeOf<number>();
    expectTypeOf(plain.leaves).toEqualTypeOf<readonly partial.Leaf[]>();
    expectTypeOf(nested[0]).toEqualTypeOf<
      { readonly [key: string]: number | null } | null | undefined
    >();
    return { id: parameter.name };
  },
});
