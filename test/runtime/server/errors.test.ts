import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { VarlinkError } from "../../../src/runtime/errors.ts";
import { memoryEndpoint } from "../../../src/runtime/transport/memory.ts";
import { INTERNAL_ERROR } from "../../../src/runtime/varlink/server.ts";
import { ExpectedUpgrade } from "../../../src/runtime/varlink/standard.ts";
import { serve, spyOnWarnings } from "./support.ts";

const standard = (name: string): string => `org.varlink.service.${name}`;

describe("errors that handlers throw", () => {
  const thrower = (error: unknown) => ({
    echo: () => {
      throw error;
    },
    async nothing() {
      await turn();
      throw error;
    },
  });
  it.each([
    [
      "of the interface",
      new VarlinkError("org.example.test.Broken", { number: 1 }),
      { error: "org.example.test.Broken", parameters: { number: 1 } },
    ],
    [
      "without parameters",
      new VarlinkError("org.example.test.Silent", {}),
      { error: "org.example.test.Silent" },
    ],
    [
      "of another interface",
      new VarlinkError("com.example.Else", { a: [null] }),
      { error: "com.example.Else", parameters: { a: [null] } },
    ],
    [
      "of the standard",
      new ExpectedUpgrade(),
      { error: standard("ExpectedUpgrade") },
    ],
  ])("%s are answered as they are", async (_name, error, reply) => {
    await using served = await serve(thrower(error));
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "" }).next()).toEqual(reply);
    expect(await peer.call("Nothing").next()).toEqual(reply);
    expect(served.errors).toEqual([]);
  });
  it("from another copy of the package are known by their brand", async () => {
    const foreign = Object.assign(new Error("x"), {
      code: "VARLINK_ERROR",
      error: "org.example.test.Silent",
      parameters: {},
    });
    Object.defineProperty(foreign, Symbol.for("portolan.error"), {
      value: true,
    });
    await using served = await serve(thrower(foreign));
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "" }).next()).toEqual({
      error: "org.example.test.Silent",
    });
  });
  it("with parameters that the interface does not declare are answered all the same, and reported", async () => {
    await using served = await serve(
      thrower(new VarlinkError("org.example.test.Broken", { number: "x" })),
    );
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "" }).next()).toEqual({
      error: "org.example.test.Broken",
      parameters: { number: "x" },
    });
    expect(String(served.errors[0]?.error)).toContain(
      "number: expected an int, got a string",
    );
  });
  it.each([
    [
      "parameters that JSON cannot carry",
      new VarlinkError("org.example.test.Broken", { number: 2n ** 64n }),
    ],
    ["a name that is not qualified", new VarlinkError("Broken", {})],
    ["a name that is not even text", new VarlinkError("a b.c\0", {})],
    ["no brand", new TypeError("secret text")],
  ])("with %s are internal errors, and reported", async (_name, error) => {
    await using served = await serve(thrower(error));
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "" }).next()).toEqual({
      error: INTERNAL_ERROR,
    });
    expect(await peer.call("Nothing").next()).toEqual({
      error: INTERNAL_ERROR,
    });
    expect(served.errors).toHaveLength(2);
    expect(peer.text).not.toContain("secret");
  });
  it.each([
    undefined,
    null,
    "text",
    0,
    Symbol("s"),
    Object.create(null) as object,
  ])("may be anything: %o", async (error) => {
    await using served = await serve(thrower(error));
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "" }).next()).toEqual({
      error: INTERNAL_ERROR,
    });
    expect(await peer.call("Nothing").next()).toEqual({
      error: INTERNAL_ERROR,
    });
    expect(served.errors).toHaveLength(2);
  });
  it("may fail to be read themselves", async () => {
    const cause = new Error("a getter");
    const parameters = {
      get number(): number {
        throw cause;
      },
    };
    await using served = await serve(
      thrower(new VarlinkError("org.example.test.Broken", parameters)),
    );
    const peer = await served.connect();
    expect(await peer.call("Nothing").next()).toEqual({
      error: INTERNAL_ERROR,
    });
    expect(await peer.call("Echo", { text: "" }).next()).toEqual({
      error: INTERNAL_ERROR,
    });
    for (const { error } of served.errors)
      expect(error).toMatchObject({ code: "INVALID_REPLY", cause });
    expect(served.errors).toHaveLength(2);
    expect(served.protocolErrors).toEqual([]);
  });
  it("go to the process's warnings where there is no onError", async () => {
    using warnings = spyOnWarnings();
    await using served = await serve(
      thrower(new TypeError("told")),
      memoryEndpoint(),
      { onError: undefined },
    );
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "" }).next()).toEqual({
      error: INTERNAL_ERROR,
    });
    expect(warnings.texts).toHaveLength(1);
    expect(warnings.texts[0]).toContain(
      "org.example.test.Echo (memory:): TypeError: told",
    );
  });
  it("in onError itself do no harm, and are warned of", async () => {
    using warnings = spyOnWarnings();
    await using served = await serve(
      thrower(new Error("first")),
      memoryEndpoint(),
      {
        onError: () => {
          throw new Error("second");
        },
      },
    );
    const peer = await served.connect();
    expect(await peer.call("Echo", { text: "" }).next()).toEqual({
      error: INTERNAL_ERROR,
    });
    expect(warnings.texts[0]).toContain("second");
  });
});
