import { expectTypeOf } from "vitest";
import type { CommandReply } from "../../src/runtime/envelope/types.ts";
import type { Stream } from "../../src/runtime/varlink/types.ts";
import type { EnvelopeService } from "../../src/codegen/v1.ts";
import type { MessageType } from "../../src/runtime/protobuf/message.ts";
import * as demo from "./generated/rpc/index.ts";

/**
 * What whoever calls or serves an envelope RPC is allowed and told, checked by the
 * compiler. Every `@ts-expect-error` is a promise that the next line is refused.
 */

declare const client: demo.DemoClient;
declare const error: unknown;

// Commands without fields are called with nothing; without a result they give nothing.
expectTypeOf(client.ping()).toEqualTypeOf<Promise<void>>();
expectTypeOf(client.ping({}, { timeout: 1000 })).toEqualTypeOf<Promise<void>>();
// @ts-expect-error - there is no such field
void client.ping({ name: "web" });
// @ts-expect-error - there is no such option
void client.ping({}, { more: true });

// Required fields must be given; what may be absent may be given as undefined.
expectTypeOf(client.get({ name: "web" })).toEqualTypeOf<Promise<demo.Unit>>();
void client.get({ name: "web", timeout: undefined });
// @ts-expect-error - the name is required
void client.get();
// @ts-expect-error - the name is required
void client.get({ timeout: 3 });
// @ts-expect-error - names are text
void client.get({ name: 3 });
// @ts-expect-error - null is no value of Protocol Buffers
void client.get({ name: "web", timeout: null });

// Lists and maps may be left out, at any depth.
void client.find();
void client.find({ labels: ["a"] });
void client.put({ unit: { name: "web" } });
void client.put({ unit: { name: "web", parts: { 1: { name: "part" } } } });
// @ts-expect-error - what is in a map is whole
void client.put({ unit: { name: "web", parts: { 1: {} } } });
// @ts-expect-error - integers of 64 bits are bigint
void client.put({ unit: { name: "web", size: 1 } });
void client.put({ unit: { name: "web", size: 1n, data: new Uint8Array() } });
// @ts-expect-error - bytes are no text
void client.put({ unit: { name: "web", data: "text" } });

// What is read has them all, and can be sent again.
declare const unit: demo.Unit;
expectTypeOf(unit.tags).toEqualTypeOf<readonly string[]>();
expectTypeOf(unit.labels).toEqualTypeOf<{ readonly [key: string]: string }>();
expectTypeOf(unit.size).toEqualTypeOf<bigint | undefined>();
expectTypeOf(unit.data).toEqualTypeOf<Uint8Array | undefined>();
expectTypeOf(unit.$unknown).toEqualTypeOf<Uint8Array | undefined>();
// @ts-expect-error - nothing of a message is written
unit.name = "other";
void client.put({ unit });
expectTypeOf<demo.Unit>().toExtend<demo.UnitInput>();
expectTypeOf<demo.UnitInput>().not.toExtend<demo.Unit>();

// Closed enums have no other values; open ones may.
expectTypeOf(unit.state).toEqualTypeOf<demo.Unit_State | undefined>();
expectTypeOf<demo.Unit_State>().toEqualTypeOf<0 | 1>();
expectTypeOf(demo.Unit_State.On).toEqualTypeOf<1>();
void client.put({ unit: { name: "web", state: demo.Unit_State.Off } });
// @ts-expect-error - the enum is closed
void client.put({ unit: { name: "web", state: 2 } });
void client.put({ unit: { name: "web", level: demo.Level.HIGH } });
void client.put({ unit: { name: "web", level: 7 } });
if (unit.level === demo.Level.LOW || unit.level === 9)
  expectTypeOf(unit.level).toExtend<number>();

// One case of a oneof, told by its name.
declare const put: demo.PutCommand;
switch (put.how?.case) {
  case "later":
    expectTypeOf(put.how.value).toEqualTypeOf<bigint>();
    break;
  case "instead":
    expectTypeOf(put.how.value).toEqualTypeOf<demo.Unit>();
    break;
  case "token":
    expectTypeOf(put.how.value).toEqualTypeOf<Uint8Array>();
    break;
  case undefined:
    expectTypeOf(put.how).toEqualTypeOf<undefined>();
}
void client.put({ unit, how: { case: "instead", value: { name: "web" } } });
// @ts-expect-error - that case has another type
void client.put({ unit, how: { case: "later", value: "soon" } });
// @ts-expect-error - there is no such case
void client.put({ unit, how: { case: "never", value: 1n } });
// @ts-expect-error - a case has a value
void client.put({ unit, how: { case: "later" } });

