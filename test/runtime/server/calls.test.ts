import { afterAll, describe, expect, it } from "vitest";
import { VarlinkError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import {
  INTERNAL_ERROR,
  VarlinkServer,
} from "../../../src/runtime/varlink/server.ts";
import { service } from "../../../src/runtime/varlink/service.ts";

import type { Call } from "../../../src/runtime/varlink/types.ts";
import {
  descriptor,
  gate,
  info,
  RawPeer,
  removeFolders,
  serve,
  transports,
} from "./support.ts";

const standard = (name: string): string => `org.varlink.service.${name}`;
const echo = ({ text }: { readonly text: string }): object => ({ text });

afterAll(removeFolders);

describe.each(transports)("over $name", ({ open }) => {
  it("answers a call, and another one after it", async () => {
    await using served = await serve({ echo }, await open());
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "grüße" }).next()).toEqual({
      parameters: { text: "grüße" },
    });
    expect(await peer.call("Echo", { text: "" }).next()).toEqual({
      parameters: { text: "" },
    });
  });

  it("answers pipelined calls in order, one at a time", async () => {
    let running = 0;
    let most = 0;
    await using served = await serve(
      {
        async echo({ text }: { readonly text: string }) {
          most = Math.max(most, (running += 1));
          // The first ones take longest.
          for (let turns = 10 - Number(text); turns > 0; turns -= 1)
            await Promise.resolve();
          running -= 1;
          return { text };
        },
      },
      await open(),
    );
    const peer = await served.connect();
    for (let index = 0; index < 10; index += 1)
      peer.call("Echo", { text: String(index) });
    const replies = await peer.take(10);
    expect(replies.map((reply) => reply?.parameters?.["text"])).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "7",
      "8",
      "9",
    ]);
    expect(most).toBe(1);
  });

  it("answers queued calls after the client has ended its side, then closes", async () => {
    const held = gate();
    await using served = await serve(
      {
        async echo({ text }: { readonly text: string }) {
          await held.opened;
          return { text };
        },
      },
      await open(),
    );
    const peer = await served.connect();
    peer.call("Echo", { text: "a" }).call("Echo", { text: "b" }).end();
    setImmediate(held.open);
    expect(await peer.rest()).toEqual([
      { parameters: { text: "a" } },
      { parameters: { text: "b" } },
    ]);
    expect(served.protocolErrors).toEqual([]);
  });

  it("ends a stream for a client that has ended its side, too", async () => {
    await using served = await serve(
      {
        async *count() {
          for (let number = 0; number < 3; number += 1) {
            await new Promise(setImmediate);
            yield { number };
          }
        },
      },
      await open(),
    );
    const peer = await served.connect();
    expect(
      await peer.call("Count", {}, { more: true }).end().rest(),
    ).toHaveLength(4);
  });

  it("keeps other connections when one is malformed", async () => {
    await using served = await serve({ echo }, await open());
    const [good, bad] = [await served.connect(), await served.connect()];
    bad.send("nonsense");
    expect(await bad.rest()).toEqual([]);
    expect(await good.call("Echo", { text: "x" }).next()).toEqual({
      parameters: { text: "x" },
    });
    expect(served.protocolErrors.map((error) => error.code)).toEqual([
      "PROTOCOL",
    ]);
  });
});

