import { channel } from "node:diagnostics_channel";
import { describe, expect, it } from "vitest";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import type { EnvelopeServerCallEvent } from "../../../../src/runtime/envelope/server.ts";
import { envelopeService } from "../../../../src/runtime/envelope/service.ts";
import type {
  CommandCall,
  EnvelopeConnection,
} from "../../../../src/runtime/envelope/types.ts";
import { EnvelopeError } from "../../../../src/runtime/envelope/error.ts";
import { PortolanError } from "../../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { gate, until } from "../../server/support.ts";
import { descriptor, failed, MiniError, ok, serve } from "./support.ts";

class OtherError extends EnvelopeError {
  static override readonly service: string = "Other";
}

describe("a handler", () => {
  it("gets the input, and of the call what it may need", async () => {
    const calls: [object, CommandCall][] = [];
    await using served = await serve({
      list(input: object, call) {
        calls.push([input, call]);
        return { name: [] };
      },
    });
    const peer = await served.connect();
    peer.send({ List: { mask: "a" }, Version: {} }, { List: {} });
    expect(await peer.take(2)).toHaveLength(2);
    const [[input, call], [, second]] = calls as [
      [object, CommandCall],
      [object, CommandCall],
    ];
    expect(input).toEqual({ mask: "a" });
    expect(call.method).toBe("List");
    expect(call.request).toMatchObject({ List: { mask: "a" }, Version: {} });
    expect(call.connection.address).toBe("memory:");
    expect(second.connection).toBe(call.connection);
    expect(call.connection.signal.aborted).toBe(false);
    peer.end();
    await until(() => served.server.connections === 0);
    expect(call.connection.signal.aborted).toBe(true);
    // The call was over long before.
    expect(call.signal.aborted).toBe(false);
  });

  it("may be a method of an instance, own or inherited", async () => {
    class Base {
      readonly tag = "base";
      version(): object {
        return { tag: this.tag, revision: "" };
      }
    }
    const server = new EnvelopeServer(
      envelopeService(descriptor, new (class extends Base {})()),
    );
    const endpoint = memoryEndpoint();
    await server.listen(endpoint);
    const { RawPeer } = await import("./support.ts");
    const peer = new RawPeer(await endpoint.connect({}));
    expect(await peer.send({ Version: {} }).next()).toMatchObject({
      Version: { tag: "base" },
    });
    await server.close();
  });

  it("may answer with nothing, and with an empty result", async () => {
    let result: object | undefined;
    await using served = await serve({ list: () => result });
    const peer = await served.connect();
    expect(await peer.send({ List: {} }).nextBody()).toHaveLength(11);
    result = {};
    expect(await peer.send({ List: {} }).next()).toEqual(
      ok({ List: { name: [] } }),
    );
  });

  it("of a command without result may return what it likes", async () => {
    await using served = await serve({ create: () => new Map() });
    const peer = await served.connect();
    expect(await peer.send({ Create: {} }).next()).toEqual(ok());
  });

  it("need not give what peers demand to be there", async () => {
    await using served = await serve({ version: () => ({ tag: "1" }) });
    const peer = await served.connect();
    expect(await peer.send({ Version: {} }).next()).toEqual(
      ok({ Version: { tag: "1", revision: "" } }),
    );
  });
});

