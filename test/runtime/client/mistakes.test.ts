import { describe, expect, it } from "vitest";
import {
  Client,
  memoryEndpoint,
  VarlinkClient,
  VarlinkServer,
} from "../../../src/runtime/index.ts";
import { failure } from "../../support/peer.ts";

/** What plain JavaScript lets a user do, and TypeScript would not. */
function untyped(value: unknown): never {
  return value as never;
}

const info = { vendor: "", product: "", version: "", url: "" };

async function connected(): Promise<{
  readonly client: VarlinkClient;
  readonly close: () => Promise<void>;
}> {
  const endpoint = memoryEndpoint();
  const server = new VarlinkServer(info);
  await server.listen(endpoint);
  const client = await VarlinkClient.connect(endpoint);
  return {
    client,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

describe("a mistake is told in words", () => {
  it.each([[undefined], [null], [5], [{}]])(
    "%j is no address",
    async (target) => {
      expect(
        await failure(VarlinkClient.connect(untyped(target))),
      ).toMatchObject({
        code: "INVALID_ADDRESS",
      });
      expect(
        await failure(new VarlinkServer(info).listen(untyped(target))),
      ).toMatchObject({
        code: "INVALID_ADDRESS",
      });
    },
  );

  it("a client is not made of an address", () => {
    class DemoClient extends Client {}
    expect(() => new DemoClient(untyped("unix:/run/demo"))).toThrow(
      "use DemoClient.connect(address)",
    );
  });

  it("a controller is no signal, and text no time", async () => {
    const { client, close } = await connected();
    const method = "org.varlink.service.GetInfo";
    for (const [options, words] of [
      [
        { signal: new AbortController() },
        "signal must be an AbortSignal, not its controller",
      ],
      [{ signal: "now" }, 'signal must be an AbortSignal, not "now"'],
      [{ signal: {} }, "signal must be an AbortSignal, not an object"],
      [
        { timeout: "5" },
        'timeout must be milliseconds, at least 0, or Infinity, not "5"',
      ],
      [{ timeout: null }, "or Infinity, not null"],
      [{ timeout: -1 }, "or Infinity, not -1"],
      [{ timeout: [5] }, "or Infinity, not an object"],
      [{ timeout: Object.create(null) as object }, "not an object"],
    ] as const) {
      const error = await failure(client.call(method, {}, untyped(options)));
      expect(error).toMatchObject({ code: "INVALID_INPUT" });
      expect((error as Error).message).toContain(words);
    }
    await close();
  });

  it("a server says who it is", () => {
    expect(() => new VarlinkServer(untyped({ vendor: "a" }))).toThrow(
      "product must be a string, not undefined",
    );
  });

  it("an answer names the call", async () => {
    const { client, close } = await connected();
    const error = await failure(client.call("a.b.Nothing"));
    expect(error).toMatchObject({ method: "a.b.Nothing" });
    expect((error as Error).message).toContain("in answer to a.b.Nothing");
    await close();
  });
});
