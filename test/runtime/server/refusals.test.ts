import { describe, expect, it } from "vitest";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import {
  INTERNAL_ERROR,
  VarlinkServer,
} from "../../../src/runtime/varlink/server.ts";
import { service } from "../../../src/runtime/varlink/service.ts";
import { descriptor, info, RawPeer, serve } from "./support.ts";

const standard = (name: string): string => `org.varlink.service.${name}`;

describe("calls that no handler sees", () => {
  const refused: readonly [string, object, string, object?][] = [
    [
      "an unknown interface",
      { method: "org.example.other.Echo" },
      "InterfaceNotFound",
      { interface: "org.example.other" },
    ],
    [
      "an unknown method",
      { method: "org.example.test.Nope" },
      "MethodNotFound",
      { method: "org.example.test.Nope" },
    ],
    [
      "a method without a handler",
      { method: "org.example.test.Missing" },
      "MethodNotImplemented",
      { method: "org.example.test.Missing" },
    ],
    [
      "a method that a plain object has by itself",
      { method: "org.example.test.Constructor" },
      "MethodNotImplemented",
      { method: "org.example.test.Constructor" },
    ],
    [
      "a method name without a dot",
      { method: "Echo" },
      "InvalidParameter",
      { parameter: "method" },
    ],
    [
      "an empty method name",
      { method: "" },
      "InvalidParameter",
      { parameter: "method" },
    ],
    [
      "a method name that ends in a dot",
      { method: "org.example.test." },
      "MethodNotFound",
      { method: "org.example.test." },
    ],
    [
      "a method called __proto__",
      { method: "org.example.test.__proto__" },
      "MethodNotFound",
      { method: "org.example.test.__proto__" },
    ],
    [
      "a missing parameter",
      { method: "org.example.test.Echo" },
      "InvalidParameter",
      { parameter: "text" },
    ],
    [
      "a parameter of a wrong type",
      { method: "org.example.test.Echo", parameters: { text: 1 } },
      "InvalidParameter",
      { parameter: "text" },
    ],
    [
      "an unknown parameter",
      { method: "org.example.test.Echo", parameters: { text: "", more: 1 } },
      "InvalidParameter",
      { parameter: "more" },
    ],
    [
      "a wrong value far inside",
      {
        method: "org.example.test.Paint",
        parameters: { colours: ["red", "pink"] },
      },
      "InvalidParameter",
      { parameter: "colours[1]" },
    ],
    [
      "a call that needs more",
      { method: "org.example.test.Watch" },
      "ExpectedMore",
    ],
    [
      "an upgrade that is not implemented",
      {
        method: "org.example.test.Missing",
        upgrade: true,
      },
      "MethodNotImplemented",
      { method: "org.example.test.Missing" },
    ],
  ];
  const guards = {
    echo: () => {
      throw new Error("called");
    },
    paint: () => {
      throw new Error("called");
    },
    watch: () => {
      throw new Error("called");
    },
    nothing: () => {},
  };
  it.each(refused)("%s", async (_name, message, error, parameters) => {
    await using served = await serve(guards);
    const peer = await served.connect();
    const reply = {
      error: standard(error),
      ...(parameters === undefined ? {} : { parameters }),
    };
    expect(await peer.send(message).next()).toEqual(reply);
    expect(await peer.call("Nothing").next()).toEqual({});
    expect(served.errors).toEqual([]);
    expect(served.protocolErrors).toEqual([]);
  });
  it.each(refused)("%s: silence for a oneway call", async (_name, message) => {
    if ("upgrade" in message) return;
    await using served = await serve(guards);
    const peer = await served.connect();
    peer.send({ ...message, oneway: true }).call("Nothing");
    expect(await peer.end().rest()).toEqual([{}]);
  });
  it("on handlers that are a function: what every function has is no handler", async () => {
    const handlers = Object.assign(() => {}, { nothing: () => {} });
    const server = new VarlinkServer(info).add(service(descriptor, handlers));
    const endpoint = memoryEndpoint();
    await server.listen(endpoint);
    const peer = new RawPeer(await endpoint.connect({}));
    expect(await peer.call("Nothing").next()).toEqual({});
    for (const method of ["Call", "Bind", "Constructor"]) {
      expect((await peer.call(method).next())?.error).toBe(
        standard("MethodNotImplemented"),
      );
    }
    await server.close();
  });
  it("reserved names have their handler under the generated name", async () => {
    await using served = await serve({ constructor$: () => {} });
    const peer = await served.connect();
    expect(await peer.call("Constructor").next()).toEqual({});
  });
  it("a handlers object whose getter throws is an internal error", async () => {
    const handlers = Object.create(
      {},
      {
        nothing: {
          get: (() => {
            let asked = 0;
            return () => {
              // Registration looks once.
              if ((asked += 1) > 1) throw new Error("getter");
              return undefined;
            };
          })(),
        },
      },
    ) as Record<string, never>;
    await using served = await serve(handlers);
    const peer = await served.connect();
    expect(await peer.call("Nothing").next()).toEqual({
      error: INTERNAL_ERROR,
    });
    expect(served.errors).toHaveLength(1);
  });
});