// Everything else that the response says.
expectTypeOf(client.find.reply()).toEqualTypeOf<
  Promise<CommandReply<demo.Find>>
>();
declare const reply: CommandReply<demo.Find>;
expectTypeOf(reply.result).toEqualTypeOf<demo.Found>();
expectTypeOf(reply.response).toEqualTypeOf<demo.Response>();

// A subscription is a stream of pushes.
expectTypeOf(client.watch()).toEqualTypeOf<Stream<demo.Event>>();
void client.watch({ names: ["web"] }, { signal: AbortSignal.timeout(1) });
// @ts-expect-error - it is no command
void client.watch.reply;
expectTypeOf(client.stopWatch()).toEqualTypeOf<Promise<void>>();

// Clients come from connect, with the methods of their interface.
expectTypeOf(demo.DemoClient.connect("unix:/run/demo")).toEqualTypeOf<
  Promise<demo.DemoClient>
>();
// @ts-expect-error - there is no such method
void client.stop;
// @ts-expect-error - methods are not replaced
client.ping = () => Promise.resolve();

// Errors are told by their class, and by their code.
if (demo.DemoError.is(error)) {
  expectTypeOf(error).toEqualTypeOf<demo.DemoError>();
  expectTypeOf(error.error).toEqualTypeOf<demo.Code>();
  expectTypeOf(error.response).toEqualTypeOf<demo.Response | undefined>();
  // @ts-expect-error - there is no such code
  void (error.error === 99);
}
void new demo.DemoError(demo.Code.NotFound, "no web");
// @ts-expect-error - there is no such code
void new demo.DemoError(99);

// A message's codec has its name.
expectTypeOf(demo.Unit).toExtend<MessageType<demo.Unit, demo.UnitInput>>();
declare const data: Uint8Array;
expectTypeOf(demo.Unit.decode(data)).toEqualTypeOf<demo.Unit>();
demo.Unit.encode({ name: "web" });
demo.Unit.encode(demo.Unit.decode(data));
// @ts-expect-error - the name is required
demo.Unit.encode({});
// @ts-expect-error - another message's field
demo.Event.encode({ tags: [] });

// Handlers: each may be missing; one that ends a subscription there is not.
expectTypeOf(demo.demoService({})).toEqualTypeOf<EnvelopeService>();
demo.demoService({
  ping() {},
  get({ name, timeout }, call) {
    expectTypeOf(name).toEqualTypeOf<string>();
    expectTypeOf(timeout).toEqualTypeOf<number | undefined>();
    expectTypeOf(call.signal).toEqualTypeOf<AbortSignal>();
    if (name === "") throw new demo.DemoError(demo.Code.NotFound);
    return { name, labels: { a: "b" } };
  },
  async put({ unit: given, how }) {
    expectTypeOf(given).toEqualTypeOf<demo.Unit>();
    expectTypeOf(how).toEqualTypeOf<demo.PutCommand_how | undefined>();
    await Promise.resolve();
  },
  // All that the result has may be left out, and so may the result.
  find({ labels }) {
    expectTypeOf(labels).toEqualTypeOf<readonly string[]>();
  },
  async *watch({ names }, { signal }) {
    for (const name of names) yield { name, state: demo.Unit_State.On };
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    await Promise.resolve();
  },
  old: undefined,
});
demo.demoService({ watch: () => [{ name: "web" }] });
demo.demoService({
  // @ts-expect-error - there is a result, and its name is required
  get() {},
});
demo.demoService({
  // @ts-expect-error - a list is no name
  get: () => ({ name: ["web"] }),
});
demo.demoService({
  // @ts-expect-error - pushes are many
  watch: () => ({ name: "web" }),
});
demo.demoService({
  // @ts-expect-error - the server ends subscriptions
  stopWatch() {},
});
demo.demoService({
  // @ts-expect-error - there is no such command
  stop() {},
});
