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

// A method that requires `more` streams, or answers once.
exact.typesService({
  watch: ({ name }) => [{ event: name }],
});
exact.typesService({
  watch: async (_input, call) => call.stream([{ event: "one" }]),
});
exact.typesService({ watch: ({ name }) => ({ event: name }) });
exact.typesService({
  *watch() {
    yield { event: "one" };
  },
});
exact.typesService({
  async watch({ name }) {
    if (name === "") return { event: name };
    if (name === "all") return [{ event: name }];
    throw new exact.Busy();
  },
});
exact.typesService({
  // @ts-expect-error - it does not upgrade
  watch: (_input, call) => call.upgraded({ event: "one" }, () => {}),
});
exact.typesService({
  // @ts-expect-error - nor later
  watch: async (_input, call) => call.upgraded({ event: "one" }, () => {}),
});
exact.typesService({
  // @ts-expect-error - items of a stream are replies
  watch: (_input, call) => call.stream([{ line: "one" }]),
});
exact.typesService({
  // @ts-expect-error - what it returns last is one
  async *watch({ name }) {
    yield { event: name };
    return { event: 5 };
  },
});

// One that requires `upgrade` confirms it or throws.
exact.typesService({
  async shell({ command }, call) {
    if (command === "") throw new exact.Busy();
    return call.upgraded({ id: command }, () => {});
  },
});
exact.typesService({
  shell() {
    throw new exact.Busy();
  },
});
exact.typesService({
  // @ts-expect-error - a plain reply would not be sent
  shell: ({ command }) => ({ id: command }),
});
exact.typesService({
  // @ts-expect-error - nor an empty one
  shell: () => ({}),
});
exact.typesService({
  // @ts-expect-error - nor none
  async shell() {},
});
exact.typesService({
  // @ts-expect-error - nor a stream
  shell: (_input, call) => call.stream([{ id: "one" }]),
});
exact.typesService({
  // @ts-expect-error - nor a generator
  async *shell() {
    yield { id: "one" };
  },
});

// Where both are required the client chooses.
exact.typesService({
  tail: (_input, call) =>
    call.upgrade
      ? call.upgraded({ line: "one" }, () => {})
      : call.stream([{ line: "one" }]),
});

exact.typesService({
  // @ts-expect-error - the reply is not optional
  get() {},
});
exact.typesService({
  // @ts-expect-error - nor is what is in it
  get: () => ({}),
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