describe("errors", () => {
  it("of the service are answered as they are, with what result there is", async () => {
    await using served = await serve({
      async list() {
        throw new MiniError(15, "busy", { result: { name: ["a"] } });
      },
      create() {
        throw new MiniError(7, "", { result: { ignored: true } });
      },
    });
    const peer = await served.connect();
    peer.send({ List: {} }, { Create: {} });
    expect(await peer.take(2)).toEqual([
      failed(15, "busy", { List: { name: ["a"] } }),
      failed(7, ""),
    ]);
    expect(served.errors).toEqual([]);
  });

  it("that no client could read are failures of the handler", async () => {
    const thrown = new MiniError(99, "new here");
    await using served = await serve(
      {
        create() {
          throw thrown;
        },
      },
      {},
      memoryEndpoint(),
      {
        response: {
          ...descriptor.response,
          // As an enum that is closed: an undeclared code is none.
          encode(message, options) {
            if ((message as { readonly error: number }).error === 99)
              throw new PortolanError(
                "INVALID_INPUT",
                "TResponse: error: expected a value of the enum, got 99",
              );
            return descriptor.response.encode(message, options);
          },
        },
      },
    );
    const peer = await served.connect();
    expect(await peer.send({ Create: {} }).next()).toEqual(failed(1, ""));
    const [report] = served.errors;
    expect(report?.error).toMatchObject({
      code: "INVALID_REPLY",
      cause: thrown,
      message:
        "the error that the handler of Create threw cannot be sent: TResponse: error: expected a value of the enum, got 99",
    });
    expect(report?.context).toMatchObject({ method: "Mini.Create" });
  });

  it("of a bare command have text and time all the same", async () => {
    await using served = await serve({
      wait() {
        throw new MiniError(7, "nothing to wait for", {
          result: { name: "a" },
        });
      },
    });
    const peer = await served.connect();
    expect(await peer.send({ Wait: {} }).next()).toEqual(
      failed(7, "nothing to wait for", { Wait: { name: "a" } }),
    );
  });

  it("of no service in particular are answered too, those of another are not", async () => {
    const other = new OtherError(15, "secret");
    await using served = await serve({
      list() {
        throw new EnvelopeError(15, "from afar");
      },
      create() {
        throw other;
      },
    });
    const peer = await served.connect();
    peer.send({ List: {} }, { Create: {} });
    expect(await peer.take(2)).toEqual([
      failed(15, "from afar"),
      failed(1, ""),
    ]);
    expect(served.errors).toEqual([
      { error: other, context: { method: "Mini.Create", address: "memory:" } },
    ]);
  });

  it.each([
    ["an Error", new Error("secret")],
    ["nothing", undefined],
    ["a string", "secret"],
  ])(
    "that are none (%s) are reported, and the client is told nothing",
    async (_what, thrown) => {
      await using served = await serve({
        create() {
          throw thrown;
        },
        list: () => Promise.reject(thrown),
      });
      const peer = await served.connect();
      peer.send({ Create: {} }, { List: {} });
      expect(await peer.take(2)).toEqual([failed(1, ""), failed(1, "")]);
      expect(served.errors).toHaveLength(2);
      if (thrown !== undefined)
        expect(served.errors.map(({ error }) => error)).toEqual([
          thrown,
          thrown,
        ]);
    },
  );

  it("come of results that do not fit, and the connection stays", async () => {
    const results: unknown[] = [
      { name: [1] },
      "text",
      null,
      [],
      (function* () {})(),
    ];
    let next = 0;
    await using served = await serve({ list: () => results[next++] });
    const peer = await served.connect();
    for (const _ of results) {
      expect(await peer.send({ List: {} }).next()).toEqual(failed(1, ""));
    }
    expect(served.errors.map(({ error }) => error)).toEqual(
      results.map(
        () => expect.objectContaining({ code: "INVALID_REPLY" }) as Error,
      ),
    );
  });

  it("are sent without their result where that does not fit", async () => {
    await using served = await serve({
      list() {
        throw new MiniError(15, "busy", { result: { name: [1] } });
      },
    });
    const peer = await served.connect();
    expect(await peer.send({ List: {} }).next()).toEqual(failed(15, "busy"));
    expect(served.errors).toMatchObject([{ error: { code: "INVALID_REPLY" } }]);
  });

  it("that cannot be sent at all are reported", async () => {
    await using served = await serve({
      list() {
        throw new MiniError(15, 7 as never);
      },
    });
    const peer = await served.connect();
    expect(await peer.send({ List: {} }).next()).toEqual(failed(1, ""));
    expect(served.errors).toMatchObject([{ error: { code: "INVALID_REPLY" } }]);
  });

  it("that say that there is none are a mistake: nothing was answered", async () => {
    const none = new MiniError(0, "fine", { result: { name: ["a"] } });
    await using served = await serve({
      list() {
        throw none;
      },
    });
    const peer = await served.connect();
    expect(await peer.send({ List: {} }).next()).toEqual(failed(1, ""));
    expect(served.errors).toMatchObject([{ error: none }]);
  });

  it("of looking at what was returned are a handler's", async () => {
    const mine = new Error("mine");
    await using served = await serve({
      list: () => ({
        // oxlint-disable-next-line unicorn/no-thenable -- It is what may go wrong.
        get then() {
          throw mine;
        },
      }),
    });
    const peer = await served.connect();
    peer.send({ List: {} }, { List: {} });
    expect(await peer.take(2)).toEqual([failed(1, ""), failed(1, "")]);
    expect(served.errors).toMatchObject([{ error: mine }, { error: mine }]);
    expect(served.protocolErrors).toEqual([]);
  });

  it("of a getter among the handlers are a handler's", async () => {
    const handlers = {
      broken: false,
      get version() {
        if (this.broken) throw new Error("no");
        return () => ({});
      },
    };
    const errors: unknown[] = [];
    const server = new EnvelopeServer(envelopeService(descriptor, handlers), {
      onError: (error) => errors.push(error),
    });
    handlers.broken = true;
    const endpoint = memoryEndpoint();
    await server.listen(endpoint);
    const { RawPeer } = await import("./support.ts");
    const peer = new RawPeer(await endpoint.connect({}));
    expect(await peer.send({ Version: {} }).next()).toMatchObject({ error: 1 });
    expect(errors).toHaveLength(1);
    await server.close();
  });
});