describe("replies", () => {
  it("leave empty parameters out", async () => {
    await using served = await serve({ nothing: () => {}, count: () => ({}) });
    const peer = await served.connect();
    await peer.call("Nothing").call("Count").take(2);
    expect(peer.text).toBe("{}\0{}\0");
  });
  it("may come from plain functions, async functions and methods of classes", async () => {
    class Base {
      count(): object {
        return { number: 2 };
      }
    }
    class Handlers extends Base {
      #prefix = "hello ";
      async echo({ text }: { readonly text: string }): Promise<object> {
        return { text: this.#prefix + text };
      }
    }
    const server = new VarlinkServer(info).add(
      service(descriptor, new Handlers()),
    );
    const endpoint = memoryEndpoint();
    await server.listen(endpoint);
    await using served = await serve({}, memoryEndpoint());
    expect(served.server.connections).toBe(0);
    const peer = new RawPeer(await endpoint.connect({}));
    expect(await peer.call("Echo", { text: "you" }).next()).toEqual({
      parameters: { text: "hello you" },
    });
    expect(await peer.call("Count").next()).toEqual({
      parameters: { number: 2 },
    });
    await server.close();
  });
  it("answer once where the client takes more, without continues", async () => {
    await using served = await serve({ echo });
    const peer = await served.connect();
    expect(
      await peer.call("Echo", { text: "x" }, { more: true }).next(),
    ).toEqual({ parameters: { text: "x" } });
  });
  it.each([
    ["of a wrong type", { text: 1 }, "text: expected a string, got a number"],
    ["with a member missing", {}, "text: missing, expected a string"],
    [
      "with a member too many",
      { text: "x", password: "y" },
      "password: not declared",
    ],
    [
      "that JSON cannot carry",
      { text: 1n },
      "text: expected a string, got a bigint",
    ],
    ["that are sets", new Set([{ text: "" }]), "return call.stream(iterable)"],
    ["that are no objects", "text", "expected an object, got a string"],
    ["that are null", null, "expected an object, got null"],
    ["that are missing", undefined, "text: missing"],
  ])(
    "%s are an internal error, and the connection is kept",
    async (_name, reply, message) => {
      await using served = await serve({
        echo: () => reply,
        nothing: () => {},
      });
      const peer = await served.connect();
      expect(await peer.call("Echo", { text: "" }).next()).toEqual({
        error: INTERNAL_ERROR,
      });
      expect(await peer.call("Nothing").next()).toEqual({});
      expect(served.errors).toHaveLength(1);
      expect(served.errors[0]?.error).toMatchObject({ code: "INVALID_REPLY" });
      expect(String(served.errors[0]?.error)).toContain(message);
      expect(served.errors[0]?.context).toEqual({
        method: "org.example.test.Echo",
        address: "memory:",
      });
    },
  );
  it("have closed enums", async () => {
    await using served = await serve({ paint: () => ({ colour: "pink" }) });
    const peer = await served.connect();
    expect(await peer.call("Paint", { colours: [] }).next()).toEqual({
      error: INTERNAL_ERROR,
    });
  });
});

describe("oneway", () => {
  it("calls are never answered, whatever the handler does", async () => {
    const seen: boolean[] = [];
    const note = (_input: never, call: Call): void => {
      seen.push(call.oneway);
    };
    await using served = await serve({
      nothing: note,
      echo: (input, call) => {
        note(input, call);
        throw new VarlinkError("org.example.test.Silent", {});
      },
      count: (input, call) => {
        note(input, call);
        throw new Error("bad");
      },
      paint: () => [{ colour: "red" }],
      missing: function* () {
        yield {};
      },
    });
    const peer = await served.connect();
    const oneway = { oneway: true };
    peer
      .call("Nothing", {}, oneway)
      .call("Echo", { text: "" }, oneway)
      .call("Count", {}, oneway)
      .call("Paint", { colours: [] }, oneway)
      .call("Missing", {}, oneway)
      .call("Nothing");
    expect(await peer.end().rest()).toEqual([{}]);
    expect(seen).toEqual([true, true, true, false]);
    expect(served.errors.map(({ error }) => String(error))).toEqual([
      "Error: bad",
    ]);
  });
  it("calls keep their place in the order", async () => {
    const order: string[] = [];
    await using served = await serve({
      async echo({ text }: { readonly text: string }) {
        await new Promise(setImmediate);
        order.push(text);
        return { text };
      },
    });
    const peer = await served.connect();
    peer
      .call("Echo", { text: "a" }, { oneway: true })
      .call("Echo", { text: "b" });
    expect(await peer.next()).toEqual({ parameters: { text: "b" } });
    expect(order).toEqual(["a", "b"]);
  });
});

describe("partial inputs", () => {
  it("reach the handler with their zeros", async () => {
    await using served = await serve(
      {
        echo,
        paint: ({ colours }: { colours: string[] }) => ({
          colour: colours[0] ?? "red",
        }),
      },
      memoryEndpoint(),
      {},
      { inputs: "partial" },
    );
    const peer = await served.connect();
    expect(await peer.call("Echo").next()).toEqual({
      parameters: { text: "" },
    });
    expect(await peer.call("Echo", { text: null }).next()).toEqual({
      parameters: { text: "" },
    });
    expect(await peer.call("Paint").next()).toEqual({
      parameters: { colour: "red" },
    });
  });
});

describe("org.varlink.service", () => {
  it("tells about the server, its own interface first", async () => {
    await using served = await serve({});
    const peer = await served.connect();
    expect(await peer.send({ method: standard("GetInfo") }).next()).toEqual({
      parameters: {
        ...info,
        interfaces: ["org.varlink.service", "org.example.test"],
      },
    });
  });
  it("has the description of every interface, ended by a newline", async () => {
    await using served = await serve({});
    const peer = await served.connect();
    const descriptionOf = async (name: string) =>
      await peer
        .send({
          method: standard("GetInterfaceDescription"),
          parameters: { interface: name },
        })
        .next();
    expect(await descriptionOf("org.example.test")).toEqual({
      parameters: { description: `${descriptor.description.join("\n")}\n` },
    });
    const own = await descriptionOf("org.varlink.service");
    expect(own?.parameters?.["description"]).toMatch(
      /^# .*\ninterface org\.varlink\.service\n/,
    );
    for (const error of [
      "InterfaceNotFound",
      "MethodNotFound",
      "MethodNotImplemented",
      "InvalidParameter",
      "PermissionDenied",
      "ExpectedMore",
      "ExpectedUpgrade",
    ]) {
      expect(own?.parameters?.["description"]).toContain(`\nerror ${error} (`);
    }
    expect(await descriptionOf("org.example.other")).toEqual({
      error: standard("InterfaceNotFound"),
      parameters: { interface: "org.example.other" },
    });
  });
  it("knows what was added while listening", async () => {
    await using served = await serve({});
    const peer = await served.connect();
    served.server.add(
      service(
        { ...descriptor, interface: "org.example.late" },
        { nothing: () => {} },
      ),
    );
    expect(
      (await peer.send({ method: standard("GetInfo") }).next())?.parameters?.[
        "interfaces"
      ],
    ).toEqual(["org.varlink.service", "org.example.test", "org.example.late"]);
    expect(
      await peer.send({ method: "org.example.late.Nothing" }).next(),
    ).toEqual({});
  });
  it.each(["org.example.test", "org.varlink.service"])(
    "%s cannot be added twice",
    async (name) => {
      await using served = await serve({});
      expect(() =>
        served.server.add(service({ ...descriptor, interface: name }, {})),
      ).toThrow(`the server has the interface ${name} already`);
    },
  );
  it("a handler that is no function is refused at once", () => {
    expect(() =>
      new VarlinkServer(info).add(service(descriptor, { echo: "text" })),
    ).toThrow("the handler echo of org.example.test is not a function");
  });
});
