// The generated client and server of Porto, where they meet.
import { describe, expect, it } from "vitest";
import { portoDescriptor } from "../../../../generated/porto/descriptor.ts";
import {
  EError,
  PortoClient,
  PortoError,
  type PortoHandlers,
  portoService,
} from "../../../../generated/porto/index.ts";
import { EnvelopeServer } from "../../../../src/runtime/envelope/server.ts";
import { memoryEndpoint } from "../../../../src/runtime/transport/memory.ts";
import { until } from "../../server/support.ts";
import { RawPeer } from "./support.ts";

interface Served extends AsyncDisposable {
  readonly server: EnvelopeServer;
  readonly errors: unknown[];
  connect(): Promise<PortoClient>;
  peer(): Promise<RawPeer>;
}

async function serve(handlers: PortoHandlers): Promise<Served> {
  const errors: unknown[] = [];
  const server = new EnvelopeServer(portoService(handlers), {
    clock: () => 5000,
    onError: (error) => errors.push(error),
    onProtocolError: (error) => errors.push(error),
  });
  const endpoint = memoryEndpoint();
  await server.listen(endpoint);
  return {
    server,
    errors,
    connect: () => PortoClient.connect(endpoint),
    peer: async () => new RawPeer(await endpoint.connect({})),
    [Symbol.asyncDispose]: () => server.close({ timeout: 0 }),
  };
}

describe("an error code that Porto does not declare", () => {
  it("is a failure of the handler that throws it", async () => {
    const thrown = new PortoError(4711 as EError, "unheard of");
    await using served = await serve({
      create() {
        throw thrown;
      },
    });
    await using porto = await served.connect();
    await expect(porto.create({ name: "web" })).rejects.toMatchObject({
      error: EError.Unknown,
      text: "internal error",
    });
    expect(served.errors).toMatchObject([
      {
        code: "INVALID_REPLY",
        cause: thrown,
        message:
          "the error that the handler of Create threw cannot be sent: Porto.TPortoResponse: error: expected a value of the enum, got 4711",
      },
    ]);
  });
});

describe("an input that is no message", () => {
  it.each([
    ["a Map", new Map([["name", "web"]])],
    ["a Promise", Promise.resolve({ name: "web" })],
  ])("is refused: %s", async (kind, input) => {
    await using served = await serve({ create: () => {} });
    await using porto = await served.connect();
    await expect(porto.create(input as never)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: `Porto.TPortoRequest: Create: expected an object, got ${kind}`,
    });
  });
});

describe("what only the wire shows", () => {
  const hex = async (peer: RawPeer): Promise<string> =>
    Buffer.from((await peer.nextBody()) ?? []).toString("hex");

  it("has what real clients demand although nobody gave it", async () => {
    await using served = await serve({ version: () => ({ tag: "1" }) });
    const peer = await served.peer();
    // C++ and Go hang up where the revision is missing.
    expect(await hex(peer.raw("027200"))).toBe("0800120042050a01311200c03e05");
    expect(await hex(peer.raw("00"))).toBe(
      `08021212${Buffer.from("invalid RPC method").toString("hex")}c03e05`,
    );
  });

  it("has fields that the interface does not know where a handler adds them", async () => {
    // Field 11, fixed64: clients in C++ take no GetSystem without it.
    const $unknown = Buffer.from("590700000000000000", "hex");
    await using served = await serve({
      getSystem: () => ({ porto_version: "1", $unknown }),
    });
    await using porto = await served.connect();
    const system = await porto.getSystem();
    expect(Buffer.from(system.$unknown ?? [])).toEqual($unknown);
    const peer = await served.peer();
    expect(await hex(peer.raw("03e21200"))).toContain(
      "590700000000000000c03e05",
    );
  });

  it("has one answer to two commands: the one that Porto's daemon gives", async () => {
    await using served = await serve({
      version: () => ({ tag: "1" }),
      list: () => ({ name: [] }),
      create() {},
    });
    const peer = await served.peer();
    const decode = async (): Promise<object> =>
      portoDescriptor.response.decode((await peer.nextBody()) ?? Buffer.of());
    peer.raw("04 7200 1a00").raw("04 7200 0a00");
    const [first, second] = [await decode(), await decode()];
    expect(first).toHaveProperty("List");
    expect(first).not.toHaveProperty("Version.tag");
    expect(second).not.toHaveProperty("Version.tag");
  });

  it("ends where a required field is missing, as the daemon's does", async () => {
    await using served = await serve({});
    const peer = await served.peer();
    const body = portoDescriptor.request.encode(
      { removeDockerImage: {} },
      { partial: true },
    );
    peer.send(body);
    expect(await peer.nextBody()).toBeUndefined();
    await until(() => served.errors.length === 1);
    expect(served.errors).toMatchObject([{ code: "MALFORMED_MESSAGE" }]);
  });
});