describe("a connection", () => {
  it("is answered in order, one request at a time", async () => {
    const gates = [gate(), gate(), gate()];
    const begun: string[] = [];
    await using served = await serve({
      async list({ mask }: { mask: string }) {
        begun.push(mask);
        await gates[Number(mask)]?.opened;
        return { name: [mask] };
      },
      version: () => ({ tag: "", revision: "" }),
    });
    const peer = await served.connect();
    peer.send(
      { List: { mask: "0" } },
      { List: { mask: "1" } },
      { Version: {} },
      { List: { mask: "2" } },
    );
    gates[2]?.open();
    gates[1]?.open();
    await until(() => begun.length === 1);
    gates[0]?.open();
    expect(await peer.take(4)).toEqual([
      ok({ List: { name: ["0"] } }),
      ok({ List: { name: ["1"] } }),
      ok({ Version: { tag: "", revision: "" } }),
      ok({ List: { name: ["2"] } }),
    ]);
    expect(begun).toEqual(["0", "1", "2"]);
  });

  it("does not wait for another", async () => {
    const held = gate();
    await using served = await serve({
      wait: () => held.opened.then(() => ({ name: "", state: "dead" })),
      version: () => ({}),
    });
    const [one, other] = [await served.connect(), await served.connect()];
    one.send({ Wait: {} });
    expect(await other.send({ Version: {} }).next()).toMatchObject({
      error: 0,
    });
    held.open();
    expect(await one.next()).toEqual({
      error: 0,
      Wait: { name: "", state: "dead" },
    });
  });

  it("tells what lives with it when it ends: of several clients each its own", async () => {
    const weak = new Map<EnvelopeConnection, string[]>();
    await using served = await serve({
      create({ name }: { name: string }, { connection }) {
        let names = weak.get(connection);
        if (names === undefined) {
          names = [];
          weak.set(connection, names);
          connection.signal.addEventListener("abort", () =>
            weak.delete(connection),
          );
        }
        names.push(name);
      },
    });
    const [one, other] = [await served.connect(), await served.connect()];
    one.send({ Create: { name: "a" } }, { Create: { name: "b" } });
    other.send({ Create: { name: "c" } });
    await one.take(2);
    await other.next();
    expect([...weak.values()]).toEqual([["a", "b"], ["c"]]);
    one.stream.destroy();
    await until(() => served.server.connections === 1);
    expect([...weak.values()]).toEqual([["c"]]);
    await served.server.close();
    expect(weak.size).toBe(0);
  });
});

describe("the signal of a connection", () => {
  it("may be listened to for each of many things", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    let gone = 0;
    await using served = await serve({
      create(_input, { connection }) {
        connection.signal.addEventListener("abort", () => (gone += 1));
      },
    });
    const peer = await served.connect();
    peer.send(...Array.from({ length: 20 }, () => ({ Create: {} })));
    await peer.take(20);
    await peer.end().ended;
    await until(() => gone === 20);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});

describe("what is served", () => {
  const make = (handlers: object): EnvelopeServer =>
    new EnvelopeServer(envelopeService(descriptor, handlers));

  it("is functions", () => {
    expect(() => make({ version: 1 })).toThrow(
      "the handler version of Mini is not a function",
    );
  });

  it("is not the end of subscriptions, which the server knows itself", () => {
    expect(() => make({ stopAsyncWait() {} })).toThrow(
      "ends what AsyncWait began",
    );
  });

  it("can be answered: the clock and the failures are looked at beforehand", () => {
    const clock = () => Number.NaN;
    expect(
      () => new EnvelopeServer(envelopeService(descriptor, {}), { clock }),
    ).toThrow("clock must give milliseconds");
    const failures = { internal: { code: "x" as never } };
    expect(
      () =>
        new EnvelopeServer(envelopeService({ ...descriptor, failures }, {})),
    ).toThrow("error is no number");
  });

  it.each([
    ["maxRequestSize", 0],
    ["maxRequestSize", 1.5],
    ["maxConnections", -1],
    ["maxPipelinedRequests", Number.NaN],
    ["frameTimeout", -1],
    ["idleTimeout", 2 ** 31],
    ["clock", 5],
  ])("has options that make sense: not %s %s", (name, value) => {
    expect(
      () =>
        new EnvelopeServer(envelopeService(descriptor, {}), { [name]: value }),
    ).toThrow(
      expect.objectContaining({
        code: "INVALID_INPUT",
        message: expect.stringContaining(name) as string,
      }) as Error,
    );
  });
});

describe("diagnostics channels", () => {
  it("have every command that was understood, and how it ended", async () => {
    const seen: [string, EnvelopeServerCallEvent][] = [];
    const watch = (name: string) => {
      const listener = (event: unknown): void =>
        void seen.push([name, { ...(event as EnvelopeServerCallEvent) }]);
      const watched = channel(`portolan:envelope:server-call:${name}`);
      watched.subscribe(listener);
      return () => watched.unsubscribe(listener);
    };
    const stop = ["start", "end", "error"].map(watch);
    const thrown = new MiniError(15);
    const held = gate();
    await using served = await serve({
      create() {
        throw thrown;
      },
      version: () => ({}),
      wait: () => held.opened,
    });
    const peer = await served.connect();
    peer.send({ Version: {} }, { Create: {} }, {}, { Wait: {} });
    await peer.take(3);
    await until(() => seen.length === 5);
    peer.stream.destroy();
    await until(() => served.server.connections === 0);
    for (const unsubscribe of stop) unsubscribe();
    const base = { service: "Mini", address: "memory:" };
    expect(seen).toEqual([
      ["start", { ...base, method: "Version" }],
      ["end", { ...base, method: "Version" }],
      ["start", { ...base, method: "Create" }],
      ["error", { ...base, method: "Create", error: 15, thrown }],
      ["start", { ...base, method: "Wait" }],
      ["error", { ...base, method: "Wait", aborted: true }],
    ]);
    held.open();
  });
});
